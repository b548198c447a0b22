"""What a page needs of a program of two numbers to find D_P, Clarke's bounds and the verdict without a kernel.

A page evaluates the emitted program, finds what ties at a point, and with it D_P. Where nothing ties, or one
switching function does, Clarke's set is D_P, and the page knows all. Where more ties, Clarke's bounds are taken
from here: of a piecewise affine program they are the same all over a *face*, a set of points with the same active
pieces, of which there are finitely many; of another program they are found on the grid of the sliders alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.compilation.elementwise import Elementwise
from selgrad.compilation.emit import algorithm1
from selgrad.compilation.javascript import CHOICES
from selgrad.errors import NotElementary, TooLarge
from selgrad.geometry.jacobians import JacobianSet
from selgrad.kinks.counts import touched
from selgrad.kinks.gradients import is_linear
from selgrad.kinks.partition import pieces
from selgrad.kinks.point import ULPS, Local, local
from selgrad.kinks.rounding import rounding
from selgrad.kinks.ties import deciding
from selgrad.plotting.planes import boundary
from selgrad.primitives.comparisons import Side, Threshold, Tie
from selgrad.primitives.entry_ties import Winner
from selgrad.primitives.row_comparisons import Extremes, Sides, Zeros
from selgrad.programs.evaluate import evaluate
from selgrad.programs.lowering import lower
from selgrad.programs.program import Program
from selgrad.sets.clarke import bounds_at
from selgrad.widgets.base import number

PARTS = ("indices", *CHOICES)


def rules(S: Program) -> list[dict[str, Any]]:
    """How every kinked line of a program with scalar nodes chooses: by zeros, by a side or by the extreme entry."""
    found, free = [], {k for k, _ in deciding(S)}
    for k in S.kinked():
        row: Any = S.line(k).row
        compares = row.compares
        if k not in free:
            found.append({"node": k, "by": "nothing"})
        elif isinstance(compares, Extremes):
            found.append({"node": k, "by": "extreme", "sign": compares.sign})
        elif isinstance(compares, Sides):
            found.append({"node": k, "by": "side"})
        elif isinstance(compares, Zeros):
            found.append({"node": k, "by": "zeros"})
        else:
            raise NotElementary(f"x{k} = {S.line(k).op}(...) orders its entries, which a page does not follow.")
    return found


def output(S: Program) -> int:
    """The number of the node that the output is: lines that only hand a number on have none of their own."""
    nodes, _, _ = algorithm1(S, Elementwise("paper"))
    at = nodes[S.outputs[0]]
    return int((at[0] if isinstance(at, list) else at).args[0][1:])


def active(here: Local) -> list[list[int]]:
    """The pieces that are active at every kinked line."""
    found = []
    for k in here.P.kinked():
        tie = next(iter(here.ties.get(k, ())), None)
        s = np.asarray(here.ev.indices[k])
        found.append(choices(tie) if tie is not None else [int(np.argmax(s) if s.ndim else s)])
    return found


def choices(tie: Tie) -> list[int]:
    """The pieces that a tie leaves, as they are numbered in JavaScript."""
    assert isinstance(tie, Threshold | Side | Winner)
    return list(tie.ids) if isinstance(tie, Winner) else [int(choice) for choice in tie.choices]


def key(pieces: list[list[int]]) -> str:
    """The name of a face.

    >>> key([[0, 1], [1]])
    '0,1;1'
    """
    return ";".join(",".join(map(str, each)) for each in pieces)


def faces(P: Program, grid: np.ndarray) -> dict[str, Any]:
    """The rules of a program and, by face or by point, Clarke's bounds where more than one switching function ties.

    `grid` holds the numbers that each coordinate takes in the square, the first and the last at its ends.
    """
    S = lower(P)
    affine = all(is_linear(i) for i in S.instructions)
    found: dict[str, Any] = {}
    for point in _corners(P, grid) if affine else _crossings(P, grid):
        here = local(S, tuple(map(float, point)))
        name = key(active(here)) if affine else ",".join(map(number, point))
        if name not in found and crowded(here):
            bounds = bounds_at(here)
            found[name] = {"inner": around(bounds.inner).tolist(), "outer": around(bounds.outer).tolist(),
                           "exact": bounds.exact}
    return {"rules": rules(S), "out": output(S), "affine": affine, "faces": found}


def around(D: JacobianSet) -> np.ndarray:
    """The vertices of a set of gradients in order, (n, 2): anticlockwise from the least one."""
    found = boundary(D)
    return np.roll(found, -int(np.lexsort(found.T[::-1])[0]), axis=0)


def crowded(here: Local) -> bool:
    """Whether more than one switching function ties, so that a page does not know Clarke's set by itself."""
    every = [tie for ties in here.ties.values() for tie in ties]
    return sum(tie.count - 1 for tie in every) > 1 or any(isinstance(tie, Side) for tie in every)


def _corners(P: Program, grid: np.ndarray) -> np.ndarray:
    """The corners of the polygons on which a program is affine, and the middles of their sides."""
    low, high = grid[0], grid[-1]
    polygons = pieces(P, np.array([[low, low], [high, low], [high, high], [low, high]]))
    if polygons is None:
        raise TooLarge(f"{P.name} has too many pieces in the square for a page.")
    return np.concatenate([np.concatenate([p, (p + np.roll(p, -1, axis=0)) / 2]) for p in polygons])


def _crossings(P: Program, grid: np.ndarray) -> np.ndarray:
    """The points of the grid at which more than one comparison is a tie, or the condition of a where is."""
    points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    ev = evaluate(P, (points,))
    met = touched(P, ev, rounding(P, ev, ULPS), (len(points),))
    return points[sum(met.values(), np.zeros(len(points), int)) > 0]
