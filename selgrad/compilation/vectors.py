"""The instructions that read a vector, as expressions: each knows its value and its adjoint.

`value(put, k, xs, params, tie)` puts down the lines of x_k and returns its entries (a list, or one expression for a
scalar result); `pull(put, k, xs, y, v, params, tie)` returns the term of each entry of the operand in the backward
pass, from the accumulators v (a list, or one for a scalar result). `put(label, expression)` appends a line and
returns the name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from selgrad.compilation.expressions import Expression, choice, name, times, total, where
from selgrad.errors import TooLarge

LONGEST = 32  # ranks compare every entry with every other

Put = Callable[[str, Any], Any]


def _indicator(condition: Any, weight: float = 1.0) -> Any:
    return where(condition, weight, 0.0)


def _largest(xs: list[Any], helper: str = "larger") -> Any:
    return reduce(lambda a, b: Expression(helper, a, b), xs)


def extreme(helper: str) -> tuple[Callable, Callable, Callable]:
    """max and min: the first of the tied entries, or the mean of all."""

    def index(put: Put, k: int, xs: list[Any], y: Any, params: dict, tie: str) -> Any:
        hits = [np.equal(x, y) for x in xs]
        if tie == "all":
            return [_indicator(hit) for hit in hits]
        first = name(str(len(xs) - 1))
        for i in range(len(xs) - 2, -1, -1):
            first = where(hits[i], name(str(i)), first)
        return put(f"s{k}", first)

    def value(put: Put, k: int, xs: list[Any], params: dict, tie: str) -> Any:
        return put(f"x{k}", _largest(xs, helper))

    def pull(put: Put, k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
        s = index(put, k, xs, y, params, tie)
        if tie == "all":
            n = put(f"n{k}", total(s))
            return [times(hit / n, v) for hit in s]
        return [times(_indicator(np.equal(s, name(str(i)))), v) for i in range(len(xs))]

    return value, pull, index


def pool(helper: str) -> tuple[Callable, Callable, Callable]:
    """The same of a window, whose result is a vector with one entry."""
    value, pull, index = extreme(helper)
    return (
        lambda put, k, xs, params, tie: [value(put, k, xs, params, tie)],
        lambda put, k, xs, y, v, params, tie: pull(put, k, xs, y[0], v[0], params, tie),
        lambda put, k, xs, y, params, tie: index(put, k, xs, y[0], params, tie),
    )


def _ranks(put: Put, k: int, xs: list[Any], descending: bool, tie: str = "first") -> list[Any]:
    """The place of every entry: how many stand before it. Tied ones keep their order, or where it descends reverse it.
    """
    if len(xs) > LONGEST:
        raise TooLarge(f"x{k} orders {len(xs)} entries, and a compiled program at most {LONGEST}: use engine='numpy'.")
    earlier, later = ("ahead", "ahead_or_tied") if descending and tie == "reversed" else ("ahead_or_tied", "ahead")
    ranks = []
    for i, x in enumerate(xs):
        ahead = [Expression(earlier if j < i else later, *((x, o) if descending else (o, x)))
                 for j, o in enumerate(xs) if j != i]
        ranks.append(put(f"r{k}_{i}", total([name("0"), *ahead])))
    return ranks


def sort_value(put: Put, k: int, xs: list[Any], params: dict, tie: str) -> list[Any]:
    ranks = _ranks(put, k, xs, params["descending"], tie)
    entries = []
    for c in range(len(xs)):
        entry = xs[-1]
        for x, r in list(zip(xs, ranks, strict=True))[-2::-1]:
            entry = where(np.equal(r, name(str(c))), x, entry)
        entries.append(put(f"x{k}_{c}", entry))
    return entries


def sort_pull(put: Put, k: int, xs: list[Any], y: Any, v: list[Any], params: dict, tie: str) -> list[Any]:
    return [choice(r, v) for r in _ranks(put, k, xs, params["descending"], tie)]


def sort_index(put: Put, k: int, xs: list[Any], y: Any, params: dict, tie: str) -> list[Any]:
    """The place of every entry in the result."""
    return _ranks(put, k, xs, params["descending"], tie)


def _middle(put: Put, k: int, xs: list[Any]) -> list[Any]:
    """For every entry, whether it is (one of) the middle of the order."""
    n = len(xs)
    low, high = name(str((n - 1) // 2)), name(str(n // 2))
    return [Expression(np.less_equal, low, r, high) for r in _ranks(put, k, xs, False)]


def median_value(put: Put, k: int, xs: list[Any], params: dict, tie: str) -> Any:
    picked = total([where(np.logical_or(mask, np.not_equal(x, x)), x, 0.0)  # nan is last, and yet the median
                    for x, mask in zip(xs, _middle(put, k, xs), strict=True)])
    if len(xs) % 2 == 0:
        return put(f"x{k}", picked / 2.0)
    if tie != "all":
        return put(f"x{k}", picked)
    m = put(f"m{k}", picked)
    hits = [np.equal(x, m) for x in xs]
    n = put(f"n{k}", total([_indicator(hit) for hit in hits]))
    return put(f"x{k}", total([where(hit, x, 0.0) for x, hit in zip(xs, hits, strict=True)]) / n)


def median_pull(put: Put, k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
    if len(xs) % 2 and tie == "all":
        return [times(_indicator(np.equal(x, name(f"m{k}"))) / name(f"n{k}"), v) for x in xs]
    weight = 0.5 if len(xs) % 2 == 0 else 1.0
    return [times(_indicator(mask, weight), v) for mask in _middle(put, k, xs)]


def median_index(put: Put, k: int, xs: list[Any], y: Any, params: dict, tie: str) -> list[Any]:
    """Which entries are picked."""
    if len(xs) % 2 and tie == "all":
        return [_indicator(np.equal(x, name(f"m{k}"))) for x in xs]
    return [_indicator(mask) for mask in _middle(put, k, xs)]


def _exps(put: Put, k: int, xs: list[Any]) -> tuple[Any, list[Any]]:
    """The largest entry, and exp(x_i - it)."""
    top = put(f"t{k}", _largest(xs))
    return top, [put(f"e{k}_{i}", np.exp(x - top)) for i, x in enumerate(xs)]


def logsumexp_value(put: Put, k: int, xs: list[Any], params: dict, tie: str) -> Any:
    top, e = _exps(put, k, xs)
    return put(f"x{k}", top + np.log(put(f"n{k}", total(e))))


def logsumexp_pull(put: Put, k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
    return [times(name(f"e{k}_{i}") / name(f"n{k}"), v) for i in range(len(xs))]


def softmax_value(put: Put, k: int, xs: list[Any], params: dict, tie: str) -> list[Any]:
    _, e = _exps(put, k, xs)
    n = put(f"n{k}", total(e))
    return [put(f"x{k}_{i}", e_i / n) for i, e_i in enumerate(e)]


def softmax_pull(put: Put, k: int, xs: list[Any], y: list[Any], v: list[Any], params: dict, tie: str) -> list[Any]:
    q = put(f"q{k}", total([y_i * v_i for y_i, v_i in zip(y, v, strict=True)]))
    return [y_i * (v_i - q) for y_i, v_i in zip(y, v, strict=True)]
