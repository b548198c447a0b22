"""Splitting a cell by one comparison: exactly for affine switching functions, else by directions and atoms."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from selgrad.geometry.cones import Cell, is_zero, joined, only_zero, sides


class Excluded(NamedTuple):
    """Signed rows that no point near x satisfies strictly, and y >= 0 with y^T rows = 0."""

    rows: np.ndarray
    y: np.ndarray


class Splitter:
    """What both splitters count and keep: tests made, numbers read, doubts, and (with `proofs`) every exclusion."""

    def __init__(self, proofs: bool):
        self.proofs = proofs
        self.tests, self.work = 0, 0
        self.doubtful = False
        self.excluded: list[Excluded] = []

    def flat(self, a: np.ndarray, size: Any) -> bool:
        """Whether a row is zero; beyond rounding, a row that counts as zero is doubtful."""
        if not is_zero(a, size):
            return False
        self.doubtful |= bool(np.any(a != 0))
        return True

    def both(self, cell: Cell, a: np.ndarray, lift: np.ndarray | None) -> tuple[Cell | None, Cell | None]:
        """The parts of a cell where the row a is negative and where it is positive; None where there is none.

        lift is the row in the inputs and atoms, where it is known.
        """
        self.tests += 1
        self.work += cell.R.size + 1
        plus = minus = None
        if cell.d is not None:
            plus, minus, _ = self.sides(cell.R, a, cell.d)
        return self._parts(cell, a, lift, (minus, plus))

    def _parts(self, cell: Cell, a: np.ndarray, lift: np.ndarray | None, witnesses: tuple[Any, Any]
               ) -> tuple[Cell | None, Cell | None]:
        raise NotImplementedError

    def sides(self, R: np.ndarray, row: np.ndarray, d: np.ndarray) -> tuple[Any, Any, Any]:
        """Witnesses of both sides of a row within a cone, and the reason where one is empty."""
        plus, minus, y = sides(R, row, d)
        if plus is None or minus is None:
            if y is None:
                self.doubtful = True
            elif self.proofs:  # sum y_i R_i + row = 0, of the rows that count
                used, one = np.flatnonzero(y), np.ones(1, dtype=y.dtype)
                signed = -row if minus is None else row
                self.excluded.append(Excluded(np.vstack([R[used], signed]), np.r_[y[used], one]))
        return plus, minus, y


class Affine(Splitter):
    """For switching functions that are affine in x: what no direction takes is not taken."""

    def _parts(self, cell: Cell, a: np.ndarray, lift: np.ndarray | None, witnesses: tuple[Any, Any]
               ) -> tuple[Cell | None, Cell | None]:
        minus, plus = witnesses
        return (None if minus is None else Cell(joined(cell.R, -a), minus, None, None),
                None if plus is None else Cell(joined(cell.R, a), plus, None, None))


class Lifted(Splitter):
    """For others: a part stays unless the atoms exclude it, or directions leave d = 0 only."""

    def _parts(self, cell: Cell, a: np.ndarray, lift: np.ndarray | None, witnesses: tuple[Any, Any]
               ) -> tuple[Cell | None, Cell | None]:
        lplus = lminus = ly = None
        known = lift is not None and cell.L is not None and cell.w is not None
        if known:
            lplus, lminus, ly = self.sides(cell.L, lift, cell.w)  # type: ignore[arg-type]
        minus, plus = (self._part(cell, sign, a, lift if known else None, d, w, ly)
                       for sign, d, w in zip((-1, 1), witnesses, (lminus, lplus), strict=True))
        return minus, plus

    def _part(self, cell: Cell, sign: int, a: np.ndarray, lift: np.ndarray | None, d: Any, w: Any, ly: Any
              ) -> Cell | None:
        if d is None:
            if ly is not None and w is None:
                return None
            rows = joined(cell.R, sign * a)
            y = only_zero(rows)
            if y is not None:
                if self.proofs:
                    self.excluded.append(Excluded(rows, y))
                return None
        L = joined(cell.L, sign * lift) if lift is not None and w is not None else None  # type: ignore[arg-type]
        return Cell(joined(cell.R, sign * a), d, L, w)
