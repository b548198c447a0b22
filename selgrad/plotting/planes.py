"""Two planes side by side: the kinks of a program of two inputs, and sets of its derivatives (dual plane)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb

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


def walls(P: Program, low: float = -2.0, high: float = 2.0, cells: int = 64) -> list[np.ndarray]:
    """Where a program of an array of two inputs has its kinks in a square: polygonal lines, each (n, 2).

    They are the zeros of its switching functions, interpolated on a grid; exact where these are
    affine on the cells of the grid.
    """
    from contourpy import contour_generator

    t = np.linspace(low, high, cells + 1)
    points = np.stack(np.meshgrid(t, t), axis=-1)
    found = []
    for z in _switching(P, points):
        if np.ndim(z) == 2:  # others do not depend on the point
            lines: Any = contour_generator(t, t, z).lines(0.0)
            found += [_straightened(line) for line in lines]
    return [line for line in found if len(line) > 1]


def _switching(P: Program, points: np.ndarray) -> list[np.ndarray]:
    """The values of every switching function on a grid: arrays of the grid's shape."""
    ev, found = evaluate(P, (points,)), []
    for instruction in P.instructions:
        row: Any = instruction.row
        if not row.kinked:
            continue
        core = P.shapes[instruction.pr[0]]
        zs = row.compares.surfaces(instruction, instruction.of(ev.values), core)
        for z in zs:
            z = np.asarray(z)
            found += list(np.moveaxis(z.reshape(*z.shape[:2], -1), -1, 0)) if z.ndim > 1 else []
    return found


def _straightened(line: np.ndarray) -> np.ndarray:
    """A polygonal line without the points that lie straight between their neighbours."""
    keep = [line[:1]]
    for before, here, after in zip(line, line[1:], line[2:]):
        (a, b), (c, d) = here - before, after - here
        if abs(a * d - b * c) > 1e-9:
            keep.append(here[None])
    return np.concatenate([*keep, line[-1:]])


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
