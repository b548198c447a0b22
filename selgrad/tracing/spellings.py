"""Which NumPy function or method records what: the tables that a trace is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.programs.program import Program
from selgrad.tracing import functions as fn
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Traced, elementwise, record
from selgrad.tracing.replay import inline


def _same(op: str) -> Any:
    return lambda *xs: elementwise(op, *xs)


def _clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if a_min is not None else min), (a_max if a_max is not None else max)
    if low is None:
        return x if high is None else np.minimum(x, high)
    return np.maximum(x, low) if high is None else elementwise("clip", x, low, high)


def _sort(x: Any, axis: int = -1, **other: Any) -> Any:
    return record("sort", x, axis=fn.axes_of(axis, x.ndim)[0], descending=False)


def _diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    for _ in range(n):
        size = x.shape[axis]
        x = np.take(x, np.arange(1, size), axis=axis) - np.take(x, np.arange(size - 1), axis=axis)
    return x


def _logaddexp(a: Any, b: Any) -> Any:
    a, b = np.broadcast_arrays(a, b) if not isinstance(a, Traced) and not isinstance(b, Traced) else (
        fn.broadcast_to(a, np.broadcast_shapes(np.shape(a), np.shape(b))),
        fn.broadcast_to(b, np.broadcast_shapes(np.shape(a), np.shape(b))))
    return record("logsumexp", fn.stack([a, b], axis=-1), axis=-1)


UFUNCS: dict[Any, Any] = {
    **{getattr(np, op): _same(op) for op in (
        "add", "subtract", "multiply", "divide", "negative", "reciprocal", "square", "sqrt", "exp", "expm1",
        "log", "log1p", "tanh", "sin", "cos", "maximum", "minimum")},
    np.absolute: _same("abs"), np.fabs: _same("abs"), np.positive: lambda x: x,
    np.power: fn.power, np.float_power: fn.power, np.matmul: fn.matmul, np.logaddexp: _logaddexp,
    np.log2: lambda x: np.log(x) / np.log(2.0), np.log10: lambda x: np.log(x) / np.log(10.0),
    np.exp2: lambda x: np.exp(x * np.log(2.0)), np.hypot: lambda a, b: np.sqrt(a * a + b * b),
    np.sinh: lambda x: 0.5 * (np.exp(x) - np.exp(-x)), np.cosh: lambda x: 0.5 * (np.exp(x) + np.exp(-x)),
    np.greater: fn.compare(">"), np.greater_equal: fn.compare(">="), np.less: fn.compare("<"),
    np.less_equal: fn.compare("<="), np.equal: fn.compare("=="), np.not_equal: fn.compare("!="),
}

FUNCTIONS: dict[Any, Any] = {
    Program: inline,
    np.where: fn.where, np.sum: fn._total("sum"), np.mean: fn._total("mean"), np.var: fn.var,
    np.std: lambda x, *a, **k: np.sqrt(fn.var(x, *a, **k)), np.prod: fn.along_one("prod"),
    np.max: fn.along_one("max"), np.min: fn.along_one("min"), np.amax: fn.along_one("max"),
    np.amin: fn.along_one("min"), np.median: fn.along_one("median"), np.sort: _sort, np.clip: _clip,
    np.reshape: fn.reshape, np.transpose: fn.transpose, np.swapaxes: fn.moved(np.swapaxes),
    np.moveaxis: fn.moved(np.moveaxis), np.ravel: fn.reshaped(np.ravel), np.squeeze: fn.reshaped(np.squeeze),
    np.expand_dims: fn.reshaped(np.expand_dims), np.atleast_1d: fn.reshaped(np.atleast_1d),
    np.atleast_2d: fn.reshaped(np.atleast_2d), np.broadcast_to: fn.broadcast_to,
    np.concatenate: fn.concatenate, np.stack: fn.stack, np.hstack: fn.joined(np.hstack),
    np.vstack: fn.joined(np.vstack), np.pad: fn.pad, np.cumsum: fn.cumsum, np.diff: _diff,
    **{f: fn.rearranged(f) for f in (np.take, np.flip, np.fliplr, np.flipud, np.roll, np.repeat, np.tile,
                                     np.diagonal, np.rot90)},
    np.diag: fn.diag,
    np.trace: lambda x: np.sum(np.diagonal(x)), np.tril: fn.triangle(np.tril), np.triu: fn.triangle(np.triu),
    np.dot: fn.dot, np.inner: lambda a, b: np.tensordot(a, b, axes=(-1, -1)) if np.ndim(a) and np.ndim(b) else a * b,
    np.vdot: lambda a, b: fn.dot(np.ravel(a), np.ravel(b)), np.einsum: fn.einsum, np.tensordot: fn.tensordot,
    np.outer: lambda a, b: np.ravel(a)[:, None] * np.ravel(b)[None, :], np.linalg.norm: fn.norm,
    np.zeros_like: lambda x, *a, **k: np.zeros(np.shape(x)), np.ones_like: lambda x, *a, **k: np.ones(np.shape(x)),
    np.full_like: lambda x, v, *a, **k: np.full(np.shape(x), v), np.copy: lambda x, *a, **k: x,
    np.shape: lambda x: x.shape, np.ndim: lambda x: x.ndim, np.size: lambda x: x.size,
    np.split: lambda x, n, axis=0: [np.take(x, part, axis=axis) for part in np.split(np.arange(x.shape[axis]), n)],
    np.all: lambda x, **k: x.all() if isinstance(x, Comparison) else (x != 0).all(),
    np.any: lambda x, **k: x.any() if isinstance(x, Comparison) else (x != 0).any(),
}


def _flatten(x: Any, *args: Any) -> Any:
    return fn.reshape(x, -1)


METHODS: dict[str, Any] = {
    **{name: FUNCTIONS[getattr(np, name)] for name in (
        "sum", "mean", "var", "std", "prod", "max", "min", "clip", "reshape", "transpose", "swapaxes", "ravel",
        "squeeze", "cumsum", "dot", "take", "diagonal", "trace", "repeat")},
    "flatten": _flatten, "copy": lambda x: x, "__getitem__": fn.getitem,
}
