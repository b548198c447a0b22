"""The row of convolution: each entry of the result is one product of a filter with a window of the operand.

x has the core axes (N, C, *space), the filters w have (O, C / groups, *window), the result (N, O, *space'). The windows
of x are laid out as the rows of matrices, so that value and both adjoints are products of matrices (BLAS).
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from selgrad.primitives.facts import CALL
from selgrad.primitives.rows import LinearRule, Row, records, table
from selgrad.primitives.smooth import MULTILINEAR
from selgrad.primitives.structural import gather, scatter

Padding = tuple[tuple[int, int], ...]


def _core(x: Any, strides: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(x.shape[x.ndim - len(strides) - 2 :])


def _padded(x: Any, padding: Padding) -> Any:
    if not any(map(any, padding)):
        return x
    return np.pad(x, ((0, 0),) * (x.ndim - len(padding)) + padding, constant_values=0.0)


def _windows(x: Any, window: tuple[int, ...], strides: tuple[int, ...], dilation: tuple[int, ...]) -> np.ndarray:
    """A view of the windows of an array: the axes of space are replaced by (*space', *window)."""
    k = len(window)
    spans = tuple(d * (n - 1) + 1 for n, d in zip(window, dilation, strict=True))
    view = np.lib.stride_tricks.sliding_window_view(x, spans, axis=tuple(range(-k, 0)))
    return view[(..., *(slice(None, None, s) for s in strides), *(slice(None, None, d) for d in dilation))]


def _patches(x: Any, window: tuple[int, ...], strides: tuple, padding: Padding, dilation: tuple, groups: int) -> Any:
    """Windows as matrices: (*lead, groups, N * space', C / groups * window), and N and space'."""
    x, k = _padded(x, padding), len(window)
    n, _c, *_space = core = _core(x, strides)
    if records(x):  # what is recorded moves entries by their positions
        at = _windows(np.arange(prod(core)).reshape(core), window, strides, dilation)
        out = at.shape[2 : 2 + k]
        return gather(x, core, _in_rows(at, groups, k)), n, out
    view = _windows(x, window, strides, dilation)
    return _in_rows(view, groups, k), n, view.shape[view.ndim - 2 * k : view.ndim - k]


def _in_rows(view: Any, groups: int, k: int) -> Any:
    lead = view.shape[: view.ndim - 2 * k - 2]
    n, c, *rest = view.shape[len(lead) :]
    out, window = rest[:k], rest[k:]
    split = view.reshape(*lead, n, groups, c // groups, *rest)
    order = (1, 0, *range(3, 3 + k), 2, *range(3 + k, 3 + 2 * k))  # groups, N, space', C, window
    moved = split.transpose(*range(len(lead)), *(len(lead) + a for a in order))
    return moved.reshape(*lead, groups, n * prod(out), c // groups * prod(window))


def _filters(w: Any, strides: tuple, groups: int) -> Any:
    """Filters as matrices: (*lead, groups, O / groups, C / groups * window)."""
    o, *rest = _core(w, strides)
    return np.reshape(w, (*w.shape[: w.ndim - len(rest) - 1], groups, o // groups, prod(rest)))


def _swap(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _as_images(y: Any, n: int, out: tuple[int, ...]) -> Any:
    """(*lead, groups, N * space', O / groups) as (*lead, N, O, *space')."""
    *lead, groups, _, o = y.shape
    a, k = len(lead), len(out)
    y = np.reshape(y, (*lead, groups, n, *out, o))
    y = np.transpose(y, (*range(a), a + 1, a, a + 2 + k, *range(a + 2, a + 2 + k)))
    return np.reshape(y, (*lead, n, groups * o, *out))


def _as_rows(v: Any, strides: tuple, groups: int) -> Any:
    """The inverse of `_as_images`."""
    n, o, *out = _core(v, strides)
    lead, a, k = v.shape[: v.ndim - 2 - len(out)], v.ndim - 2 - len(out), len(out)
    v = np.reshape(v, (*lead, n, groups, o // groups, *out))
    v = np.transpose(v, (*range(a), a + 1, a, *range(a + 3, a + 3 + k), a + 2))
    return np.reshape(v, (*lead, groups, n * prod(out), o // groups))


def _conv(x: Any, w: Any, strides: tuple, padding: Padding, dilation: tuple, groups: int) -> Any:
    rows, n, out = _patches(x, _core(w, strides)[2:], strides, padding, dilation, groups)
    return _as_images(np.matmul(rows, _swap(_filters(w, strides, groups))), n, out)


def _pull_x(v: Any, y: Any, x: Any, w: Any, strides: tuple, padding: Padding, dilation: tuple, groups: int) -> Any:
    window = _core(w, strides)[2:]
    k, (n, c, *space) = len(window), _core(x, strides)
    core = (n, c, *(size + sum(pad) for size, pad in zip(space, padding, strict=True)))
    rows = np.matmul(_as_rows(v, strides, groups), _filters(w, strides, groups))
    inner = (..., *(slice(before, before + size) for size, (before, _) in zip(space, padding, strict=True)))
    if records(rows):
        at = _in_rows(_windows(np.arange(prod(core)).reshape(core), window, strides, dilation), groups, k)
        return scatter(rows, core, at)[inner]
    lead, out = rows.shape[:-3], _core(v, strides)[2:]
    a = len(lead)
    parts = rows.reshape(*lead, groups, n, *out, c // groups, *window)
    order = (1, 0, 2 + k, *range(3 + k, 3 + 2 * k), *range(2, 2 + k))  # N, groups, C, window, space'
    parts = parts.transpose(*range(a), *(a + i for i in order)).reshape(*lead, n, c, *window, *out)
    total = np.zeros(lead + core, dtype=rows.dtype)
    every = (slice(None),) * (a + 2)
    for offset in np.ndindex(*window):  # one strided sum for each entry of the window
        there = tuple(slice(d * o, d * o + s * (m - 1) + 1, s)
                      for o, d, s, m in zip(offset, dilation, strides, out, strict=True))
        total[every + there] += parts[every + offset]
    return total[inner]


def _pull_w(v: Any, y: Any, x: Any, w: Any, strides: tuple, padding: Padding, dilation: tuple, groups: int) -> Any:
    core = _core(w, strides)
    rows, _, _ = _patches(x, core[2:], strides, padding, dilation, groups)
    g = np.matmul(_swap(_as_rows(v, strides, groups)), rows)
    return np.reshape(g, (*g.shape[:-3], *core))


CONVOLUTION = table([
    Row("conv", _conv, (LinearRule(lambda dx, y, x, w, **p: _conv(dx, w, **p), _pull_x),
                        LinearRule(lambda dw, y, x, w, **p: _conv(x, dw, **p), _pull_w)),
        facts=MULTILINEAR, prints=CALL),
])
