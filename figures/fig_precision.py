"""What the number of bits does to kinks: the bifurcation zone of random networks, and a compensation that fails.

Our counts are those of figures/data/bifurcation.json, made by `python -m selgrad.experiments bifurcation`.
Published counts are quoted, as their authors'; none of ours depends on them.
"""

from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from selgrad.experiments import read
from selgrad.experiments.intervals import interval
from selgrad.experiments.precision import FORMATS, boustany
from selgrad.plotting import PALETTE, legend_below
from selgrad.plotting.bars import proportion

ID = "precision"
SOURCE = "selgrad's own; dotted: counts published by Bertoin et al. (NeurIPS 2021)"
CAPTION = (
    "Kinks in 16, 32 and 64 bits. First and second: the fraction of random ReLU networks in the bifurcation zone, "
    r"where $\mathrm{relu}'(0) = 0$ and $1$ give different derivatives, on scikit-learn's digits (ours, solid, with "
    "95% confidence intervals; an arrow from above means none) and on MNIST (Bertoin et al., dotted). Third: AD of "
    "Boustany's program of 0, which compensates over the reals, at any $t$ with four equal entries 1.14."
)
ALT = (
    "Three panels with logarithmic axes. First: the fraction of networks of width 256 in the bifurcation zone for "
    "depths from {depth/x[0]:d} to {depth/x[4]:d}: near 1 in float16, from {depth/float32[0]:.2g} to "
    "{depth/float32[4]:.2g} in float32, 0 in float64. Second: the same at depth 3 for widths from {width/x[0]:d} to "
    "{width/x[4]:d}: from {width/float16[0]:.2g} to {width/float16[4]:.2g} in float16, from {width/float32[0]:.2g} to "
    "{width/float32[4]:.2g} in float32, 0 in float64. Published fractions on MNIST, dotted, have the same order and "
    "grow as well. Third: the absolute AD derivative of a program of 0 is {boustany[0]:.2g} in float16, "
    "{boustany[1]:.2g} in float32, {boustany[2]:.2g} in float64."
)

LOOK = dict(zip(FORMATS, [(PALETTE["blue"], "o"), (PALETTE["vermillion"], "s"), (PALETTE["green"], "D")]))
PUBLISHED: dict[str, Any] = {"linewidth": 0.9, "linestyle": (0, (1, 1.5)), "marker": "x", "markersize": 3.5}
THEIRS = {  # networks in the zone, of 1,000: Bertoin, Bolte, Gerchinovitz and Pauwels (NeurIPS 2021), their data files
    "depth": ((1, 2, 3, 5, 6), {"float16": (871, 999, 1000, 1000, 1000), "float32": (54, 258, 463, 647, 697)}),
    "width": ((16, 64, 256, 512, 1024), {"float16": (333, *[1000] * 4), "float32": (21, 163, 478, 582, 873)}),
}


def layout(width):
    """Three panels in a row; in a narrow column one below the other."""
    if width < 4.8:
        return 6.6, {"nrows": 3, "ncols": 1}
    return 2.7, {"nrows": 1, "ncols": 3, "width_ratios": [1, 1, 0.7]}


def data(ad="selgrad"):
    """Fractions in the zone and networks tried, by depth at width 256 and by width at depth 3; AD of a program of 0."""
    counts = {tuple(key): (n, tried) for *key, n, tried in read("bifurcation")["counts"]}
    arrays = {"boustany": np.array([abs(float(boustany(1.0, [1.14] * 4, name))) for name in FORMATS])}
    for axis, at, fixed in (("depth", 1, 256), ("width", 2, 3)):
        keys = sorted(key for key in counts if key[3 - at] == fixed)
        arrays[f"{axis}/x"] = np.array(sorted({key[at] for key in keys}))
        for name in FORMATS:
            n, tried = np.array([counts[key] for key in keys if key[0] == name]).T
            arrays[f"{axis}/{name}"], arrays[f"{axis}/{name} tried"] = n / tried, tried
            arrays[f"{axis}/{name} interval"] = interval(n, tried)
        x, theirs = THEIRS[axis]
        arrays[f"{axis}/theirs x"] = np.array(x)
        for name, n in theirs.items():
            arrays[f"{axis}/theirs {name}"] = np.array(n) / 1000
    return arrays


def draw(ax, data):
    """Draw the zone by depth and by width on ax[0] and ax[1], the compensation on ax[2]."""
    for panel, axis in zip(ax, ("depth", "width")):
        panel.set_yscale("log")
        panel.set(ylim=(1e-4, 1.5))
        if panel.get_subplotspec().is_first_col():
            panel.set_ylabel("fraction of networks")
        else:
            panel.tick_params(labelleft=False)
        x = data[f"{axis}/x"]
        for name in FORMATS:
            colour, marker = LOOK[name]
            fraction, (low, high) = data[f"{axis}/{name}"], data[f"{axis}/{name} interval"]
            if fraction.any():
                panel.plot(x, fraction, color=colour, linewidth=1.2)
            beside = {"depth": x + 0.14, "width": x * 1.1}[axis] if not fraction.any() else x  # bars would overlap
            for one in zip(beside, fraction, low, high):
                proportion(panel, *one, color=colour, marker=marker)
            if f"{axis}/theirs {name}" in data:
                panel.plot(data[f"{axis}/theirs x"], data[f"{axis}/theirs {name}"], color=colour, **PUBLISHED)
        panel.set(xlabel={"depth": "hidden layers", "width": "width"}[axis])
    ax[0].set(title="In the zone, width 256", xticks=range(1, 7))
    ax[1].set_xscale("log", base=2)
    ax[1].set(title="In the zone, 3 layers")
    ax[1].set_xticks([16, 64, 256, 1024], ["16", "64", "256", "1024"])
    ax[2].set_ylabel("size of AD's answer")
    for i, (name, value) in enumerate(zip(FORMATS, data["boustany"])):
        colour, marker = LOOK[name]
        ax[2].plot(i, value, color=colour, marker=marker, markersize=5, linestyle="none")
        power = f"$2^{{{round(np.log2(value))}}}$"
        ax[2].annotate(power, (i, value), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    ax[2].set_yscale("log")
    ax[2].set(xlim=(-0.6, 2.6), ylim=(1e-17, 1e-2), title="A program of 0")
    ax[2].set_xticks(range(3), ("16", "32", "64"))
    ax[2].set_xlabel("bits")
    handles = [Line2D([], [], color=c, marker=m, markersize=4.5, linewidth=1.2, label=n) for n, (c, m) in LOOK.items()]
    handles.append(Line2D([], [], color=PALETTE["black"], **PUBLISHED, label="published, MNIST"))
    legend_below(ax[0].get_figure(), handles)


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
