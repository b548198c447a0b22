"""sg.trace: run ordinary NumPy code once on traced values and keep what it did as a Program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.errors import InputError, NotElementary
from selgrad.programs.evaluate import as_real
from selgrad.programs.program import Program
from selgrad.programs.trees import flatten, unflatten
from selgrad.tracing.recorder import Comparison, Recorder, Traced
from selgrad.tracing.spellings import FUNCTIONS, METHODS, UFUNCS


def trace(f: Callable, *example: Any) -> Program:
    """Record f at an example point as a Program.

    f is ordinary NumPy code; the example's arrays (or nested tuples, lists and dicts of arrays)
    give the core shapes. A Python `if` on a comparison is recorded as a guard. Raises
    NotElementary for a function that is no primitive, DomainError outside a domain, InputError
    for an example that is not real. Source: Section 3.

    >>> import numpy as np
    >>> P = trace(lambda x: np.maximum(x[0], x[1]), np.array([1.0, 2.0]))
    >>> print(P([3.0, 5.0]))
    5.0
    """
    return record(f, example)


def record(f: Callable, example: tuple[Any, ...], check: bool = True) -> Program:
    """`trace`, optionally without domain checks: shapes alone then decide what is recorded."""
    if isinstance(f, Program):
        return f
    if not example:
        raise InputError("trace needs an example argument: sg.trace(f, x), where x has the shapes f will get.")
    if any(isinstance(leaf, (Traced, Comparison)) for leaf in flatten(example)[0]):
        raise NotElementary("sg.trace met a value that is already traced: differentiate the outer function only.")
    name = getattr(f, "__name__", "f")
    recorder = Recorder(UFUNCS, FUNCTIONS, METHODS)
    recorder.check = check
    leaves, in_tree = flatten(example)
    inputs = [recorder.input(as_real(leaf, "Input x{} of {}", j, name)) for j, leaf in enumerate(leaves)]
    with np.errstate(all="ignore"):
        result = f(*unflatten(in_tree, inputs))
    outs, out_tree = flatten(result)
    nodes = [_node(out, inputs, name) for out in outs]
    return Program(
        tuple(recorder.shapes), tuple(recorder.instructions), tuple(nodes), in_tree, out_tree,
        tuple(recorder.guards), name if name.isidentifier() else "f",
    )


def _node(out: Any, inputs: list[Traced], name: str) -> int:
    """The node of an output; a constant, or an input returned as it is, becomes an instruction."""
    if isinstance(out, Comparison):
        raise NotElementary(f"{name} returns a comparison: return numbers, such as np.where(condition, 1.0, 0.0).")
    recorder = inputs[0]._recorder
    if isinstance(out, Traced):
        if out._node < len(inputs):
            return recorder.add("add", (out, 0.0), {})._node
        return out._node
    if out is None:
        raise InputError(f"{name} returned None: return the value to differentiate.")
    value = as_real(out, "The output of {}", name)
    return recorder.add("constant", (inputs[0],), {"value": value})._node
