"""How the functions that move entries about are recorded: shapes, axes, indices, joining and splitting."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from selgrad.tracing.arguments import one_axis
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Traced, array, fixed, record
from selgrad.tracing.refusals import refuse


def stand_in(x: Any) -> np.ndarray:
    """An array of the shape and format of x that takes no memory: what NumPy is asked about shapes."""
    return np.broadcast_to(np.zeros((), dtype=x.dtype), x.shape)


def positions(x: Any) -> np.ndarray:
    """The number of each entry of x, in its place: what NumPy is asked where entries go."""
    return np.arange(x.size).reshape(x.shape)


def reshape(a: Any, shape: Any, order: str = "C", copy: Any = None) -> Any:
    if order not in ("C", "F"):
        raise refuse(f"The order {order!r} depends on how memory is laid out, which a program does not know",
                     "use order='C' or order='F'")
    target = np.empty(np.shape(a), dtype=bool).reshape(shape).shape
    if order == "F":
        return transpose(reshape(transpose(a), target[::-1]))
    return a if target == np.shape(a) else record("reshape", a, core=np.shape(a), shape=target)


def ravel(a: Any, order: str = "C") -> Any:
    return reshape(a, (-1,), order)


def transpose(a: Any, axes: Any = None) -> Any:
    ndim = np.ndim(a)
    order = tuple(range(ndim))[::-1] if axes is None else np.lib.array_utils.normalize_axis_tuple(tuple(axes), ndim)
    if len(order) != ndim:
        raise ValueError("axes don't match array")
    return a if order == tuple(range(ndim)) else record("transpose", a, axes=order)


def moved(function: Any) -> Any:
    """swapaxes, moveaxis, ...: ask NumPy where the axes of a stand-in go."""

    def rule(**given: Any) -> Any:
        x, *rest = given.values()
        probe = np.lib.stride_tricks.as_strided(np.empty(0), np.shape(x), [8 * (i + 1) for i in range(np.ndim(x))])
        return transpose(x, [stride // 8 - 1 for stride in function(probe, *rest).strides])

    return rule


def reshaped(function: Any) -> Any:
    """squeeze, expand_dims, atleast_1d, ...: ask NumPy for the shape only."""

    def rule(**given: Any) -> Any:
        x, *rest = given.values()
        if isinstance(x, tuple):  # atleast_1d and its like take any number of arrays
            every = [reshape(a, function(np.empty(np.shape(a))).shape) for a in map(array, x)]
            return every[0] if len(every) == 1 else tuple(every)
        return reshape(x, function(np.empty(np.shape(x)), *rest).shape)

    return rule


def rearranged(function: Any) -> Any:
    """flip, roll, repeat, tile, take, diagonal, ...: ask NumPy where each position goes."""

    def rule(**given: Any) -> Any:
        first, *rest = given
        for name in rest:
            if isinstance(array(given[name]), Traced):
                raise refuse(f"A traced value says where entries go ({name}=)", "give plain whole numbers")
        x = given[first]
        x = x if isinstance(x, Traced) else fixed(x)
        return record("gather", x, core=x.shape, at=np.asarray(function(positions(x), **{n: given[n] for n in rest})))

    return rule


def getitem(a: Any, key: Any) -> Any:
    parts = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if isinstance(part, (Traced, Comparison)) or (isinstance(part, np.ndarray) and part.dtype == object):
            raise refuse("A traced value is used as an index", "choose with np.where, or index with plain arrays")
    at = positions(a)[key]
    if any(isinstance(part, (bool, np.bool_)) for part in parts) or not all(
        isinstance(part, (int, np.integer, slice, type(Ellipsis))) for part in parts
    ):
        if all(part is None or part is Ellipsis for part in parts):
            return reshape(a, at.shape)
        return record("gather", a, core=a.shape, at=np.asarray(at))
    if Ellipsis in parts:
        cut = parts.index(Ellipsis)
        fill = (slice(None),) * (a.ndim - len(parts) + 1)
        parts = parts[:cut] + fill + parts[cut + 1 :]
    full = tuple(int(p) if not isinstance(p, slice) else p for p in parts) + (slice(None),) * (a.ndim - len(parts))
    return a if all(p == slice(None) for p in full) else record("slice", a, core=a.shape, key=full)


def arrays_of(parts: Any) -> list[Any]:
    """The arrays of a sequence, traced or constant."""
    if isinstance(parts, (Traced, np.ndarray)):
        parts = list(array(parts))
    return [a if isinstance(a, Traced) else fixed(a) for a in map(array, parts)]


def concatenate(arrays: Any, axis: Any = 0) -> Any:
    parts = arrays_of(arrays)
    if axis is None:
        parts, axis = [ravel(a) for a in parts], 0
    cores = tuple(np.shape(a) for a in parts)
    np.concatenate([np.empty(c) for c in cores], axis=axis)  # NumPy's own words when shapes disagree
    return record("concatenate", *parts, axis=one_axis(axis, len(cores[0])), cores=cores)


def stack(arrays: Any, axis: int = 0) -> Any:
    parts = arrays_of(arrays)
    np.stack([np.empty(np.shape(a)) for a in parts], axis=axis)
    return concatenate([np.expand_dims(a, axis) for a in parts], axis=axis)


def hstack(tup: Any) -> Any:
    parts = [np.atleast_1d(a) for a in arrays_of(tup)]
    return concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1)


def vstack(tup: Any) -> Any:
    return concatenate([np.atleast_2d(a) for a in arrays_of(tup)], axis=0)


def dstack(tup: Any) -> Any:
    return concatenate([np.atleast_3d(a) for a in arrays_of(tup)], axis=2)


def column_stack(tup: Any) -> Any:
    return concatenate([a if np.ndim(a) > 1 else np.atleast_2d(a).T for a in arrays_of(tup)], axis=1)


def block(arrays: Any) -> Any:
    """Concatenate along the last axis in the innermost lists, and one axis further out with every list."""
    depths, leaves = [], []

    def visit(part: Any, depth: int) -> None:
        if isinstance(part, list):
            if not part:
                raise ValueError("List depths are mismatched: an empty list")
            for inner in part:
                visit(inner, depth + 1)
        else:
            depths.append(depth)
            leaves.append(np.ndim(part))

    visit(arrays, 0)
    if len(set(depths)) > 1:
        raise ValueError("List depths are mismatched")
    depth = depths[0]
    ndim = max(depth, *leaves)

    def join(part: Any, level: int) -> Any:
        if not isinstance(part, list):
            (a,) = arrays_of([part])
            return reshape(a, (1,) * (ndim - np.ndim(a)) + np.shape(a))
        return concatenate([join(inner, level + 1) for inner in part], axis=ndim - depth + level)

    return join(arrays, 0)


def append(arr: Any, values: Any, axis: Any = None) -> Any:
    return concatenate([arr, values], axis)


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    (arr, values) = arrays_of([arr, values])
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = one_axis(axis, arr.ndim) + arr.ndim
    spots = np.arange(arr.shape[axis])
    marked = np.insert(spots, obj, -1)  # -1 where a new entry goes
    new = np.flatnonzero(marked < 0)
    shape = (*arr.shape[:axis], new.size, *arr.shape[axis + 1 :])
    if np.ndim(values) and np.ndim(obj) == 0:
        values = np.moveaxis(values, 0, axis) if np.ndim(values) > 1 else reshape(
            values, (*np.shape(values)[:1], *(1,) * (arr.ndim - axis - 1)))
        values = np.expand_dims(values, axis) if np.ndim(values) < arr.ndim else values
    both = concatenate([arr, np.broadcast_to(values, shape)], axis=axis)
    order = np.where(marked < 0, spots.size + np.cumsum(marked < 0) - 1, marked)
    return np.take(both, order, axis=axis)


def split(ary: Any, indices_or_sections: Any, axis: int = 0, function: Any = np.split) -> list[Any]:
    axis = one_axis(axis, ary.ndim) + ary.ndim
    key = (slice(None),) * axis
    parts = function(np.arange(ary.shape[axis]), indices_or_sections)
    return [ary[(*key, slice(int(p[0]), int(p[-1]) + 1) if p.size else slice(0, 0))] for p in parts]


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return split(ary, indices_or_sections, axis, np.array_split)


def split_along(axis: int, least: int) -> Any:
    """hsplit, vsplit, dsplit: split along one axis, of arrays of at least so many."""

    def rule(ary: Any, indices_or_sections: Any) -> list[Any]:
        if ary.ndim < least:
            raise ValueError(f"it only works on arrays of {least} or more dimensions")
        return split(ary, indices_or_sections, axis if ary.ndim > 1 else 0)

    return rule


def pad(array: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = 0.0, reflect_type: str = "even"
        ) -> Any:
    if reflect_type != "even" or mode not in ("constant", "edge", "reflect", "symmetric", "wrap", "empty"):
        shown = f"mode={mode!r}" if reflect_type == "even" else f"reflect_type={reflect_type!r}"
        raise refuse(f"np.pad with {shown} is not supported", "use constant, edge, reflect, symmetric or wrap")
    at = np.pad(positions(array), pad_width, mode="constant" if mode == "empty" else mode)
    if mode not in ("constant", "empty"):
        return record("gather", array, core=array.shape, at=at)
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - array.ndim, 0)) for i in range(array.ndim)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in pad_width]
    widths = tuple((int(a), int(b)) for a, b in np.broadcast_to(np.asarray(pad_width), (array.ndim, 2)))
    fills = np.broadcast_to(np.asarray(fixed(constant_values)), (array.ndim, 2))
    if (fills == fills.flat[0]).all():
        return record("pad", array, widths=widths, fill=float(fills.flat[0]) if fills.size else 0.0)
    for axis, (both, fill) in enumerate(zip(widths, fills, strict=True)):  # later axes overwrite the corners
        for side, (width, value) in enumerate(zip(both, fill, strict=True)):
            one = [(0, 0)] * array.ndim
            one[axis] = (0, width) if side else (width, 0)
            array = record("pad", array, widths=tuple(one), fill=float(value))
    return array


def broadcast_to(array: Any, shape: Any) -> Any:
    shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    shape = np.broadcast_to(np.empty(np.shape(array)), tuple(operator.index(n) for n in shape)).shape
    return array if np.shape(array) == shape else record("broadcast", array, core=np.shape(array), shape=shape)


def broadcast_arrays(args: Any) -> tuple[Any, ...]:
    every = arrays_of(args)
    shape = np.broadcast_shapes(*(np.shape(a) for a in every))
    return tuple(broadcast_to(a, shape) for a in every)


def meshgrid(xi: tuple, indexing: Any = "xy", sparse: bool = False, copy: bool = True) -> tuple[Any, ...]:
    every = [ravel(a) for a in arrays_of(xi)]
    at = np.meshgrid(*(np.arange(a.size) for a in every), indexing=indexing, sparse=sparse)
    return tuple(np.take(a, index) for a, index in zip(every, at, strict=True))


def diag(v: Any, k: int = 0) -> Any:
    if np.ndim(v) == 2:
        return np.diagonal(v, k)
    if np.ndim(v) != 1:
        raise ValueError("Input must be 1- or 2-d")
    ones = np.diag(np.ones(v.size, dtype=v.dtype), k)  # the mask clears what is off the diagonal
    return record("gather", v, core=v.shape, at=np.diag(positions(v), k)) * ones


def diagflat(v: Any, k: int = 0) -> Any:
    return diag(ravel(v), k)


def triangle(function: Any) -> Any:
    return lambda m, k=0: m * function(np.ones(m.shape, dtype=m.dtype), k)


def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    if isinstance(indices, (Traced, Comparison)):
        raise refuse("A traced value is used as an index", "choose with np.where, or index with plain arrays")
    return record("gather", arr, core=arr.shape, at=np.take_along_axis(positions(arr), indices, axis))


def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
    like = np.empty_like(np.empty(np.shape(a), dtype=a.dtype), dtype=dtype, shape=shape)
    if isinstance(array(fill_value), Traced):
        return broadcast_to(array(fill_value), like.shape)
    return np.full_like(like, fill_value)
