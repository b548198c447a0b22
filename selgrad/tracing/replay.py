"""Run a program's instructions inside a trace, as they are or with every kink decided."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.primitives import Kinked
from selgrad.programs.evaluate import check_guard
from selgrad.programs.program import Program
from selgrad.programs.program_data import Guard
from selgrad.programs.trees import flatten_like, unflatten
from selgrad.tracing.recorder import Traced, recorder_of, spread


def inline(P: Program, *args: Any, indices: dict[int, Any] | None = None) -> Any:
    """The output of P on traced arguments. With `indices`, node k takes the pieces indices[k].

    Each kinked instruction is then spelled out in elementary operations, so the result is a
    smooth program: "all decision branches frozen", as Remark (b) of Section 2.1 puts it. The Python
    branches of P are branches of the trace it is run in; BranchChanged is raised where one flips.
    """
    values: list[Any] = list(flatten_like(P.in_tree, args))
    guards = list(P.guards)
    for k, instruction in P.lines():
        while guards and guards[0].at == k:
            _again(guards.pop(0), values)
        xs = instruction.of(values)
        row, params = instruction.row, instruction.params
        if indices is not None and isinstance(row, Kinked):
            y = row.frozen(indices[k], *xs, **params)
            if np.shape(y) != instruction.shape:
                y = np.broadcast_to(y, instruction.shape)
        elif not any(isinstance(x, Traced) for x in xs):
            y = row.apply([np.asarray(x)[()] for x in xs], params)[0]
        elif row.elementwise:
            y = spread(instruction.op, tuple(xs), params, row, instruction.rule)
        else:
            recorder = recorder_of(xs)
            assert recorder is not None
            y = recorder.add(instruction.op, tuple(xs), params, row, instruction.rule)
        values.append(y)
    for guard in guards:
        _again(guard, values)
    return unflatten(P.out_tree, [values[k] for k in P.outputs])


def _again(guard: Guard, values: list[Any]) -> None:
    """The branch of a program as a branch of the trace that its switching value belongs to."""
    z = values[guard.node]
    check_guard(guard, z._value if isinstance(z, Traced) else z)
    if isinstance(z, Traced):
        z._recorder.guard(z, guard.relation, guard.taken)
