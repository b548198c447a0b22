"""PyTorch's extremes, orders and poolings in selgrad's rows, with what PyTorch picks among equal entries.

A maximum along one axis takes the first of them, a maximum of everything all; its sort (unless stable, beyond 16
entries), its topk and its kthvalue have an order of their own, so that their row asks PyTorch itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from math import ceil, floor
from typing import Any

import numpy as np

from selgrad.errors import NotElementary
from selgrad.frameworks import require_torch
from selgrad.frameworks.torch_ops import axes, entry, maximum, minimum, reduced
from selgrad.primitives import ROWS, Kinked
from selgrad.primitives.rows import column
from selgrad.tracing.recorder import record, recorder_of
from selgrad.tracing.shapes import concatenate

STABLE_UP_TO = 16  # entries: PyTorch's sort inserts one after the other up to there


class Positions:
    """Positions that values decide, such as those of a maximum: no operation can read them."""


POSITIONS = Positions()


def along(op: str) -> Callable:
    def rule(x: Any, dim: int, keepdim: bool = False) -> Any:
        return reduced(op, x, dim, keepdim, "first"), POSITIONS

    return rule


def everything(op: str) -> Callable:
    return lambda x: reduced(op, x, None, False, "all")


def aminmax(x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    return reduced("min", x, dim, keepdim, "all"), reduced("max", x, dim, keepdim, "all")


def running(pick: str) -> Callable:
    """The extreme so far: of equal entries the last one."""

    def rule(x: Any, dim: int) -> Any:
        at = axes(dim, np.ndim(x))[0]
        found = [np.take(x, 0, axis=at)]
        for i in range(1, np.shape(x)[at]):
            found.append(entry(pick, found[-1], np.take(x, i, axis=at), rule=">"))
        return np.stack(found, axis=at), POSITIONS

    return rule


SORT: Any = ROWS["sort"]


def own_order(name: str, chosen: Callable) -> Kinked:
    """A sort whose order among equal entries is PyTorch's: chosen(torch, x, axis, descending) are its positions."""

    def index(rule: str, x: Any, axis: int, descending: bool) -> np.ndarray:
        stable = SORT.index("first", x, axis, descending)
        if x.dtype == object:  # rational numbers, which PyTorch does not have
            return stable
        torch = require_torch()
        first = chosen(torch, torch.from_numpy(np.array(x)), axis, descending)
        start, picked = first[0], first[1].numpy()
        order = np.moveaxis(stable, axis, -1).copy()
        picked = np.moveaxis(picked, axis, -1)
        for at in np.ndindex(order.shape[:-1]):
            kept = [i for i in order[at] if i not in set(picked[at])]
            order[at] = [*kept[:start], *picked[at], *kept[start:]]
        return np.moveaxis(order, -1, axis)

    def unwritten(rule: str, x: Any, axis: int, descending: bool) -> Any:
        raise NotElementary(f"Which of equal entries PyTorch's {name} takes first depends on how it sorts, which no "
                            "comparisons spell: take the derivative with sg.grad, without sg.differentiate.")

    return replace(SORT, name=name, index=index, written=unwritten, rules=("torch",), ties=column(*["torch"] * 5))


def ordered(x: Any, dim: int, descending: bool, row: Kinked | None = None) -> Any:
    at = axes(dim, np.ndim(x))[0]
    params = {"axis": at, "descending": bool(descending)}
    if row is None:
        return record("sort", x, rule="first", **params)
    recorder = recorder_of([x])
    assert recorder is not None
    return recorder.add(row.name, (x,), params, row, "torch")


SORTS = own_order("unstable_sort", lambda torch, x, axis, descending: (0, torch.sort(x, axis, descending)[1]))


def sort(x: Any, dim: int = -1, descending: bool = False, *, stable: bool | None = None) -> Any:
    """The stable order, up to 16 entries also where that was not asked for."""
    row = None if stable or np.ndim(x) == 0 or np.shape(x)[dim] <= STABLE_UP_TO else SORTS
    return (ordered(x, dim, descending, row) if np.ndim(x) else x), POSITIONS


def topk(x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    if not sorted:
        raise ValueError("the order of topk with sorted=False is left open")
    row = own_order("topk", lambda torch, x, axis, descending: (0, torch.topk(x, k, axis, descending)[1]))
    return np.take(ordered(x, dim, largest, row), range(k), axis=dim), POSITIONS


def kthvalue(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    row = own_order("kthvalue", lambda torch, x, axis, descending: (
        k - 1, torch.kthvalue(x, k, axis, keepdim=True)[1]))
    y = np.take(ordered(x, dim, False, row), [k - 1], axis=dim)
    return (y if keepdim else np.squeeze(y, axis=dim)), POSITIONS


def median(x: Any) -> Any:
    """The lower of two middle entries; of equal ones, all: with one more entry below, it is the middle one."""
    flat = np.reshape(x, (-1,))
    if np.size(flat) % 2 == 0:
        flat = concatenate([flat, np.array([np.finfo(x.dtype).min], dtype=x.dtype)])
    return record("median", flat, axis=-1, rule="all")


def median_along(x: Any, dim: int, keepdim: bool = False) -> Any:
    n = np.shape(x)[dim]
    row = own_order("median_along", lambda torch, x, axis, descending: (
        (n - 1) // 2, torch.median(x, axis, keepdim=True)[1]))
    y = np.take(ordered(x, dim, False, row), [(n - 1) // 2], axis=dim)
    return (y if keepdim else np.squeeze(y, axis=dim)), POSITIONS


# windows

def pooling(n: int, window: int, stride: int, padding: int, dilation: int, up: bool) -> list[range]:
    """The entries of every window along one axis of n, as far as they lie in it."""
    reach = dilation * (window - 1) + 1
    count = (ceil if up else floor)((n + 2 * padding - reach) / stride) + 1
    if up and (count - 1) * stride >= n + padding:
        count -= 1
    starts = [i * stride - padding for i in range(count)]
    return [range(s + dilation * max(0, ceil(-s / dilation)), min(s + reach, n), dilation) for s in starts]


def adaptive(n: int, out: int) -> list[range]:
    return [range(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]


def windowed(op: str, x: Any, windows: list[list[range]], rule: str | None = None) -> Any:
    """max or mean over windows along the last axes, together those with equally many entries."""
    k, shape = len(windows), np.shape(x)
    here = np.arange(x.size).reshape(shape)
    lead, out = shape[: len(shape) - k], tuple(len(w) for w in windows)
    sized: dict[int, tuple[list, list]] = {}
    for cell, parts in zip(np.ndindex(out), product(*windows), strict=True):
        entries = here[(..., *np.ix_(*parts))].reshape(*lead, -1)
        cells, at = sized.setdefault(entries.shape[-1], ([], []))
        cells.append(int(np.ravel_multi_index(cell, out)))
        at.append(entries)
    results, order = [], []
    for n, (cells, at) in sized.items():
        taken = record("gather", x, core=shape, at=np.stack(at, axis=len(lead)))
        extra = {"keepdims": False} if rule is None else {}
        results.append(taken[..., 0] if n == 1 else record(
            op, taken, axis=-1 if rule else (-1,), rule=rule, **extra))
        order += cells
    y = results[0] if len(results) == 1 else concatenate(results, axis=-1)
    if order != sorted(order):
        y = np.take(y, np.argsort(order), axis=-1)
    return np.reshape(y, lead + out)


def per_axis(numbers: Any, k: int) -> list[int]:
    given = [numbers] if isinstance(numbers, int) else list(numbers)
    return given * k if len(given) == 1 else given


def pool_windows(x: Any, k: int, kernel: Any, stride: Any, padding: Any, dilation: Any, up: bool) -> list[list[range]]:
    sizes = np.shape(x)[len(np.shape(x)) - k :]
    window = per_axis(kernel, k)
    step = per_axis(stride, k) if stride else window
    return [pooling(*one, up) for one in zip(sizes, window, step, per_axis(padding, k), per_axis(dilation, k),
                                            strict=True)]


def max_pool(k: int) -> Callable:
    def rule(x: Any, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
             ) -> Any:
        """The first of equal entries in a window."""
        if not any(per_axis(padding, k)) and set(per_axis(dilation, k)) == {1} and not ceil_mode:
            window = tuple(per_axis(kernel_size, k))
            return record("max_pool", x, rule="first", core=np.shape(x), window=window,
                          strides=tuple(per_axis(stride, k)) if stride else window)
        return windowed("max", x, pool_windows(x, k, kernel_size, stride, padding, dilation, ceil_mode), "first")

    return rule


def avg_pool(k: int) -> Callable:
    def rule(x: Any, kernel_size: Any, stride: Any = (), padding: Any = 0, ceil_mode: bool = False,
             count_include_pad: bool = True, divisor_override: int | None = None) -> Any:
        windows = pool_windows(x, k, kernel_size, stride, padding, 1, ceil_mode)
        y = windowed("mean", x, windows)
        sizes = np.shape(x)[len(np.shape(x)) - k :]
        window, pads = per_axis(kernel_size, k), per_axis(padding, k)
        step = per_axis(stride, k) if stride else window
        shares = [np.array([len(w) / (min(i * s - p + m, n + p) - (i * s - p)) for i, w in enumerate(ws)])
                  for ws, n, m, s, p in zip(windows, sizes, window, step, pads, strict=True)]
        if divisor_override:
            shares = [np.array([float(len(w)) for w in ws]) for ws in windows]
            shares[0] = shares[0] / divisor_override
        elif not count_include_pad:
            return y
        share = shares[0]
        for more in shares[1:]:
            share = share[..., None] * more
        return y if np.all(share == 1.0) else entry("multiply", y, share.astype(y.dtype))

    return rule


def adaptive_pool(op: str, k: int, rule: str | None) -> Callable:
    def pool(x: Any, output_size: Any) -> Any:
        sizes = np.shape(x)[len(np.shape(x)) - k :]
        outs = [n if o is None else o for n, o in zip(sizes, per_axis(output_size, k), strict=True)]
        y = windowed(op, x, [adaptive(n, o) for n, o in zip(sizes, outs, strict=True)], rule)
        return y if rule is None else (y, POSITIONS)

    return pool


ORDERS: dict[str, Callable] = {
    "max.default": everything("max"), "min.default": everything("min"), "max.dim": along("max"),
    "min.dim": along("min"), "max.other": maximum, "min.other": minimum, "aminmax": aminmax,
    "cummax": running("maximum"), "cummin": running("minimum"), "sort": sort, "topk": topk, "kthvalue": kthvalue,
    "median.default": median, "median.dim": median_along,
    "argmax": lambda *a, **k: POSITIONS, "argmin": lambda *a, **k: POSITIONS, "argsort": lambda *a, **k: POSITIONS,
    "max_pool1d": max_pool(1), "max_pool2d": max_pool(2), "max_pool3d": max_pool(3),
    "avg_pool1d": avg_pool(1), "avg_pool2d": avg_pool(2), "avg_pool3d": avg_pool(3),
    "adaptive_avg_pool1d": adaptive_pool("mean", 1, None), "adaptive_avg_pool2d": adaptive_pool("mean", 2, None),
    "adaptive_max_pool1d": adaptive_pool("max", 1, "first"), "adaptive_max_pool2d": adaptive_pool("max", 2, "first"),
}
