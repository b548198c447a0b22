"""jvp and vjp: one pass of Algorithm 2 in one direction; hvp and hessian: the same, of the program A(P)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.differentiation.asked import Argnums, FunctionOrProgram, asked, check_asked, check_scalar, is_traced
from selgrad.differentiation.derivative_program import adjoint_program, gradient_program, tangent_program
from selgrad.differentiation.grad import grad, jacobian
from selgrad.differentiation.modes import _spread, check_finite, in_format, owned, pull, push
from selgrad.errors import ShapeError
from selgrad.primitives import Convention
from selgrad.programs.arguments import as_real
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation
from selgrad.programs.trees import Structure, flatten_like, unflatten
from selgrad.tracing.replay import inline


def jvp(f: FunctionOrProgram, x: Any, d: Any, convention: Convention = "paper") -> tuple[Any, Any]:
    """(f(x), J d): one forward pass along the direction d, nested like x (tuples: several arguments).

    Raises ShapeError when d does not fit x. Source: Algorithm 2, forward column.

    >>> import selgrad as sg
    >>> value, slope = sg.jvp(np.abs, 3.0, 2.0)
    >>> print(value, slope)
    3.0 2.0
    """
    check_asked(f, 0, "jvp")
    args, directions = (x, d) if isinstance(x, tuple) else ((x,), (d,))
    call = asked(f, tuple(range(len(args))), args, {}, False)
    P, free = call.P, len(call.wanted)
    leaves = _like(call.nesting, directions, "direction", "x")
    shapes = P.input_shapes[:free]
    for j, (a, shape) in enumerate(zip(leaves, shapes, strict=True)):
        if np.shape(a)[max(np.ndim(a) - len(shape), 0) :] != shape:
            raise ShapeError(f"The direction of x{j} has shape {np.shape(a)}, its input {shape}.")
    if call.traced or is_traced(leaves):
        still = [np.zeros(shape) for shape in P.input_shapes[free:]]
        value, moved = inline(tangent_program(P, convention), *call.args, *leaves, *still)
        return (value, moved) if isinstance(f, Program) else (value[0], moved[0])
    dx = [as_real(leaf, f"The direction of x{j}") for j, leaf in enumerate(leaves)]
    ev = evaluate(P, call.args, convention)
    moved = push(P, ev, dx)
    outs = [np.array(_spread(moved[k], (), ev, P.shapes[k]))[()] for k in P.outputs]
    check_finite(P, ev, outs)
    return unflatten(call.out_tree, _outputs(P, ev)), unflatten(call.out_tree, outs)


def vjp(f: FunctionOrProgram, *args: Any, convention: Convention = "paper") -> tuple[Any, Callable[[Any], Any]]:
    """(f(x), pull) where pull(v) = J^T v, nested like the arguments (a tuple when there are several).

    Source: Algorithm 2, backward column.

    >>> import selgrad as sg
    >>> value, back = sg.vjp(lambda x: sg.relu(x), np.array([-1.0, 2.0]))
    >>> back(np.array([5.0, 7.0]))
    array([0., 7.])
    """
    check_asked(f, 0, "vjp")
    call = asked(f, tuple(range(len(args))), args, {}, False)
    P = call.P
    ev = None if call.traced else evaluate(P, call.args, convention)
    found = inline(P, *call.args) if ev is None else unflatten(call.out_tree, _outputs(P, ev))
    value = found if ev is not None or isinstance(f, Program) else found[0]

    def back(cotangent: Any) -> Any:
        leaves = _like(call.out_tree, cotangent, "cotangent", "the output")
        batch = () if ev is None else ev.batch
        for k, leaf in zip(P.outputs, leaves, strict=True):
            if np.shape(leaf) != batch + P.shapes[k]:
                raise ShapeError(f"The cotangent has shape {np.shape(leaf)}, the output {batch + P.shapes[k]}.")
        if ev is None or is_traced(leaves):
            parts = list(inline(adjoint_program(P, call.wanted, convention), *call.args, *leaves))
        else:
            seeds: dict[int, Any] = {}
            for k, leaf in zip(P.outputs, leaves, strict=True):
                a = as_real(leaf, "The cotangent")
                seeds[k] = seeds[k] + a if k in seeds else np.array(a)  # never the caller's own memory
            v = pull(P, ev, seeds)
            parts = [_spread(v[j], (), ev, P.input_shapes[j]) for j in call.wanted]
            check_finite(P, ev, parts)
            parts = owned(parts, [ev.values[j] for j in call.wanted])
        nested = unflatten(call.nesting, parts)
        return nested[0] if len(args) == 1 else nested

    return value, back


def hvp(f: FunctionOrProgram, x: Any, d: Any, convention: Convention = "paper") -> Any:
    """H d, the derivative of A(P) along d: forward mode over the program that backward mode writes.

    x and d as in `jvp`; f has a scalar output. At kinks it is what AD of the derivative program gives, which
    takes the pieces of the convention as constant. Source: A of Section 1.1 twice, ours.

    >>> import selgrad as sg
    >>> sg.hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    check_asked(f, 0, "hvp")
    args, directions = (x, d) if isinstance(x, tuple) else ((x,), (d,))
    call = asked(f, tuple(range(len(args))), args, {}, False)
    check_scalar(call)
    G = gradient_program(call.P, call.wanted, call.nesting, convention)
    leaves = _like(call.nesting, directions, "direction", "x")
    still = tuple(np.zeros(shape) for shape in call.P.input_shapes[len(leaves) :])
    _, (_, moved) = jvp(G, call.args, (*unflatten(call.nesting, leaves), *still), convention)
    if not is_traced(moved):
        found = zip(flatten_like(call.nesting, moved), flatten_like(call.nesting, args), strict=True)
        moved = unflatten(call.nesting, [in_format(d, x) for d, x in found])
    return moved if isinstance(x, tuple) else moved[0]


def hessian(f: FunctionOrProgram, argnums: Argnums = 0, convention: Convention = "paper") -> Callable[..., Any]:
    """x -> the Jacobian of AD's derivative, of shape input + input: A of A(P).

    Raises ShapeError when the output is not a scalar. Source: A of Section 1.1 twice, ours.

    >>> import selgrad as sg
    >>> sg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    check_asked(f, argnums, "hessian")
    return jacobian(grad(f, argnums, convention), argnums, convention)


def _like(structure: Structure, tree: Any, what: str, whose: str) -> list[Any]:
    try:
        return flatten_like(structure, tree)
    except ValueError as problem:
        raise ShapeError(f"The {what} is not nested like {whose}: {problem}.") from None


def _outputs(P: Program, ev: Evaluation) -> list[Any]:
    return [np.array(_spread(ev.values[k], (), ev, P.shapes[k]))[()] for k in P.outputs]
