"""Theorem 3 along one curve: both extreme integrals of D_P, and a field that is right almost everywhere and fails."""

import numpy as np

from selgrad.counterexamples.fields import added
from selgrad.plotting import DERIVATIVE, FUNCTION, PALETTE, legend_below
from selgrad.plotting.planes import AD_SET, WALL, profile, walls

ID = "conservativity"
SOURCE = "selgrad's own, of Theorem 3 of the paper"
CAPTION = (
    r"A conservative field and one that is not, for $f(x) = |x_1| + \max(x_1, x_2)$. "
    "First: the kinks of $f$ (grey) and a curve that runs inside both of them. "
    "Second: $f$ along the curve, and the largest and smallest integral of everything AD could return ($D_P$), which "
    "coincide with it (Theorem 3); the same for a field that also adds up the slopes where pieces tie, as rules in "
    "use have done for max: it is the gradient off the kinks, and it is not conservative. A figure of ours, not of the "
    "paper."
)
ALT = (
    "Two panels. First: the plane with the kinks x1 = 0 and x1 = x2 as grey lines, and a polygonal curve that comes "
    "from the left, runs down the line x1 = 0 to the origin, up the diagonal, and down again. Second: the growth of f "
    "along the curve, a broken line that ends at {ad_set/integrals[0]:g}; the largest and the smallest integral of "
    "D_P lie on it, ending at {ad_set/integrals[1]:g} and {ad_set/integrals[2]:g}. For the field that adds up tied "
    "slopes they leave it inside the kinks and end at {summed/integrals[1]:g} and {summed/integrals[2]:g}."
)

CORNERS = np.array([(-1.5, 0.5), (0.0, 1.25), (0.0, 0.0), (1.25, 1.25), (1.25, -0.75)])
FIELDS = {"ad_set": "$D_P$: largest and smallest", "summed": "tied slopes added: largest, smallest"}


def layout(width):
    """Plane and graph side by side; in a narrow column one below the other."""
    if width < 4.8:
        return 4.9, {"nrows": 2, "ncols": 1}
    return 2.6, {"nrows": 1, "ncols": 2, "width_ratios": (1, 1.45)}


def f(x):
    """Kinks on the lines x1 = 0 and x1 = x2."""
    return np.abs(x[0]) + np.maximum(x[0], x[1])


def data(ad="selgrad"):
    """f and the extreme integrals of both fields along the curve, with the verdicts of check_conservative."""
    import selgrad as sg

    P = sg.trace(f, CORNERS[0])

    def ad_set(x):
        return sg.conservative(P, x)

    arrays = {"corners": CORNERS}
    for key, field in {"ad_set": ad_set, "summed": added(P)}.items():
        verdict = sg.check_conservative(P, field, CORNERS)
        found = profile(P, field, CORNERS, verdict.breakpoints)
        arrays |= {name: found[name] for name in ("t", "points", "increment")}
        arrays |= {f"{key}/{name}": found[name] for name in ("largest", "smallest")}
        arrays[f"{key}/conservative"] = np.array(verdict.conservative)
        arrays[f"{key}/integrals"] = np.array([verdict.increment, verdict.largest, verdict.smallest], dtype=float)
    for n, line in enumerate(walls(P)):
        arrays[f"walls/{n}"] = line
    return arrays


def draw(ax, data):
    """Draw the curve on ax[0], the integrals along it on ax[1]."""
    plane, graph = ax
    for key, line in data.items():
        if key.startswith("walls/"):
            plane.plot(*line.T, **WALL)
    plane.plot(*data["corners"].T, color=PALETTE["green"], linewidth=1.8, marker="o", markersize=3, zorder=3)
    for n, (x, y) in enumerate(data["corners"]):
        beside = (-3, 5) if n == 0 else (5, -8) if n == 2 else (5, -2)
        plane.annotate(f"{n / 4:g}", (x, y), xytext=beside, textcoords="offset points", fontsize=7.5)
    plane.set(xlim=(-2, 2), ylim=(-2, 2), xticks=[-2, 0, 2], yticks=[-2, 0, 2], aspect="equal")
    plane.set_xlabel("$x_1$", labelpad=0)
    plane.set_ylabel("$x_2$", labelpad=-4)
    plane.set_title(r"the curve $\gamma$, with $t$")

    t, summed = data["t"], {"color": DERIVATIVE["color"], "linewidth": 1.2, "linestyle": (0, (1, 1))}
    graph.fill_between(t, data["summed/smallest"], data["summed/largest"], color="#F6DFCC", linewidth=0, zorder=0)
    graph.plot(t, data["increment"], label=r"$f(\gamma(t))-f(\gamma(0))$", **FUNCTION | {"linewidth": 3.0})
    for n, side in enumerate(("largest", "smallest")):
        label = dict.fromkeys(FIELDS) if n else FIELDS
        graph.plot(t, data[f"ad_set/{side}"], label=label["ad_set"], zorder=4, **AD_SET)
        graph.plot(t, data[f"summed/{side}"], label=label["summed"], zorder=3, **summed)
    graph.set(xlim=(0, 1), xticks=[0, 0.25, 0.5, 0.75, 1])
    graph.set_xlabel("$t$", labelpad=0)
    graph.set_ylabel(r"integral along $\gamma$", labelpad=1)
    graph.set_title("integrals from 0 to $t$")
    legend_below(graph.get_figure(), graph.get_legend_handles_labels()[0], fontsize=8)


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
