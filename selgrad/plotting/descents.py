"""Pictures of algorithm (8) for the notebooks: how near starts come to a trap, and how minibatches leave it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from selgrad.plotting.styles import PALETTE

HITS = (1, 2, 3, 5, 10)


def approach_map(closest: np.ndarray, alpha: Any, trapped: tuple[Any, Any], label: str) -> Figure:
    """The square of starts [-2, 0] x [0, 1], shaded by how near the run came to the trap 0 of (x - 1)²/2 + zero(x).

    closest: shape (rows, columns), c by x0. Over it the curves from which 0 is met at step 1, 2, 3, 5 and 10,
    which solve (1 - x0) prod (1 - c alpha_j) = 1, and points (x0, c) called `label`.
    """
    figure = Figure(figsize=(5.5, 3.0))
    ax = figure.subplots()
    shade = ax.imshow(np.log10(closest), extent=(-2, 0, 0, 1), origin="lower", aspect="auto", cmap="Blues_r",
                      vmin=-3, vmax=0, interpolation="none")
    bar = figure.colorbar(shade, ticks=[-3, -2, -1, 0])
    bar.ax.set_yticklabels(["0.001", "0.01", "0.1", "1"])
    bar.set_label("closest $|x_k|$, $k > 0$")
    c = np.linspace(0.01, 0.7, 200)
    for hit in HITS:
        first = hit == HITS[0]
        start = 1 - 1 / np.prod([1 - c * alpha(j) for j in range(hit)], axis=0)
        ax.plot(start, c, color="black" if first else "0.3", linewidth=1.4 if first else 0.7,
                label={1: "$c = x_0/(x_0-1)$: 0 at step 1", 2: "0 at step 2, 3, 5, 10"}.get(hit))
    ax.plot(*trapped, linestyle="none", marker="o", markersize=5, color=PALETTE["vermillion"],
            markeredgecolor="white", label=label)
    ax.set(xlim=(-2, 0), ylim=(0, 1), xlabel="$x_0$", ylabel="$c$")
    ax.legend(loc="upper right", fontsize=7.5, frameon=True, framealpha=0.9, edgecolor="none")
    return figure


def leaving(iterates: np.ndarray) -> Figure:
    """Runs (N, steps + 1) that start at the trap 0, beside the run that stays there; the minimum is at 1."""
    figure = Figure(figsize=(5.5, 2.3))
    ax = figure.subplots()
    k = np.arange(iterates.shape[1]) + 1
    ax.plot(k, iterates.T, color=PALETTE["blue"], linewidth=0.8)
    ax.plot(k, 0 * k, color=PALETTE["vermillion"], linestyle="--", linewidth=1.6)
    ax.axhline(1, color="0.5", linestyle=":", linewidth=0.8)
    ax.annotate("full batch: the trap", (30, 0.03), color=PALETTE["vermillion"], fontsize=8)
    ax.annotate("minibatches of one", (30, 0.5), color=PALETTE["blue"], fontsize=8)
    ax.annotate("the minimum", (1.1, 1.02), color="0.4", fontsize=8)
    ax.set(xscale="log", xlim=(1, k[-1]), xlabel="$k + 1$", ylabel="$x_k$")
    return figure
