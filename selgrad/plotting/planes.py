"""Two planes side by side: the kinks of a program of two inputs, and sets of its derivatives (dual plane)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb

from selgrad.kinks.counts import touched
from selgrad.kinks.partition import kink_segments, surfaces
from selgrad.kinks.ties import deciding
from selgrad.plotting.styles import PALETTE
from selgrad.programs.evaluate import evaluate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from selgrad.geometry.jacobians import JacobianSet
    from selgrad.programs.program import Program

# The sets of Section 5.1: each its colour, its line pattern and, in the plane, its filling.
AD_SET: dict[str, Any] = {"color": PALETTE["orange"], "linestyle": (0, (4, 1.5)), "linewidth": 1.4}
LISTED_SET: dict[str, Any] = {"color": PALETTE["purple"], "linestyle": (0, (1, 1)), "linewidth": 1.6}
CLARKE_SET: dict[str, Any] = {"color": PALETTE["blue"], "linestyle": "-", "linewidth": 1.6}
CLARKE_OUTER: dict[str, Any] = {"color": PALETTE["sky"], "linestyle": (0, (5, 1.5, 1, 1.5)), "linewidth": 1.4}
ZERO: dict[str, Any] = {"color": PALETTE["black"], "marker": "+", "markersize": 8, "markeredgewidth": 1.2,
                        "linestyle": "none", "zorder": 6, "clip_on": False}
WALL: dict[str, Any] = {"color": "0.45", "linewidth": 0.9, "zorder": 1}
CELLS = 64  # of the grid on which curved kinks are found


def walls(P: Program, low: float = -2.0, high: float = 2.0) -> list[np.ndarray]:
    """Where a program of an array of two inputs has its kinks in a square: polygonal lines, each (n, 2).

    Segments, exact up to rounding, where all it compares is piecewise affine; else curves through the zeros
    that its switching functions have on the lines of a grid.
    """
    corners = np.array([[low, low], [high, low], [high, high], [low, high]])
    found = kink_segments(P, corners)
    return contours(P, np.linspace(low, high, CELLS + 1)) if found is None else found


def contours(P: Program, t: np.ndarray) -> list[np.ndarray]:
    """The kinks of a program on the grid t x t, where its switching functions are taken for affine in each cell."""
    from contourpy import contour_generator

    points = np.stack(np.meshgrid(t, t), axis=-1)
    values, found = evaluate(P, (points.reshape(-1, 2),)).values, []
    for k, instruction in deciding(P):
        for z in surfaces(P, instruction, values, t.size**2).T:
            lines: Any = contour_generator(t, t, z.reshape(t.size, t.size)).lines(0.0)
            found += [part for line in lines for part in _deciding(P, k, line)]
    return found


def _deciding(P: Program, k: int, line: np.ndarray) -> list[np.ndarray]:
    """The parts of a polygonal line that are kinks of instruction k: elsewhere a third entry is ahead of two."""
    line = line[np.append(True, np.any(np.diff(line, axis=0) != 0, axis=1))]
    if len(line) < 2:
        return []
    middles = (line[:-1] + line[1:]) / 2
    ev = evaluate(P, (middles,))
    z = surfaces(P, P.line(k), ev.values, len(middles))
    zero = 1e-9 + 2 * np.abs(z).min(axis=1).max()  # between grid lines it is zero up to the bend of z
    on = touched(P, ev, [np.asarray(zero)] * len(P.shapes), (len(middles),))[k] > 0
    ends = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]])))
    return [_straightened(line[a : b + 1]) for a, b in ends.reshape(-1, 2)]


def _straightened(line: np.ndarray) -> np.ndarray:
    """A polygonal line without the points that lie straight between their neighbours."""
    keep = [line[0]]
    for here, after in pairwise(line[1:]):
        (a, b), (c, d) = here - keep[-1], after - here
        if abs(a * d - b * c) > 1e-9 or a * c + b * d < 0:
            keep.append(here)
    return np.array([*keep, line[-1]])


def profile(P: Program, field: Callable, corners: Any, breakpoints: Sequence[float]) -> dict[str, np.ndarray]:
    """How f and both extreme integrals of a field grow along a polygonal curve, at t = 0, the breakpoints and 1.

    `breakpoints` as `check_conservative` finds them; between them f is affine and the field constant. Keys:
    t, points (n, 2), increment, largest, smallest.
    """
    corners = np.asarray(corners, dtype=float)
    legs = len(corners) - 1
    t = np.array([0.0, *(float(b) for b in breakpoints), 1.0])

    def gamma(s: np.ndarray) -> np.ndarray:
        leg = np.minimum((s * legs).astype(int), legs - 1)
        return corners[leg] + (s * legs - leg)[..., None] * (corners[leg + 1] - corners[leg])

    points, middles, rates = gamma(t), gamma((t[:-1] + t[1:]) / 2), []
    for middle, step in zip(middles, np.diff(points, axis=0)):
        D = field(middle)
        rates.append((D.support(step), -D.support(-step)))
    largest, smallest = np.concatenate([np.zeros((1, 2)), np.cumsum(rates, axis=0)]).T
    values = np.asarray(P(points))
    return {"t": t, "points": points, "increment": values - values[0], "largest": largest, "smallest": smallest}


class Outline:
    """A convex set in a plane that can be redrawn: a point, a segment or a polygon with its vertices."""

    def __init__(self, ax: Axes, look: dict[str, Any], label: str = "", fill: float = 0.2, zorder: float = 2):
        tint = [1 - fill * (1 - c) for c in to_rgb(look["color"])]  # opaque: sets on top of each other do not mix
        (self.line,) = ax.plot([], [], label=label, marker="o", markersize=2.6, zorder=zorder + 0.5,
                               solid_joinstyle="round", clip_on=False, **look)
        self.patch = ax.fill([0, 0, 0], [0, 0, 0], facecolor=tint, edgecolor="none", zorder=zorder)[0]

    def show(self, boundary: np.ndarray) -> None:
        """Draw the set whose vertices in order are the rows of `boundary`, (n, 2); none for an empty array."""
        closed = np.concatenate([boundary, boundary[:1]]) if len(boundary) else np.zeros((0, 2))
        self.line.set_data(*closed.T)
        self.patch.set_xy(closed if len(boundary) > 2 else np.zeros((3, 2)))


def square_around(*points: np.ndarray, pad: float = 0.6) -> tuple[tuple[float, float], tuple[float, float]]:
    """(xlim, ylim) of a square that holds points (n, 2) and the origin, on a grid of halves."""
    every = np.concatenate([np.zeros((1, 2)), *(np.reshape(p, (-1, 2)) for p in points)])
    middle = (every.max(axis=0) + every.min(axis=0)) / 2
    middle = np.round(2 * middle) / 2
    half = float(np.ceil(2 * (np.abs(every - middle).max() + pad)) / 2)
    return (middle[0] - half, middle[0] + half), (middle[1] - half, middle[1] + half)


def boundary(D: JacobianSet) -> np.ndarray:
    """The vertices of a set of gradients in the plane in order, floats (n, 2)."""
    return np.asarray(D.boundary(), dtype=float).reshape(-1, 2)
