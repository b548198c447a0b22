"""How many kinks a program touches at every point of a batch: the ties of an evaluation, counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.kinks.rounding import size_compared
from selgrad.kinks.ties import deciding
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation


def touched(
    P: Program, ev: Evaluation, scale: list[Any] | None = None, batch: tuple[int, ...] | None = None
) -> dict[int, np.ndarray]:
    """How many comparisons come out as ties, by number of the kinked instruction: integers of shape batch.

    A switching value is a tie when it is exactly 0 or, with `scale` (one array per node, see
    `selgrad.kinks.rounding`), at most so large. A max or min counts one tie for every entry beside the
    first that reaches the extreme, a sort one for every pair of equal neighbours, a median one for every such
    pair of which one is in the middle.

    >>> import selgrad as sg
    >>> P = sg.trace(lambda x: sg.relu(x[0]) + np.max(x), np.zeros(2))
    >>> {k: n.tolist() for k, n in touched(P, P.evaluate([[0.0, 0.0], [0.0, 1.0], [2.0, 2.0]])).items()}
    {2: [1, 1, 0], 3: [1, 0, 1]}
    """
    batch = ev.batch if batch is None else batch
    found = {}
    for k, instruction in deciding(P):
        row: Any = instruction.row
        at = row.compares.beside(size_compared(instruction, scale))
        core = P.shapes[instruction.pr[0]]
        count: Any = 0
        for z in row.switches(*instruction.of(ev.values), **instruction.params):
            count = count + row.compares.met(instruction, np.less_equal(np.abs(z), at), batch, core)
        found[k] = np.broadcast_to(count, batch)
    return found
