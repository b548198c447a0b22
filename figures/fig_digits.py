"""A ReLU network trained on digits by several tie conventions in three formats: loss, kinks touched, partings.

The numbers are those of figures/data/digits.json, made by `python -m selgrad.experiments digits`.
"""

from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from selgrad.experiments import read
from selgrad.plotting import PALETTE

ID = "digits"
SOURCE = "selgrad's own"
CAPTION = (
    "Does the value of relu' at 0 matter? A ReLU network (64, 256, 256, 10) trained by minibatch SGD on "
    "scikit-learn's digits with relu'(0) = 0, 1/2 and 1 side by side, in three formats. Left: the loss of each "
    "epoch with relu'(0) = 0. Middle: preactivations so far that were exactly 0. Right: the largest difference "
    "of a parameter from the run with relu'(0) = 0. In float64 there is none."
)
ALT = (
    "Three panels over the epochs of training. Left: the losses in float32 and float64 lie on each other and fall from "
    "{float64/loss[0]:.2g} to {float64/loss[39]:.2g}; float16 was trained for 5 epochs. Middle: preactivations that "
    "were exactly 0: {float16/touched} in float16 in 5 epochs, {float32/touched} in float32 and {float64/touched} in "
    "float64 in 40. Right: in float16 the runs with other values of relu'(0) part at step {float16/step} and differ by "
    "{float16/apart 1[4]:.2g} after 5 epochs; in float32 at step {float32/step}, and differ by "
    "{float32/apart 1[39]:.1g} in the end; in float64 never. Of {seeds} seeds, {parted32} part in float32 and "
    "{parted64} in float64."
)
FIGSIZE = (5.5, 2.5)
LAYOUT = {"nrows": 1, "ncols": 3}

LOOK: dict[str, Any] = {
    "float16": (PALETTE["blue"], "-", "o"),
    "float32": (PALETTE["vermillion"], "-", "s"),
    "float64": (PALETTE["green"], (0, (3, 2)), "D"),
}
SLOPES: dict[str, Any] = {"1": "-", "1/2": (0, (1, 1.3))}
ONE, HALF = "tensorflow", "torch"  # the sides of np.maximum(z, 0) with derivative 1 and 1/2 at 0


def data(ad="selgrad"):
    """Per format: losses, touches so far and differences by epoch, for seed 0; how many of the seeds part."""
    kept = read("digits")
    arrays = {}
    for name in LOOK:
        one = kept[name]
        touches = np.array(one["touches"]["relu"])
        first = one["partings"][0][ONE]
        arrays |= {
            f"{name}/loss": np.array(one["losses"]["relu"]), f"{name}/touches": np.cumsum(touches),
            f"{name}/touched": np.array(touches.sum()), f"{name}/step": np.array(-1 if first is None else first[0]),
            f"{name}/apart 1": np.array(one["apart"][ONE]), f"{name}/apart 1/2": np.array(one["apart"][HALF]),
        }
    parted = {name: sum(any(p is not None for p in seed.values()) for seed in kept[name]["partings"]) for name in LOOK}
    return arrays | {"parted32": np.array(parted["float32"]), "parted64": np.array(parted["float64"]),
                     "seeds": np.array(len(kept["float32"]["partings"]))}


def draw(ax, data):
    """Draw the losses on ax[0], the touches on ax[1], the differences on ax[2]."""
    for name, (colour, dash, marker) in LOOK.items():
        look = {"color": colour, "marker": marker, "markersize": 3, "markevery": 6}
        epoch = 1 + np.arange(len(data[f"{name}/loss"]))
        ax[0].plot(epoch, data[f"{name}/loss"], linestyle=dash, linewidth=1.1, **look)
        ax[1].plot(epoch, data[f"{name}/touches"], linestyle=dash, drawstyle="steps-mid", linewidth=1.1, **look)
        for side, line in SLOPES.items():
            apart = data[f"{name}/apart {side}"]
            here = apart > 0
            ax[2].plot(epoch[here], apart[here], linestyle=line, linewidth=1.1, **look)
    ax[0].set_yscale("log")
    ax[0].set(title="Loss", xlabel="epoch")
    ax[1].set_yscale("symlog", linthresh=1, linscale=0.4)
    ax[1].set(title="Preactivations at 0", xlabel="epoch")
    ax[2].set_yscale("log")
    ax[2].set(title="Parameters, largest difference", xlabel="epoch", xlim=ax[0].get_xlim())
    handles = [Line2D([], [], color=c, linestyle=d, marker=m, markersize=3, linewidth=1.1, label=name)
               for name, (c, d, m) in LOOK.items()]
    for side, line in SLOPES.items():
        label = f"relu'(0) = {side}"
        handles.append(Line2D([], [], color=PALETTE["black"], linestyle=line, linewidth=1.1, label=label))
    ax[0].get_figure().legend(handles=handles, loc="outside lower center", ncols=5)


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
