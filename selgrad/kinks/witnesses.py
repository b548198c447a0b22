"""Following witnesses: the pieces taken along one direction of a cell, when cells are no longer split."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.geometry.cones import FLAT, Cell, is_zero, sides, unit
from selgrad.kinks.gradients import difference, together
from selgrad.primitives.comparisons import Tie


def some(items: list[Any], most: int) -> list[Any]:
    """At most so many of the items, spread evenly."""
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).astype(int)]


def follow(ties: list[Tie], g: np.ndarray, scales: np.ndarray, cell: Cell, affine: bool
           ) -> tuple[list[Any], Cell] | None:
    """(choices, cell) at the ties of one instruction along the witness; None where first order does not tell.

    g (n, p) are the gradients of the compared scalars, scales (n,) the sizes of the terms they sum.
    """
    if cell.d is None:
        return None
    d, rows, choices = cell.d, [], []
    for tie in ties:
        state = tie.start
        while (pair := tie.ask(state)) is not None:
            a = difference(g, pair)
            if is_zero(a, together(scales, pair)):
                if not (tie.alike or affine):
                    return None
                state = tie.still(state)
                continue
            a = unit(a)
            if abs(a @ d) <= (0 if a.dtype == object else FLAT):  # on the wall: moved off it, within the cell
                plus, _, _ = sides(np.vstack([cell.R, *rows]), a, d)
                if plus is None:
                    return None
                d = plus
            greater = bool(a @ d > 0)
            rows.append(a if greater else -a)
            state = tie.told(state, greater)
        choices.append(tie.choice(state))
    R = np.vstack([cell.R, *rows])
    return choices, Cell(R, d, None, None)
