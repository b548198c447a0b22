"""What NumPy's functions and methods record: thin spellings over the tables of primitives."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Traced, elementwise, fixed, record, refuse


def where(condition: Any, a: Any = None, b: Any = None) -> Any:
    """np.where on a comparison; a compound condition becomes nested choices."""
    if a is None or b is None:
        raise refuse("np.where with one argument returns indices", "give both values: np.where(condition, a, b)")
    if not isinstance(condition, Comparison):
        if isinstance(condition, Traced):
            condition = condition != 0
        else:
            mask = np.asarray(condition, dtype=bool).astype(float)
            return elementwise("where", mask, a, b, relation=">")
    if condition.kind == "atom":
        ((z, relation),) = condition.parts
        return elementwise("where", z, a, b, relation=relation)
    if condition.kind == "not":
        return where(condition.children[0], b, a)
    if condition.kind in ("all", "any"):
        return a if bool(condition) else b
    one, other = condition.children
    if condition.kind == "and":
        return where(one, where(other, a, b), b)
    return where(one, a, where(other, a, b))


def compare(relation: str) -> Any:
    def rule(a: Any, b: Any) -> Comparison:
        zero = not isinstance(b, Traced) and np.ndim(b) == 0 and not isinstance(b, Comparison) and b == 0
        return Comparison([(a if zero else elementwise("subtract", a, b), relation)], "atom")

    return rule


def power(a: Any, b: Any) -> Any:
    if isinstance(b, Traced):
        return np.exp(b * np.log(a))  # x**y = exp(y log x), which is how it is log-exp elementary
    if np.ndim(b) == 0 and b == 2:
        return elementwise("square", a)
    return elementwise("power", a, b)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes as negative numbers, sorted: they count from the end, whatever the batch."""
    listed = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(int(a) - ndim if a >= 0 else int(a) for a in listed))


def _total(op: str) -> Any:
    def rule(x: Any, axis: Any = None, keepdims: bool = False, **other: Any) -> Any:
        _no(other)
        return record(op, x, axis=axes_of(axis, np.ndim(x)), keepdims=bool(keepdims)) if np.ndim(x) else x

    return rule


def _no(other: dict[str, Any]) -> None:
    given = [k for k, v in other.items() if v is not None and v is not np._NoValue]
    if given:
        raise refuse(f"The option {given[0]}= is not supported on traced values", "leave it out")


def along_one(op: str) -> Any:
    """A reduction whose row takes a single axis; several axes are flattened to one first."""

    def rule(x: Any, axis: Any = None, keepdims: bool = False, **other: Any) -> Any:
        _no(other)
        if not np.ndim(x):
            return x
        axes = axes_of(axis, np.ndim(x))
        if len(axes) == 1:
            y = record(op, x, axis=axes[0])
        else:
            rest = [a for a in range(-np.ndim(x), 0) if a not in axes]
            moved = x if not rest else np.transpose(x, [a + np.ndim(x) for a in (*rest, *axes)])
            y = record(op, reshape(moved, (*(np.shape(x)[a] for a in rest), -1)), axis=-1)
        if not keepdims:
            return y
        return reshape(y, tuple(1 if a in axes else np.shape(x)[a] for a in range(-np.ndim(x), 0)))

    return rule


def var(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False, **other: Any) -> Any:
    _no(other)
    spread = np.square(x - np.mean(x, axis=axis, keepdims=True))
    n = int(np.prod([x.shape[a] for a in axes_of(axis, x.ndim)]))
    return np.sum(spread, axis=axis, keepdims=keepdims) / (n - ddof)


def reshape(x: Any, shape: Any, *more: Any, order: str = "C", **other: Any) -> Any:
    if order != "C":
        raise refuse("reshape with order other than 'C' is not supported", "transpose first")
    wanted = (shape, *more) if more else shape
    target = np.empty(np.shape(x), dtype=bool).reshape(wanted).shape
    return x if target == np.shape(x) else record("reshape", x, core=np.shape(x), shape=target)


def transpose(x: Any, axes: Any = None, *more: Any) -> Any:
    if more:
        axes = (axes, *more)
    order = tuple(range(np.ndim(x)))[::-1] if axes is None else tuple(int(a) % np.ndim(x) for a in axes)
    return x if order == tuple(range(np.ndim(x))) else record("transpose", x, axes=order)


def moved(function: Any) -> Any:
    """swapaxes, moveaxis, ...: ask NumPy where the axes of a stand-in go."""

    def rule(x: Any, *args: Any, **kwargs: Any) -> Any:
        stand_in = np.lib.stride_tricks.as_strided(np.empty(0), np.shape(x), [8 * (i + 1) for i in range(np.ndim(x))])
        return transpose(x, [stride // 8 - 1 for stride in function(stand_in, *args, **kwargs).strides])

    return rule


def reshaped(function: Any) -> Any:
    """ravel, squeeze, expand_dims, atleast_1d, ...: ask NumPy for the shape only."""
    return lambda x, *args, **kwargs: reshape(x, function(np.empty(np.shape(x)), *args, **kwargs).shape)


def rearranged(function: Any) -> Any:
    """flip, roll, repeat, tile, take, diagonal, ...: ask NumPy where each position goes."""

    def rule(x: Any, *args: Any, **kwargs: Any) -> Any:
        at = function(np.arange(x.size).reshape(x.shape), *args, **kwargs)
        return record("gather", x, core=x.shape, at=np.asarray(at))

    return rule


def getitem(x: Any, key: Any) -> Any:
    parts = key if isinstance(key, tuple) else (key,)
    if any(isinstance(part, (Traced, Comparison)) for part in parts):
        raise refuse("A traced value is used as an index", "choose with np.where, or index with plain integers")
    at = np.arange(x.size).reshape(x.shape)[key]
    if not all(isinstance(part, (int, np.integer, slice, type(Ellipsis))) for part in parts):
        if all(part is None or part is Ellipsis for part in parts):
            return reshape(x, at.shape)
        return record("gather", x, core=x.shape, at=at)
    if Ellipsis in parts:
        cut = parts.index(Ellipsis)
        fill = (slice(None),) * (x.ndim - len(parts) + 1)
        parts = parts[:cut] + fill + parts[cut + 1 :]
    full = tuple(int(p) if not isinstance(p, slice) else p for p in parts) + (slice(None),) * (x.ndim - len(parts))
    return x if all(p == slice(None) for p in full) and full else record("slice", x, core=x.shape, key=full)


def concatenate(arrays: Any, axis: int = 0, **other: Any) -> Any:
    _no(other)
    parts = [a if isinstance(a, Traced) else fixed(np.asarray(a)) for a in arrays]
    if axis is None:
        parts, axis = [reshape(a, -1) for a in parts], 0
    cores = tuple(np.shape(a) for a in parts)
    np.concatenate([np.empty(c) for c in cores], axis=axis)  # NumPy's own words when shapes disagree
    return record("concatenate", *parts, axis=axis - len(cores[0]) if axis >= 0 else axis, cores=cores)


def stack(arrays: Any, axis: int = 0, **other: Any) -> Any:
    return concatenate([np.expand_dims(a, axis) for a in arrays], axis=axis, **other)


def joined(function: Any) -> Any:
    """hstack, vstack: concatenation after NumPy's own promotion of low dimensions."""

    def rule(arrays: Any) -> Any:
        if function is np.hstack:
            parts = [reshape(a, -1) if np.ndim(a) == 0 else a for a in arrays]
            return concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1)
        return concatenate([np.atleast_2d(a) for a in arrays], axis=0)

    return rule


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        raise refuse(f"np.pad with mode={mode!r} is not supported", "use constant, edge, reflect, symmetric or wrap")
    if mode != "constant":
        return rearranged(np.pad)(x, pad_width, mode=mode)
    widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2))
    return record("pad", x, widths=tuple((int(a), int(b)) for a, b in widths), fill=float(constant_values))


def cumsum(x: Any, axis: Any = None, **other: Any) -> Any:
    _no(other)
    x = reshape(x, -1) if axis is None else x
    return record("cumsum", x, axis=axes_of(0 if axis is None else axis, x.ndim)[0])


def matmul(a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        raise refuse("matmul of a scalar", "use * for scalars")
    if min(np.ndim(a), np.ndim(b)) == 1 and max(np.ndim(a), np.ndim(b)) > 2:
        return tensordot(a, b, axes=(-1, max(np.ndim(b) - 2, 0)))  # one vector meets a stack of matrices
    lead = np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2])
    if lead and min(np.ndim(a), np.ndim(b)) > 1:
        a, b = (np.broadcast_to(x, lead + np.shape(x)[-2:]) for x in (a, b))
    return record("matmul", a, b, vectors=(np.ndim(a) == 1, np.ndim(b) == 1))


def dot(a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    return matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, axes=(-1, -2))


def broadcast_to(x: Any, shape: Any) -> Any:
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return x if np.shape(x) == shape else record("broadcast", x, core=np.shape(x), shape=shape)


def einsum(subscripts: str, *xs: Any, **other: Any) -> Any:
    other.pop("optimize", None)
    _no(other)
    left, arrow, out = subscripts.replace(" ", "").partition("->")
    spare = [c for c in string.ascii_letters if c not in left]
    pairs = list(zip(xs, left.split(","), strict=True))
    hidden = [np.ndim(x) - len(t.replace("...", "")) if "..." in t else 0 for x, t in pairs]
    dots = "".join(spare[: max(hidden)])  # the letters that "..." stands for
    terms = [t.replace("...", dots[len(dots) - n :]) for n, (_, t) in zip(hidden, pairs, strict=True)]
    if not arrow:
        letters = left.replace("...", "").replace(",", "")
        out = "..." + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    out = out.replace("...", dots)
    for term in terms:
        if len(set(term)) < len(term):
            raise refuse(f"einsum term {term!r} repeats an index", "take np.diagonal first")
    return record("einsum", *xs, terms=tuple(terms), out=out)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    letters = string.ascii_lowercase
    if isinstance(axes, int):
        axes = (list(range(np.ndim(a) - axes, np.ndim(a))), list(range(axes)))
    left, right = ([x] if isinstance(x, int) else list(x) for x in axes)
    ta = list(letters[: np.ndim(a)])
    tb = list(letters[np.ndim(a) : np.ndim(a) + np.ndim(b)])
    for i, j in zip(left, right, strict=True):
        tb[j] = ta[i]
    out = [c for k, c in enumerate(ta) if k not in [i % len(ta) for i in left]]
    out += [c for k, c in enumerate(tb) if k not in [j % len(tb) for j in right]]
    return einsum(f"{''.join(ta)},{''.join(tb)}->{''.join(out)}", a, b)


def diag(x: Any, k: int = 0) -> Any:
    if np.ndim(x) == 2:
        return rearranged(np.diagonal)(x, k)
    return rearranged(np.diag)(x, k) * np.diag(np.ones(np.size(x)), k)  # the mask clears what is off the diagonal


def triangle(function: Any) -> Any:
    return lambda x, k=0: x * function(np.ones(x.shape), k)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord is None or (ord in (2, "fro") and (np.ndim(x) == 1 or axis is not None or ord == "fro")):
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    if np.ndim(x) == 1 or isinstance(axis, int):
        if ord == 1:
            return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
        if ord == np.inf:
            return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    raise refuse(f"np.linalg.norm with ord={ord} is not supported", "use the 1-, 2- or inf-norm of vectors")
