"""Algorithm (8) in NumPy: the trajectories, and the terms of a minibatch, are leading batch axes.

B trajectories and W terms are evaluated at once, one evaluation of the program a step:
x has shape (B, 1, core), the data (B, W, core); both lose the axis W for minibatches of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from selgrad import draws
from selgrad.differentiation.modes import edges_from, pull
from selgrad.primitives import Convention
from selgrad.programs.evaluate import Mask, evaluate
from selgrad.programs.program import Program

AT_ONCE = 2**18  # scalars in memory at once: a few megabytes, so that a step stays in the cache


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms f_i(x) = P(*x, *data[i]), x and each datum as leaves of the program, and how they are drawn.

    When `scalar`, every leaf is one number and x has as many leaves as entries; else x is one leaf.
    batch is "full", "subsets" or a number of terms. Constants and data are in the dtype.
    """

    P: Program
    core: tuple[int, ...]
    data: tuple[np.ndarray, ...]
    n: int
    batch: int | str
    dtype: np.dtype
    convention: Convention
    scalar: bool

    @property
    def width(self) -> int:
        """The number of terms evaluated in a step."""
        return self.batch if isinstance(self.batch, int) else self.n

    @cached_property
    def edges(self) -> list:
        """The edges of the program that lead to x."""
        return edges_from(self.P, list(range(len(self.P.input_shapes) - len(self.data))))


def run(
    terms: Terms, x: np.ndarray, c: np.ndarray, alpha: np.ndarray, marks: np.ndarray, seed: int, first: int
) -> tuple[np.ndarray, np.ndarray]:
    """The iterates number marks, shape (N, len(marks), *core), and the step at which each broke, or -1.

    x has shape (N, *core), c (N,), alpha (steps,), all in the dtype; trajectory number 0 here is
    number `first` of the run.
    """
    out = np.empty((len(x), len(marks), *terms.core), dtype=terms.dtype)
    broke = np.full(len(x), -1, dtype=np.int64)
    size = max(1, AT_ONCE // (terms.width * terms.P.m))
    with np.errstate(all="ignore"):  # reported by the trajectory, below
        for start in range(0, len(x), size):
            here = slice(start, min(start + size, len(x)))
            keys = draws.keys(seed, first + start, here.stop - start)
            _block(terms, x[here], c[here], alpha, marks, keys, out[here], broke[here])
    return out, broke


def _block(terms: Terms, x: Any, c: Any, alpha: Any, marks: Any, keys: Any, out: Any, broke: Any) -> None:
    """A block of trajectories, from start to end; fills out and broke."""
    leaves = split(terms, x)
    mark = 0
    for k in range(len(alpha) + 1):
        while mark < len(marks) and marks[mark] == k:
            out[:, mark] = np.stack(leaves, axis=-1).reshape(x.shape) if terms.scalar else leaves[0]
            out[broke >= 0, mark] = np.nan
            mark += 1
        if k == len(alpha):
            return
        d, ok = direction(terms, leaves, draws.splitmix(keys, k))
        gamma = c * alpha[k]
        moved = [a - gamma.reshape(-1, *(1,) * (a.ndim - 1)) * g for a, g in zip(leaves, d, strict=True)]
        if not (np.all(ok) and all(finite(a) for a in moved)):
            fine = np.broadcast_to(ok, len(x)).copy()
            for a in moved:
                fine &= np.isfinite(a).reshape(len(x), -1).all(axis=1)
            broke[~fine & (broke < 0)] = k
            stay = broke >= 0  # a trajectory that broke stays where it was, and is shown as nan
            moved = [np.where(stay.reshape(-1, *(1,) * (a.ndim - 1)), a, b)
                     for a, b in zip(leaves, moved, strict=True)]
        leaves = moved


def table(terms: Terms) -> np.ndarray:
    """The data as the compiled engine reads them: shape (n, entries of a datum)."""
    columns = [a.reshape(terms.n, -1) for a in terms.data]
    return np.ascontiguousarray(np.concatenate([np.empty((terms.n, 0), terms.dtype), *columns], axis=1))


def finite(a: np.ndarray) -> bool:
    """Whether every entry is finite; a finite sum, which is cheap, settles it."""
    return bool(np.isfinite(a.sum()) or np.isfinite(a).all())


def split(terms: Terms, x: np.ndarray) -> list[np.ndarray]:
    """Points x of shape (B, *core) as the leaves of the program."""
    if not terms.scalar:
        return [x]
    return [np.ascontiguousarray(column) for column in x.reshape(len(x), -1).T]


def chosen(terms: Terms, state: np.ndarray) -> np.ndarray:
    """The index sets of one step: (B, b) numbers, or (B, n) truth values for "subsets"."""
    if terms.batch == "full":
        return np.broadcast_to(np.arange(terms.n), (len(state), terms.n))
    return draws.subset(state, terms.n) if terms.batch == "subsets" else draws.minibatch(state, terms.width, terms.n)


def objective(terms: Terms, x: np.ndarray) -> np.ndarray:
    """J at points x of shape (M, *core): shape (M,), nan where it is not defined."""
    out = np.empty(len(x), dtype=terms.dtype)
    size = max(1, AT_ONCE // (terms.n * terms.P.m))
    with np.errstate(all="ignore"):
        for start in range(0, len(x), size):
            part = x[start : start + size]
            leaves = [a[:, None] for a in split(terms, part)]
            batch = (len(part), terms.n)
            mask = Mask(batch)
            ev = evaluate(terms.P, (*leaves, *(a[None] for a in terms.data)), terms.convention, mask)
            values = np.where(mask.ok, np.broadcast_to(ev.values[terms.P.outputs[0]], batch), np.nan)
            out[start : start + size] = np.mean(values, axis=1, dtype=terms.dtype)
    return out


def direction(terms: Terms, leaves: list[np.ndarray], state: np.ndarray) -> tuple[list[np.ndarray], Any]:
    """The derivative of f_I at B points, per leaf of x, and whether it is defined there."""
    if terms.batch == 1:
        i = draws.below(state, terms.n)
        _, g, ok = derivative(terms, leaves, [a[i] for a in terms.data], (len(state),))
        return g, ok
    size = len(state)
    mask, count = None, terms.width
    data = [a[None] for a in terms.data]
    if terms.batch == "subsets":
        mask = chosen(terms, state)
        count = mask.sum(axis=1).astype(terms.dtype)
    elif terms.batch != "full":
        i = chosen(terms, state)
        data = [a[i] for a in terms.data]
    _, g, ok = derivative(terms, [a[:, None] for a in leaves], data, (size, terms.width))
    if mask is not None:
        ok = ok | ~mask
    means = []
    for a in g:  # one by one and in order, rounding each time, as the compiled engine does
        total = np.zeros((size, *a.shape[2:]), dtype=terms.dtype)
        for r in range(terms.width):
            term = a[:, r]
            if mask is not None:
                term = np.where(mask[:, r].reshape(-1, *(1,) * (term.ndim - 1)), term, terms.dtype.type(0))
            total = total + term
        by = np.reshape(count, (-1,) + (1,) * (total.ndim - 1)) if mask is not None else terms.dtype.type(count)
        means.append(total / by)
    return means, np.broadcast_to(ok, (size, terms.width)).all(axis=1)


def derivative(
    terms: Terms, x: list[Any], data: list[Any], batch: tuple[int, ...]
) -> tuple[np.ndarray, list[np.ndarray], Any]:
    """f, its derivative per leaf of x, and where both are defined, at a batch of points and data."""
    P = terms.P
    mask = Mask(batch)
    ev = evaluate(P, (*x, *data), terms.convention, mask)
    ok = mask.ok
    out, wanted = P.outputs[0], list(range(len(x)))
    v = pull(P, ev, {out: np.ones((1,) * len(batch), dtype=terms.dtype)}, terms.edges)
    value = np.broadcast_to(ev.values[out], batch)
    g = [np.zeros((1,) * (len(batch) + len(P.input_shapes[j])), terms.dtype) if v[j] is None else v[j] for j in wanted]
    g = [np.broadcast_to(a, batch + P.input_shapes[j]) for j, a in enumerate(g)]
    if not (np.all(ok) and finite(value) and all(finite(a) for a in g)):
        ok = ok & np.isfinite(value)
        for a in g:
            ok = ok & np.isfinite(a).reshape(*batch, -1).all(axis=-1)
    return value, g, ok
