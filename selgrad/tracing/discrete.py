"""What is read off the values of a trace: whole numbers and positions, held by guards.

floor, argmax and their like are constant almost everywhere. What they return is a constant of the trace, and
a guard beside it says where it stays the same: a Program raises BranchChanged beyond, and sg.grad, which traces
at every call, is right at every point where nothing jumps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.primitives import RELATIONS
from selgrad.tracing.arguments import one_axis
from selgrad.tracing.recorder import Traced, array, fixed, recorder_of
from selgrad.tracing.refusals import refuse
from selgrad.tracing.shapes import ravel, stand_in, take_along_axis


def value_of(x: Any) -> np.ndarray:
    """The numbers of a traced value at the example, or a plain array."""
    return np.asarray(x._value if isinstance(x, Traced) else x)


def held(z: Any, *relations: str) -> None:
    """Guards: every (z relation 0) stays as it is at the example."""
    if isinstance(z, Traced):
        recorder_of([z])
        for relation in relations:
            z._recorder.guard(z, relation, RELATIONS[relation](z._value, 0))


def whole(function: Any) -> Any:
    """floor, ceil, rint, trunc, fix: the whole number near x, as long as it is the same one."""

    def rule(x: Any) -> Any:
        at = value_of(x)
        value = function(at)
        jumps = np.abs(at - value) == 0.5 if function is np.rint else at == value
        if function in (np.trunc, np.fix):
            jumps = jumps & (value != 0)
        if isinstance(x, Traced) and np.any(jumps):
            raise refuse(f"np.{function.__name__} jumps at {at[jumps].flat[0]:g}",
                         "move the point off the jump, or choose a side with np.where")
        low, high = (value - 1.0, value) if function is np.ceil else (value, value + 1.0)
        if function is np.rint:
            low, high = value - 0.5, value + 0.5
        if function in (np.trunc, np.fix):
            low, high = value - (value <= 0), value + (value >= 0)
        ends = {np.floor: (">=",), np.ceil: (">",)}.get(function, (">", ">="))
        held(x - low, *ends)
        held(x - high, *ends)
        return value[()]

    return rule


def round_(a: Any, decimals: int = 0) -> Any:
    """NumPy's own rounding: to whole numbers after a shift of the decimal point."""
    rint = whole(np.rint)
    if decimals == 0:
        return rint(a)
    scale = 10.0 ** abs(int(decimals))
    return rint(a * scale) / scale if decimals > 0 else rint(a / scale) * scale


def floor_divide(a: Any, b: Any) -> Any:
    """The whole number of times that b goes into a; both sides of the jumps by the quotient's remainder."""
    a, b = array(a), array(b)
    value = np.floor_divide(value_of(a), value_of(b))
    if not np.isfinite(value).all():
        raise ZeroDivisionError("division by zero in floor_divide or mod")
    held(a / b - value, ">", ">=")
    held(a / b - (value + 1.0), ">", ">=")
    return value[()]


def mod(a: Any, b: Any) -> Any:
    """a - b floor(a / b): slope 1 in a, off its jumps."""
    a, b = array(a), array(b)
    _off_jumps("np.mod", a, b)
    return a - b * floor_divide(a, b)


def _off_jumps(name: str, a: Any, b: Any) -> None:
    quotient = value_of(a) / value_of(b)
    jumps = (quotient == np.rint(quotient)) & (value_of(b) != 0)
    if jumps.any():
        raise refuse(f"{name} jumps where its operands have the whole quotient {quotient[jumps].flat[0]:g}",
                     "move the point off the jump, or choose a side with np.where")


def fmod(a: Any, b: Any) -> Any:
    a, b = array(a), array(b)
    _off_jumps("np.fmod", a, b)
    return a - b * whole(np.trunc)(a / b)


def divmod_(a: Any, b: Any) -> tuple[Any, Any]:
    a, b = array(a), array(b)
    times = floor_divide(a, b)
    return times, a - b * times


def modf(x: Any) -> tuple[Any, Any]:
    entire = whole(np.trunc)(x)
    return x - entire, entire


def argextreme(function: Any) -> Any:
    """argmax, argmin: plain whole numbers."""

    def rule(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
        flat, at = (ravel(a), -1) if axis is None else (a, one_axis(axis, a.ndim))
        found = function(value_of(flat), axis=at, keepdims=True)
        held(flat - take_along_axis(flat, found, at), ">", ">=", "<")
        return function(value_of(a), axis=axis, **({"keepdims": True} if keepdims is True else {}))

    return rule


def argsort(a: Any, axis: Any = -1, kind: Any = None, stable: Any = None) -> Any:
    flat, at = (ravel(a), -1) if axis is None else (a, one_axis(axis, a.ndim))
    order = np.argsort(value_of(flat), axis=at, kind="stable")
    if np.shape(flat)[at] > 1:
        held(np.diff(take_along_axis(flat, order, at), axis=at), ">", ">=")
    return order


def argpartition(a: Any, kth: Any, axis: Any = -1) -> Any:
    np.argpartition(value_of(a), kth, axis)
    return argsort(a, axis)


def searchsorted(a: Any, v: Any, side: Any = "left") -> Any:
    """The places of v among the sorted entries of a, held by every comparison of the two."""
    a, v = (array(x) if isinstance(array(x), Traced) else np.asarray(fixed(x)) for x in (a, v))
    held(np.reshape(v, (*np.shape(v), 1)) - a, ">", ">=")
    return np.searchsorted(value_of(a), value_of(v), side)


def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    bins = value_of(bins)
    if bins.size > 1 and bins[0] > bins[-1]:
        raise refuse("np.digitize with falling bins is not supported", "let them rise")
    return searchsorted(bins, x, "left" if right else "right")


def nonzero(a: Any) -> Any:
    held(a, "==")
    return np.nonzero(value_of(a))


def flatnonzero(a: Any) -> Any:
    return nonzero(ravel(a))[0]


def argwhere(a: Any) -> Any:
    return np.transpose(nonzero(a))


def close(function: Any) -> Any:
    """allclose, isclose, array_equal, ...: plain truth values, held by the sign of every difference."""

    def rule(a: Any, b: Any, **options: Any) -> Any:
        a, b = (array(x) if isinstance(array(x), Traced) else fixed(x) for x in (a, b))
        truth = function(value_of(a), value_of(b), **options)
        gap = np.abs(a - b) - (options.get("atol", 1e-8) + options.get("rtol", 1e-5) * np.abs(b))
        held(gap, ">", ">=")
        return truth

    return rule


def array_equal(a1: Any, a2: Any) -> bool:
    a1, a2 = (array(x) if isinstance(array(x), Traced) else fixed(x) for x in (a1, a2))
    if np.shape(a1) == np.shape(a2):
        held(a1 - a2, "==")
    return np.array_equal(value_of(a1), value_of(a2))


def asked(function: Any) -> Any:
    """shape, zeros_like, result_type, ...: what NumPy says of any array of that shape and format."""

    def rule(**given: Any) -> Any:
        first, *rest = given.values()
        if isinstance(first, tuple):
            return function(*(stand_in(x) if isinstance(x, Traced) else x for x in first))
        names = list(given)[1:]
        return function(stand_in(first), **dict(zip(names, rest, strict=True)))

    return rule
