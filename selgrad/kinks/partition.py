"""The polygons on which a program of two numbers is affine, and the segments on which it has its kinks (ours)."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.kinks.counts import touched
from selgrad.kinks.gradients import is_linear
from selgrad.kinks.rounding import rounding
from selgrad.kinks.ties import deciding
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.programs.program_data import Instruction

MOST = 4000  # polygons
ULPS = 2.0**12  # roundings within which a switching function is zero: far below what can be drawn
SAME = 1e-9


def compares_affine(P: Program) -> bool:
    """Whether all that kinked instructions compare is affine in the inputs, along any one piece."""
    read: set[int] = set()
    for k, instruction in reversed(list(P.lines())):
        if k in read and not is_linear(instruction):
            return False
        if instruction.row.kinked or k in read:
            read.update(instruction.pr)
    return True


def surfaces(P: Program, instruction: Instruction, values: list[Any], points: int) -> np.ndarray:
    """What an instruction compares at a batch of points, as functions whose zeros hold its kinks: (points, n)."""
    row: Any = instruction.row
    zs = row.compares.surfaces(instruction, instruction.of(values), P.shapes[instruction.pr[0]])
    return np.concatenate([np.zeros((points, 0)), *(np.reshape(z, (points, -1)) for z in zs)], axis=1)


def pieces(P: Program, square: np.ndarray) -> list[np.ndarray] | None:
    """Convex polygons, (n, 2) each, that fill a polygon and on each of which all comparisons come out alike.

    Instruction by instruction they are cut where what it compares is equal: on each, that is affine. None
    beyond `MOST` of them. Precondition: `compares_affine`.
    """
    found = [np.asarray(square, dtype=float)]
    for _, instruction in deciding(P):
        corners = np.concatenate(found)
        z = surfaces(P, instruction, evaluate(P, (corners,)).values, len(corners))
        tables = np.split(np.concatenate([corners, z], axis=1), np.cumsum([len(p) for p in found])[:-1])
        zero = ULPS * np.finfo(float).eps * (1 + np.abs(z).max(axis=0, initial=0))
        for n in range(z.shape[1]):
            tables = [part for table in tables for part in _cut(table, 2 + n, zero[n])]
            if len(tables) > MOST:
                return None
        found = [table[:, :2] for table in tables]
    return found


def _cut(table: np.ndarray, n: int, zero: float) -> list[np.ndarray]:
    """A polygon with the values of affine functions at its corners, cut where that in column n is zero."""
    z = table[:, n]
    side = np.where(np.abs(z) <= zero, 0, np.sign(z))
    if side.min() * side.max() >= 0:
        return [table]
    parts: tuple[list, list] = ([], [])
    for i, here in enumerate(table):
        j = (i + 1) % len(table)
        for part, sign in zip(parts, (-1, 1), strict=True):
            if side[i] != -sign:
                part.append(here)
            if side[i] * side[j] < 0:
                part.append(here + (table[j] - here) * (z[i] / (z[i] - z[j])))
    return [np.array(part) for part in parts]


def kink_segments(P: Program, square: np.ndarray) -> list[np.ndarray] | None:
    """The kinks of a program of an array of two numbers in a convex polygon, as segments (2, 2) of greatest length.

    They are exact up to rounding; in the order of the instructions, and drawn to the right or downwards.
    None where they are not polygonal (`compares_affine`) or the polygon falls into too many pieces.

    >>> import selgrad as sg
    >>> P = sg.trace(lambda x: sg.relu(x[1] - abs(x[0])), np.zeros(2))
    >>> [s.tolist() for s in kink_segments(P, np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]))]
    [[[0.0, 1.0], [0.0, -1.0]], [[-1.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]]
    """
    polygons = pieces(P, square) if compares_affine(P) else None
    if polygons is None:
        return None
    edges = np.concatenate([np.stack([p, np.roll(p, -1, axis=0)], axis=1) for p in polygons])
    inside = np.repeat([p.mean(axis=0) for p in polygons], [len(p) for p in polygons], axis=0)
    on, off = _met(P, edges.mean(axis=1)), _met(P, inside)
    found: list[np.ndarray] = []
    for k, count in on.items():  # on a kink more comparisons are ties than beside it
        found += [s for s in _joined(edges[count > off[k]]) if not any(np.allclose(s, t) for t in found)]
    return found


def _met(P: Program, points: np.ndarray) -> dict[int, np.ndarray]:
    ev = evaluate(P, (points,))
    return touched(P, ev, rounding(P, ev, ULPS), (len(points),))


def _joined(edges: np.ndarray) -> list[np.ndarray]:
    """Edges (n, 2, 2) that lie on one line and meet, as one segment each."""
    lines: dict[tuple, list[np.ndarray]] = {}
    for a, b in edges:
        d = (b - a) / np.hypot(*(b - a))
        if d[0] < -SAME or (abs(d[0]) <= SAME and d[1] > 0):
            a, b, d = b, a, -d
        key = np.round([*d, d[0] * a[1] - d[1] * a[0]], 8) + 0.0
        lines.setdefault(tuple(key), []).append(np.array([a, b]))
    found = []
    for (x, y, _), parts in lines.items():
        along = np.array([x, y])
        run: list[np.ndarray] = []
        for part in sorted(parts, key=lambda ab: float(ab[0] @ along)):
            if run and (part[0] - run[-1][1]) @ along <= SAME:
                if (part[1] - run[-1][1]) @ along > 0:
                    run[-1][1] = part[1]
            else:
                run.append(part)
        found += run
    return found
