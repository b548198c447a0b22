"""A ReLU network trained on digits by several tie conventions in three formats: loss, kinks touched, partings.

The numbers are those of figures/data/digits.json, made by `python -m selgrad.experiments digits`.
"""

from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from selgrad.experiments import read
from selgrad.experiments.intervals import interval
from selgrad.plotting import PALETTE, legend_below
from selgrad.plotting.bars import proportion

ID = "digits"
SOURCE = "selgrad's own"
CAPTION = (
    r"Does the value of $\mathrm{relu}'$ at 0 matter? A ReLU network (64, 256, 256, 10) trained by minibatch SGD on "
    r"scikit-learn's digits with $\mathrm{relu}'(0) = 0$, $\tfrac12$ and $1$ side by side, in three formats. First: "
    r"the loss of each epoch with $\mathrm{relu}'(0) = 0$, all on one curve; float16 was trained for 5 epochs. Second: "
    "the share of preactivations that were exactly 0. Third: the share of trainings, each from its own seed, in which "
    "some parameter differed between the three values in the end. Bars are 95% confidence intervals; an arrow from "
    "above means none. A figure of ours, not of the paper."
)
ALT = (
    "Three panels. First, over the epochs of training: the losses in float32 and float64 lie on each other and fall "
    "from {float64/loss[0]:.2g} to {float64/loss[39]:.2g}; float16 was trained for 5 epochs. Second, on a logarithmic "
    "axis with confidence intervals: preactivations that were exactly 0, {touched[0]:d} of {evaluated[0]:d} in "
    "float16, {touched[1]:d} of {evaluated[1]:d} in float32, {touched[2]:d} of {evaluated[2]:d} in float64. Third: "
    "trainings whose parameters depend on the value of relu' at 0, {parted[0]:d} of {seeds[0]:d} in float16, "
    "{parted[1]:d} of {seeds[1]:d} in float32, {parted[2]:d} of {seeds[2]:d} in float64."
)

LOOK: dict[str, Any] = {
    "float16": (PALETTE["blue"], "-", "o"),
    "float32": (PALETTE["vermillion"], "-", "s"),
    "float64": (PALETTE["green"], (0, (3, 2)), "D"),
}


def layout(width):
    """Three panels in a row; in a narrow column one below the other."""
    if width < 4.8:
        return 6.6, {"nrows": 3, "ncols": 1}
    return 2.6, {"nrows": 1, "ncols": 3}


def data(ad="selgrad"):
    """Losses by epoch for seed 0; over all seeds preactivations at 0 and trainings that part, and of how many."""
    kept = read("digits")
    arrays = {f"{name}/loss": np.array(kept[name]["losses"]["relu"]) for name in LOOK}
    formats = [kept[name] for name in LOOK]
    epochs = [len(one["losses"]["relu"]) for one in formats]  # what is evaluated is counted for an epoch of one seed
    touched = np.array([sum(one["touched"]) for one in formats])
    evaluated = np.array([one["evaluated"] * n * len(one["touched"]) for one, n in zip(formats, epochs)])
    parted = np.array([sum(any(seed.values()) for seed in one["partings"]) for one in formats])
    seeds = np.array([len(one["partings"]) for one in formats])
    return arrays | {"touched": touched, "evaluated": evaluated, "touched interval": interval(touched, evaluated),
                     "parted": parted, "seeds": seeds, "parted interval": interval(parted, seeds)}


def draw(ax, data):
    """Draw the losses on ax[0], the share of preactivations at 0 on ax[1], of trainings that part on ax[2]."""
    loss, zeros, partings = ax
    for name, (colour, dash, marker) in LOOK.items():
        epoch = 1 + np.arange(len(data[f"{name}/loss"]))
        loss.plot(epoch, data[f"{name}/loss"], linestyle=dash, linewidth=1.1, color=colour, marker=marker,
                  markersize=3, markevery=6)
    loss.set_yscale("log")
    loss.set(title="Training", xlabel="epoch", ylabel="cross-entropy loss")
    loss.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"])
    loss.minorticks_off()

    zeros.set_yscale("log")
    zeros.set(title="Exactly 0", ylabel="share of preactivations", ylim=(1e-9, 1e-3))
    partings.set(title="Runs that part", ylabel="share of trainings", ylim=(-0.03, 1.4), yticks=[0, 0.5, 1])
    for panel, count, of in ((zeros, "touched", "evaluated"), (partings, "parted", "seeds")):
        for i, (colour, _, marker) in enumerate(LOOK.values()):
            low, high = data[f"{count} interval"][:, i]
            n, tried = data[count][i], data[of][i]
            proportion(panel, i, n / tried, low, high, color=colour, marker=marker)
            text = f"{n:d} of\n{_short(tried)}"
            panel.annotate(text, (i, high), (0, 4), textcoords="offset points", ha="center", fontsize=8)
        panel.set(xlim=(-0.6, 2.6))
        panel.set_xticks(range(3), [name.removeprefix("float") for name in LOOK])
        panel.set_xlabel("bits")
    handles = [Line2D([], [], color=c, linestyle=d, marker=m, markersize=3, linewidth=1.1, label=name)
               for name, (c, d, m) in LOOK.items()]
    legend_below(loss.get_figure(), handles)


def _short(n):
    """4.6 million, or a small number as it is."""
    return f"{n / 1e6:.3g} M" if n > 1e6 else f"{n:d}"


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
