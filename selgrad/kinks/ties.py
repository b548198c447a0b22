"""The kinks a point sits on: which pieces are active at every instruction, and what decides between them.

What ties and how it is decided is the business of the rows (`selgrad.primitives.row_comparisons`); here are the
loops over the instructions of a program.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from selgrad.errors import NotContinuous
from selgrad.kinks.rounding import size_compared
from selgrad.primitives.comparisons import Tie
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, Instruction, place


def deciding(P: Program) -> Iterator[tuple[int, Instruction]]:
    """The kinked instructions whose choice can change, with their node numbers.

    A condition that is a constant decides nothing, nor does one that never changes: x == x, as in a guard
    against nan, compares x - x with zero.
    """
    still = {k for k, instruction in P.lines() if _never_changes(instruction)}
    for k, instruction in P.lines():
        if instruction.row.kinked:
            row: Any = instruction.row
            if any(row.compares.is_decided_by(i) and (j not in still or row.partials[i] is not None)
                   for i, j in instruction.reads()):
                yield k, instruction


def _never_changes(instruction: Instruction) -> bool:
    """Whether the slopes are the same numbers everywhere, and cancel."""
    slopes: dict[int, float] = {}
    for i, j in instruction.reads():
        entry = None if instruction.row.variadic else instruction.row.partials[i]
        if callable(entry) or instruction.row.variadic:
            return False
        slopes[j] = slopes.get(j, 0.0) + (entry or 0.0)
    return not any(slopes.values())


def ties(P: Program, ev: Evaluation, scale: list[Any] | None = None) -> dict[int, list[Tie]]:
    """The ties of every kinked instruction, by node number, at the point of an evaluation.

    A switching value counts as zero when its size is at most its entry in `scale` (None: exactly
    zero); `scale` holds one array per node, as `rounding` makes them. Raises NotContinuous where the
    branches of a where have different values on its tie.
    """
    found: dict[int, list[Tie]] = {}
    for k, instruction in deciding(P):
        xs = instruction.of(ev.values)
        row: Any = instruction.row
        here = row.compares.ties(k, instruction, xs, size_compared(instruction, scale))
        if here:
            found[k] = here
    jumps = {k: jump for k, here in found.items() if (jump := _jump(P, ev, k, here)) is not None}
    if jumps:  # harmless where nothing reads them
        read = _read(P, ev, found)
        for k in jumps:
            found[k] = [tie for tie in found[k] if any(np.ravel(read[k])[list(tie.outs)])]
            jump = _jump(P, ev, k, found[k])
            if jump is not None:
                line = P.line(k)
                raise NotContinuous(
                    f"x{k} = {line.op}(...) is not continuous here: on its switch the branches have the values "
                    f"{jump[0]:g} and {jump[1]:g}{place(line.where)}; an elementary selection is continuous "
                    "(Definition 3)."
                )
    return {k: here for k, here in found.items() if here}


def _jump(P: Program, ev: Evaluation, k: int, found: list[Tie]) -> tuple[float, float] | None:
    row: Any = P.line(k).row
    return row.compares.jump(P.line(k), found, P.line(k).of(ev.values)) if found else None


def _read(P: Program, ev: Evaluation, found: dict[int, list[Tie]]) -> list[np.ndarray]:
    """Which entries of every node reach an output through pieces that may be taken: truth values."""
    read = [np.zeros(shape, dtype=bool) for shape in P.shapes]
    for k in P.outputs:
        read[k][...] = True
    for k, instruction in reversed(list(P.lines())):
        if not read[k].any():
            continue
        row: Any = instruction.row
        for i, j in instruction.reads():
            if not row.elementwise:
                read[j][...] = True
                continue
            mask = read[k] & row.compares.may_read(i, ev.indices[k], found.get(k, ())) if row.kinked else read[k]
            lead = mask.ndim - read[j].ndim
            thin = tuple(range(lead)) + tuple(lead + a for a, n in enumerate(read[j].shape) if n == 1)
            read[j] |= mask.any(axis=thin, keepdims=True).reshape(read[j].shape)
    return read


def conditions(P: Program, found: dict[int, list[Tie]]) -> dict[int, tuple[int, int]]:
    """Ties that are sides of one and the same number, by id(tie): what stands for that number.

    A number that is moved, copied or broadcast stays the same one.
    """
    sides = [tie for here in found.values() for tie in here if not tie.alike]
    if len(sides) < 2:
        return {}
    labels: list[np.ndarray] = []
    for k, shape in enumerate(P.shapes):
        line = P.line(k) if k >= len(P.input_shapes) else None
        fresh = k * 1.0 + np.arange(int(np.prod(shape))).reshape(shape) / (1.0 + np.prod(shape))
        if line is not None and line.row.facts.moves and not line.row.kinked:
            marks = [labels[o] if line.is_node(i) else np.full(np.shape(o), -1.0) for i, o in enumerate(line.operands)]
            fresh = line.row.value(*marks, **line.params)
        labels.append(np.asarray(fresh))
    sources = {}
    for tie in sides:
        line = P.line(tie.node)
        if line.is_node(0):
            sources[id(tie)] = float(np.broadcast_to(labels[line.operands[0]], line.shape).reshape(-1)[tie.outs[0]])
    every = list(sources.values())
    return {key: source for key, source in sources.items() if every.count(source) > 1}


def index_of(instruction: Instruction, s: Any, here: list[Tie], choices: list[Any]) -> np.ndarray:
    """The index s for several choices at once: (rows, *shape of s); choices[r] has one entry per tie."""
    s = whole(instruction, s)
    rows = np.repeat(s.reshape(1, -1), len(choices), axis=0)
    for t, tie in enumerate(here):
        tie.write(rows, [choice[t] for choice in choices])
    return rows.reshape(len(choices), *s.shape)


def whole(instruction: Instruction, s: Any) -> np.ndarray:
    """The index s with an entry for every entry of the result, where the row acts entry by entry."""
    s = np.asarray(s)
    wide = instruction.row.elementwise and s.shape != instruction.shape
    return np.broadcast_to(s, instruction.shape) if wide else s
