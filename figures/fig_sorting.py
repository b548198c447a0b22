"""Sorting (Section 5.1, illustration (b)): D_F is the hull of the permutation matrices that sort x."""

from itertools import permutations

import numpy as np
from matplotlib.lines import Line2D

from selgrad.plotting import AD_VALUE, legend_below
from selgrad.plotting.planes import AD_SET, Outline

ID = "sorting"
SOURCE = "selgrad's own, of illustration (b) in Section 5.1 of the paper"
CAPTION = (
    "The field of the sorting function F (descending) at four points of three numbers. "
    "Top: the mean of the permutation matrices $P$ with $Px = F(x)$. An entry is the share of these matrices that "
    "have a 1 there: 1/2 where two numbers tie and either may come first, 1/3 where three do. "
    r"Bottom: the set of all $V d$ with $V$ in $D_F(x)$, for $d = (3, 2, 1)$, in the plane of numbers with sum 6; in "
    "grey what a tie of all three gives. $D_F$ is the hull of 1, 2 or 6 matrices; here it is Clarke's Jacobian. A "
    "figure of ours, not of the paper."
)
ALT = (
    "Four columns, for x = (3, 2, 1), (2, 2, 1), (2, 1, 1) and (1, 1, 1). Top row: a 3 by 3 table of shades of "
    "grey with numbers, the mean of the permutation matrices that sort x: the identity for distinct numbers, a 2 by "
    "2 block of halves for two tied numbers, thirds everywhere for three. Bottom row: the set D_F(x) d in a hexagon "
    "drawn in grey: a point, an edge, another edge, and the whole hexagon. D_F is the hull of {distinct/count}, "
    "{first/count}, {last/count} and {all/count} matrices; AD returns the identity each time."
)

def layout(width):
    """Tables above hexagons, four of each."""
    return max(2.4, 0.45 * width + 0.4), {"nrows": 2, "ncols": 4, "height_ratios": (1, 1.1)}


POINTS = {"distinct": (3.0, 2.0, 1.0), "first": (2.0, 2.0, 1.0), "last": (2.0, 1.0, 1.0), "all": (1.0, 1.0, 1.0)}
D = np.array([3.0, 2.0, 1.0])
SEGMENT = {key: AD_SET[key] for key in ("color", "linewidth")}
PLANE = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -2.0]]) / np.sqrt([[2.0], [6.0]])  # an orthonormal basis of sum 0


def around(points):
    """Points in the plane anticlockwise about their mean."""
    gaps = points - points.mean(axis=0)
    return points[np.argsort(np.arctan2(gaps[:, 1], gaps[:, 0]))]


def data(ad="selgrad"):
    """For each point the vertices of D_F, their mean, D_F d in the plane, and the same for AD's value."""
    import selgrad as sg

    def F(x):
        return sg.sort(x, descending=True)

    arrays = {"hexagon": around(np.array([PLANE @ D[list(p)] for p in permutations(range(3))]))}
    for name, x in POINTS.items():
        x = np.array(x)
        field, bounds = sg.conservative(F, x), sg.clarke(F, x)
        same = bounds.exact and np.array_equal(bounds.inner.vertices, field.vertices)
        arrays |= {
            f"{name}/x": x,
            f"{name}/count": np.array(len(field.vertices)),
            f"{name}/clarke": np.array(same),
            f"{name}/mean": field.vertices.mean(axis=0),
            f"{name}/set": around(field.vertices @ D @ PLANE.T),
            f"{name}/ad": PLANE @ sg.jacobian(F)(x) @ D,
        }
    return arrays


def draw(ax, data):
    """Draw the tables on ax[0], the hexagons on ax[1]."""
    for table, plane, name in zip(*ax, POINTS):
        x, mean, count = (data[f"{name}/{key}"] for key in ("x", "mean", "count"))
        table.pcolormesh(mean, cmap="Greys", vmin=0, vmax=1.6, edgecolors="white", linewidth=0.8)
        for (i, j), value in np.ndenumerate(mean):
            text = {0.0: "0", 1.0: "1", 0.5: "1/2", round(1 / 3, 12): "1/3"}[round(float(value), 12)]
            table.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=8)
        table.set(xticks=[], yticks=[], aspect="equal", ylim=(3, 0), title=f"$x = ({x[0]:g}, {x[1]:g}, {x[2]:g})$")
        table.spines[["top", "right"]].set_visible(True)
        hexagon = np.concatenate([data["hexagon"], data["hexagon"][:1]])
        plane.plot(*hexagon.T, color="0.75", linewidth=0.8, zorder=1)
        Outline(plane, SEGMENT, fill=0.3).show(data[f"{name}/set"])
        plane.plot(*data[f"{name}/ad"][:, None], **AD_VALUE)
        plane.set(aspect="equal", xlim=(-1.9, 1.9), ylim=(-1.7, 1.7))
        plane.set_axis_off()
        plane.annotate(f"{count} {'matrix' if count == 1 else 'matrices'}", (0.5, 0), (0, -2), ha="center", va="top",
                       xycoords="axes fraction", textcoords="offset points", fontsize=8.5)
    ax[0, 0].set_ylabel("mean of the\nmatrices", fontsize=8)
    ax[1, 0].text(-2.35, 0, r"$D_F(x)\,d$", rotation=90, ha="right", va="center", fontsize=8)
    keys = [
        Line2D([], [], color="0.75", linewidth=0.8, label="all orders of (3, 2, 1)"),
        Line2D([], [], label=r"$D_F(x)\,d$ for $d=(3,2,1)$", marker="o", markersize=2.6, **SEGMENT),
        Line2D([], [], label="AD's value", **AD_VALUE),
    ]
    legend_below(ax[0, 0].get_figure(), keys)


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
