"""The table of kinked primitives that act coordinate by coordinate, tie conventions in plain sight.

The pieces f_0, ..., f_K of a row stand in the order of its switching functions z_1, ..., z_K, and
the paper's index is s = #{e : z_e > 0}: strict inequality, as in its relu example (Definition 4).
A tie rule has one sign per switching function, for z_e = 0:

    <  the piece of z_e < 0        >  the piece of z_e > 0        =  the mean of the two

The mean is a further elementary piece, number K + e, that s picks on the tie and nowhere else. Where
two neighbouring functions with the sign = vanish together (a clip between equal bounds), s picks the
mean of the first mean and the next piece: what two primitives give, one after the other.
Two rows that differ only in a tie rule are two programs of one function. Where a framework has
no such operation its convention is the paper's. (Indices count from 0 here, from 1 in the paper.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

import numpy as np

from selgrad.primitives import facts as has
from selgrad.primitives.facts import ALL, CALL, ENTRYWISE, LIBRARY, LOG_EXP, NONE, RATIONAL, SAME, SLOPES, Facts
from selgrad.primitives.row_comparisons import Zeros
from selgrad.primitives.rows import Cases, Kinked, column, table

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@dataclass(frozen=True)
class Piece:
    """An elementary piece: its value (traceable) and its slope in each operand."""

    value: Callable
    slopes: tuple[Callable, ...]


def _mean(one: Piece, other: Piece) -> Piece:
    return Piece(
        lambda *xs, **p: 0.5 * one.value(*xs, **p) + 0.5 * other.value(*xs, **p),  # a sum of the two may overflow
        tuple(
            lambda *xs, f=f, g=g, **p: 0.5 * f(*xs, **p) + 0.5 * g(*xs, **p)
            for f, g in zip(one.slopes, other.slopes, strict=True)
        ),
    )


def _choose(s: Any, functions: list[Callable], xs: tuple, params: dict) -> Any:
    """The value of functions[s], coordinate by coordinate."""
    if isinstance(s, Cases):
        return s.choose([function(*xs, **params) for function in functions])
    dtype = np.result_type(*(x if isinstance(x, float) else np.asarray(x).dtype for x in xs))
    if s.ndim == 0:
        return np.asarray(functions[int(s)](*xs, **params), dtype=dtype)[()]
    if len(functions) <= 3 and s.dtype == bool:
        return np.where(s, functions[1](*xs, **params), functions[0](*xs, **params)).astype(dtype, copy=False)
    out = np.zeros(s.shape, dtype=dtype)
    for i, function in enumerate(functions):
        here = s == i
        if here.any():
            np.copyto(out, function(*xs, **params), where=here)
    return out


def _any_nan(x: Any) -> bool:
    """Whether an operand holds nan: a sum tells, except where infinities cancel."""
    if not isinstance(x, np.ndarray) or x.ndim == 0:
        return bool(x != x)
    total = np.add.reduce(x, axis=None)
    return bool(total != total) and bool(np.any(np.not_equal(x, x)))


def piecewise(
    name: str, ties: dict[str, str], pieces: tuple[Piece, ...], switches: Callable, **kwargs: Any
) -> Kinked:
    """A row from its pieces, its switching functions and its tie rules."""
    means = tuple(_mean(a, b) for a, b in pairwise(pieces))
    joint = tuple(_mean(mean, c) for mean, c in zip(means, pieces[2:], strict=False))
    every = pieces + means + joint
    arity = len(pieces[0].slopes)
    unread = tuple(i for i in range(arity) if any(piece.slopes[i] is _nil for piece in pieces))

    def index(rule: str, *xs: Any, **params: Any) -> Any:
        zs = switches(*xs, **params)
        if len(zs) == 1 and rule != "=":  # two pieces: the truth value is the index
            return np.asarray(np.greater_equal(zs[0], 0) if rule == ">" else np.greater(zs[0], 0))
        passed = [np.greater_equal(z, 0) if tie == ">" else np.greater(z, 0) for z, tie in zip(zs, rule, strict=True)]
        s = sum(p.astype(np.int8) for p in passed)
        if "<>" in rule:  # where the two tie at once, the second is passed and the first is not: the last one decides
            for e, p in enumerate(passed):
                s = np.where(p, np.int8(e + 1), s)
        for e, (z, tie) in enumerate(zip(zs, rule, strict=True)):
            if tie == "=":
                s = np.where(np.equal(z, 0), np.int8(len(pieces) + e), s)
        for e, both in enumerate(pairwise(rule)):
            if both == ("=", "="):
                s = np.where(np.equal(zs[e], 0) & np.equal(zs[e + 1], 0), np.int8(len(pieces + means) + e), s)
        return np.asarray(s)

    def written(rule: str, *xs: Any, **params: Any) -> Cases:
        zs = switches(*xs, **params)
        beyond = [(z >= 0 if tie == ">" else z > 0, e + 1) for e, (z, tie) in enumerate(zip(zs, rule, strict=True))]
        tied = [(z == 0, len(pieces) + e) for e, (z, tie) in enumerate(zip(zs, rule)) if tie == "="]
        both = [((zs[e] == 0) & (zs[e + 1] == 0), len(pieces + means) + e)
                for e, pair in enumerate(pairwise(rule)) if pair == ("=", "=")]
        return Cases(*beyond, *tied, *both)

    def select(s: Any, *xs: Any, **params: Any) -> Any:
        y = _choose(s, [piece.value for piece in every], xs, params)
        for i in unread:  # nan compares false, so a piece was picked that may not read it
            if isinstance(s, Cases):
                y = np.where(np.not_equal(xs[i], xs[i]), xs[i], y)
            elif _any_nan(xs[i]):
                y = np.where(np.not_equal(xs[i], xs[i]), np.nan, y).astype(y.dtype)[()]
        return y

    def partial(i: int) -> Callable:
        slopes = [piece.slopes[i] for piece in every]
        if slopes[:2] == [_nil, _one]:  # slopes 0 and 1: a truth value is the slope itself
            return lambda s, y, *xs, **params: s if s.dtype == bool else _choose(s, slopes, xs, params)
        return lambda s, y, *xs, **params: _choose(s, slopes, xs, params)

    def frozen(s: Any, *xs: Any, **params: Any) -> Any:
        used = [int(i) for i in np.unique(s)]
        if len(used) == 1:
            return every[used[0]].value(*xs, **params)
        terms = [(s == i).astype(float) * every[i].value(*xs, **params) for i in used]
        return sum(terms[1:], terms[0])

    def choices(shape: tuple[int, ...], rule: str, **params: Any) -> list[np.ndarray]:
        extra = [len(pieces) + e for e, tie in enumerate(rule) if tie == "="]
        extra += [len(pieces + means) + e for e, both in enumerate(pairwise(rule)) if both == ("=", "=")]
        options = [*range(len(pieces)), *extra]
        size = int(np.prod(shape))
        return [np.array(c, dtype=np.int8).reshape(shape) for c in product(options, repeat=size)]

    row = Kinked(
        name, lambda *xs, **params: row.select(index(ties["paper"], *xs, **params), *xs, **params),
        tuple(partial(i) for i in range(arity)), pieces=every, switches=switches, compares=Zeros(),
        index=index, frozen=frozen, choices=choices, written=written, unread=unread, ties=ties,
        rules=tuple(map("".join, product("<>=", repeat=len(means)))), **{"select": select, **kwargs},
    )
    return row


def _one(*xs: Any, **params: Any) -> float:
    return 1.0


def _nil(*xs: Any, **params: Any) -> float:
    return 0.0


IDENTITY = Piece(lambda t, **p: t, (_one,))
OPPOSITE = Piece(lambda t, **p: -t, (lambda t, **p: -1.0,))
FIRST = Piece(lambda a, b: a, (_one, _nil))
SECOND = Piece(lambda a, b: b, (_nil, _one))


def _level(value: float) -> Piece:
    return Piece(lambda t, **p: value, (_nil,))


def _ramp(slope: float, offset: float = 0.0) -> Piece:
    return Piece(lambda t, **p: slope * t + offset, (lambda t, **p: slope,))


ZERO = _level(0.0)

SIXTH = "has the slope 1/6, which is no float: write sg.relu6(t + 3) / 6 for exact mode"

#                   affine exact               bits     rounding growth       theory   scalar
AFFINE = Facts(     ALL,   RATIONAL,           SAME,    SLOPES,  has.largest, LOG_EXP, ENTRYWISE)  # each piece is
EXPONENTIAL = Facts(NONE,  has.TRANSCENDENTAL, LIBRARY, SLOPES,  None,        LOG_EXP, ENTRYWISE)

KINKED = table(
    [
        #                              paper tensorflow torch jax autograd
        piecewise("relu",         column("<",  "<",  "<",  "<",  "-"),
                  (ZERO, IDENTITY), lambda t: (t,), facts=AFFINE, prints=CALL,
                  select=lambda s, t: np.maximum(t, 0.0)),  # the same value, without the generic choice
        piecewise("leaky_relu",   column("<",  "<",  "<",  ">",  "-"),
                  (Piece(lambda t, negative_slope: negative_slope * t, (lambda t, negative_slope: negative_slope,)),
                   IDENTITY), lambda t, negative_slope: (t,), facts=replace(AFFINE, growth=None), prints=CALL),
        piecewise("relu6",        column("<<", "<>", "<>", "<>", "-"),
                  (ZERO, IDENTITY, _level(6.0)), lambda t: (t, t - 6.0),
                  facts=replace(AFFINE, growth=lambda a: 6.0), prints=CALL),
        piecewise("elu",          column("<",  "<",  "<",  "<",  "-"),
                  (Piece(lambda t, alpha: alpha * np.expm1(t), (lambda t, alpha: alpha * np.exp(t),)), IDENTITY),
                  lambda t, alpha: (t,), facts=EXPONENTIAL, prints=CALL),
        piecewise("selu",         column("<",  ">",  "<",  "<",  "-"),
                  (Piece(lambda t: SELU_SCALE * SELU_ALPHA * np.expm1(t),
                         (lambda t: SELU_SCALE * SELU_ALPHA * np.exp(t),)), _ramp(SELU_SCALE)),
                  lambda t: (t,), facts=EXPONENTIAL, prints=CALL),
        piecewise("hard_sigmoid", column("<<", "<>", "<>", "<>", "-"),
                  (ZERO, _ramp(1.0 / 6.0, 0.5), _level(1.0)), lambda t: (t + 3.0, t - 3.0),
                  facts=replace(AFFINE, exact=SIXTH, growth=lambda a: a + 1.0), prints=CALL),
        piecewise("hard_tanh",    column("<<", "><", "<>", "><", "-"),
                  (_level(-1.0), IDENTITY, _level(1.0)), lambda t: (t + 1.0, t - 1.0),
                  facts=replace(AFFINE, growth=has.unit), prints=CALL),
        piecewise("huber",        column("<<", "><", "<>", "-",  "-"),
                  (Piece(lambda t, delta: -delta * (t + 0.5 * delta), (lambda t, delta: -delta,)),
                   Piece(lambda t, delta: 0.5 * t * t, (lambda t, delta: t,)),
                   Piece(lambda t, delta: delta * (t - 0.5 * delta), (lambda t, delta: delta,))),
                  lambda t, delta: (t + delta, t - delta),
                  facts=replace(AFFINE, affine=NONE, growth=lambda a, delta: delta * a), prints=CALL),
        piecewise("abs",          column("<",  "=",  "=",  ">",  "="),
                  (OPPOSITE, IDENTITY), lambda t: (t,), facts=AFFINE, prints=has.alike("|{}|", 9, 0),
                  select=lambda s, t: np.absolute(t)),  # so that |0| is 0, not -0
        piecewise("maximum",      column("<",  "<",  "=",  "=",  "="),
                  (FIRST, SECOND), lambda a, b: (np.subtract(b, a),),
                  facts=AFFINE, prints=has.in_tex(r"\max({}, {})", 0, 0)),
        piecewise("minimum",      column("<",  "<",  "=",  "=",  "="),
                  (FIRST, SECOND), lambda a, b: (np.subtract(a, b),),
                  facts=AFFINE, prints=has.in_tex(r"\min({}, {})", 0, 0)),
        piecewise("clip_min",     column("<",  ">",  ">",  "=",  "<"),
                  (SECOND, FIRST), lambda t, low: (np.subtract(t, low),),
                  facts=AFFINE, prints=has.in_tex(r"\max({}, {})", 0, 0)),
        piecewise("clip_max",     column("<",  "<",  "<",  "=",  ">"),
                  (FIRST, SECOND), lambda t, high: (np.subtract(t, high),),
                  facts=AFFINE, prints=has.in_tex(r"\min({}, {})", 0, 0)),
        piecewise("clip",         column("<<", "><", "><", "==", "<>"),
                  (Piece(lambda t, low, high: low, (_nil, _one, _nil)),
                   Piece(lambda t, low, high: t, (_one, _nil, _nil)),
                   Piece(lambda t, low, high: high, (_nil, _nil, _one))),
                  lambda t, low, high: (np.subtract(t, low), np.subtract(t, high)), facts=AFFINE, prints=CALL,
                  domain=lambda t, low, high: np.greater(low, high),
                  outside="its lower bound must not exceed its upper bound"),
    ]
)
