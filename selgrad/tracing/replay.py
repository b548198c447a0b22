"""Run a program's instructions inside a trace, as they are or with every kink decided."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.primitives import ROWS, Kinked
from selgrad.programs.program import Program
from selgrad.programs.trees import flatten_like, unflatten
from selgrad.tracing.recorder import Traced, elementwise, record


def inline(P: Program, *args: Any, indices: dict[int, Any] | None = None) -> Any:
    """The output of P on traced arguments. With `indices`, node k takes the pieces indices[k].

    Each kinked instruction is then spelled out in elementary operations, so the result is a
    smooth program: "all decision branches frozen", as Remark (b) of Section 2.1 puts it.
    """
    values: list[Any] = list(flatten_like(P.in_tree, args))
    for k, instruction in P.lines():
        xs = [values[o] if type(o) is int else o for o in instruction.operands]
        row, params = ROWS[instruction.op], instruction.params
        if instruction.op == "max_pool":  # its windows are laid in the shape at hand, which may have more axes in front
            params = {**params, "core": np.shape(xs[0])}
        if indices is not None and isinstance(row, Kinked):
            y = row.frozen(indices[k], *xs, **params)
            if np.shape(y) != instruction.shape:
                y = np.broadcast_to(y, instruction.shape)
        elif not any(isinstance(x, Traced) for x in xs):
            y = row.apply([np.asarray(x)[()] for x in xs], params, "paper")[0]
        else:
            y = (elementwise if row.elementwise else record)(instruction.op, *xs, **params)
        values.append(y)
    return unflatten(P.out_tree, [values[k] for k in P.outputs])
