"""The table of smooth primitives: elementary functions (Definition 1), with their derivatives.

sin and cos stand here because the paper's Figure 1 needs them; they are not log-exp elementary.
In every derivative y is the value already computed.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from selgrad.primitives import facts as has
from selgrad.primitives.facts import ALL, CALL, ENTRYWISE, LIBRARY, LOG_EXP, NONE, RATIONAL, SAME, SLOPES, Facts
from selgrad.primitives.groups import AXIS
from selgrad.primitives.rows import ONE, Linear, LinearRule, Row, records, table, widen


def _elementwise(name: str, value: Any, *slopes: Any, facts: Facts, prints: has.Printed, **kwargs: Any) -> Row:
    return Row(name, value, slopes, facts=facts, prints=prints, **kwargs)


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
    share = v * (1.0 / n) if v.dtype == np.float16 else v / n  # 70,000 is no number of float16
    return _spread(share, y, x, axis, keepdims)


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
    """exp(x - y), which sums to 1; where y is so large that the logarithm in it was rounded away, made to."""
    if records(x):
        return x.then("softmax", axis=axis)
    w = np.exp(x - _column(y, axis))
    total = np.add.reduce(w, axis=axis, keepdims=True)
    slack = 64.0 * np.finfo(w.dtype).eps
    if np.abs(total - 1.0).max(initial=0.0) <= slack:
        return w
    return w / np.where(np.abs(total - 1.0) > slack, total, 1.0).astype(w.dtype)


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


BEYOND = has.TRANSCENDENTAL
TO_ONE, TO_MANY = has.Vector(AXIS, one=True), has.Vector(AXIS, one=False)


def _whole(base: Any, exponent: Any) -> str:
    """Why a power is not rational."""
    return RATIONAL if exponent is not None and np.all(np.equal(exponent, np.round(exponent))) else BEYOND


# what they do         affine     exact     bits     rounding   growth           theory           scalar
ADDS = Facts(          ALL,       RATIONAL, SAME,    SLOPES,    has.total,       LOG_EXP,         ENTRYWISE)
NEGATES = Facts(       ALL,       RATIONAL, SAME,    SLOPES,    has.largest,     LOG_EXP,         ENTRYWISE)
MULTIPLIES = Facts(    has.EACH,  RATIONAL, SAME,    SLOPES,    has.product,     LOG_EXP,         ENTRYWISE)
DIVIDES = Facts(       has.FIRST, RATIONAL, SAME,    SLOPES,    None,            LOG_EXP,         ENTRYWISE)
INVERTS = Facts(       NONE,      RATIONAL, SAME,    SLOPES,    None,            LOG_EXP,         ENTRYWISE)
SQUARES = Facts(       NONE,      RATIONAL, SAME,    SLOPES,    lambda a: a * a, LOG_EXP,         ENTRYWISE)
POWER = Facts(         NONE,      _whole,   LIBRARY, SLOPES,    None,            LOG_EXP,         ENTRYWISE)
ROOT = Facts(          NONE,      BEYOND,   SAME,    SLOPES,    None,            LOG_EXP,         ENTRYWISE)
EXPONENTIAL = Facts(   NONE,      BEYOND,   LIBRARY, SLOPES,    None,            LOG_EXP,         ENTRYWISE)
SIGMOIDAL = Facts(     NONE,      BEYOND,   LIBRARY, SLOPES,    has.unit,        LOG_EXP,         ENTRYWISE)
TRIGONOMETRIC = Facts( NONE,      BEYOND,   LIBRARY, SLOPES,    has.unit,        has.NOT_LOG_EXP, ENTRYWISE)
SUM = Facts(           ALL,       RATIONAL, SAME,    SLOPES,    None,            LOG_EXP,         has.SPELLED)
PRODUCT = Facts(       NONE,      RATIONAL, SAME,    has.SIZES, None,            LOG_EXP,         has.SPELLED)
MULTILINEAR = Facts(   has.EACH,  RATIONAL, SAME,    has.SIZES, None,            LOG_EXP,         has.SPELLED)
VECTOR_TO_ONE = Facts( NONE,      BEYOND,   LIBRARY, SLOPES,    None,            LOG_EXP,         TO_ONE)
VECTOR_TO_MANY = Facts(NONE,      BEYOND,   LIBRARY, has.ENTRIES, None,          LOG_EXP,         TO_MANY)

NOT_POSITIVE = "its argument must be positive"
QUOTIENT = has.Printed(has.Form("{} / {}", 2, (2, 9)), has.Form(r"\frac{{{}}}{{{}}}", 2, (0, 0)))

ELEMENTARY = table(
    [
        _elementwise("add", np.add, ONE, ONE, facts=ADDS,
                     prints=has.Printed(has.Form("{} + {}", 1, (0, 0)), has.Form("{} + {}", 1, (0, 0)), neutral=0.0)),
        _elementwise("subtract", np.subtract, ONE, -1.0, facts=ADDS, prints=has.alike("{} - {}", 1, 1, 9)),
        _elementwise("multiply", np.multiply, lambda y, a, b: b, lambda y, a, b: a, facts=MULTIPLIES,
                     prints=has.alike("{} * {}", 2, 2, 9, tex=r"{}\,{}")),
        _elementwise("divide", np.divide, lambda y, a, b: 1.0 / b, lambda y, a, b: -y / b, facts=DIVIDES,
                     prints=QUOTIENT, domain=lambda a, b: np.equal(b, 0), outside="the divisor must not be zero"),
        _elementwise("negative", np.negative, -1.0, facts=NEGATES, prints=has.alike("-{}", 2, 2)),
        _elementwise("reciprocal", np.reciprocal, lambda y, a: -y * y, facts=INVERTS,
                     prints=has.in_tex(r"\frac{{1}}{{{}}}", 0),
                     domain=lambda a: np.equal(a, 0), outside="its argument must not be zero"),
        _elementwise("square", np.square, lambda y, a: 2.0 * a, facts=SQUARES, prints=has.in_tex("{}^2", 9)),
        _elementwise("power", np.power, _power_slope, lambda y, a, p: np.log(a) * y, facts=POWER,
                     prints=has.alike("{} ** {}", 3, 3, 9, tex="{}^{{{}}}"), domain=_power_outside,
                     outside="the base must be positive (nonzero for a negative whole exponent)"),
        _elementwise("sqrt", np.sqrt, lambda y, a: 0.5 / y, facts=ROOT, prints=has.in_tex(r"\sqrt{{{}}}", 0),
                     domain=lambda a: np.less_equal(a, 0),
                     outside="its argument must be positive (sqrt, and a 2-norm, has no derivative at 0)"),
        _elementwise("rsqrt", lambda a: 1.0 / np.sqrt(a), lambda y, a: -0.5 * y / a, facts=ROOT,
                     prints=has.in_tex(r"\frac{{1}}{{\sqrt{{{}}}}}", 0),
                     domain=lambda a: np.less_equal(a, 0), outside=NOT_POSITIVE),
        _elementwise("exp", np.exp, lambda y, a: y, facts=EXPONENTIAL, prints=has.in_tex(r"\exp({})", 0)),
        _elementwise("expm1", np.expm1, lambda y, a: y + 1.0, facts=EXPONENTIAL,
                     prints=has.in_tex(r"(\exp({}) - 1)", 0)),
        _elementwise("log", np.log, lambda y, a: 1.0 / a, facts=EXPONENTIAL, prints=has.in_tex(r"\log({})", 0),
                     domain=lambda a: np.less_equal(a, 0), outside=NOT_POSITIVE),
        _elementwise("log1p", np.log1p, lambda y, a: 1.0 / (1.0 + a), facts=EXPONENTIAL,
                     prints=has.in_tex(r"\log(1 + {})", 0),
                     domain=lambda a: np.less_equal(a, -1), outside="its argument must exceed -1"),
        _elementwise("tanh", np.tanh, lambda y, a: 1.0 - y * y, facts=SIGMOIDAL, prints=has.in_tex(r"\tanh({})", 0)),
        _elementwise("sigmoid", sigmoid, lambda y, a: y * (1.0 - y), facts=SIGMOIDAL,
                     prints=has.in_tex(r"\sigma({})", 0)),
        _elementwise("softplus", lambda t: np.logaddexp(t, np.zeros_like(t)), lambda y, a: -np.expm1(-y),
                     facts=EXPONENTIAL, prints=has.in_tex(r"\log(1 + \exp({}))", 0)),
        _elementwise("sin", np.sin, lambda y, a: np.cos(a), facts=TRIGONOMETRIC, prints=has.in_tex(r"\sin({})", 0)),
        _elementwise("cos", np.cos, lambda y, a: -np.sin(a), facts=TRIGONOMETRIC, prints=has.in_tex(r"\cos({})", 0)),
        Row("sum", _sum, (LinearRule(lambda dx, y, x, **p: _sum(dx, **p), _spread),), facts=SUM, prints=CALL),
        Row("mean", _mean, (LinearRule(lambda dx, y, x, **p: _mean(dx, **p), _spread_mean),), facts=SUM, prints=CALL),
        Row("prod", _prod, (_d_prod,), facts=PRODUCT, prints=CALL),
        Row("logsumexp", _logsumexp, (
            LinearRule(lambda dx, y, x, axis: np.sum(_weights(y, x, axis) * dx, axis=axis),
                 lambda v, y, x, axis: _weights(y, x, axis) * _column(v, axis)),
        ), facts=VECTOR_TO_ONE, prints=CALL),
        Row("softmax", _softmax, (_d_softmax,), facts=VECTOR_TO_MANY, prints=CALL),
        Row("matmul", _matmul, (
            LinearRule(lambda da, y, a, b, vectors: _matmul(da, b, vectors), _pull_left),
            LinearRule(lambda db, y, a, b, vectors: _matmul(a, db, vectors), _pull_right),
        ), facts=MULTILINEAR, prints=has.alike("{} @ {}", 2, 2, 9, tex="{}\\,{}")),
        Row("einsum", _einsum, (_d_einsum,), variadic=True, facts=MULTILINEAR, prints=CALL),
    ]
)
