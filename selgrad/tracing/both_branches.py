"""Both sides of a Python branch at its switch, as one program that chooses with np.where.

A trace follows one side of an `if`. Exactly at the switch the other side is taken arbitrarily near, so
what is true near the point needs both: f is run once for every outcome of the comparisons that tie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.errors import DomainError, InputError
from selgrad.primitives import RELATIONS
from selgrad.programs.program import Program
from selgrad.programs.program_data import Guard, place
from selgrad.programs.trees import flatten, unflatten
from selgrad.tracing.recorder import Recorder, Traced
from selgrad.tracing.refusals import users_line
from selgrad.tracing.tracer import trace_at

NEAR = 1e-9  # a comparison this near to its switch is followed both ways; np.where decides in the end
MOST = 12


class _Fork(BaseException):
    """A comparison at its switch, beyond those already decided (no error: f must not catch it)."""

    def __init__(self, z: Traced, relation: str):
        self.z, self.relation, self.where = z, relation, users_line()


def trace_branches(f: Callable, *example: Any) -> Program:
    """Record f at a point with both sides of every Python branch whose switch is there.

    Each such branch becomes a `where` over the outcomes of f. A side that lies outside a domain there
    is left out: the other one is recorded alone, with a guard that says so (`refused`). Raises InputError
    when more than 12 comparisons tie or the two sides return different structures, and what `trace` raises.

    >>> def relu(t):
    ...     if t > 0:
    ...         return t
    ...     return 0.0 * t
    >>> print(trace_branches(relu, 0.0))
    Program(p=1, q=1, m=3)
      x0 = input
      x1 = 0 * x0
      x2 = where(x0 > 0, x0, x1)          kink
      return x2
    """

    def both(*inputs: Any) -> Any:
        leaves = [leaf for leaf in flatten(inputs)[0] if isinstance(leaf, Traced)]
        recorder = leaves[0]._recorder
        try:
            return _outcome(f, inputs, recorder, [])
        finally:
            recorder.decide = None

    both.__name__ = getattr(f, "__name__", "f")
    return trace_at(both, example)


def _outcome(f: Callable, inputs: tuple, recorder: Recorder, decided: list[bool]) -> Any:
    """What f returns when the comparisons that tie come out as `decided`, and either way beyond."""
    pending = iter(decided)

    def decide(z: Traced, relation: str) -> bool:
        for outcome in pending:
            return outcome
        raise _Fork(z, relation)

    recorder.decide, recorder.near = decide, NEAR
    mark = len(recorder.instructions), len(recorder.guards)
    try:
        return f(*inputs)
    except _Fork as fork:
        if len(decided) == MOST:
            raise InputError(f"More than {MOST} Python branches sit on their switch at this point: write them "
                             "with np.where.") from None
        z, relation, where = fork.z, fork.relation, fork.where
    if z._node < len(recorder.shapes) + mark[0]:  # the switch needs nothing of this run
        del recorder.instructions[mark[0] :]
    del recorder.guards[mark[1] :]
    sides, refused = {}, []
    for truth in (True, False):
        mark = len(recorder.instructions), len(recorder.guards)
        try:
            sides[truth] = _outcome(f, inputs, recorder, [*decided, truth])
        except DomainError as problem:
            del recorder.instructions[mark[0] :], recorder.guards[mark[1] :]
            refused.append(problem)
    recorder.decide = None
    if not sides:
        raise refused[0]
    if refused:
        (truth, only), = sides.items()
        at = len(recorder.shapes) + len(recorder.instructions)
        recorder.guards.append(Guard(z._node, relation, truth, at, where, str(refused[0])))
        return only
    (yes, tree), (no, other) = (flatten(side) for side in sides.values())
    if tree != other:
        raise InputError(f"The two sides of a Python branch return different structures{place(where)}: "
                         "return the same nesting from both.")
    choose = recorder.functions[np.where]
    condition = RELATIONS[relation](z, 0.0)
    return unflatten(tree, [choose(condition, a, b) for a, b in zip(yes, no, strict=True)])
