"""How large the nodes of a program can get, so that a kernel need not look at each of its values.

Where every input is at most a certain power of two in size, sums, products and kinks stay below a
number known beforehand. If that is far inside the format, no value can overflow there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.programs.program import Program

RANGE = {"float32": (2.0**24, 2.0**120), "float64": (2.0**100, 2.0**1000)}  # of the inputs, and of every node


def tame(P: Program, dtype: str) -> float | None:
    """A bound on the size of the inputs below which no node of P overflows, or None when none is known.

    >>> import selgrad as sg
    >>> tame(sg.trace(lambda t: sg.relu(t) * t, 0.0), "float64") == 2.0**100
    True
    >>> tame(sg.trace(np.exp, 0.0), "float64") is None
    True
    """
    inputs, most = RANGE[dtype]
    bounds = sizes(P, inputs)
    return inputs if bounds is not None and all(bound <= most for bound in bounds) else None


def sizes(P: Program, inputs: float) -> list[float] | None:
    """A bound on every node where the inputs are at most so large, or None where an instruction has none."""
    bounds: list[float] = [inputs] * len(P.input_shapes)
    for _, i in P.lines():
        if i.row.facts.growth is None:
            return None
        read = (bounds[o] if i.is_node(n) else _size(o) for n, o in enumerate(i.operands))
        bounds.append(i.row.facts.growth(*read, **i.params))
    return bounds


def _size(constant: Any) -> float:
    size = float(np.max(np.abs(constant)))
    return size if size == size else float("inf")
