"""grad, value_and_grad, jacobian, jvp, vjp: what users of JAX and autograd expect, on Algorithm 2.

Each takes a function or a Program. A function is traced at every call, so a Python branch that
goes the other way is simply recorded anew; a Program is the cache, and the fast way: what
`grad(P)` returns runs the loops of Algorithms 1 and 2 once, and from then on straight-line Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.differentiation.modes import (
    _spread,
    check_finite,
    dtype_of,
    edges_from,
    jacobian_blocks,
    owned,
    pull,
    push,
)
from selgrad.differentiation.unrolled import LONGEST, Straight
from selgrad.errors import InputError, ShapeError
from selgrad.programs.arguments import as_real
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.programs.trees import Branch, Structure, flatten, flatten_like, unflatten
from selgrad.tracing import trace

FunctionOrProgram = Callable | Program


def _picked(P: Program, leaves: list[Any], argnums: int | tuple[int, ...]) -> Any:
    """The part of a result, given per input leaf, that belongs to the arguments asked for."""
    assert isinstance(P.in_tree, Branch)
    parts = unflatten(P.in_tree, leaves)
    n = len(parts)
    wanted = argnums if isinstance(argnums, tuple) else (argnums,)
    for a in wanted:
        if not -n <= a < n:
            raise InputError(f"argnums={argnums} asks for argument {a}, but {P.name} has {n} argument(s).")
    return tuple(parts[a] for a in wanted) if isinstance(argnums, tuple) else parts[argnums]


def value_and_grad(
    f: FunctionOrProgram, argnums: int | tuple[int, ...] = 0, convention: str = "paper"
) -> Callable:
    """x -> (f(x), derivative of f at x), for a scalar output, in one backward pass.

    The derivative has the nesting and shapes of the argument(s) `argnums`; leading batch axes are
    allowed on a Program. Raises ShapeError when the output is not a scalar.

    >>> import selgrad as sg
    >>> value, d = sg.value_and_grad(lambda t: sg.relu(-t) + t)(0.0)
    >>> print(value, d)
    0.0 1.0
    """

    def prepare(P: Program) -> tuple[Program, list[int], Structure, list]:
        """What depends on the program alone: the inputs asked for, their nesting, the edges that lead to them."""
        if len(P.outputs) != 1 or P.shapes[P.outputs[0]] != ():
            shown = [P.shapes[k] for k in P.outputs]
            raise ShapeError(f"grad needs a scalar output, but {P.name} returns shape(s) {shown}: use sg.jacobian.")
        wanted, nesting = flatten(_picked(P, list(range(len(P.input_shapes))), argnums))
        return P, wanted, nesting, edges_from(P, wanted)

    ready = prepare(f) if isinstance(f, Program) else None
    straight: Straight | None = None  # from the second call on: what is called once is not worth compiling

    def run(*args: Any) -> Any:
        nonlocal straight
        P, wanted, nesting, edges = ready or prepare(trace(f, *args))
        found = straight and straight(*args)
        if found:
            ev, value, v = found
        else:
            ev = evaluate(P, args, convention)
            value = ev.values[P.outputs[0]]
            reverse = pull(P, ev, {P.outputs[0]: np.ones((1,) * len(ev.batch), dtype=dtype_of(P, ev))}, edges)
            v = [reverse[j] for j in wanted]
            check_finite(P, ev, [a for a in v if a is not None])
            if ready and straight is None and len(P.instructions) <= LONGEST:
                straight = Straight(P, wanted, convention)
        parts = [
            a if a is not None and a.shape == ev.batch + P.shapes[j] else _spread(a, (), ev, P.shapes[j])
            for a, j in zip(v, wanted, strict=True)
        ]
        value = np.array(_spread(value, (), ev, ()))[()]
        return unflatten(P.out_tree, [value]), unflatten(nesting, owned(parts))

    return run


def grad(f: FunctionOrProgram, argnums: int | tuple[int, ...] = 0, convention: str = "paper") -> Callable:
    """x -> the derivative AD gives for f at x (backward mode), for a scalar output.

    Source: Algorithm 2; by Theorem 2 it is a selection derivative of f.

    >>> import selgrad as sg
    >>> relu2 = lambda t: sg.relu(-t) + t
    >>> print(sg.grad(relu2)(0.0), sg.grad(lambda t: relu2(t) - sg.relu(t))(0.0))
    1.0 1.0
    """
    both = value_and_grad(f, argnums, convention)
    return lambda *args: both(*args)[1]


def jacobian(
    f: FunctionOrProgram, argnums: int | tuple[int, ...] = 0, convention: str = "paper", mode: str = "backward"
) -> Callable:
    """x -> the Jacobian AD gives, of shape batch + output + input, nested as outputs of inputs.

    mode is "backward" or "forward". Source: Algorithm 2, one pass per output or per input.

    >>> import selgrad as sg
    >>> sg.jacobian(sg.sort)(np.array([2.0, 1.0]))
    array([[0., 1.],
           [1., 0.]])
    """
    if mode not in ("backward", "forward"):
        raise InputError(f"Unknown mode {mode!r}: choose 'backward' or 'forward'.")

    def run(*args: Any) -> Any:
        P = trace(f, *args)
        blocks = jacobian_blocks(P, evaluate(P, args, convention), mode)
        return unflatten(P.out_tree, [_picked(P, [np.array(b)[()] for b in row], argnums) for row in blocks])

    return run


def jvp(f: FunctionOrProgram, x: Any, d: Any, convention: str = "paper") -> tuple[Any, Any]:
    """(f(x), J d): one forward pass along the direction d, nested like x (tuples: several arguments).

    Raises ShapeError when d does not fit x.

    >>> import selgrad as sg
    >>> value, slope = sg.jvp(np.abs, 3.0, 2.0)
    >>> print(value, slope)
    3.0 2.0
    """
    args, directions = (x, d) if isinstance(x, tuple) else ((x,), (d,))
    P = trace(f, *args)
    ev = evaluate(P, args, convention)
    try:
        leaves = flatten_like(P.in_tree, directions)
    except ValueError as problem:
        raise ShapeError(f"The direction is not nested like x: {problem}.") from None
    dx = [as_real(leaf, f"The direction of x{j}") for j, leaf in enumerate(leaves)]
    for j, (a, shape) in enumerate(zip(dx, P.input_shapes, strict=True)):
        if np.shape(a)[max(np.ndim(a) - len(shape), 0) :] != shape:
            raise ShapeError(f"The direction of x{j} has shape {np.shape(a)}, its input {shape}.")
    moved = push(P, ev, dx)
    outs = [np.array(_spread(moved[k], (), ev, P.shapes[k]))[()] for k in P.outputs]
    check_finite(P, ev, outs)
    values = [np.array(_spread(ev.values[k], (), ev, P.shapes[k]))[()] for k in P.outputs]
    return unflatten(P.out_tree, values), unflatten(P.out_tree, outs)


def vjp(f: FunctionOrProgram, *args: Any, convention: str = "paper") -> tuple[Any, Callable]:
    """(f(x), pull) where pull(v) = J^T v, nested like the arguments (a tuple when there are several).

    >>> import selgrad as sg
    >>> value, back = sg.vjp(lambda x: sg.relu(x), np.array([-1.0, 2.0]))
    >>> back(np.array([5.0, 7.0]))
    array([0., 7.])
    """
    P = trace(f, *args)
    ev = evaluate(P, args, convention)
    values = [np.array(_spread(ev.values[k], (), ev, P.shapes[k]))[()] for k in P.outputs]

    def back(cotangent: Any) -> Any:
        try:
            leaves = flatten_like(P.out_tree, cotangent)
        except ValueError as problem:
            raise ShapeError(f"The cotangent is not nested like the output: {problem}.") from None
        seeds: dict[int, Any] = {}
        for k, leaf in zip(P.outputs, leaves, strict=True):
            a = as_real(leaf, "The cotangent")
            if np.shape(a) != ev.batch + P.shapes[k]:
                raise ShapeError(f"The cotangent has shape {np.shape(a)}, the output {ev.batch + P.shapes[k]}.")
            seeds[k] = seeds[k] + a if k in seeds else np.array(a)  # never the caller's own memory
        v = pull(P, ev, seeds)
        parts = [_spread(v[j], (), ev, shape) for j, shape in enumerate(P.input_shapes)]
        check_finite(P, ev, parts)
        return _picked(P, owned(parts), 0 if len(args) == 1 else tuple(range(len(args))))

    return unflatten(P.out_tree, values), back
