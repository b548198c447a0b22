"""The table of kinked primitives that compare entries: max, sort, median, max_pool, where.

Their pieces are coordinates of the operand, so the derivative of a piece only moves entries. For
max, min and median the index s is the set of entries picked, as a boolean array; the piece is
their mean. A tie rule is `first` (the first of the tied entries, by strict comparison from left
to right) or `all` (the mean of all tied entries: a piece of its own, picked on the tie only). A sort
keeps tied entries in their order (`first`), or where it descends reads the ascending order backwards,
ties and all (`reversed`).
"""

from __future__ import annotations

from itertools import combinations, permutations, product
from typing import Any

import numpy as np

from selgrad.primitives import facts as has
from selgrad.primitives.comparisons import RELATIONS
from selgrad.primitives.convention_names import CONVENTIONS
from selgrad.primitives.facts import ALL, CALL, ENTRYWISE, LIBRARY, LOG_EXP, NONE, RATIONAL, SAME, SLOPES, Facts, Vector
from selgrad.primitives.groups import AXIS, WINDOWS, windows
from selgrad.primitives.row_comparisons import Extremes, Ranks, Sides
from selgrad.primitives.rows import Cases, Kinked, Linear, column, indicator, records, table
from selgrad.primitives.structural import gather, scatter


def _units(shape: tuple[int, ...], axis: int, options: list[Any]) -> list[np.ndarray]:
    """Every way to put one option (an array along `axis`) in each slice of this shape."""
    n = shape[axis]
    rest = tuple(np.delete(shape, axis))
    arrays = []
    for pick in product(options, repeat=int(np.prod(rest))):
        arrays.append(np.moveaxis(np.array(pick).reshape((*rest, n)), -1, axis))
    return arrays


def _first(x: Any, winner: Any, axis: int) -> np.ndarray:
    hit = x == winner
    at = np.argmax(hit, axis=axis, keepdims=True)
    mask = np.zeros(x.shape, dtype=bool)
    np.put_along_axis(mask, at, True, axis=axis)
    return mask


def _first_written(hit: Any, axis: int) -> Any:
    """Of the entries that are 1 along an axis only the first."""
    return np.where(np.cumsum(hit, axis=axis) < 1.5, hit, 0.0)


def _ranks(x: Any, axis: int, descending: bool, rule: str = "first") -> Any:
    """How many entries stand before each one in the order, by comparing all pairs; the axis is the last."""
    x = np.moveaxis(x, axis, -1)
    gaps = x[..., :, None] - x[..., None, :]
    before = gaps < 0 if descending else gaps > 0
    earlier = np.tri(x.shape[-1], k=-1)
    tied = earlier.T if descending and rule == "reversed" else earlier
    return np.sum(indicator(before) + tied * indicator(gaps == 0), axis=-1)


def _wide(x: Any) -> Any:
    """The format in which entries are counted and added up: float16 ends at 65,504."""
    return np.float32 if x.dtype == np.float16 else x.dtype


def _mean_of(s: Any, x: Any, axis: int) -> Any:
    wide = _wide(x)
    y = np.sum(np.where(s, x, 0), axis=axis, dtype=wide) / np.sum(s, axis=axis, dtype=wide)
    return y if wide == x.dtype else y.astype(x.dtype)


def _d_mean_of(s: Any, y: Any, x: Any, axis: int) -> Linear:
    if records(s):
        w = s / np.sum(s, axis=axis, keepdims=True)
    else:
        w = s / np.sum(s, axis=axis, keepdims=True, dtype=_wide(x))
        w = w if w.dtype == x.dtype else w.astype(x.dtype)
    return Linear(lambda dx: np.sum(w * dx, axis=axis), lambda v: w * np.expand_dims(v, axis))


def _frozen_mean_of(s: Any, x: Any, axis: int) -> Any:
    return np.sum(s / np.sum(s, axis=axis, keepdims=True) * x, axis=axis)


def _subsets(n: int, sizes: range) -> list[np.ndarray]:
    picks = [c for size in sizes for c in combinations(range(n), size)]
    return [np.isin(np.arange(n), c) for c in picks]


#                affine exact     bits     rounding growth       theory   scalar
PICKS = Facts(   ALL,   RATIONAL, SAME,    SLOPES,  has.largest, LOG_EXP, Vector(AXIS, one=True))
MIDDLE = Facts(  ALL,   RATIONAL, LIBRARY, SLOPES,  has.largest, LOG_EXP, Vector(AXIS, one=True))
PERMUTES = Facts(ALL,   RATIONAL, SAME,    SLOPES,  has.largest, LOG_EXP, Vector(AXIS, one=False))
POOLS = Facts(   ALL,   RATIONAL, SAME,    SLOPES,  has.largest, LOG_EXP, Vector(WINDOWS, one=True))
CHOOSES = Facts( ALL,   RATIONAL, SAME,    SLOPES,  lambda z, a, b, **params: max(a, b), LOG_EXP, ENTRYWISE)


def _extreme(name: str, reduce: Any, sign: int, tex: str) -> Kinked:
    def index(rule: str, x: Any, axis: int) -> np.ndarray:
        winner = reduce(x, axis=axis, keepdims=True)
        return x == winner if rule == "all" else _first(x, winner, axis)

    def written(rule: str, x: Any, axis: int) -> Any:
        hit = indicator(x == reduce(x, axis=axis, keepdims=True))
        return hit if rule == "all" else _first_written(hit, axis)

    def choices(shape: tuple, rule: str, axis: int) -> list[np.ndarray]:
        n = shape[axis]
        sizes = range(1, n + 1) if rule == "all" else range(1, 2)
        return _units(shape, axis, _subsets(n, sizes))

    def switches(x: Any, axis: int) -> tuple:
        # an entry is active where it reaches the extreme value: zero there, negative elsewhere
        return (sign * (x - reduce(x, axis=axis, keepdims=True)),)

    return Kinked(
        name, lambda x, axis: reduce(x, axis=axis), (_d_mean_of,), index=index, switches=switches,
        select=lambda s, x, axis: reduce(x, axis=axis), frozen=_frozen_mean_of, choices=choices,
        pieces=("x_i", "mean of x_i over a tied set"), written=written, facts=PICKS,
        compares=Extremes(AXIS, sign), prints=has.in_tex(tex, 0),
        ties=column("first", "all", "all", "all", "all"),
        rules=("first", "all"), unread=NONE,
    )


def _sort_index(rule: str, x: Any, axis: int, descending: bool) -> np.ndarray:
    """The stable order; nan comes last in it, and first where it descends."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    if rule == "reversed":
        return np.flip(np.argsort(x, axis=axis, kind="stable"), axis)
    return x.shape[axis] - 1 - np.flip(np.argsort(np.flip(x, axis), axis=axis, kind="stable"), axis)


def _along(x: Any, s: Any, axis: int) -> Any:
    lead = np.broadcast_shapes(x.shape, s.shape)
    return np.take_along_axis(np.broadcast_to(x, lead), np.broadcast_to(s, lead), axis=axis)


def _permutation(rule: str, x: Any, axis: int, descending: bool) -> Any:
    """The permutation matrix P of sorting, entry (r, i) for rank r, with the axis in last place."""
    ranks = _ranks(x, axis, descending, rule)
    return indicator(ranks[..., None, :] == np.arange(ranks.shape[-1])[:, None])


def _d_sort(s: Any, y: Any, x: Any, axis: int, descending: bool) -> Linear:
    if records(s):
        return Linear(
            lambda dx: np.moveaxis(np.sum(s * np.moveaxis(dx, axis, -1)[..., None, :], axis=-1), -1, axis),
            lambda v: np.moveaxis(np.sum(s * np.moveaxis(v, axis, -1)[..., :, None], axis=-2), -1, axis),
        )
    back = np.argsort(s, axis=axis)
    return Linear(lambda dx: _along(dx, s, axis), lambda v: _along(v, back, axis))


def _frozen_sort(s: Any, x: Any, axis: int, descending: bool) -> Any:
    flat = np.arange(s.size).reshape(s.shape)
    return np.reshape(x, -1)[np.take_along_axis(flat, s, axis=axis)]


def _gaps(x: Any, axis: int, descending: bool) -> tuple:
    return (np.diff(np.sort(x, axis=axis), axis=axis),)


def _median_index(rule: str, x: Any, axis: int) -> np.ndarray:
    n = x.shape[axis]
    order = np.argsort(x, axis=axis, kind="stable")
    middle = np.take(order, range((n - 1) // 2, n // 2 + 1), axis=axis)
    if rule == "all" and n % 2:
        return x == np.take_along_axis(x, middle, axis=axis)  # np.median keeps no axis of an array of rationals
    mask = np.zeros(x.shape, dtype=bool)
    np.put_along_axis(mask, middle, True, axis=axis)
    return mask


def _median_written(rule: str, x: Any, axis: int) -> Any:
    n = x.shape[axis]
    if rule == "all" and n % 2:
        return indicator(x == np.median(x, axis=axis, keepdims=True))
    ranks = _ranks(x, axis, False)
    first, *second = [indicator(ranks == r) for r in range((n - 1) // 2, n // 2 + 1)]
    middle: Any = sum(second, first)
    return np.moveaxis(middle, -1, axis)


def _median_of(s: Any, x: Any, axis: int) -> Any:
    return _mean_of(s | np.not_equal(x, x), x, axis)  # nan is last in the order, and yet the median


def _median_choices(shape: tuple, rule: str, axis: int) -> list[np.ndarray]:
    n = shape[axis]
    whole = rule == "all" and n % 2
    sizes = range(1, n + 1) if whole else range(2 - n % 2, 3 - n % 2)
    return _units(shape, axis, _subsets(n, sizes))


MEDIAN = Kinked(
    "median", lambda x, axis: np.median(x, axis=axis), (_d_mean_of,), index=_median_index,
    select=_median_of, frozen=_frozen_mean_of, choices=_median_choices, written=_median_written,
    switches=lambda x, axis: _gaps(x, axis, False), pieces=("x_i", "(x_i + x_j)/2"),
    ties=column("first", "-", "all", "first", "-"), rules=("first", "all"), unread=NONE, facts=MIDDLE,
    compares=Ranks(AXIS, lambda n: range((n - 1) // 2, n // 2 + 1)), prints=CALL,
)


def _pool_index(rule: str, x: Any, core: tuple, window: tuple, strides: tuple) -> np.ndarray:
    entries = gather(x, core, windows(core, window, strides))
    return _first(entries, np.max(entries, axis=-1, keepdims=True), -1)


def _pool_written(rule: str, x: Any, core: tuple, window: tuple, strides: tuple) -> Any:
    entries = gather(x, core, windows(core, window, strides))
    return _first_written(indicator(entries == np.max(entries, axis=-1, keepdims=True)), -1)


def _pool(x: Any, core: tuple, window: tuple, strides: tuple) -> Any:
    return np.max(gather(x, core, windows(core, window, strides)), axis=-1)


def _d_pool(s: Any, y: Any, x: Any, core: tuple, window: tuple, strides: tuple) -> Linear:
    at = windows(core, window, strides)

    def pull(v: Any) -> Any:
        return scatter(s * v[..., None], core, at)

    return Linear(lambda dx: np.sum(s * gather(dx, core, at), axis=-1), pull)


def _frozen_pool(s: Any, x: Any, core: tuple, window: tuple, strides: tuple) -> Any:
    at = windows(np.shape(x), window, strides)
    return np.reshape(x, -1)[np.take_along_axis(at, np.argmax(s, axis=-1)[..., None], -1)[..., 0]]


def _pool_choices(shape: tuple, rule: str, core: tuple, window: tuple, strides: tuple) -> list:
    at = windows(shape, window, strides)
    return _units(at.shape, -1, _subsets(at.shape[-1], range(1, 2)))


def _pool_gaps(x: Any, core: tuple, window: tuple, strides: tuple) -> tuple:
    entries = gather(x, core, windows(core, window, strides))
    return (entries - np.max(entries, axis=-1, keepdims=True),)


def _picked(s: Any, z: Any, a: Any, b: Any) -> Any:
    y = np.where(s, a, b)[()]
    # two plain numbers take the format of the program, which is that of z
    return y.astype(z.dtype) if type(a) is float and type(b) is float and isinstance(z, np.ndarray | np.generic) else y


def _where_slope(taken: bool) -> Any:
    def slope(s: Any, y: Any, z: Any, a: Any, b: Any, relation: str) -> Any:
        if isinstance(s, Cases):
            return s.choose((0.0, 1.0) if taken else (1.0, 0.0))
        return s if taken else ~s

    return slope


def _frozen_where(s: Any, z: Any, a: Any, b: Any, relation: str) -> Any:
    if s.all():
        return a
    if not s.any():
        return b
    return s.astype(float) * a + (~s).astype(float) * b


ORDER = table(
    [
        _extreme("max", np.max, 1, r"\max {}"),
        _extreme("min", np.min, -1, r"\min {}"),
        MEDIAN,
        Kinked("sort", lambda x, axis, descending: _along(x, _sort_index("first", x, axis, descending), axis),
               (_d_sort,), index=_sort_index, select=lambda s, x, axis, descending: _along(x, s, axis),
               frozen=_frozen_sort, written=_permutation, switches=_gaps, pieces=("P x, P a permutation",),
               ties=column("first", "first", "first", "reversed", "first"), rules=("first", "reversed"),
               unread=NONE, compares=Ranks(AXIS, None), facts=PERMUTES, prints=CALL,
               choices=lambda shape, rule, axis, descending: _units(
                   shape, axis, [np.array(p) for p in permutations(range(shape[axis]))])),
        Kinked("max_pool", _pool, (_d_pool,), index=_pool_index, switches=_pool_gaps, frozen=_frozen_pool,
               written=_pool_written,
               select=lambda s, x, core, window, strides: _pool(x, core, window, strides),
               choices=_pool_choices, pieces=("x_i, i in the window",),
               ties=column("first", "first", "first", "first", "-"), rules=("first",), unread=NONE,
               compares=Extremes(WINDOWS, 1), facts=POOLS, prints=CALL),
        # z only decides: no derivative passes through it, as in every framework
        Kinked("where", lambda z, a, b, relation: np.where(RELATIONS[relation](z, 0), a, b),
               (None, _where_slope(True), _where_slope(False)),
               index=lambda rule, z, a, b, relation: np.asarray(RELATIONS[relation](z, 0)),
               select=lambda s, z, a, b, relation: _picked(s, z, a, b), frozen=_frozen_where,
               written=lambda rule, z, a, b, relation: Cases((RELATIONS[relation](z, 0), 1)),
               switches=lambda z, a, b, relation: (z,), pieces=("b", "a"),
               ties=column(*["as compared"] * len(CONVENTIONS)), rules=("as compared",),
               choices=lambda shape, rule, relation: [
                   np.array(c).reshape(shape) for c in product((False, True), repeat=int(np.prod(shape)))],
               unread=NONE, compares=Sides(), facts=CHOOSES,
               prints=has.alike("where({} {relation} 0, {}, {})", 9, 0, 0, 0,
                                tex=r"\mathrm{{where}}({} {relation} 0, {}, {})")),
    ]
)
