"""Theorem 4, watched: which starts and step sizes end at an artificial critical point, in three formats.

The counts are those of figures/data/theorem4.json, made by `python -m selgrad.experiments theorem4`.
"""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MultipleLocator

from selgrad.experiments import read
from selgrad.experiments.intervals import interval
from selgrad.plotting import PALETTE, legend_below
from selgrad.plotting.bars import proportion

ID = "theorem4"
SOURCE = "selgrad's own, an illustration of Theorem 4"
CAPTION = (
    r"SGD with step sizes $c/(k+1)$ on $J(x) = \tfrac12 (x-1)^2 + \mathrm{zero}(x)$, which has an artificial critical "
    "point at 0. "
    "First: where float16 runs end at 0 exactly, and the curves of all $(x_0, c)$ that hit 0 at iterate 1, 2, 3 "
    "in exact arithmetic, which have measure zero. Second: the fraction of random runs that end there, with 95% "
    "confidence intervals; an arrow from above means that none did. A figure of ours, not of the paper."
)
ALT = (
    "First: the square of starts x0 from -2 to 0 and step scales c from 0 to 1. Cells in which float16 runs end at 0, "
    "{trapped[0]:d} of {tried[0]:d} runs, lie along three curves; the lowest of the exact curves at the left edge "
    "belongs to iterate 3, the highest, c = x0/(x0-1), to iterate 1. {hits32} runs in float32 lie on such curves too. "
    "Second: the fraction of runs that end at 0, on a logarithmic axis, with confidence intervals: {trapped[0]:d} of "
    "{tried[0]:d} in float16, {trapped[1]:d} of {tried[1]:d} in float32, {trapped[2]:d} of {tried[2]:d} in float64, "
    "where the interval reaches up to {high[2]:.1g}."
)

FORMATS = ("float16", "float32", "float64")
COLOURS = (PALETTE["blue"], PALETTE["vermillion"], PALETTE["green"])
HITS = (1, 2, 3)
SHADES = ("#9ecae1", "#4292c6", "#084594")
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1.2)))


def layout(width):
    """The square and the fractions side by side; in a narrow column one below the other."""
    if width < 4.8:
        return 5.4, {"nrows": 2, "ncols": 1, "height_ratios": [1.25, 1]}
    return 3.1, {"nrows": 1, "ncols": 2, "width_ratios": [1.6, 1]}


def start(c, hit):
    """The x0 < 0 from which iterate number `hit` is 0: AD is x - 1 off 0, so each step is undone in closed form."""
    x = np.zeros_like(c)
    for k in reversed(range(hit)):
        gamma = c / (k + 1)
        x = (x - gamma) / (1 - gamma)
    return x


def data(ad="selgrad"):
    """Cells (x0 by c), fractions, hits in float32, and for each number of steps the exact curve."""
    kept = read("theorem4")
    c = np.arange(1, 45) / 64  # beyond, the curves leave the square
    arrays = {f"curve {hit}": np.stack([start(c, hit), c]) for hit in HITS}
    trapped, tried = np.array([kept["trapped"][name] for name in FORMATS]).T
    hits = np.array(kept["hits float32"]).reshape(-1, 2).T
    low, high = interval(trapped, tried)
    return {"cells": np.array(kept["cells"]), "trapped": trapped, "tried": tried, "low": low, "high": high,
            "hits": hits, "hits32": np.array(hits.shape[1])} | arrays


def draw(ax, data):
    """Draw the square on ax[0], the fractions on ax[1]."""
    square, fractions = ax
    cells = data["cells"]
    n = len(cells)
    for i, j in np.argwhere(cells > 0):
        shade = SHADES[min(cells[i, j], len(SHADES)) - 1]
        square.add_patch(Rectangle((-2 + 2 * i / n, j / n), 2 / n, 1 / n, facecolor=shade, edgecolor="none"))
    for hit, dash in zip(HITS, DASHES):
        square.plot(*data[f"curve {hit}"], color=PALETTE["black"], linewidth=0.9, linestyle=dash,
                    label=f"0 at iterate {hit}")
    square.plot(*data["hits"], linestyle="none", marker="^", markersize=5, color=COLOURS[1], label="float32 run")
    square.plot(-1, 0.5, linestyle="none", marker="*", markersize=8, color=PALETTE["orange"],
                markeredgecolor=PALETTE["black"], markeredgewidth=0.5, label=r"$(-1,\frac{1}{2})$: every format")
    square.set(xlim=(-2, 0), ylim=(0, 1), xlabel="$x_0$", ylabel="$c$", title="Runs that end at 0, float16")
    square.xaxis.set_major_locator(MultipleLocator(0.5))
    for count, colour in zip(("1", "2", "3 or more"), SHADES):
        square.plot([], [], linestyle="none", marker="s", markersize=5, color=colour, label=f"{count} of 250 runs")
    legend_below(square.get_figure(), fontsize=8)

    trapped, tried = data["trapped"], data["tried"]
    fractions.set_yscale("log")
    fractions.set(xlim=(-0.5, 2.5), ylim=(3e-9, 2e-2), title="Random runs that end at 0", ylabel="fraction of runs")
    for i, colour in enumerate(COLOURS):
        proportion(fractions, i, trapped[i] / tried[i], data["low"][i], data["high"][i], color=colour, marker="o")
        text = f"{trapped[i]:d} of\n{_power(tried[i])}"
        fractions.annotate(text, (i, data["high"][i]), (0, 4), textcoords="offset points", ha="center", fontsize=8)
    fractions.set_xticks(range(3), FORMATS)


def _power(n):
    """10^8 as a power, 400,000 as it is."""
    digits = len(str(n)) - 1
    return f"$10^{{{digits}}}$" if n == 10**digits else f"{n:,}"


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
