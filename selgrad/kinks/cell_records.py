"""What a walk over the cells at a point finds, and the rows it tests, in floats and over the rationals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from selgrad.kinks.form import Form
from selgrad.kinks.steps import Rows, Step

KNOWN = 2.0**-48  # the error of a row is below this times the terms that it is a sum of
CLEAR = KNOWN / 1e-12  # rows beyond this part of their terms are known well enough for tests in floats (cones.SURE)


class Cell(NamedTuple):
    """Signed rows R (n, r) with a witness d (None: not strict); L and w the same over inputs and atoms.

    choices: one a tie; path: (tie, pair, sign) of every answer; opaque: outs of which nothing is known over atoms.
    """

    R: np.ndarray
    d: np.ndarray | None
    L: np.ndarray | None
    w: np.ndarray | None
    choices: tuple = ()
    path: tuple = ()
    opaque: tuple = ()


class Excluded(NamedTuple):
    """Signed rows along a path that no point near x satisfies strictly, and y >= 0 with y^T rows = 0.

    space: what the rows are over: "inputs", "atoms" too, or a "cone" of directions that is {0}.
    """

    rows: np.ndarray
    y: np.ndarray
    path: tuple
    space: str


@dataclass
class Cells:
    """What the walk found: cells, their Jacobians (cells, q, r), and whether each is strict.

    complete: no cell was left unsplit. unsure: some comparison could not be told in floats, nor over rationals.
    excluded: why patterns are excluded; asked for only.
    """

    cells: list[Cell]
    jacobians: np.ndarray
    strict: np.ndarray
    affine: bool
    complete: bool
    unsure: bool
    tests: int
    excluded: list[Excluded]


class Space:
    """Rows in floats, with bounds on their errors, and over the rationals where a test needs them."""

    def __init__(self, rows: Rows, form: Form, lifted: bool):
        self.rows = replace(rows, Z=rows.Z.astype(float), L=rows.L.astype(float))
        self.form, self.lifted = form, lifted
        self.known: dict[tuple, np.ndarray] = {}  # u over the rationals along choices, by choices

    @cached_property
    def exact(self) -> Rows | None:
        """The rows over the rationals, made when first asked for; None where there are none, or too many.

        Nor are there any beside rows in the coordinates of a frame, which are not rational.
        """
        if self.form.frame is not None and not self.lifted:
            return None
        twin = self.form.rational
        return None if twin is None else twin.lifted if self.lifted else twin.rows

    def exact_u(self, steps: list[Step], choices: tuple) -> np.ndarray:
        """u over the rationals after these choices."""
        assert self.exact is not None
        if choices not in self.known:
            if not choices:
                self.known[choices] = self.exact.start()
            else:
                u = np.array(self.exact_u(steps, choices[:-1]))
                step = steps[len(choices) - 1]
                u[:, step.outs] += np.matmul(step.moves([choices[-1]]), self.exact.taps(step, u))
                self.known[choices] = u
        return self.known[choices]

    def exact_row(self, steps: list[Step], choices: tuple, n: int, pair: tuple[int, int]) -> np.ndarray:
        """The row of a pair of tie n, over the rationals."""
        assert self.exact is not None
        step = steps[n]
        return step.row(step.scalars(self.exact.taps(step, self.exact_u(steps, choices[:n])))[0], pair)

    def exact_rows(self, steps: list[Step], cell: Cell) -> np.ndarray:
        """The signed rows of a cell, over the rationals."""
        rows = [sign * self.exact_row(steps, cell.choices, n, pair) for n, pair, sign in cell.path if sign]
        return np.array(rows, dtype=object).reshape(len(rows), self.rows.Z.shape[1])


def in_floats(a: np.ndarray) -> np.ndarray:
    """A row of rationals in floats, on a scale where nothing is lost."""
    size = max((abs(e) for e in a), default=0)
    return (a / size).astype(float) if size else np.zeros(len(a))
