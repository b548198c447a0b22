"""How many kinks a program touches at every point of a batch: the ties of an evaluation, counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.programs.instructions import Evaluation
from selgrad.programs.program import Program


def touched(
    P: Program, ev: Evaluation, scale: list[Any] | None = None, batch: tuple[int, ...] | None = None
) -> dict[int, np.ndarray]:
    """How many comparisons come out as ties, by number of the kinked instruction: integers of shape batch.

    A switching value is a tie when it is exactly 0 or, with `scale` (one array per node, see
    `selgrad.kinks.rounding`), at most so large. A max or min counts one tie for every entry beside the
    first that reaches the extreme, a sort or median one for every pair of equal neighbours.

    >>> import selgrad as sg
    >>> P = sg.trace(lambda x: sg.relu(x[0]) + np.max(x), np.zeros(2))
    >>> {k: n.tolist() for k, n in touched(P, P.evaluate([[0.0, 0.0], [0.0, 1.0], [2.0, 2.0]])).items()}
    {2: [1, 1, 0], 3: [1, 0, 1]}
    """
    batch = ev.batch if batch is None else batch
    found = {}
    for k, instruction in P.lines():
        row: Any = instruction.row
        first = instruction.operands[0]
        if not row.kinked or (instruction.op == "where" and not instruction.is_node(0)):
            continue
        at: Any = 0
        if scale is not None:
            read = [scale[o] for o in instruction.pr]
            at = sum(read[1:], read[0]) if row.elementwise and instruction.op != "where" else scale[first]
        xs = instruction.of(ev.values)
        count: Any = 0
        for z in row.switches(*xs, **instruction.params):
            if instruction.op in ("sort", "median", "max_pool") and scale is not None:
                at = np.max(at)  # its switching values are numbered otherwise than the entries
            hit = np.less_equal(np.abs(z), at)
            if row.elementwise or instruction.op == "where":
                hit = np.broadcast_to(hit, batch + instruction.shape)
                count = count + hit.sum(axis=tuple(range(len(batch), hit.ndim)))
            elif instruction.op in ("max", "min", "max_pool"):
                entries = hit.sum(axis=instruction.params.get("axis", -1)) - 1  # the winner itself is no tie
                count = count + entries.sum(axis=tuple(range(-len(instruction.shape), 0)))
            else:
                count = count + hit.sum(axis=tuple(range(-len(P.shapes[first]), 0)))
        found[k] = np.broadcast_to(count, batch)
    return found
