"""The kink nearest to a point among those it does not sit on (ours)."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.kinks.rounding import size_compared
from selgrad.kinks.ties import deciding
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, place


def nearest_kink(P: Program, ev: Evaluation, unit: list[Any] | None, ulps: float) -> tuple[float, str]:
    """(distance in roundings, instruction) of the kink nearest to the point among those not active.

    The distance of a switching value z is |z| over one rounding on the scale of its operands
    (`rounding`); infinity where there is no other kink. Over the rationals |z| itself is returned.
    """
    best, where = np.inf, ""
    for k, instruction in deciding(P):
        row: Any = instruction.row
        size = 1.0 if unit is None else row.compares.beside(size_compared(instruction, unit))
        for z in row.switches(*map(np.asarray, instruction.of(ev.values)), **instruction.params):
            gaps, scale = (np.ravel(a) for a in np.broadcast_arrays(np.abs(np.asarray(z).astype(float)), size))
            counted = (scale > 0) & (gaps > (0.0 if unit is None else ulps * scale))  # an exact zero has no rounding
            away = gaps[counted] / scale[counted]
            if away.size and away.min() < best:
                best, where = float(away.min()), f"x{k} = {instruction.op}{place(instruction.where)}"
    return best, where
