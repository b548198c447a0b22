"""sg.trace: run ordinary NumPy code once on traced values and keep what it did as a Program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from selgrad.errors import InputError, SelgradError
from selgrad.programs.arguments import as_real
from selgrad.programs.program import Program
from selgrad.programs.trees import LEAF, Branch, Structure, flatten, unflatten
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Recorder, Traced, stacked
from selgrad.tracing.refusals import INNER, refuse, refuse_at
from selgrad.tracing.spellings import FUNCTIONS, METHODS, UFUNCS

WRAPPED = "setting an array element with a sequence"  # NumPy's error around one of ours
FOREIGN = ("Traced", "traced", "Comparison", "loop of ufunc", "ufunc '", "dtype('O')", "dtype(\"O\")")


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
    return trace_at(f, example)


def trace_at(f: Callable, example: tuple[Any, ...], check: bool = True) -> Program:
    """`trace`, optionally without domain checks: shapes alone then decide what is recorded."""
    if any(isinstance(leaf, (Traced, Comparison)) for leaf in flatten(example)[0]):
        raise refuse("sg.trace met a value that is already traced",
                     "differentiate the outer function only, or give sg.trace plain numbers")
    P, captured = closed_over(f, example, check)
    if captured:
        raise refuse(f"{P.name} uses a value of the trace around it",
                     "give that value to the function as an argument of its own")
    return P


def closed_over(f: Callable, example: tuple[Any, ...], check: bool = True) -> tuple[Program, list[Traced]]:
    """f as a Program, and the values of enclosing traces that f uses without being given them.

    These become further arguments of the Program, behind those of the example; a traced leaf of the
    example counts with its value. So the Program is ordinary data, and whoever runs it on traced
    arguments (`inline`) connects it with the traces around it. Raises what `trace` raises.

    >>> def outer(x):
    ...     P, captured = closed_over(lambda y: x * y, (2.0,))
    ...     print(P)
    ...     return captured[0]
    >>> print(trace(outer, 3.0)(3.0))
    Program(p=2, q=1, m=3)
      x0 = input
      x1 = input
      x2 = x1 * x0
      return x2
    3.0
    """
    if isinstance(f, Program):
        return f, []
    if not example:
        raise InputError("trace needs an example argument: sg.trace(f, x), where x has the shapes f will get.")
    name = getattr(f, "__name__", "f")
    recorder = Recorder(UFUNCS, FUNCTIONS, METHODS)
    recorder.check = check
    leaves, in_tree = flatten(example)
    if not leaves:
        raise InputError(f"The example for {name} holds no numbers: give arrays with the shapes it will get.")
    try:
        inputs = [recorder.input(as_real(leaf._value if isinstance(leaf, Traced) else leaf, "Input x{} of {}", j, name))
                  for j, leaf in enumerate(leaves)]
        with np.errstate(all="ignore"):
            result = _run(f, unflatten(in_tree, inputs))
        return finished(inputs, result, in_tree, name)
    finally:
        recorder.closed = True


def finished(inputs: list[Traced], result: Any, in_tree: Structure, name: str) -> tuple[Program, list[Traced]]:
    """What the recorder of these inputs holds, as a Program with this result, and the values it captured."""
    recorder = inputs[0]._recorder
    outs, out_tree = flatten(result)
    nodes = [_node(out, inputs, name) for out in outs]
    captured = [outer for outer, _ in recorder.captured.values()]
    shapes, instructions, guards, number = recorder.numbered()
    assert isinstance(in_tree, Branch)
    in_tree = replace(in_tree, children=in_tree.children + (LEAF,) * len(captured))
    return Program(
        tuple(shapes), tuple(instructions), tuple(number(k) for k in nodes), in_tree, out_tree,
        tuple(guards), name if name.isidentifier() else "f",
    ), captured


def _run(f: Callable, args: Any) -> Any:
    """f(*args); what NumPy or another package says when it is handed a traced value becomes one sentence."""
    try:
        return f(*args)
    except (TypeError, ValueError, AttributeError) as problem:
        if isinstance(problem, SelgradError):
            raise
        if isinstance(problem.__cause__, SelgradError) and str(problem).startswith(WRAPPED):
            raise problem.__cause__ from None
        said = " ".join(str(problem).split()).rstrip(".")
        if not any(sign in said for sign in FOREIGN):
            raise
        where, package, trail = None, "", problem.__traceback__
        while trail is not None:
            file = trail.tb_frame.f_code.co_filename
            parts = Path(file).parts
            if "site-packages" in parts:
                package = package or parts[parts.index("site-packages") + 1]
            elif not file.startswith(INNER):
                where = file, trail.tb_lineno
            trail = trail.tb_next
        owner = f"a function of {package}" if package and package != "numpy" else "a function"
        instead = ("use np.stack([...]) in place of np.array([...]), which holds objects here" if "loop of" in said else
                   "use NumPy's functions and sg's, on arrays whose entries are numbers")
        raise refuse_at(f"A traced value was handed to {owner} that cannot take it ({said})", where, instead) from None


def _node(out: Any, inputs: list[Traced], name: str) -> int:
    """The node of an output; a constant, or an input returned as it is, becomes an instruction."""
    recorder = inputs[0]._recorder
    if isinstance(out, Comparison):
        out = out.number  # a step between 0 and 1
    if isinstance(out, np.ndarray) and out.dtype == object:
        out = stacked(out)
    if isinstance(out, Traced):
        out = recorder.own(out)
        if out._node < len(inputs):
            return recorder.add("add", (out, 0.0), {})._node
        return out._node
    if out is None:
        raise InputError(f"{name} returned None: return the value to differentiate.")
    value = as_real(out, "The output of {}", name)
    return recorder.add("constant", (inputs[0],), {"value": value})._node
