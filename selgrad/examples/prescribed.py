"""The converse: a program of the same function whose AD returns what one asks for, in any library (Theorem 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from selgrad.errors import InputError


def with_derivatives(
    f: Callable, wanted: Mapping[Any, Any] | Iterable[tuple[Any, Any]], library: Any = np
) -> Callable:
    """A program of the function f for which AD returns v at a, for each (a, v), and what it returned elsewhere.

    At each a, where(x is not a, f(x), f(a) + v·(x - a)): both pieces are f(a) at a, so the function is f; it is an
    elementary selection, with the index s(x) = [x = a], and its selection derivative is v at a and that of f everywhere
    else. No convention enters, so the answer is v in every library and in forward and backward mode.

    f: of one argument, a number or an array of shape (p,), with a number as its value. wanted: {a: v}, or pairs (a, v)
    where the a are arrays; a tuple stands for an array. library: whose `where` and `asarray` (TensorFlow:
    `convert_to_tensor`) the program calls: numpy (which selgrad records), jax.numpy, torch, tensorflow. Raises
    InputError where a and v differ in shape, where an a is given twice, and where f(a) is no finite number.
    The construction is ours; that of Section 1, by the program `zero`, is `examples.paper.prescribing`, in one variable
    and under the paper's rule. Source: Theorem 1.

    >>> import selgrad as sg
    >>> g = with_derivatives(np.sin, {0.0: 7.0, 1.0: -3.0})
    >>> print(g(1.0) == np.sin(1.0), sg.grad(g)(0.0), sg.grad(g)(1.0), sg.grad(g)(2.0) == np.cos(2.0))
    True 7.0 -3.0 True
    >>> g = with_derivatives(lambda x: x[0] * x[1], {(1.0, 2.0): (5.0, 6.0)})
    >>> print(g(np.array([1.0, 2.0])), sg.grad(g)(np.array([1.0, 2.0])), sg.grad(g)(np.array([1.0, 3.0])))
    2.0 [5. 6.] [3. 1.]
    """
    places = [_place(f, a, v, library) for a, v in (wanted.items() if isinstance(wanted, Mapping) else wanted)]
    for i, (a, _, _) in enumerate(places):
        if any(np.array_equal(a, other) for other, _, _ in places[:i]):
            raise InputError(f"The point {a.tolist()} is given twice; AD returns one derivative there: give it once.")

    def g(x: Any) -> Any:
        y = f(x)
        for a, v, value in places:
            steps = [(x[i] if i else x) - float(a[i]) for i in np.ndindex(a.shape)]
            away = sum(abs(step) for step in steps)
            model = sum(float(slope) * step for slope, step in zip(v.flat, steps)) + value
            y = library.where(away > 0, y, model)
        return y

    return g


def _place(f: Callable, a: Any, v: Any, library: Any) -> tuple[np.ndarray, np.ndarray, float]:
    """a and v as arrays, and f(a) as the library computes it."""
    point, slope = np.asarray(a, dtype=float), np.asarray(v, dtype=float)
    if point.shape != slope.shape or point.ndim > 1:
        raise InputError(f"A point of shape {point.shape} cannot have a derivative of shape {slope.shape} here: give a "
                         "number with a number, or an array (p,) with an array (p,).")
    own = getattr(library, "asarray", None) or library.convert_to_tensor
    value = np.asarray(f(own(point)), dtype=float)
    if value.size != 1 or not np.isfinite(value).all():
        raise InputError(f"f must have a finite number as its value at {point.tolist()}, and has {value.tolist()}.")
    return point, slope, float(value.reshape(()))
