"""What PyTorch's operations on numbers and along axes are in selgrad's rows, each with PyTorch's own rule at its kinks.

A rule here was asked of PyTorch 2.13 on the CPU, and the tests ask again. The functions take what the operation takes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, prod
from typing import Any

import numpy as np

from selgrad.tracing import choices
from selgrad.tracing.arguments import axes_of
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Traced, elementwise, record
from selgrad.tracing.reductions import keeping, together


def number(x: Any, dtype: Any) -> Any:
    """An operand of arithmetic: truth values and whole numbers as floats of the format that goes with the others."""
    if isinstance(x, Comparison):
        return x.number
    if isinstance(x, np.ndarray | np.generic) and x.dtype.kind != "f":
        return np.asarray(x, dtype=dtype)[()]
    return x


def entry(op: str, *xs: Any, rule: str | None = None, **params: Any) -> Any:
    """An elementwise row of its operands, broadcast to one shape."""
    xs = tuple(x.number if isinstance(x, Comparison) else x for x in xs)
    dtype = np.result_type(*(x.dtype for x in xs if isinstance(x, Traced)))
    return elementwise(op, *(number(x, dtype) for x in xs), rule=rule, **params)


def plain(op: str) -> Callable:
    """A row of one operand or two, without parameters or kinks."""
    return lambda *xs, **unused: entry(op, *xs)


def scaled(op: str) -> Callable:
    """a + alpha b, a - alpha b."""
    return lambda a, b, alpha=1: entry(op, a, b if alpha == 1 else entry("multiply", b, float(alpha)) if isinstance(
        b, Traced) else b * alpha)


def rsub(a: Any, b: Any, alpha: float = 1) -> Any:
    return entry("subtract", b, a if alpha == 1 else entry("multiply", a, float(alpha)))


def divide(a: Any, b: Any, rounding_mode: str | None = None) -> Any:
    if rounding_mode is not None:
        raise ValueError(f"rounding_mode={rounding_mode!r} is a step")
    return entry("divide", a, b)


def compare(function: Any) -> Callable:
    return lambda a, b: function(number(a, float), number(b, float))


def logical(function: Any) -> Callable:
    return lambda *xs: function(*(x != 0 if isinstance(x, Traced) else x if isinstance(x, Comparison)
                                  else np.asarray(x, dtype=bool) for x in xs))


def power(a: Any, b: Any) -> Any:
    if not isinstance(b, Traced | Comparison) and np.ndim(b) == 0:
        return entry("square", a) if b == 2 else a if b == 1 else entry("power", a, float(b))
    return entry("power", a, b)


def where(condition: Any, a: Any = None, b: Any = None) -> Any:
    traced = [x for x in (a, b) if isinstance(x, Traced)]
    dtype = np.result_type(*(x.dtype for x in traced)) if traced else np.dtype(float)
    return _where(condition, number(a, dtype), number(b, dtype))


def _where(condition: Any, a: Any, b: Any) -> Any:
    if isinstance(condition, Comparison | Traced):
        return choices.where(condition, a, b)
    return entry("where", np.asarray(condition, dtype=bool).astype(float), a, b, relation=">")


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    return where(mask, value, x)


def masked_put(x: Any, indices: list, values: Any, accumulate: bool = False) -> Any:
    """x[mask] = number."""
    if len(indices) > 1 or np.ndim(values):
        raise ValueError("values say where entries go: write it with torch.where")
    return where(indices[0], values, x)


# extremes of two, and bounds

def maximum(a: Any, b: Any) -> Any:
    return entry("maximum", a, b, rule="=")


def minimum(a: Any, b: Any) -> Any:
    return entry("minimum", a, b, rule="=")


def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    """The derivative is 1 on the bounds; NaN and bounds in the wrong order aside, as PyTorch has it."""
    if min is None or max is None:
        return clamp_max(x, max) if min is None else clamp_min(x, min)
    return entry("clip", x, min, max, rule="><")


def clamp_min(x: Any, min: Any) -> Any:
    return entry("clip_min", x, min, rule=">")


def clamp_max(x: Any, max: Any) -> Any:
    return entry("clip_max", x, max, rule="<")


# along axes

def axes(dim: Any, ndim: int) -> tuple[int, ...]:
    """The axes that a dim stands for; none or an empty list: all."""
    given = None if dim is None or (not isinstance(dim, int) and len(dim) == 0) else dim
    return axes_of(given if given is None or isinstance(given, int) else tuple(given), ndim)


def total(op: str) -> Callable:
    def rule(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
        x = x.number if isinstance(x, Comparison) else x
        over = axes(dim, np.ndim(x))
        return record(op, x, axis=over, keepdims=bool(keepdim)) if over else x

    return rule


def product(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return reduced("prod", x, dim, keepdim)


def reduced(op: str, x: Any, dim: Any = None, keepdim: bool = False, rule: str | None = None) -> Any:
    """A reduction whose row takes one axis, over several as one."""
    over = axes(dim, np.ndim(x))
    if not over:
        return x
    flat, at = together(x, over)
    y = record(op, flat, axis=at, rule=rule)
    return np.reshape(y, keeping(np.shape(x), over)) if keepdim else y


def variance(x: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Any:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    correction = (1 if unbiased in (None, True) else 0) if correction is None else correction
    over = axes(dim, np.ndim(x))
    n = prod(np.shape(x)[a] for a in over)
    centred = x - record("mean", x, axis=over, keepdims=True)
    return record("sum", entry("square", centred), axis=over, keepdims=bool(keepdim)) / float(n - correction)


def softmax(x: Any, dim: int, dtype: Any = None) -> Any:
    return record("softmax", x, axis=axes(dim, np.ndim(x))[0])


def log_softmax(x: Any, dim: int, dtype: Any = None) -> Any:
    return x - reduced("logsumexp", x, dim, True)


def cumsum(x: Any, dim: int, dtype: Any = None) -> Any:
    return record("cumsum", x, axis=axes(dim, np.ndim(x))[0])


LOG2, LOG10 = log(2.0), log(10.0)

NUMBERS: dict[str, Callable] = {
    "add": scaled("add"), "sub": scaled("subtract"), "subtract": scaled("subtract"), "rsub": rsub,
    "mul": plain("multiply"), "multiply": plain("multiply"), "div": divide, "divide": divide,
    "true_divide": divide, "neg": plain("negative"), "negative": plain("negative"), "pow": power,
    "reciprocal": plain("reciprocal"), "square": plain("square"), "sqrt": plain("sqrt"), "exp": plain("exp"),
    "expm1": plain("expm1"), "log": plain("log"), "log1p": plain("log1p"), "tanh": plain("tanh"),
    "exp2": lambda x: entry("exp", x * LOG2), "log2": lambda x: entry("log", x) / LOG2,
    "log10": lambda x: entry("log", x) / LOG10, "rsqrt": plain("rsqrt"),
    "sigmoid": plain("sigmoid"), "sin": plain("sin"), "cos": plain("cos"), "erf": plain("erf"),
    "addcmul": lambda x, a, b, value=1: x + float(value) * entry("multiply", a, b),
    "addcdiv": lambda x, a, b, value=1: x + float(value) * entry("divide", a, b),
    "lerp": lambda a, b, weight: a + number(weight, a.dtype) * (b - a),
    "logaddexp": lambda a, b: np.logaddexp(a, b),
    "abs": lambda x: entry("abs", x, rule="="), "maximum": maximum, "minimum": minimum,
    "fmax": lambda a, b: entry("maximum", a, b, rule="<"), "fmin": lambda a, b: entry("minimum", a, b, rule="<"),
    "clamp": clamp, "clip": clamp, "clamp_min": clamp_min, "clamp_max": clamp_max, "sign": np.sign,
    "gt": compare(np.greater), "ge": compare(np.greater_equal), "lt": compare(np.less),
    "le": compare(np.less_equal), "eq": compare(np.equal), "ne": compare(np.not_equal),
    "logical_and": logical(np.logical_and), "logical_or": logical(np.logical_or),
    "logical_not": logical(np.logical_not), "bitwise_and": logical(np.logical_and),
    "bitwise_or": logical(np.logical_or), "__and__": logical(np.logical_and), "__or__": logical(np.logical_or),
    "bitwise_not": logical(np.logical_not), "where": where,
    "masked_fill": masked_fill, "index_put": masked_put,
    "sum": total("sum"), "mean": total("mean"), "prod": product, "var": variance,
    "amax": lambda x, dim=(), keepdim=False: reduced("max", x, dim, keepdim, "all"),
    "amin": lambda x, dim=(), keepdim=False: reduced("min", x, dim, keepdim, "all"),
    "logsumexp": lambda x, dim, keepdim=False: reduced("logsumexp", x, dim, keepdim),
    "softmax": softmax, "_softmax": softmax, "log_softmax": log_softmax, "_log_softmax": log_softmax,
    "cumsum": cumsum,
}
