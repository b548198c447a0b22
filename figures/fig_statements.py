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
BOX = 0.66  # of the distance between two ranks
HIGH = 0.74  # of a row


def layout(width):
    """One graph, as wide as there is room."""
    return 0.18 + 0.52 * width, {}


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
    right, low = data["boxes/x"].max(), data["bends/y"].max()
    ax.set(xlim=(-0.42, right + 0.42), ylim=(low + 0.6, -0.6))
    width = ax.figure.get_size_inches()[0]
    for edge in range(data["count"][1]):
        here = data["bends/edge"] == edge
        arrow(ax, list(zip(data["bends/x"][here], data["bends/y"][here])), width)
    columns = (data[f"boxes/{key}"] for key in ("x", "y", "text", "kind", "whose"))
    for x, y, text, kind, whose in zip(*columns):
        round = 0.2 if kind in ("Theorem", "Proposition", "Lemma") else 0.02
        ours = whose == "ours"
        ax.add_patch(FancyBboxPatch(
            (x - BOX / 2, y - HIGH / 2), BOX, HIGH, boxstyle=f"round,pad=0,rounding_size={round}", mutation_aspect=2,
            facecolor="#fbe3c8" if ours else "#dcebf7", edgecolor=PALETTE["black"], linewidth=0.5,
            linestyle=(0, (3, 2)) if ours else "-", zorder=3))
        ax.text(x, y, TEXT.get(text, text), ha="center", va="center", fontsize=1.14 * width, zorder=4)


def arrow(ax, points, width):
    """A curve from the right edge of a box over its bends to the left edge of another."""
    start = (points[0][0] + BOX / 2, points[0][1])
    vertices, codes = [start], [Path.MOVETO]
    for n, (x, y) in enumerate(points[1:], 1):
        u, v = vertices[-1]
        left = x - BOX / 2
        vertices += [((u + left) / 2, v), ((u + left) / 2, y), (left, y)]
        codes += [Path.CURVE4] * 3
        if n < len(points) - 1:
            vertices.append((x + BOX / 2, y))
            codes.append(Path.LINETO)
    ax.add_patch(FancyArrowPatch(path=Path(vertices, codes), arrowstyle="-|>", mutation_scale=width, linewidth=0.55,
                                 shrinkA=0, shrinkB=0, color="0.55", zorder=2))


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
