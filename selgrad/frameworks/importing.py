"""What reading a model of another framework takes, whichever framework it is.

A model is read into a `Recorder`, operation by operation; what only moves entries is asked of the framework itself,
which moves their numbers. At the end `pruned` drops what no output needs and puts the framework's rule on every kink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from selgrad.errors import NotElementary
from selgrad.programs.program import Program
from selgrad.programs.program_data import place
from selgrad.tracing.recorder import Traced, record


@dataclass(frozen=True, eq=False, repr=False)
class Imported(Program):
    """A Program read from a model: `layers[i]` is the layer of instruction number i ("": the outermost)."""

    layers: tuple[str, ...] = ()


def pruned(P: Program, layers: list[str], convention: str) -> Imported:
    """Without the instructions that no output or branch needs, and with a rule on every kinked one."""
    first = len(P.input_shapes)
    needed = {*P.outputs, *(guard.node for guard in P.guards)}
    for k, line in reversed(list(P.lines())):
        if k in needed:
            needed.update(line.pr)
    kept = [k for k, _ in P.lines() if k in needed]
    number = {**{j: j for j in range(first)}, **{k: first + i for i, k in enumerate(kept)}}
    lines = []
    for k in kept:
        line = P.line(k)
        operands = tuple(number[o] if type(o) is int else o for o in line.operands)
        lines.append(replace(line, operands=operands, rule=line.tie(convention) if line.row.kinked else None))
    guards = tuple(replace(g, node=number[g.node], at=first + sum(k < g.at for k in kept)) for g in P.guards)
    named = [*layers, *[""] * (len(P.instructions) - len(layers))]
    return Imported(P.input_shapes, tuple(lines), tuple(number[k] for k in P.outputs), P.in_tree, P.out_tree, guards,
                    P.name, tuple(named[k - first] for k in kept))


class Unsupported:
    """All operations of a model that cannot be read, each with its layer, its line and the reason."""

    def __init__(self, framework: str):
        self.framework, self.found = framework, dict[str, None]()

    def add(self, name: str, layer: str, where: tuple[str, int] | None, why: str) -> None:
        """One more of them."""
        reason = f": {' '.join(why.split()).rstrip('.')}" if why else ""
        self.found[f"{name}{f' in {layer}' if layer else ''}{place(where)}{reason}"] = None

    def check(self) -> None:
        """Raise NotElementary where there is one, naming all."""
        if self.found:
            raise NotElementary(f"{self.framework} gives operations that selgrad cannot read:\n  "
                                + "\n  ".join(self.found))


def numbers(operands: Iterable[Any]) -> list[np.ndarray]:
    """The entries of all operands numbered on, from 1: what a framework is given to move."""
    found, total = [], 1
    for x in operands:
        n = int(np.prod(np.shape(x)))
        found.append(np.arange(total, total + n).reshape(np.shape(x)))
        total += n
    return found


def placed(operands: list[Any], at: np.ndarray, fill: float = 0.0) -> Any:
    """The entries of the operands, by their `numbers`, in these places; 0 stands for the number `fill`."""
    at = np.asarray(at, dtype=np.int64)
    sizes = [int(np.prod(np.shape(x))) for x in operands]
    ends = np.cumsum([0, *sizes])
    read = [i for i in range(len(operands)) if np.any((at > ends[i]) & (at <= ends[i + 1]))]
    if len(read) == 1 and at.min() > 0:
        return _one(operands[read[0]], at - 1 - ends[read[0]])
    dtype = np.result_type(*(x.dtype for x in operands))
    if not read:  # nothing, or the filling alone
        return np.full(at.shape, fill, dtype=dtype)
    parts, shift = [], np.zeros(ends[-1] + 1, dtype=np.int64)
    if not at.all():
        parts.append(np.array([fill], dtype=dtype))
    for i in read:
        shift[ends[i] + 1 : ends[i + 1] + 1] = sum(p.size for p in parts) + np.arange(sizes[i])
        x = operands[i]
        parts.append(np.ravel(x).astype(dtype) if not isinstance(x, Traced) else
                     x if len(x.shape) == 1 else x.then("reshape", core=x.shape, shape=(x.size,)))
    joined = parts[0] if len(parts) == 1 else record(
        "concatenate", *parts, axis=-1, cores=tuple(np.shape(x) for x in parts))
    return _one(joined, shift[at])


def _one(x: Any, at: np.ndarray) -> Any:
    """x[at] in the simplest spelling there is: nothing, a new shape, other axes, more axes, or a gather."""
    if not isinstance(x, Traced):
        return np.ravel(x)[at]
    here = np.arange(x.size).reshape(x.shape)
    if at.size == x.size and np.array_equal(at.ravel(), here.ravel()):
        return x if at.shape == x.shape else record("reshape", x, core=x.shape, shape=at.shape)
    axes = _axes(at, here)
    if axes is not None:
        return record("transpose", x, axes=axes)
    if at.ndim >= here.ndim and all(m in (1, n) for m, n in zip(here.shape[::-1], at.shape[::-1], strict=False)) and (
            np.array_equal(np.broadcast_to(here, at.shape), at)):
        return record("broadcast", x, core=x.shape, shape=at.shape)
    return record("gather", x, core=x.shape, at=at)


def _axes(at: np.ndarray, here: np.ndarray) -> tuple[int, ...] | None:
    """The order of axes that makes `at` of `here`, if there is one."""
    if at.ndim != here.ndim or sorted(at.shape) != sorted(here.shape) or not at.size:
        return None
    steps = [s // here.itemsize for s in here.strides]
    left, axes = list(range(here.ndim)), []
    for axis, n in enumerate(at.shape):
        step = int(at.take(1, axis).flat[0] - at.flat[0]) if n > 1 else None
        same = [a for a in left if here.shape[a] == n and (step is None or steps[a] == step)]
        if not same:
            return None
        left.remove(same[0])
        axes.append(same[0])
    return tuple(axes) if np.array_equal(np.transpose(here, axes), at) else None


def window_positions(
    core: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...], padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> np.ndarray:
    """The numbers (from 1) of the entries of every window over all axes, 0 outside: (*out, entries of a window)."""
    at = np.pad(np.arange(1, int(np.prod(core)) + 1).reshape(core), [(max(a, 0), max(b, 0)) for a, b in padding])
    cut = tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(padding, at.shape, strict=True))
    spans = tuple(d * (n - 1) + 1 for n, d in zip(window, dilation, strict=True))
    view = np.lib.stride_tricks.sliding_window_view(at[cut], spans)
    view = view[(*(slice(None, None, s) for s in strides), *(slice(None, None, d) for d in dilation))]
    return view.reshape(*view.shape[: len(core)], -1)


def extremes(x: Any, at: np.ndarray, pick: Callable[[Any], Any]) -> Any:
    """The extreme of each window (`window_positions`): padding is no entry, so windows go by how many they have.

    pick takes the entries of windows of one size, along the last axis.
    """
    rows = at.reshape(-1, at.shape[-1])
    count = np.count_nonzero(rows, axis=1)
    if not count.all():
        raise ValueError("a window lies in the padding alone, so that its maximum is infinite")
    found, order = [], []
    for size in np.unique(count):
        some = np.flatnonzero(count == size)
        entries = rows[some]
        found.append(pick(placed([x], entries[entries > 0].reshape(len(some), size))))
        order.append(some)
    where = np.argsort(np.concatenate(order), kind="stable").reshape(at.shape[:-1])
    return placed(found, where + 1)
