"""Whether pieces meet: a `where` may join pieces that differ on its switch, which no elementary selection does."""

from __future__ import annotations

import numpy as np

from selgrad.errors import NotContinuous
from selgrad.kinks.cell_records import Cells
from selgrad.kinks.form import form_of
from selgrad.kinks.point import Local
from selgrad.kinks.steps import Step
from selgrad.programs.program_data import place

MOST = 2**12  # cells up to which that is looked at


def must_be_continuous(here: Local, steps: list[Step], cells: Cells) -> None:
    """Raise NotContinuous where two cells that meet at one wall have Jacobians that differ along the wall."""
    sides = [k for k, every in here.ties.items() if any(not tie.alike for tie in every)]
    at = np.flatnonzero(cells.strict)
    if not sides or len(at) > MOST:
        return
    known: dict[tuple, int] = {}
    for n in at:
        R, J = cells.cells[n].R, cells.jacobians[n]
        forms = {tuple(row * sign): int(sign) for row in R
                 for sign in [1 if next(a for a in row if a != 0) > 0 else -1]}
        signs = tuple(sorted(forms.items()))
        for e, (row, sign) in enumerate(signs):
            other = known.get((*signs[:e], (row, -sign), *signs[e + 1:]))
            if other is not None:
                a, K = np.array(row, dtype=float), cells.jacobians[other]
                apart = _beside(J - K, a)
                if apart > 1e-9 * max(np.abs(J).max(), np.abs(K).max()) and not _rounded(
                        here, steps, [cells.cells[m].choices for m in (n, other)], a, apart):
                    line = here.P.line(sides[0])
                    raise NotContinuous(
                        f"{here.P.name} is not continuous near this point: beside a switch, that of x{sides[0]} = "
                        f"{line.op}(...){place(line.where)} or a later one, its two sides have different values; an "
                        "elementary selection is continuous (Definition 3).")
        known[signs] = int(n)


def _beside(gap: np.ndarray, a: np.ndarray) -> float:
    """How much of the rows of `gap` does not point along a."""
    gap = gap.astype(float)
    return float(np.abs(gap - np.outer(gap @ a, a) / (a @ a)).max())


def _rounded(here: Local, steps: list[Step], choices: list[tuple], a: np.ndarray, apart: float) -> bool:
    """Whether only rounding sets the Jacobians along two lists of choices apart; the rationals tell, if they can."""
    form = form_of(here)
    if form.rational is None:
        return apart <= 1e-13 * here.terms()
    J, K = form.rational.jacobians(choices, form.exactly(steps))
    return _beside(J - K, a) <= 1e-9 * float(np.abs(J - K).max(initial=0.0))
