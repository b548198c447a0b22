"""Figure 2: the diagram that commutes for smooth programs, and its unclear counterpart for nonsmooth ones."""

import numpy as np

from selgrad.plotting import PALETTE

ID = "fig2"
SOURCE = "Figure 2 of the paper"
CAPTION = (
    "Differentiation of functions and of programs. "
    "First: AD applied to programs that combine smooth functions in a smooth way; the diagram commutes. "
    "Second: AD in nonsmooth settings; how its output relates to a known generalized derivative is unclear. "
    r"$\mathcal{D}$ is the program that AD makes of $\mathcal{P}$."
)
ALT = (
    "Two square diagrams. Both have a program P at the top right, an arrow F (surjection) from P to its "
    "function J at the top left, and an arrow A (autodiff) from P down to the program D. "
    "First, smooth programs: an arrow nabla (diff) leads from J down to the function grad J, and an arrow F "
    "(surjection) from D to grad J; the diagram commutes. "
    "Second, nonsmooth programs: an arrow partial (sub-diff) leads from J down to the set function partial J; "
    "the arrow from D to partial J is dashed and carries a question mark."
)

# diagram, node, text, x, y. The corners of the square: functions on the left, programs on the right.
NODES = [
    (0, "J", "$J$ (function)", 0.0, 1.0),
    (0, "P", r"$\mathcal{P}$ (program)", 1.0, 1.0),
    (0, "dJ", r"$\nabla J$ (function)", 0.0, 0.0),
    (0, "D", r"$\mathcal{D}$ (program)", 1.0, 0.0),
    (1, "J", "$J$ (function)", 0.0, 1.0),
    (1, "P", r"$\mathcal{P}$ (program)", 1.0, 1.0),
    (1, "dJ", r"$\partial J$ (set function)", 0.0, 0.0),
    (1, "D", r"$\mathcal{D}$ (program)", 1.0, 0.0),
]
# diagram, from, to, label, whether the arrow is known to exist
ARROWS = [
    (0, "P", "J", r"$\mathcal{F}$: surj", True),
    (0, "J", "dJ", r"$\nabla$: diff", True),
    (0, "P", "D", r"$\mathcal{A}$: autodiff", True),
    (0, "D", "dJ", r"$\mathcal{F}$: surj", True),
    (1, "P", "J", r"$\mathcal{F}$: surj", True),
    (1, "J", "dJ", r"$\partial$: sub-diff", True),
    (1, "P", "D", r"$\mathcal{A}$: autodiff", True),
    (1, "D", "dJ", "?", False),
]
KNOWN = {"arrowstyle": "-|>", "mutation_scale": 9, "linewidth": 0.9, "shrinkA": 3, "shrinkB": 3}
KNOWN |= {"color": PALETTE["black"]}
UNCLEAR = KNOWN | {"linestyle": (0, (3, 2)), "color": PALETTE["vermillion"]}
TITLES = ("Smooth programs: the diagram commutes", "Nonsmooth programs: the connection is unclear")


def layout(width):
    """The two squares side by side; in a narrow column one below the other."""
    return (3.4, {"nrows": 2, "ncols": 1}) if width < 4.8 else (1.75, {"nrows": 1, "ncols": 2})


def data(ad="selgrad"):
    """The table of nodes and the table of arrows, a column an array; nothing here is computed by AD."""
    nodes = zip(("diagram", "name", "text", "x", "y"), zip(*NODES))
    arrows = zip(("diagram", "tail", "head", "label", "known"), zip(*ARROWS))
    return {f"nodes/{key}": np.array(column) for key, column in nodes} | {
        f"arrows/{key}": np.array(column) for key, column in arrows
    }


def draw(ax, data):
    """Draw the two diagrams on `ax`, an array of two axes."""
    for i, panel in enumerate(ax):
        draw_diagram(panel, rows(data, "nodes", i), rows(data, "arrows", i))
        panel.set_title(TITLES[i], pad=8)


def rows(data, table, diagram):
    """The rows of one diagram, each a dict."""
    columns = {key.split("/")[1]: column for key, column in data.items() if key.startswith(table)}
    return [{key: column[k] for key, column in columns.items()} for k in np.flatnonzero(columns["diagram"] == diagram)]


def draw_diagram(ax, nodes, arrows):
    """Texts at the corners of a square, and arrows from the edge of one text to the edge of another."""
    ax.set_axis_off()
    ax.set(xlim=(-0.4, 1.4), ylim=(-0.15, 1.15))
    node = {n["name"]: (ax.text(n["x"], n["y"], n["text"], ha="center", va="center"), n) for n in nodes}
    for arrow in arrows:
        (tail, a), (head, b) = node[arrow["tail"]], node[arrow["head"]]
        across = a["y"] == b["y"]
        # One coordinate is a fraction of the text's own box, the other the node's: arrows stay straight.
        start, start_in = ((0, a["y"]), (tail, "data")) if across else ((a["x"], 0), ("data", tail))
        end, end_in = ((1, b["y"]), (head, "data")) if across else ((b["x"], 1), ("data", head))
        look = KNOWN if arrow["known"] else UNCLEAR
        ax.annotate("", xy=end, xycoords=end_in, xytext=start, textcoords=start_in, arrowprops=look)
        ax.annotate(
            arrow["label"],
            ((a["x"] + b["x"]) / 2, (a["y"] + b["y"]) / 2),
            xytext=(0, 3) if across else (4, 0),
            textcoords="offset points",
            ha="center" if across else "left",
            va="bottom" if across else "center",
            color=look["color"],
        )


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
