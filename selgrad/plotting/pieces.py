"""A picture of Proposition 3: where in the plane AD returns which derivative."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from selgrad.differentiation.modes import backward_mode
from selgrad.plotting.styles import AD_VALUE
from selgrad.programs.program import Program

SHADES = ("#dbe9f4", "#fdebd0", "#eeeeee", "#e2f0d9", "#f4dbe8", "#fff7c2")
MOST = len(SHADES)


def derivative_map(P: Program, span: float, at: Iterable[tuple[float, float]] = (), pixels: int = 240) -> Figure:
    """The square [-span, span]² in shades, one for each derivative that AD returns there, with arrows; points `at`.

    P: a piecewise affine program of a vector of two numbers. Raises ValueError where more than six derivatives
    are returned: such a picture would show nothing. Source: Proposition 3.

    >>> import selgrad as sg
    >>> P = sg.trace(lambda x: np.maximum(x[0], x[1]), np.zeros(2))
    >>> [text.get_text() for text in derivative_map(P, 1.0).axes[0].texts]
    ['(0, 1)', '(1, 0)']
    """
    def square(n: int) -> np.ndarray:
        side = span * (2 * np.arange(n) + 1 - n) / n  # midpoints: no kink through 0 is met
        return np.stack(np.meshgrid(side + span / (7 * n), side), axis=-1).reshape(-1, 2)

    points = square(pixels)
    found, which = np.unique(np.round(backward_mode(P, points), 9) + 0.0, axis=0, return_inverse=True)
    if len(found) > MOST:
        raise ValueError(f"AD returns {len(found)} derivatives on this square; a picture shows {MOST} at most.")
    figure = Figure(figsize=(3.4, 3.2))
    ax = figure.subplots()
    ax.imshow(which.reshape(pixels, pixels), extent=(-span, span, -span, span), origin="lower",
              cmap=ListedColormap(SHADES[:len(found)]), vmin=-0.5, vmax=len(found) - 0.5, interpolation="nearest")
    lattice = square(7)
    arrows = backward_mode(P, lattice)
    lattice, arrows = (a[arrows.any(axis=-1)] for a in (lattice, arrows))
    longest = np.abs(found).max() or 1.0
    ax.quiver(*lattice.T, *(arrows * span / (5 * longest)).T, angles="xy", scale_units="xy", scale=1,
              width=0.006, pivot="mid")
    for i, derivative in enumerate(found):
        middle = np.median(points[which.ravel() == i], axis=0)
        ax.text(middle[0], middle[1], f"({derivative[0]:g}, {derivative[1]:g})", ha="center", va="center", fontsize=8,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5})
    for point in at:
        ax.plot(*point, **AD_VALUE)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    return figure
