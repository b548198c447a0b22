"""The instructions that read a vector, as source: each knows its value and its adjoint.

`value(lines, k, xs, params, tie)` appends the lines of x_k and returns the names of its entries (a
list, or one name for a scalar result); `pull(lines, k, xs, y, v, params, tie)` returns the term of
each operand in the backward pass, from the accumulators v (a list, or one for a scalar result).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from selgrad.compilation.text import Text, choice, inner, name, spell, times, total
from selgrad.errors import TooLarge

LONGEST = 32  # ranks compare every entry with every other


@dataclass(frozen=True)
class Vector:
    """How one instruction is spelled; `rule` is the operation it follows."""

    value: Callable
    pull: Callable


def _put(lines: list[str], label: str, value: Any) -> Text:
    lines.append(f"{label} = {spell(value)}")
    return name(label)


def _true(condition: str) -> Text:
    return Text(f"real(1.0) if {condition} else real(0.0)")


def _extreme(helper: str, pool: bool = False) -> Vector:
    """max and min: the first of the tied entries, or the mean of all."""

    def value(lines: list[str], k: int, xs: list[Any], params: dict, tie: str) -> Any:
        nested = reduce(lambda a, b: name(f"{helper}({spell(a)}, {spell(b)})"), xs)
        y = _put(lines, f"x{k}", nested)
        return [y] if pool else y

    def pull(lines: list[str], k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
        y, v = (y[0], v[0]) if pool else (y, v)
        hits = [f"{inner(x)} == {inner(y)}" for x in xs]
        if tie == "all":
            n = _put(lines, f"n{k}", total([_true(hit) for hit in hits]))
            return [times(_true(hit) / n, v) for hit in hits]
        first = str(len(xs) - 1)
        for i in range(len(xs) - 2, -1, -1):
            first = f"{i} if {hits[i]} else ({first})"
        s = _put(lines, f"s{k}", Text(first))
        return [times(_true(f"{s.text} == {i}"), v) for i in range(len(xs))]

    return Vector(value, pull)


def _ranks(lines: list[str], k: int, xs: list[Any], descending: bool, tie: str = "first") -> list[Text]:
    """The place of every entry in the order; tied ones in their own, or reversed where it descends."""
    if len(xs) > LONGEST:
        raise TooLarge(f"x{k} orders {len(xs)} entries, and a compiled program at most {LONGEST}: use engine='numpy'.")
    earlier, later = ("ahead", "ahead_or_tied") if descending and tie == "reversed" else ("ahead_or_tied", "ahead")
    ranks = []
    for i, x in enumerate(xs):
        ahead = [f"{earlier if j < i else later}({', '.join(map(spell, (x, o) if descending else (o, x)))})"
                 for j, o in enumerate(xs) if j != i]
        ranks.append(_put(lines, f"r{k}_{i}", Text(" + ".join(["0", *ahead]))))
    return ranks


def _sort_value(lines: list[str], k: int, xs: list[Any], params: dict, tie: str) -> list[Any]:
    ranks = _ranks(lines, k, xs, params["descending"], tie)
    entries = []
    for c in range(len(xs)):
        text = inner(xs[-1])
        for x, r in list(zip(xs, ranks, strict=True))[-2::-1]:
            text = f"{inner(x)} if {r.text} == {c} else ({text})"
        entries.append(_put(lines, f"x{k}_{c}", Text(text)))
    return entries


def _sort_pull(lines: list[str], k: int, xs: list[Any], y: Any, v: list[Any], params: dict, tie: str) -> list[Any]:
    ranks = _ranks(lines, k, xs, params["descending"], tie)
    return [choice(r.text, v) for r in ranks]


def _middle(lines: list[str], k: int, xs: list[Any]) -> list[str]:
    """For every entry, whether it is (one of) the middle of the order."""
    n = len(xs)
    low, high = (n - 1) // 2, n // 2
    return [f"{low} <= {r.text} <= {high}" for r in _ranks(lines, k, xs, False)]


def _median_value(lines: list[str], k: int, xs: list[Any], params: dict, tie: str) -> Any:
    masks = _middle(lines, k, xs)
    masks = [f"{mask} or {inner(x)} != {inner(x)}" for x, mask in zip(xs, masks, strict=True)]  # nan is the median
    picked = total([Text(f"{inner(x)} if {mask} else real(0.0)") for x, mask in zip(xs, masks, strict=True)])
    if len(xs) % 2 == 0:
        return _put(lines, f"x{k}", picked / 2.0)
    if tie != "all":
        return _put(lines, f"x{k}", picked)
    m = _put(lines, f"m{k}", picked)
    hits = [f"{inner(x)} == {m.text}" for x in xs]
    n = _put(lines, f"n{k}", total([_true(hit) for hit in hits]))
    all_ = total([Text(f"{inner(x)} if {hit} else real(0.0)") for x, hit in zip(xs, hits, strict=True)])
    return _put(lines, f"x{k}", all_ / n)


def _median_pull(lines: list[str], k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
    if len(xs) % 2 and tie == "all":
        return [times(_true(f"{inner(x)} == m{k}") / name(f"n{k}"), v) for x in xs]
    weight = real_half if len(xs) % 2 == 0 else _true
    return [times(weight(mask), v) for mask in _middle(lines, k, xs)]


def real_half(condition: str) -> Text:
    return Text(f"real(0.5) if {condition} else real(0.0)")


def _exps(lines: list[str], k: int, xs: list[Any]) -> tuple[Text, list[Any]]:
    """The largest entry, and exp(x_i - it)."""
    top = _put(lines, f"t{k}", reduce(lambda a, b: name(f"larger({spell(a)}, {spell(b)})"), xs))
    return top, [_put(lines, f"e{k}_{i}", Text(f"exp({inner(x)} - {top.text})")) for i, x in enumerate(xs)]


def _logsumexp_value(lines: list[str], k: int, xs: list[Any], params: dict, tie: str) -> Any:
    top, e = _exps(lines, k, xs)
    return _put(lines, f"x{k}", Text(f"{top.text} + log({spell(total(e))})"))


def _logsumexp_pull(lines: list[str], k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
    return [times(name(f"exp({inner(x)} - {y.text})"), v) for x in xs]


def _softmax_value(lines: list[str], k: int, xs: list[Any], params: dict, tie: str) -> list[Any]:
    _, e = _exps(lines, k, xs)
    n = _put(lines, f"n{k}", total(e))
    return [_put(lines, f"x{k}_{i}", e_i / n) for i, e_i in enumerate(e)]


def _softmax_pull(
    lines: list[str], k: int, xs: list[Any], y: list[Any], v: list[Any], params: dict, tie: str
) -> list[Any]:
    q = _put(lines, f"q{k}", total([y_i * v_i for y_i, v_i in zip(y, v, strict=True)]))
    return [y_i * (v_i - q) for y_i, v_i in zip(y, v, strict=True)]


VECTORS: dict[str, Vector] = {
    "max": _extreme("larger"),
    "min": _extreme("smaller"),
    "max_pool": _extreme("larger", pool=True),
    "median": Vector(_median_value, _median_pull),
    "sort": Vector(_sort_value, _sort_pull),
    "logsumexp": Vector(_logsumexp_value, _logsumexp_pull),
    "softmax": Vector(_softmax_value, _softmax_pull),
}
