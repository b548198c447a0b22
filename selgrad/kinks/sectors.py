"""The cells at a point in one or two dimensions, where ties do not feed each other: sectors, in closed form."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from selgrad.geometry.cones import plane, unit
from selgrad.geometry.rationals import exactly
from selgrad.kinks.cell_records import CLEAR, Cell, Cells
from selgrad.kinks.form import Form
from selgrad.kinks.steps import Step

BLOCK = 20_000_000  # signs of cells that are looked at together


def in_the_plane(form: Form, steps: list[Step], affine: bool) -> Cells | None:
    """All sectors at once; None where this is no such case, or rounding may hide or make one."""
    rows = form.rows
    if rows.Z.shape[1] > 2 or not affine or form.here.exact or form.settled is not form:
        return None
    if any(len(step.tie.ids) != 1 or (rows.L.size and len(rows.feeds(step)[0])) for step in steps):
        return None
    A = _walls(form, steps)
    size = np.array([step.terms(form.sizes)[0] for step in steps])
    large = np.abs(A).max(axis=1)
    flat = large == 0
    if (~flat & (large <= CLEAR * size)).any():
        return None
    walls = np.array([unit(a) for a in A[~flat]]).reshape(-1, rows.Z.shape[1])
    directions, sure = plane(np.zeros((0, rows.Z.shape[1])), walls, lambda: _known(form, steps, A))
    if not sure:
        return None
    states = [[step.tie.choice(step.tie.told(step.tie.start, side)) for side in (False, True)] for step in steps]
    still = [step.tie.choice(step.tie.still(step.tie.start)) for step in steps]
    # what every wall adds to the Jacobian where it is positive
    base, jumps = _jumps(form, steps, states, still, flat)
    J, bits = np.empty((len(directions), *base.shape)), []
    block = max(1, BLOCK // max(len(steps), 1))
    for a in range(0, len(directions), block):
        positive = directions[a : a + block] @ walls.T > 0
        J[a : a + block] = base + np.tensordot(positive.astype(float), jumps[~flat], axes=1)
        bits.append(np.packbits(positive, axis=1))
    cells = Sectors(directions, np.concatenate(bits), walls, ~flat, states, still, steps)
    strict = np.ones(len(directions), dtype=bool)
    return Cells(cells, J, strict, True, True, False, len(directions), [])  # type: ignore[arg-type]


def _walls(form: Form, steps: list[Step]) -> np.ndarray:
    """The gradient of what every tie compares."""
    return np.array([step.row(step.scalars(form.rows.Z[step.reads]), (step.tie.ids[0], -1)) for step in steps])


def _known(form: Form, steps: list[Step], A: np.ndarray) -> bool:
    """Whether the walls are free of rounding; taken for granted where no rationals can tell."""
    return form.rational is None or bool(np.all(_walls(form.rational, form.exactly(steps)) == exactly(A)))


def _jumps(form: Form, steps: list[Step], states: list, still: list, flat: np.ndarray
           ) -> tuple[np.ndarray, np.ndarray]:
    """AD's Jacobian where all are negative, and what each tie adds where it is positive."""
    base = np.array(form.g0)
    jumps = np.zeros((len(steps), *base.shape))
    for n, step in enumerate(steps):
        V, Y = form.v[:, step.outs], form.rows.Z[step.reads]
        low, high = (V @ step.moves([s])[0] @ Y for s in (states[n] if not flat[n] else (still[n], still[n])))
        base = base + low
        jumps[n] = high - low
    return base, jumps


class Sectors:
    """The cells in the plane, as sign bits: what a list of Cells would hold, made when asked for."""

    def __init__(self, directions: np.ndarray, bits: np.ndarray, walls: np.ndarray, walled: np.ndarray,
                 states: list, still: list, steps: list[Step]):
        self.directions, self.walls, self.walled = directions, walls, np.flatnonzero(walled)
        self.bits, self.states, self.still, self.steps = bits, states, still, steps

    def __len__(self) -> int:
        return len(self.directions)

    def __getitem__(self, n: int) -> Cell:
        if n >= len(self):
            raise IndexError(n)
        positive = np.unpackbits(self.bits[n], count=len(self.walls)).astype(bool)
        choices, signs = list(self.still), [0] * len(self.steps)
        for e, side in zip(self.walled.tolist(), positive.tolist(), strict=True):
            choices[e], signs[e] = self.states[e][int(side)], 1 if side else -1
        path = tuple((e, (step.tie.ids[0], -1), signs[e]) for e, step in enumerate(self.steps))
        R = np.where(positive, 1.0, -1.0)[:, None] * self.walls
        return Cell(R, self.directions[n], None, None, tuple(choices), path)

    def __iter__(self) -> Iterator[Cell]:
        return (self[n] for n in range(len(self)))
