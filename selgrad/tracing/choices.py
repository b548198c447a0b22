"""How choices are recorded: np.where and its relatives, comparisons, and what is a step between two choices."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.tracing.comparisons import Comparison, is_truth, truth
from selgrad.tracing.recorder import Traced, array, elementwise, fixed
from selgrad.tracing.refusals import refuse
from selgrad.tracing.shapes import arrays_of, getitem


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """np.where on a comparison; a compound condition becomes nested choices."""
    if x is None or y is None:
        raise refuse("np.where with one argument returns indices", "give both values: np.where(condition, a, b)")
    if isinstance(condition, (list, tuple)) or (isinstance(condition, np.ndarray) and condition.dtype == object):
        condition = array(condition)
    if isinstance(condition, Traced):
        condition = condition != 0
    if not isinstance(condition, Comparison):
        return elementwise("where", np.asarray(condition, dtype=bool).astype(float), x, y, relation=">")
    if condition.kind == "atom":
        ((z, relation),) = condition.parts
        return elementwise("where", z, x, y, relation=relation)
    if condition.kind == "data":
        return where(condition.data, x, y)
    if condition.kind == "not":
        return where(condition.children[0], y, x)
    if condition.kind in ("all", "any"):
        return x if bool(condition) else y
    one, other = condition.children
    if condition.kind == "and":
        return where(one, where(other, x, y), y)
    if condition.kind == "or":
        return where(one, x, where(other, x, y))
    same = where(other, x, y)
    opposite = where(other, y, x)
    return where(one, opposite, same) if condition.kind == "xor" else where(one, same, opposite)


def compare(relation: str) -> Any:
    """(a relation b), by the sign of a - b; an infinite b is compared by the largest finite number."""

    def rule(a: Any, b: Any) -> Comparison:
        a, b = array(a), array(b)
        if isinstance(b, Traced) and not isinstance(a, Traced) and np.isinf(a).any():
            return compare(SWAPPED[relation])(b, a)
        if not isinstance(b, Traced) and np.isinf(np.asarray(b, dtype=float)).any():
            return _infinite(relation, a, b)
        zero = not isinstance(b, Traced) and np.ndim(b) == 0 and b == 0
        return Comparison([(a if zero else elementwise("subtract", a, b), relation)], "atom")

    return rule


SWAPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}


def _infinite(relation: str, a: Any, b: Any) -> Comparison:
    if np.ndim(b) != 0:
        raise refuse("A traced value is compared with an array that holds infinities",
                     "use np.isfinite, or finite bounds")
    if b < 0:
        return _infinite(SWAPPED[relation], -a, -b)
    largest = float(np.finfo(a.dtype).max)
    if relation in ("<=", ">"):  # so for every number, or for none
        everywhere = Comparison([(square_plus(a), ">")], "atom")
        return everywhere if relation == "<=" else everywhere & False
    beyond = Comparison([(elementwise("subtract", a, largest), ">")], "atom")
    return beyond if relation in ("==", ">=") else ~beyond


def square_plus(x: Any) -> Any:
    """x^2 + 1: positive for every number, also an infinite one, and no tie of anything."""
    return elementwise("add", elementwise("square", x), 1.0)


def isfinite(x: Any) -> Comparison:
    return elementwise("add", elementwise("multiply", x, 0.0), 1.0) > 0


def isnan(x: Any) -> Comparison:
    return ~(square_plus(x) > 0)


def isinf(x: Any) -> Comparison:
    return ~isfinite(x) & (square_plus(x) > 0)


def sign(x: Any) -> Any:
    """A step: 1, -1, and 0 at 0."""
    return where(x > 0, 1.0, where(x < 0, -1.0, 0.0))


def heaviside(x1: Any, x2: Any) -> Any:
    x1 = array(x1)
    return where(x1 > 0, 1.0, where(x1 < 0, 0.0, x2))


def copysign(x1: Any, x2: Any) -> Any:
    size = np.abs(x1)
    return where(array(x2) < 0, -size, size) if isinstance(x2, Traced) else where(np.signbit(x2), -size, size)


def logical(joined: str) -> Any:
    """and, or, xor of traced numbers, which are true where they are not 0."""

    def rule(*xs: Any) -> Any:
        a, *rest = [x != 0 if isinstance(x, Traced) else x if is_truth(x) else np.asarray(x, dtype=bool) for x in xs]
        if not rest:
            return ~a
        (b,) = rest
        return truth(a)._join(b, joined)

    return rule


def truth_of(kind: str) -> Any:
    """np.all, np.any."""

    def rule(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
        a = a if isinstance(a, Comparison) else array(a) != 0
        return getattr(a, kind)(axis, bool(keepdims))

    return rule


def count_nonzero(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    nonzero = a if isinstance(a, Comparison) else array(a) != 0
    return np.sum(nonzero.number, axis=axis, keepdims=keepdims)


def clip(a: Any, a_min: Any = None, a_max: Any = None, min: Any = None, max: Any = None) -> Any:
    low, high = (next((b for b in pair if b is not None and b is not np._NoValue), None)
                 for pair in ((a_min, min), (a_max, max)))
    if low is None:
        return a if high is None else elementwise("clip_max", a, high)
    return elementwise("clip_min", a, low) if high is None else elementwise("clip", a, low, high)


def select(condlist: Any, choicelist: Any, default: Any = 0.0) -> Any:
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    y = default
    for condition, choice in zip(reversed(list(condlist)), reversed(list(choicelist)), strict=True):
        y = where(condition, choice, y)
    return y


def piecewise(x: Any, condlist: Any, funclist: Any, args: tuple = ()) -> Any:
    """Every piece is computed on all of x, and np.where chooses: the last that holds, as in NumPy."""
    if isinstance(condlist, Comparison) or (isinstance(condlist, np.ndarray) and condlist.ndim == x.ndim):
        condlist = [condlist]
    conditions, pieces = list(condlist), list(funclist)
    if len(pieces) not in (len(conditions), len(conditions) + 1):
        raise ValueError(f"with {len(conditions)} condition(s), either {len(conditions)} or {len(conditions) + 1} "
                         "functions are expected")
    values = [piece(x, *args) if callable(piece) else piece for piece in pieces]
    y: Any = values.pop() if len(values) > len(conditions) else 0.0
    for condition, value in zip(conditions, values, strict=True):
        y = where(condition, value, y)
    return np.broadcast_to(y, np.shape(x))


def choose(a: Any, choices: Any) -> Any:
    """np.choose with plain indices."""
    if isinstance(array(a), Traced):
        raise refuse("A traced value is used as an index", "choose with np.where, or give plain indices")
    every = arrays_of(choices)
    index = np.asarray(a)
    if index.size and not (0 <= index.min() and index.max() < len(every)):
        raise ValueError("invalid entry in choice array")
    y = every[0]
    for i, choice in enumerate(every[1:], 1):
        y = where(index == i, choice, y)
    return y


def compress(condition: Any, a: Any, axis: Any = None) -> Any:
    if isinstance(array(condition), Traced):
        raise refuse("A traced value is used as a mask", "choose with np.where, or give plain truth values")
    at = np.flatnonzero(np.asarray(condition))
    return np.take(a, at, axis=axis)


def extract(condition: Any, arr: Any) -> Any:
    return compress(np.ravel(condition), arr)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Piecewise linear between the points (xp, fp), with a kink at every xp."""
    xp, fp, x = (array(v) if isinstance(array(v), Traced) else fixed(v) for v in (xp, fp, x))
    n = np.size(xp)
    if n != np.size(fp) or n == 0:
        raise ValueError("fp and xp are not of the same length.")
    left, right = (fp[0] if left is None else left), (fp[n - 1] if right is None else right)
    if not isinstance(x, Traced) and not isinstance(xp, Traced):  # only fp is traced: linear in it
        at = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(n - 2, 0))
        if n > 1:
            share = np.clip((x - xp[at]) / (xp[at + 1] - xp[at]), 0.0, 1.0)
            inside = getitem(fp, at) * (1.0 - share) + getitem(fp, at + 1) * share
        else:
            inside = fp[0] + 0.0 * x
        return where(np.less(x, xp[0]), left, where(np.greater(x, xp[n - 1]), right, inside))
    y: Any = fp[n - 1]
    for i in reversed(range(n - 1)):
        slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
        y = where(x < xp[i + 1], fp[i] + slope * (x - xp[i]), y)
    return where(x < xp[0], left, where(x > xp[n - 1], right, y))


def sinc(x: Any) -> Any:
    y = np.pi * where(x == 0, 1e-20, x)  # sin(y) / y is 1 there, and so is its limit
    return np.sin(y) / y


def nan_to_num(x: Any, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    largest = float(np.finfo(x.dtype).max)
    x = where(isnan(x), nan, x)
    x = where(compare("==")(x, np.inf), largest if posinf is None else posinf, x)
    return where(compare("==")(x, -np.inf), -largest if neginf is None else neginf, x)
