"""What rests on what: the statements of the paper, from the definitions to Theorem 4."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from selgrad.plotting import PALETTE
from selgrad.statements import STATEMENTS
from selgrad.statements.graph import layout as places
from selgrad.statements.graph import short

ID = "statements"
SOURCE = "selgrad's own"
CAPTION = (
    "What rests on what. An arrow leads from a statement to those that rest on it, where no longer way does. "
    "Rounded boxes are theorems, propositions and the lemma; dashed ones are ours: Proposition 6 and Remark 1, whose "
    "text is in the paper's appendix, and $D_P$, Definition 5 for the representation that a program composes. "
    "Rem. 3 is the remark after Proposition 3, $S_E$ the essential index set, A the operator that differentiates a "
    "program."
)
ALT = (
    "A graph of {count[0]:d} statements with {count[1]:d} arrows, from Definition 1 at the left over Definitions 2 "
    "to 4 to Theorem 4 at the right, which rests on equation (8), Theorem 3, Proposition 6 and artificial critical "
    "points."
)
TEXT = {"D_P": "$D_P$", "S_E": "$S_E$"}
NARROW = 5.0  # inches; below, the graph runs down the page, and a label takes two lines
BROKEN = {"program": "pro-\ngram", "artificial": "artifi-\ncial", "Lemma 1": "Lem-\nma 1", "Clarke": "Clar-\nke"}


def layout(width):
    """One graph, as wide as there is room."""
    return (0.2 + 1.4 * width if width < NARROW else 0.18 + 0.52 * width), {}


def data(ad="selgrad"):
    """The places of the boxes and the bends of the arrows, a column an array; nothing here is computed by AD."""
    found = places(STATEMENTS)
    ids = list(STATEMENTS)
    bends = [(n, *point) for n, points in enumerate(found.edges.values()) for point in points]
    edge, x, y = zip(*bends)
    return {
        "count": np.array([len(ids), len(found.edges)]),
        "boxes/text": np.array([short(id) for id in ids]),
        "boxes/kind": np.array([STATEMENTS[id].kind for id in ids]),
        "boxes/whose": np.array([STATEMENTS[id].whose for id in ids]),
        "boxes/x": np.array([found.places[id][0] for id in ids]),
        "boxes/y": np.array([found.places[id][1] for id in ids]),
        "bends/edge": np.array(edge), "bends/x": np.array(x), "bends/y": np.array(y),
    }


def draw(ax, data):
    """Draw arrows, then boxes, on one axes whose unit is a rank and a row."""
    ax.set_axis_off()
    width = ax.figure.get_size_inches()[0]
    down = width < NARROW
    right, low = data["boxes/x"].max(), data["bends/y"].max()
    if down:
        ax.set(xlim=(-0.55, low + 0.55), ylim=(right + 0.42, -0.42))
    else:
        ax.set(xlim=(-0.42, right + 0.42), ylim=(low + 0.6, -0.6))
    box = np.array([0.6, 0.88] if down else [0.66, 0.74])  # of a rank and of a row
    turned = (lambda point: (point[1], point[0])) if down else tuple
    for edge in range(data["count"][1]):
        here = data["bends/edge"] == edge
        arrow(ax, list(zip(data["bends/x"][here], data["bends/y"][here])), box[0] / 2, turned)
    columns = (data[f"boxes/{key}"] for key in ("x", "y", "text", "kind", "whose"))
    for x, y, text, kind, whose in zip(*columns):
        round = 0.2 if kind in ("Theorem", "Proposition", "Lemma") else 0.02
        ours = whose == "ours"
        said = TEXT.get(str(text), str(text))
        said = BROKEN.get(said, said.replace(" ", "\n")) if down else said
        corner, (wide, high) = turned((x - box[0] / 2, y - box[1] / 2)), turned(box)
        ax.add_patch(FancyBboxPatch(
            corner, wide, high, boxstyle=f"round,pad=0,rounding_size={round}", mutation_aspect=0.7 if down else 2,
            facecolor="#fbe3c8" if ours else "#dcebf7", edgecolor=PALETTE["black"], linewidth=0.5,
            linestyle=(0, (3, 2)) if ours else "-", zorder=3))
        ax.text(*turned((x, y)), said, ha="center", va="center", zorder=4, linespacing=1.05,
                fontsize=min(2.0 * width, 8.5) if down else 1.14 * width)


def arrow(ax, points, half, turned):
    """A curve from the far edge of a box over its bends to the near edge of another; boxes reach `half` a rank."""
    start = (points[0][0] + half, points[0][1])
    vertices, codes = [start], [Path.MOVETO]
    for n, (x, y) in enumerate(points[1:], 1):
        u, v = vertices[-1]
        near = x - half
        vertices += [((u + near) / 2, v), ((u + near) / 2, y), (near, y)]
        codes += [Path.CURVE4] * 3
        if n < len(points) - 1:
            vertices.append((x + half, y))
            codes.append(Path.LINETO)
    width = ax.figure.get_size_inches()[0]
    ax.add_patch(FancyArrowPatch(path=Path([turned(p) for p in vertices], codes), arrowstyle="-|>",
                                 mutation_scale=max(width, 5), linewidth=0.55, shrinkA=0, shrinkB=0, color="0.55",
                                 zorder=2))


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
