"""JAX's primitives in selgrad's rows: one small table, with JAX's own derivative wherever that is a choice.

A rule gets the values of the operands and the parameters of the equation. Where a row's convention "jax" is not what
the primitive does (lax.clamp), the rule stands here, on the line that is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from selgrad.frameworks.importing import extremes, placed, window_positions
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.operations import relu, relu6
from selgrad.tracing.recorder import Traced, elementwise, record
from selgrad.tracing.spellings import UFUNCS


def number(x: Any) -> Any:
    """A truth value as 1 or 0; what is one number as Python has it, which keeps float32 programs in float32."""
    if isinstance(x, Comparison):
        return x.number
    return float(x) if isinstance(x, np.ndarray) and x.ndim == 0 else x


def _ufunc(ufunc: np.ufunc) -> Callable:
    return lambda *xs, **params: ufunc(*map(number, xs))


def _row(op: str, rule: str | None = None) -> Callable:
    return lambda *xs, **params: elementwise(op, *map(number, xs), rule=rule)


def _extreme(op: str, neutral: float) -> Callable:
    """lax.max or lax.min; beside an infinity that never wins there is nothing to choose."""

    def rule(a: Any, b: Any, **params: Any) -> Any:
        for x, y in ((a, b), (b, a)):
            if isinstance(x, np.ndarray) and np.all(x == neutral):
                return placed([y], np.broadcast_to(np.arange(1, y.size + 1).reshape(y.shape),
                                                   np.broadcast_shapes(x.shape, y.shape)))
        return elementwise(op, number(a), number(b))

    return rule


def _integer_pow(x: Any, y: int) -> Any:
    x = number(x)
    return x if y == 1 else np.square(x) if y == 2 else elementwise("power", x, float(y))


def _clamp(low: Any, x: Any, high: Any, **params: Any) -> Any:
    """lax.clamp: at a bound no derivative passes, to the operand or to the bound."""
    low, x, high = map(number, (low, x, high))
    if not any(isinstance(bound, Traced) for bound in (low, high)):
        return elementwise("clip", x, low, high, rule="<>")
    inside = np.where(x < high, x, np.where(x > high, high, record("stop", high) if isinstance(high, Traced) else high))
    return np.where(x > low, inside, np.where(x < low, low, record("stop", low) if isinstance(low, Traced) else low))


def _sign(x: Any, **params: Any) -> Any:
    x = number(x)
    return (x > 0).number - (x < 0).number


def _rounded(x: Any, rounding_method: Any, **params: Any) -> Any:
    return np.rint(number(x))  # both methods agree off the jumps, where alone it is recorded


def _compare(relation: np.ufunc) -> Callable:
    def rule(a: Any, b: Any, **params: Any) -> Any:
        if a is b:  # x != x asks for nan, which no value of a Program is
            return np.full(a.shape, bool(relation(0.0, 0.0)))
        a, b = number(a), number(b)
        return relation(a, b)

    return rule


def _logical(ufunc: np.ufunc) -> Callable:
    def rule(*xs: Any, **params: Any) -> Any:
        if not all(isinstance(x, Comparison) or x.dtype == bool for x in xs):
            raise ValueError("it works on the bits of whole numbers that values decide")
        return ufunc(*xs)

    return rule


def _select(which: Any, *cases: Any, **params: Any) -> Any:
    if len(cases) != 2:
        raise ValueError("it chooses between more than two cases by a whole number that values decide")
    if all(isinstance(c, Comparison) or c.dtype == bool for c in cases):
        off, on = cases
        return np.logical_or(np.logical_and(which, on), np.logical_and(np.logical_not(which), off))
    off, on = map(number, cases)
    if isinstance(which, Comparison):
        return np.where(which, on, off)
    at, one = np.broadcast_to(which, np.broadcast_shapes(np.shape(off), np.shape(on))), np.size(off)
    off, on = (x if isinstance(x, Traced) else np.asarray(x) for x in (off, on))
    grids = [np.broadcast_to(np.arange(1, x.size + 1).reshape(x.shape), at.shape) for x in (off, on)]
    return placed([off, on], np.where(at, grids[1] + one, grids[0]))


def _convert(x: Any, new_dtype: Any, **params: Any) -> Any:
    kind = np.dtype(new_dtype).kind if np.dtype(new_dtype).kind in "biufc" else "f"
    if isinstance(x, Comparison):
        return x.number if kind == "f" else x  # as a whole number it may still choose a branch
    if kind == "b":
        return number(x) != 0
    if kind != "f":
        raise ValueError(f"a real number becomes {np.dtype(new_dtype)}")
    return x


def _reduced(function: Any) -> Callable:
    return lambda x, axes, **params: function(number(x), axis=tuple(axes)) if axes else number(x)


def _truth(name: str) -> Callable:
    def rule(x: Any, axes: tuple[int, ...], **params: Any) -> Any:
        for axis in sorted(axes, reverse=True):
            x = getattr(x, name)(axis=axis)
        return x

    return rule


def _position(function: Any) -> Callable:
    return lambda x, axes, index_dtype: np.asarray(function(x, axis=axes[0])).astype(index_dtype)


def _cumsum(x: Any, axis: int, reverse: bool) -> Any:
    x = number(x)
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis) if reverse else np.cumsum(x, axis=axis)


def _window(x: Any, window_dimensions: Any, window_strides: Any, padding: Any, base_dilation: Any,
            window_dilation: Any) -> np.ndarray:
    if any(d != 1 for d in base_dilation):
        raise ValueError("the operand of its windows is dilated")
    return window_positions(x.shape, tuple(window_dimensions), tuple(window_strides), tuple(padding),
                            tuple(window_dilation))


def _pool(op: str) -> Callable:
    """Of equal entries of a window the first."""
    return lambda x, **params: extremes(x, _window(x, **params),
                                        lambda entries: record(op, entries, axis=-1, rule="first"))


def _window_sum(x: Any, **params: Any) -> Any:
    return np.sum(placed([x], _window(x, **params)), axis=-1)


def _sort(*xs: Any, dimension: int, is_stable: bool, num_keys: int) -> Any:
    if len(xs) != 1:
        raise ValueError("it sorts several arrays by one of them, as argsort does")
    return (record("sort", xs[0], axis=dimension - xs[0].ndim, descending=False, rule="first"),)


def _top_k(x: Any, k: int, axis: int) -> Any:
    ordered = record("sort", x, axis=axis % x.ndim - x.ndim, descending=True, rule="first")
    return np.take(ordered, range(k), axis=axis), None


def _dot(a: Any, b: Any, dimension_numbers: Any, **params: Any) -> Any:
    """dot_general as one product of matrices."""
    (ca, cb), (ba, bb) = dimension_numbers
    a, b = (x.number if isinstance(x, Comparison) else x for x in (a, b))
    fa = [i for i in range(a.ndim) if i not in (*ca, *ba)]
    fb = [i for i in range(b.ndim) if i not in (*cb, *bb)]
    lead, inner = [a.shape[i] for i in ba], prod(a.shape[i] for i in ca)
    rows, columns = [a.shape[i] for i in fa], [b.shape[i] for i in fb]
    left = np.reshape(np.transpose(a, (*ba, *fa, *ca)), (*lead, prod(rows), inner))
    right = np.reshape(np.transpose(b, (*bb, *cb, *fb)), (*lead, inner, prod(columns)))
    return np.reshape(np.matmul(left, right), (*lead, *rows, *columns))


def _conv(x: Any, w: Any, window_strides: Any, padding: Any, lhs_dilation: Any, rhs_dilation: Any,
          dimension_numbers: Any, feature_group_count: int, batch_group_count: int, **params: Any) -> Any:
    if batch_group_count != 1:
        raise ValueError("batch_group_count is not 1")
    x, w = np.transpose(x, dimension_numbers.lhs_spec), np.transpose(w, dimension_numbers.rhs_spec)
    if any(d != 1 for d in lhs_dilation):  # a transposed convolution: zeros between the entries
        sizes = [(n - 1) * d + 1 for n, d in zip(x.shape[2:], lhs_dilation, strict=True)]
        at = np.zeros((*x.shape[:2], *sizes), dtype=int)
        at[(..., *(slice(None, None, d) for d in lhs_dilation))] = np.arange(1, x.size + 1).reshape(x.shape)
        x = placed([x], at)
    cut = (..., *(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(padding, x.shape[2:], strict=True)))
    x = x[cut] if any(min(pad) < 0 for pad in padding) else x
    y = record("conv", x, w, strides=tuple(window_strides), dilation=tuple(rhs_dilation), groups=feature_group_count,
               padding=tuple((max(a, 0), max(b, 0)) for a, b in padding))
    return np.transpose(y, np.argsort(dimension_numbers.out_spec))


PRIMITIVES: dict[str, Callable] = {
    **{name: _ufunc(ufunc) for name, ufunc in {
        "add": np.add, "add_any": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
        "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh,
        "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
        "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "asinh": np.arcsinh, "acosh": np.arccosh,
        "atanh": np.arctanh, "sqrt": np.sqrt, "cbrt": np.cbrt, "square": np.square, "abs": np.abs,
        "floor": np.floor, "ceil": np.ceil, "rem": np.fmod}.items()},
    "logistic": _row("sigmoid"), "rsqrt": _row("rsqrt"), "erf": _row("erf"), "pow": _row("power"),
    "erfc": lambda x, **params: 1.0 - elementwise("erf", x),
    "integer_pow": _integer_pow, "sign": _sign, "round": _rounded, "clamp": _clamp,
    "max": _extreme("maximum", -np.inf), "min": _extreme("minimum", np.inf),
    **{name: _compare(ufunc) for name, ufunc in {
        "gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal, "eq": np.equal,
        "ne": np.not_equal}.items()},
    "and": _logical(np.logical_and), "or": _logical(np.logical_or), "xor": _logical(np.logical_xor),
    "not": _logical(np.logical_not), "is_finite": lambda x: np.ones(x.shape, dtype=bool),
    "select_n": _select, "convert_element_type": _convert, "reduce_precision": lambda x, **params: x,
    "stop_gradient": lambda x: record("stop", x) if isinstance(x, Traced) else x,
    "copy": lambda x: x, "optimization_barrier": lambda *xs: xs,
    "reduce_sum": _reduced(np.sum), "reduce_prod": _reduced(np.prod), "reduce_max": _reduced(np.max),
    "reduce_min": _reduced(np.min), "reduce_and": _truth("all"), "reduce_or": _truth("any"),
    "argmax": _position(np.argmax), "argmin": _position(np.argmin), "cumsum": _cumsum,
    "reduce_window_max": _pool("max"), "reduce_window_min": _pool("min"), "reduce_window_sum": _window_sum,
    "sort": _sort, "top_k": _top_k, "dot_general": _dot, "conv_general_dilated": _conv,
}

# what only moves entries; the numbers are those of its operands that are entries, not positions
MOVES: dict[str, int | None] = {
    "broadcast_in_dim": 1, "reshape": 1, "transpose": 1, "squeeze": 1, "slice": 1, "rev": 1,
    "split": 1, "tile": 1, "concatenate": None, "pad": 2, "gather": 1, "dynamic_slice": 1, "dynamic_update_slice": 2,
    "scatter": 2,
}

# functions of JAX with a derivative of their own: opaque, and never what they are made of
CUSTOM: dict[str, Callable] = {
    "relu": relu, "relu6": relu6,
    "logaddexp": lambda a, b: UFUNCS[np.logaddexp](number(a), number(b)),
}
