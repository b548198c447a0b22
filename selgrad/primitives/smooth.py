"""The table of smooth primitives: elementary functions (Definition 1), with their derivatives.

sin and cos stand here because the paper's Figure 1 needs them; they are not log-exp elementary.
In every derivative y is the value already computed.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from selgrad.primitives.rows import ONE, Linear, Pair, Row, records, table, widen


def _elementwise(name: str, value: Any, *slopes: Any, **kwargs: Any) -> Row:
    return Row(name, value, slopes, elementwise=True, **kwargs)


def sigmoid(t: Any) -> Any:
    """1/(1 + exp(-t)), without overflow: exp(-|t|) never exceeds 1."""
    e = np.exp(-np.abs(t))
    return np.where(t >= 0, 1.0, e).astype(e.dtype) / (1.0 + e)


def _power_outside(x: Any, p: Any) -> Any:
    whole = np.equal(p, np.round(p))
    return np.where(whole, (np.less(p, 0)) & (np.equal(x, 0)), np.less_equal(x, 0))


def _power_slope(y: Any, x: Any, p: Any) -> Any:
    # x**0 is constant, yet 0 * x**(-1) is not a number at x = 0
    exponent = np.where(np.equal(p, 0), 1.0, np.subtract(p, 1.0))
    return p * np.power(x, exponent[()] if records(x) else exponent.astype(np.asarray(x).dtype))


def _sum(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


def _column(v: Any, axis: int) -> Any:
    """v with an axis of length 1 put in at a negative place."""
    if axis == -1:
        return v[..., None]
    at = v.ndim + 1 + axis
    return v.reshape((*v.shape[:at], 1, *v.shape[at:]))


def _spread(v: Any, y: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The adjoint of a sum: every term receives the cotangent of the total."""
    if not keepdims and v.ndim:
        for a in reversed(axis):  # sorted and negative: the last one is put in first
            v = _column(v, a)
    shape = list(v.shape) if v.ndim else [1] * x.ndim
    for a in axis:
        shape[a] = x.shape[a]
    return widen(v, shape)


def _mean(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if x.dtype == np.float16:  # NumPy adds these up in float32
        return np.mean(x, axis=axis, keepdims=keepdims)
    return np.add.reduce(x, axis=axis, keepdims=keepdims) / prod([x.shape[a] for a in axis])


def _spread_mean(v: Any, y: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    n = prod([x.shape[a] for a in axis])
    return _spread(v / n, y, x, axis, keepdims)


def _prod(x: Any, axis: int) -> Any:
    return np.prod(x, axis=axis)


def _d_prod(y: Any, x: Any, axis: int) -> Linear:
    # the product of all other factors, without a division: a factor may be zero
    if records(x):
        rows = np.moveaxis(x, axis, -1)[..., None, :]
        others = np.moveaxis(np.prod(np.where(np.eye(x.shape[axis], dtype=bool), 1.0, rows), axis=-1), -1, axis)
        return Linear(lambda dx: np.sum(others * dx, axis=axis), lambda v: others * np.expand_dims(v, axis))
    ones = np.ones_like(np.take(x, [0], axis=axis))
    n = x.shape[axis]
    head = np.take(x, range(n - 1), axis=axis)
    tail = np.take(x, range(n - 1, 0, -1), axis=axis)
    before = np.concatenate([ones, np.cumprod(head, axis=axis)], axis=axis)
    after = np.flip(np.concatenate([ones, np.cumprod(tail, axis=axis)], axis=axis), axis=axis)
    others = before * after
    return Linear(lambda dx: np.sum(others * dx, axis=axis), lambda v: others * np.expand_dims(v, axis))


def _logsumexp(x: Any, axis: int) -> Any:
    top = np.maximum.reduce(x, axis=axis, keepdims=True)
    total = np.log(np.add.reduce(np.exp(x - top), axis=axis))
    return top.reshape(total.shape) + total


def _weights(y: Any, x: Any, axis: int) -> Any:
    return np.exp(x - _column(y, axis))


def _softmax(x: Any, axis: int) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _d_softmax(y: Any, x: Any, axis: int) -> Linear:
    def push(dx: Any) -> Any:
        return y * (dx - np.sum(y * dx, axis=axis, keepdims=True))

    return Linear(push, push)  # diag(y) - y y^T is symmetric


MATRICES = (False, False)  # neither operand of a product is a vector


def _lift(a: Any, b: Any, vectors: tuple[bool, bool]) -> tuple[Any, Any]:
    return (a[..., None, :] if vectors[0] else a), (b[..., :, None] if vectors[1] else b)


def _drop(y: Any, vectors: tuple[bool, bool]) -> Any:
    y = y[..., 0] if vectors[1] else y
    if vectors[0]:
        y = y[..., 0] if vectors[1] else y[..., 0, :]
    return y


def _matmul(a: Any, b: Any, vectors: tuple[bool, bool]) -> Any:
    if vectors == MATRICES:
        return np.matmul(a, b)
    return _drop(np.matmul(*_lift(a, b, vectors)), vectors)


def _undrop(v: Any, vectors: tuple[bool, bool]) -> Any:
    v = v[..., None] if vectors[1] else v
    return v[..., None, :] if vectors[0] else v


def _pull_left(v: Any, y: Any, a: Any, b: Any, vectors: tuple[bool, bool]) -> Any:
    if vectors == MATRICES:
        return np.matmul(v, b.swapaxes(-1, -2))
    g = np.matmul(_undrop(v, vectors), np.swapaxes(_lift(a, b, vectors)[1], -1, -2))
    return g[..., 0, :] if vectors[0] else g


def _pull_right(v: Any, y: Any, a: Any, b: Any, vectors: tuple[bool, bool]) -> Any:
    if vectors == MATRICES:
        return np.matmul(a.swapaxes(-1, -2), v)
    g = np.matmul(np.swapaxes(_lift(a, b, vectors)[0], -1, -2), _undrop(v, vectors))
    return g[..., 0] if vectors[1] else g


def _einsum(*xs: Any, terms: tuple[str, ...], out: str) -> Any:
    subscripts = ",".join("..." + term for term in terms) + "->..." + out
    return np.einsum(subscripts, *xs)


def _d_einsum(i: int, y: Any, *xs: Any, terms: tuple[str, ...], out: str) -> Linear:
    def push(dx: Any) -> Any:
        return _einsum(*xs[:i], dx, *xs[i + 1 :], terms=terms, out=out)

    def pull(v: Any) -> Any:
        others = [(x, term) for j, (x, term) in enumerate(zip(xs, terms, strict=True)) if j != i]
        known = set(out).union(*(term for _, term in others))
        lone = "".join(letter for letter in terms[i] if letter not in known)
        n = len(terms[i])
        sizes = [xs[i].shape[terms[i].index(letter) - n] for letter in lone]
        return _einsum(
            v, *(x for x, _ in others), np.ones(sizes, dtype=v.dtype),
            terms=(out, *(term for _, term in others), lone), out=terms[i],
        )

    return Linear(push, pull)


NOT_POSITIVE = "its argument must be positive"

SMOOTH = table(
    [
        _elementwise("add", np.add, ONE, ONE, show="{} + {}", tex="{} + {}", level=1),
        _elementwise("subtract", np.subtract, ONE, -1.0, show="{} - {}", tex="{} - {}", level=1),
        _elementwise("multiply", np.multiply, lambda y, a, b: b, lambda y, a, b: a,
                     show="{} * {}", tex=r"{}\,{}", level=2),
        _elementwise("divide", np.divide, lambda y, a, b: 1.0 / b, lambda y, a, b: -y / b,
                     domain=lambda a, b: np.equal(b, 0), outside="the divisor must not be zero",
                     show="{} / {}", tex=r"\frac{{{}}}{{{}}}", level=2),
        _elementwise("negative", np.negative, -1.0, show="-{}", tex="-{}", level=2),
        _elementwise("reciprocal", np.reciprocal, lambda y, a: -y * y,
                     domain=lambda a: np.equal(a, 0), outside="its argument must not be zero",
                     tex=r"\frac{{1}}{{{}}}"),
        _elementwise("square", np.square, lambda y, a: 2.0 * a, tex="{}^2"),
        _elementwise("power", np.power, _power_slope, lambda y, a, p: np.log(a) * y,
                     domain=_power_outside, show="{} ** {}", tex="{}^{{{}}}", level=3,
                     outside="the base must be positive (nonzero for a negative whole exponent)"),
        _elementwise("sqrt", np.sqrt, lambda y, a: 0.5 / y, domain=lambda a: np.less_equal(a, 0),
                     outside="its argument must be positive (sqrt, and a 2-norm, has no derivative at 0)",
                     tex=r"\sqrt{{{}}}"),
        _elementwise("exp", np.exp, lambda y, a: y, tex=r"\exp({})"),
        _elementwise("expm1", np.expm1, lambda y, a: y + 1.0, tex=r"(\exp({}) - 1)"),
        _elementwise("log", np.log, lambda y, a: 1.0 / a, domain=lambda a: np.less_equal(a, 0),
                     outside=NOT_POSITIVE, tex=r"\log({})"),
        _elementwise("log1p", np.log1p, lambda y, a: 1.0 / (1.0 + a), domain=lambda a: np.less_equal(a, -1),
                     outside="its argument must exceed -1", tex=r"\log(1 + {})"),
        _elementwise("tanh", np.tanh, lambda y, a: 1.0 - y * y, tex=r"\tanh({})"),
        _elementwise("sigmoid", sigmoid, lambda y, a: y * (1.0 - y), tex=r"\sigma({})"),
        _elementwise("softplus", lambda t: np.logaddexp(t, np.zeros_like(t)), lambda y, a: -np.expm1(-y),
                     tex=r"\log(1 + \exp({}))"),
        _elementwise("sin", np.sin, lambda y, a: np.cos(a), log_exp=False, tex=r"\sin({})"),
        _elementwise("cos", np.cos, lambda y, a: -np.sin(a), log_exp=False, tex=r"\cos({})"),
        Row("sum", _sum, (Pair(lambda dx, y, x, **p: _sum(dx, **p), _spread),)),
        Row("mean", _mean, (Pair(lambda dx, y, x, **p: _mean(dx, **p), _spread_mean),)),
        Row("prod", _prod, (_d_prod,)),
        Row("logsumexp", _logsumexp, (
            Pair(lambda dx, y, x, axis: np.sum(_weights(y, x, axis) * dx, axis=axis),
                 lambda v, y, x, axis: _weights(y, x, axis) * _column(v, axis)),
        )),
        Row("softmax", _softmax, (_d_softmax,)),
        Row("matmul", _matmul, (
            Pair(lambda da, y, a, b, vectors: _matmul(da, b, vectors), _pull_left),
            Pair(lambda db, y, a, b, vectors: _matmul(a, db, vectors), _pull_right),
        ), show="{} @ {}", tex="{}\\,{}", level=2),
        Row("einsum", _einsum, (_d_einsum,), variadic=True),
    ]
)
