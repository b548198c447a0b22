"""How sums, extremes, order statistics and what runs along an axis are recorded."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import numpy as np

from selgrad.tracing.arguments import axes_of, one_axis
from selgrad.tracing.recorder import array, fixed, record
from selgrad.tracing.refusals import refuse
from selgrad.tracing.shapes import concatenate, ravel, reshape, stack


def total(op: str) -> Any:
    """A reduction whose row takes several axes."""

    def rule(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
        axes = axes_of(axis, np.ndim(a))
        return record(op, a, axis=axes, keepdims=bool(keepdims)) if axes else a

    return rule


def along_one(op: str) -> Any:
    """A reduction whose row takes a single axis; several axes are flattened to one first."""

    def rule(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
        shape, axes = np.shape(a), axes_of(axis, np.ndim(a))
        if not axes:
            return a
        flat, at = together(a, axes)
        y = record(op, flat, axis=at)
        return reshape(y, keeping(shape, axes)) if keepdims else y

    return rule


def together(x: Any, axes: tuple[int, ...]) -> tuple[Any, int]:
    """x with several of its axes as one, and which that is: itself, or the last."""
    if len(axes) == 1:
        return x, axes[0]
    ndim = np.ndim(x)
    rest = [a for a in range(-ndim, 0) if a not in axes]
    apart = x if not rest else np.transpose(x, [a + ndim for a in (*rest, *axes)])
    return reshape(apart, (*(np.shape(x)[a] for a in rest), -1)), -1


def keeping(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """A shape after a reduction that keeps its axes, with length 1."""
    return tuple(1 if a in axes else shape[a] for a in range(-len(shape), 0))


def var(a: Any, axis: Any = None, ddof: float = 0, keepdims: Any = False) -> Any:
    n = prod(np.shape(a)[i] for i in axes_of(axis, np.ndim(a)))
    spread = np.square(a - np.mean(a, axis=axis, keepdims=True))
    if ddof == 0:
        return np.mean(spread, axis=axis, keepdims=bool(keepdims))
    return np.sum(spread, axis=axis, keepdims=bool(keepdims)) / float(n - ddof)


def std(a: Any, axis: Any = None, ddof: float = 0, keepdims: Any = False) -> Any:
    return np.sqrt(var(a, axis, ddof, keepdims))


def average(a: Any, axis: Any = None, weights: Any = None, keepdims: Any = False) -> Any:
    if weights is None:
        return np.mean(a, axis=axis, keepdims=bool(keepdims))
    weights = array(weights)
    if np.shape(weights) != np.shape(a):
        at = one_axis(axis, np.ndim(a)) + np.ndim(a)
        if np.shape(weights) != (np.shape(a)[at],):
            raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
        weights = np.reshape(weights, [-1 if i == at else 1 for i in range(np.ndim(a))])
        weights = np.broadcast_to(weights, np.shape(a))
    whole = np.sum(weights, axis=axis, keepdims=bool(keepdims))
    return np.sum(a * weights, axis=axis, keepdims=bool(keepdims)) / whole


def ptp(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return np.max(a, axis=axis, keepdims=bool(keepdims)) - np.min(a, axis=axis, keepdims=bool(keepdims))


def sort(a: Any, axis: Any = -1, kind: Any = None, stable: Any = None) -> Any:
    if axis is None:
        a, axis = ravel(a), -1
    return record("sort", a, axis=one_axis(axis, np.ndim(a)), descending=False)


def partition(a: Any, kth: Any, axis: Any = -1) -> Any:
    """np.partition leaves the order around the kth entry open; the whole order is one it may give."""
    if axis is None:
        a, axis = ravel(a), -1
    np.partition(np.zeros(np.shape(a)), kth, axis)
    return sort(a, axis)


def quantile(a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: Any = False) -> Any:
    """Between the two order statistics beside q (n - 1), linearly: NumPy's default method."""
    if method not in ("linear", "lower", "higher", "midpoint"):
        raise refuse(f"np.quantile with method={method!r} is not supported",
                     "use linear, lower, higher or midpoint")
    q = np.asarray(fixed(q))
    if q.size and not (0 <= q.min() and q.max() <= 1):
        raise ValueError("Quantiles must be in the range [0, 1]")
    shape, axes = np.shape(a), axes_of(axis, np.ndim(a))
    flat, at = together(a, axes) if axes else (reshape(a, (1,)), -1)
    ordered = sort(flat, at)
    place = q * (np.shape(flat)[at] - 1)
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    share = {"linear": place - low, "lower": 0.0 * q, "higher": 1.0 * (high > low), "midpoint": 0.5 * (high > low)}
    between = np.asarray(share[method])
    rest = np.ndim(flat) - 1
    below, above = (np.moveaxis(np.take(ordered, i, axis=at), _range(at, rest, q.ndim), range(q.ndim))
                    for i in (low, high))
    weight = between.reshape(between.shape + (1,) * rest).astype(a.dtype)
    y = below + (above - below) * weight if between.any() else below
    return reshape(y, (*q.shape, *keeping(shape, axes))) if keepdims else y


def _range(at: int, rest: int, n: int) -> tuple[int, ...]:
    """Where np.take along a negative axis puts the n axes of its indices."""
    start = rest + 1 + at
    return tuple(range(start, start + n))


def percentile(a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: Any = False) -> Any:
    return quantile(a, np.asarray(fixed(q)) / 100.0, axis, method, keepdims)


def cumsum(a: Any, axis: Any = None) -> Any:
    if axis is None:
        a, axis = ravel(a), 0
    return record("cumsum", a, axis=one_axis(axis, np.ndim(a)))


def cumprod(a: Any, axis: Any = None) -> Any:
    if axis is None:
        a, axis = ravel(a), 0
    at = one_axis(axis, np.ndim(a))
    running = [np.take(a, 0, axis=at)]
    for i in range(1, np.shape(a)[at]):
        running.append(running[-1] * np.take(a, i, axis=at))
    return stack(running, axis=at)


def diff(a: Any, n: int = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    at = one_axis(axis, np.ndim(a)) + np.ndim(a)
    if operator.index(n) < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    ends = [(None if e is None or e is np._NoValue else array(e)) for e in (prepend, append)]
    shape = keeping(np.shape(a), (at - np.ndim(a),))
    wide = [e if e is None or np.ndim(e) else np.broadcast_to(e, shape) for e in ends]
    parts = [e for e in (wide[0], a, wide[1]) if e is not None]
    a = concatenate(parts, axis=at) if len(parts) > 1 else a
    key = (slice(None),) * at
    for _ in range(n):
        a = a[(*key, slice(1, None))] - a[(*key, slice(None, -1))]
    return a


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    parts = [ravel(array(to_begin))] if to_begin is not None else []
    parts.append(diff(ravel(ary)))
    parts += [ravel(array(to_end))] if to_end is not None else []
    return concatenate(parts) if len(parts) > 1 else parts[0]


def gradient(f: Any, varargs: tuple = (), axis: Any = None, edge_order: Any = 1) -> Any:
    """np.gradient is linear in f: along each axis the matrix that it is of, asked of NumPy."""
    axes = axes_of(axis, np.ndim(f))
    if any(np.ndim(array(s)) > 1 for s in varargs):
        raise ValueError("distances must be either scalars or 1d")
    if len(varargs) not in (0, 1, len(axes)) or (len(varargs) == 1 and len(axes) > 1 and np.ndim(varargs[0])):
        raise TypeError("invalid number of arguments")
    spacings = list(varargs) * (len(axes) if len(varargs) == 1 else 1) or [1.0] * len(axes)
    found = []
    for at, spacing in zip(axes, spacings, strict=True):
        n = np.shape(f)[at]
        matrix: Any = np.gradient(np.eye(n), fixed(spacing), axis=0, edge_order=edge_order)
        found.append(np.moveaxis(np.moveaxis(f, at, -1) @ matrix.T.astype(f.dtype), -1, at))
    return found[0] if len(found) == 1 else tuple(found)


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    at = one_axis(axis, np.ndim(y)) + np.ndim(y)
    step: Any = array(dx)
    if x is not None:
        step = diff(x, axis=at if np.ndim(x) > 1 else -1) if np.ndim(x) else 0.0
        if np.ndim(x) == 1:
            step = np.reshape(step, [-1 if i == at else 1 for i in range(np.ndim(y))])
    key = (slice(None),) * at
    return np.sum(step * (y[(*key, slice(1, None))] + y[(*key, slice(None, -1))]) / 2.0, axis=at)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None) -> Any:
    rows = np.atleast_2d(m)
    rows = rows.T if not rowvar and np.ndim(m) != 1 else rows
    if y is not None:
        more = np.atleast_2d(y)
        rows = concatenate([rows, more.T if not rowvar and np.shape(more)[0] != 1 else more], axis=0)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    n = np.shape(rows)[1] - ((0 if bias else 1) if ddof is None else ddof)
    return np.squeeze(centred @ centred.T / float(n))


def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    c = cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    spread = np.sqrt(np.diagonal(c))
    return c / spread[:, None] / spread[None, :]
