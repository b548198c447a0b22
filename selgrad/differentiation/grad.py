"""grad, value_and_grad, jacobian, jvp, vjp: what users of JAX and autograd expect, on Algorithm 2.

Each takes a function or a Program. A function is traced at every call, so a Python branch that
goes the other way is simply recorded anew; a Program is the cache, and the fast way: what
`grad(P)` returns runs the loops of Algorithms 1 and 2 once, and from then on straight-line Python.
Where an argument is itself being traced the derivative is the program A(P), run on it: so these compose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.differentiation.asked import (
    Argnums,
    Asked,
    FunctionOrProgram,
    asked,
    check_asked,
    check_scalar,
    is_traced,
)
from selgrad.differentiation.derivative_program import gradient_program, jacobian_program
from selgrad.differentiation.modes import (
    _spread,
    check_finite,
    dtype_of,
    edges_from,
    in_format,
    jacobian_blocks,
    owned,
    pull,
)
from selgrad.differentiation.unrolled import LONGEST, Straight
from selgrad.errors import InputError, SelgradError
from selgrad.primitives import Convention
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.programs.trees import unflatten
from selgrad.tracing.replay import inline


def value_and_grad(
    f: FunctionOrProgram, argnums: Argnums = 0, convention: Convention = "paper", has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """x -> (f(x), derivative of f at x), for a scalar output, in one backward pass.

    The derivative has the nesting and shapes of the argument(s) `argnums` (a tuple for several); all other
    arguments, and keywords, pass through f untouched. With has_aux f returns (value, aux), and the result is
    ((value, aux), derivative). Leading batch axes are allowed on a Program. Raises ShapeError when the output
    is not a scalar, InputError for what is no function or no argument.

    >>> import selgrad as sg
    >>> value, d = sg.value_and_grad(lambda t: sg.relu(-t) + t)(0.0)
    >>> print(value, d)
    0.0 1.0
    """
    check_asked(f, argnums, "value_and_grad")
    ready: tuple[Asked, list] | None = None
    straight: Straight | None = None  # from the second call on: what is called once is not worth compiling

    def prepare(args: tuple, kwargs: dict) -> tuple[Asked, list]:
        """The call as a program, and the edges that lead to the inputs asked for."""
        call = asked(f, argnums, args, kwargs, has_aux)
        check_scalar(call)
        return call, edges_from(call.P, call.wanted)

    if isinstance(f, Program):
        ready = prepare((), {})

    def run(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        nonlocal straight
        try:
            found = straight(*args) if straight and not kwargs else None
        except SelgradError:
            if not is_traced(args):  # asked only now: numbers need not wait for it
                raise
            found = None
        if found and ready:
            (call, _), (ev, value, v) = ready, found
            P = call.P
        else:
            call, edges = prepare(args, kwargs)
            P = call.P
            if call.traced:
                outs, derivative = inline(gradient_program(P, call.wanted, call.nesting, convention), *call.args)
                return call.result(outs), derivative
            ev = evaluate(P, call.args, convention)
            value = ev.values[P.outputs[0]]
            reverse = pull(P, ev, {P.outputs[0]: np.ones((1,) * len(ev.batch), dtype=dtype_of(P, ev))}, edges)
            v = [reverse[j] for j in call.wanted]
            check_finite(P, ev, [a for a in v if a is not None])
            if ready and straight is None and len(P.instructions) <= LONGEST:
                straight = Straight(P, call.wanted, convention)
        parts = [
            a if a is not None and a.shape == ev.batch + P.shapes[j] else _spread(a, (), ev, P.shapes[j])
            for a, j in zip(v, call.wanted, strict=True)
        ]
        rest = [np.array(ev.values[k])[()] for k in P.outputs[1:]]
        outs = unflatten(P.out_tree, [np.array(_spread(value, (), ev, ()))[()], *rest])
        return call.result(outs), unflatten(call.nesting, owned(parts, [ev.values[j] for j in call.wanted]))

    return run


def grad(
    f: FunctionOrProgram, argnums: Argnums = 0, convention: Convention = "paper", has_aux: bool = False
) -> Callable[..., Any]:
    """x -> the derivative AD gives for f at x (backward mode), for a scalar output.

    Arguments and errors as in `value_and_grad`; with has_aux the result is (derivative, aux). Source:
    Algorithm 2; by Theorem 2 it is a selection derivative of f.

    >>> import selgrad as sg
    >>> relu2 = lambda t: sg.relu(-t) + t
    >>> print(sg.grad(relu2)(0.0), sg.grad(lambda t: relu2(t) - sg.relu(t))(0.0))
    1.0 1.0
    >>> print(sg.grad(sg.grad(lambda t: t**3))(2.0))
    12.0
    """
    check_asked(f, argnums, "grad")
    both = value_and_grad(f, argnums, convention, has_aux)

    def run(*args: Any, **kwargs: Any) -> Any:
        value, derivative = both(*args, **kwargs)
        return (derivative, value[1]) if has_aux else derivative

    return run


def jacobian(
    f: FunctionOrProgram, argnums: Argnums = 0, convention: Convention = "paper", has_aux: bool = False,
    mode: str = "backward",
) -> Callable[..., Any]:
    """x -> the Jacobian AD gives, of shape batch + output + input, nested as outputs of inputs.

    mode is "backward" or "forward"; with has_aux the result is (Jacobian, aux). Source: Algorithm 2, one pass
    per output or per input.

    >>> import selgrad as sg
    >>> sg.jacobian(sg.sort)(np.array([2.0, 1.0]))
    array([[0., 1.],
           [1., 0.]])
    """
    check_asked(f, argnums, "jacobian")
    if mode not in ("backward", "forward"):
        raise InputError(f"Unknown mode {mode!r}: choose 'backward' or 'forward'.")

    def run(*args: Any, **kwargs: Any) -> Any:
        call = asked(f, argnums, args, kwargs, has_aux)
        P = call.P
        if call.traced:
            outs, rows = inline(jacobian_program(P, call.wanted, call.nesting, call.values, convention), *call.args)
        else:
            ev = evaluate(P, call.args, convention)
            blocks = jacobian_blocks(P, ev, mode)[: call.values]
            rows = [unflatten(call.nesting, [in_format(np.array(row[j])[()], ev.values[j]) for j in call.wanted])
                    for row in blocks]
            outs = unflatten(P.out_tree, [np.array(ev.values[k])[()] for k in P.outputs])
        result = unflatten(call.out_tree, list(rows))
        return (result, call.result(outs)[1]) if has_aux else result

    return run
