"""The programs of the paper: several of one function, which AD tells apart (Section 1, Figure 1, Remark (a)).

Each works on numbers and inside a traced function alike. `relu=` and `sin=` may be those of another library,
which then runs the same program: `tf.nn.relu`, `torch.relu`, `jax.nn.relu`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.selections.selection import Selection
from selgrad.tracing.operations import relu

# For each pair (a, v) AD of the sine of Figure 1 returns v at a. Every a is dyadic, so t - a is exactly 0 there.
# The paper gives no numbers; these are ours.
PRESCRIBED: Mapping[float, float] = MappingProxyType({-2.5: 1.5, -0.75: -1.75, 1.0: 1.75, 2.5: -1.5})


def relu2(t: Any, relu: Callable = relu) -> Any:
    """relu(-t) + t: the function relu, in every format bit for bit; AD returns 1 at 0 (Section 1, Figure 1).

    >>> print(relu2(-1.0), relu2(2.0), grad(relu2)(0.0))
    0.0 2.0 1.0
    """
    return relu(-t) + t


def relu3(t: Any, relu: Callable = relu) -> Any:
    """(relu(t) + relu2(t))/2: the function relu; AD returns 1/2 at 0 (Section 1, Figure 1).

    >>> print(relu3(-1.0), relu3(2.0), grad(relu3)(0.0))
    0.0 2.0 0.5
    """
    return (relu(t) + relu2(t, relu)) / 2


def zero(t: Any, relu: Callable = relu) -> Any:
    """relu2(t) - relu(t): the constant function 0; AD returns 1 at 0 (Section 1, Figure 1).

    >>> print(zero(-1.0), zero(2.0), grad(zero)(0.0), grad(zero)(2.0))
    0.0 0.0 1.0 0.0
    """
    return relu2(t, relu) - relu(t)


def remark_a() -> Selection:
    """The function 0 by s(t) = [t = 0] and the pieces 0 and t: zero as an elementary selection (Remark (a)).

    Its field at 0 is [0, 1]; the selection that the program `zero` represents has four pieces and [-1, 1].

    >>> S = remark_a()
    >>> print(S(0.5), S.derivative(0.0), S.field(0.0))
    0.0 1.0 conv{0, 1}
    """
    return Selection(lambda t: t == 0, [lambda t: 0.0 * t, lambda t: t])


def t_minus_zero(t: Any, relu: Callable = relu) -> Any:
    """t - zero(t): the identity; AD returns 0 at 0, an artificial critical point (Section 1, Figure 1).

    >>> print(t_minus_zero(2.0), grad(t_minus_zero)(0.0), grad(t_minus_zero)(2.0))
    2.0 0.0 1.0
    """
    return t - zero(t, relu)


def sine(
    t: Any, wanted: Mapping[float, float] = PRESCRIBED, relu: Callable = relu, sin: Callable = np.sin
) -> Any:
    """sin(t) + sum (v - cos a) zero(t - a) over the wanted a: v: the sine; AD returns v at each a (Figure 1).

    >>> print(sine(1.0) == np.sin(1.0), grad(sine)(1.0), grad(sine)(0.0))
    True 1.75 1.0
    """
    y = sin(t)
    for a, v in wanted.items():
        y = y + (v - np.cos(a)) * zero(t - a, relu)
    return y


def prescribing(f: Callable, wanted: Iterable[tuple[float, float]]) -> Callable:
    """A program of the function f for which AD returns v at a, for each (a, v): Theorem 1 in one variable.

    It is f(t) + sum (v - AD f(a)) zero(t - a). The places must differ; where two coincide their
    corrections add. Raises what tracing f raises.

    >>> g = prescribing(np.sin, [(1.0, 3.0)])
    >>> print(g(0.0), grad(g)(1.0).round(12))
    0.0 3.0
    """
    corrections = [(a, v - float(grad(f)(a))) for a, v in wanted]

    def g(t: Any) -> Any:
        y = f(t)
        for a, c in corrections:
            y = y + c * zero(t - a)
        return y

    return g


def trap(t: Any) -> Any:
    """(t - 1)²/2 + zero(t): its minimum is at 1; AD returns 0 at 0 too, where J' is -1 (ours, for Section 5.2).

    Algorithm (8) that arrives at 0 stays there: Theorem 4 says how rarely it does.

    >>> print(trap(0.0), grad(trap)(0.0), grad(trap)(-2.0), grad(trap)(1.0))
    0.5 0.0 -3.0 0.0
    """
    return np.square(t - 1) / 2 + zero(t)
