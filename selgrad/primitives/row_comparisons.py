"""How a kinked row compares, its column `compares`: Zeros, Sides, Extremes or Ranks.

The compared scalars of an instruction stand flat in one order: `values` gives them, `changes` how they
move with the operands (in which they are affine), `ties` those that are equal at a point. `line` is the
instruction: its row, parameters and shape.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from selgrad.primitives.comparisons import NOTHING, Side, Threshold, Tie
from selgrad.primitives.entry_ties import Order, Winner
from selgrad.primitives.facts import ALL, FIRST
from selgrad.primitives.groups import Groups


class Comparison(ABC):
    """What the four columns know. decides: the operands that the choice depends on (ALL, or their numbers)."""

    decides: str | tuple[int, ...] = ALL

    def is_decided_by(self, i: int) -> bool:
        """Whether the choice depends on operand number i."""
        return isinstance(self.decides, str) or i in self.decides

    @abstractmethod
    def values(self, line: Any, xs: list[Any]) -> np.ndarray:
        """The compared scalars at a point: (n,)."""

    @abstractmethod
    def changes(self, line: Any, xs: list[Any], dx: list[Any]) -> np.ndarray:
        """Their changes, lead + (n,), from those of the operands, lead + core (0 for a constant)."""

    @abstractmethod
    def sizes(self, line: Any, xs: list[Any], sizes: np.ndarray) -> np.ndarray:
        """A size for every compared scalar, (n,), from one for every entry of what decides."""

    @abstractmethod
    def next(self, line: Any, xs: list[Any]) -> Iterator[tuple[int, int]]:
        """The pairs of scalars (i, j) that can be the next to meet; j is NOTHING for zero."""

    @abstractmethod
    def ties(self, node: int, line: Any, xs: list[Any], at: Any) -> list[Tie]:
        """The scalars that count as equal at a point where `at` (by entry) and less counts as zero."""

    @abstractmethod
    def beside(self, at: Any) -> Any:
        """What counts as zero of a switching function, from what does of the operands' entries."""

    @abstractmethod
    def met(self, line: Any, hit: np.ndarray, batch: tuple[int, ...], core: tuple[int, ...]) -> Any:
        """How many comparisons come out as ties, by point, where `hit` marks the zeros of a switching function."""

    @abstractmethod
    def surfaces(self, line: Any, xs: list[Any], core: tuple[int, ...]) -> list[np.ndarray]:
        """Arrays over a batch of points whose zeros hold the kinks: switching functions, or differences of entries."""

    def jump(self, line: Any, found: list[Tie], xs: list[Any]) -> tuple[float, float] | None:
        """The values of two pieces that do not meet on a tie, as pieces must."""
        return None

    def may_read(self, i: int, s: Any, found: Sequence[Tie]) -> Any:
        """Where a piece that may be taken reads operand number i, by entry of the result (of a row entry by entry)."""
        return True


@dataclass(frozen=True)
class Zeros(Comparison):
    """Switching functions with zero, entry by entry of the result."""

    def _stacked(self, line: Any, xs: list[Any]) -> np.ndarray:
        zs = line.row.switches(*xs, **line.params)
        return np.stack([np.broadcast_to(z, line.shape) for z in zs], axis=-1)

    def values(self, line: Any, xs: list[Any]) -> np.ndarray:
        return self._stacked(line, xs).ravel()

    def changes(self, line: Any, xs: list[Any], dx: list[Any]) -> np.ndarray:
        zs = line.row.switches(*dx, **line.params)
        rest = line.row.switches(*(0.0 * d for d in dx), **line.params)  # what is not linear
        stacked = np.stack([np.subtract(z, r) for z, r in zip(zs, rest, strict=True)], axis=-1)
        return stacked.reshape(*stacked.shape[: stacked.ndim - len(line.shape) - 1], -1)

    def sizes(self, line: Any, xs: list[Any], sizes: np.ndarray) -> np.ndarray:
        return np.repeat(sizes.ravel(), len(line.row.switches(*xs, **line.params)))

    def next(self, line: Any, xs: list[Any]) -> Iterator[tuple[int, int]]:
        return ((i, NOTHING) for i in range(self.values(line, xs).size))

    def ties(self, node: int, line: Any, xs: list[Any], at: Any) -> list[Tie]:
        z = self._stacked(line, xs)
        at = np.broadcast_to(at, line.shape)[..., None]
        n = z.shape[-1]
        hits = np.less_equal(np.abs(z), at).reshape(-1, n).sum(axis=-1)
        low = np.greater(z, at).reshape(-1, n).sum(axis=-1)
        return [self._tie(node, line, int(i), tuple(int(i) * n + int(low[i]) + e for e in range(hits[i])), int(low[i]))
                for i in np.flatnonzero(hits)]

    def _tie(self, node: int, line: Any, i: int, ids: tuple[int, ...], low: int) -> Tie:
        return Threshold(node, ids, (i,), (i,), low)

    def beside(self, at: Any) -> Any:
        return at

    def met(self, line: Any, hit: np.ndarray, batch: tuple[int, ...], core: tuple[int, ...]) -> Any:
        hit = np.broadcast_to(hit, batch + line.shape)
        return hit.sum(axis=tuple(range(len(batch), hit.ndim)))

    def surfaces(self, line: Any, xs: list[Any], core: tuple[int, ...]) -> list[np.ndarray]:
        return list(line.row.switches(*xs, **line.params))


@dataclass(frozen=True)
class Sides(Zeros):
    """The switching function of a where, its first operand, with zero: a truth value, one on the tie too."""

    decides = FIRST

    def _tie(self, node: int, line: Any, i: int, ids: tuple[int, ...], low: int) -> Tie:
        return Side(node, (i,), (i,), (i,), line.params["relation"])

    def may_read(self, i: int, s: Any, found: Sequence[Tie]) -> Any:
        if i == 0:
            return True
        may = np.array(s if i == 1 else ~np.asarray(s))
        if found and may.ndim:
            may.reshape(-1)[[tie.outs[0] for tie in found]] = True
        return may if may.ndim or not found else True

    def jump(self, line: Any, found: list[Tie], xs: list[Any]) -> tuple[float, float] | None:
        at = [tie.outs[0] for tie in found]
        a, b = (np.ravel(np.broadcast_to(x, line.shape)).astype(float)[at] for x in xs[1:])
        apart = np.flatnonzero(np.abs(a - b) > 1e-9 * (1.0 + np.abs(a)))
        return (float(a[apart[0]]), float(b[apart[0]])) if len(apart) else None


@dataclass(frozen=True)
class Entries(Comparison):
    """Entries of the operand with each other, in groups."""

    groups: Groups

    decides = FIRST

    def places(self, line: Any, core: tuple[int, ...]) -> np.ndarray:
        """The groups: (groups, n), positions in the flattened core."""
        return self.groups.places(core, **line.params)

    def values(self, line: Any, xs: list[Any]) -> np.ndarray:
        return np.ravel(xs[0])

    def changes(self, line: Any, xs: list[Any], dx: list[Any]) -> np.ndarray:
        return dx[0].reshape(*dx[0].shape[: dx[0].ndim - np.ndim(xs[0])], -1)

    def sizes(self, line: Any, xs: list[Any], sizes: np.ndarray) -> np.ndarray:
        return sizes.ravel()

    def next(self, line: Any, xs: list[Any]) -> Iterator[tuple[int, int]]:
        values = self.values(line, xs)
        for group in self.places(line, np.shape(xs[0])):
            yield from ((int(j), int(i)) for i, j in pairwise(group[np.argsort(values[group], kind="stable")]))

    def ties(self, node: int, line: Any, xs: list[Any], at: Any) -> list[Tie]:
        x = np.asarray(xs[0])
        at = np.broadcast_to(at, x.shape).ravel()
        places = self.places(line, x.shape)
        slots, X, A = self.groups.slots(places), x.ravel()[places], at[places]
        return [tie for out in np.flatnonzero(self._may_tie(X, A)).tolist()
                for tie in self._ties(node, line, out, X[out], A[out], places[out], slots[out])]

    @abstractmethod
    def _may_tie(self, X: np.ndarray, A: np.ndarray) -> Any:
        """Which groups (rows of X) hold entries that may count as equal."""

    @abstractmethod
    def _ties(self, node: int, line: Any, out: int, x: np.ndarray, at: np.ndarray, group: np.ndarray,
              slot: np.ndarray) -> list[Tie]:
        """The ties of group number `out`, whose entries are x."""

    def surfaces(self, line: Any, xs: list[Any], core: tuple[int, ...]) -> list[np.ndarray]:
        x = np.asarray(xs[0])
        flat = np.moveaxis(x.reshape(*x.shape[: x.ndim - len(core)], -1), -1, 0)
        return [a - b for group in self.places(line, core) for a, b in combinations(flat[group], 2)]


def _numbers(a: Any) -> tuple[int, ...]:
    return tuple(map(int, a))


@dataclass(frozen=True)
class Extremes(Entries):
    """The largest entry of each group (sign 1) or the smallest (-1)."""

    sign: int

    def _may_tie(self, X: np.ndarray, A: np.ndarray) -> Any:
        X = self.sign * X
        return np.less_equal(np.max(X, axis=1, keepdims=True) - X, A).sum(axis=1) > 1

    def next(self, line: Any, xs: list[Any]) -> Iterator[tuple[int, int]]:
        values = self.sign * self.values(line, xs)
        for group in self.places(line, np.shape(xs[0])):
            first = group[np.argmax(values[group])]  # the others may meet as they like
            yield from ((int(first), int(i)) for i in group if i != first)

    def _ties(self, node: int, line: Any, out: int, x: np.ndarray, at: np.ndarray, group: np.ndarray,
              slot: np.ndarray) -> list[Tie]:
        x = self.sign * x
        near = np.flatnonzero(np.less_equal(np.max(x) - x, at))
        return [Winner(node, _numbers(group[near]), _numbers(slot[near]), (out,), self.sign)] if len(near) > 1 else []

    def beside(self, at: Any) -> Any:
        return np.max(at) if self.groups.copied else at

    def met(self, line: Any, hit: np.ndarray, batch: tuple[int, ...], core: tuple[int, ...]) -> Any:
        beaten = hit.sum(axis=-1 if self.groups.copied else line.params["axis"]) - 1  # the winner itself is no tie
        return beaten.sum(axis=tuple(range(-len(line.shape), 0)))


@dataclass(frozen=True)
class Ranks(Entries):
    """The entries of each group in order; of a median, counted(n) are the ranks whose mean it is."""

    counted: Callable[[int], range] | None

    def _may_tie(self, X: np.ndarray, A: np.ndarray) -> Any:
        order = np.argsort(X, axis=1, kind="stable")
        X, A = np.take_along_axis(X, order, axis=1), np.take_along_axis(A, order, axis=1)
        return np.asarray(np.less_equal(X[:, 1:] - X[:, :-1], A[:, 1:])).any(axis=1)

    def _ties(self, node: int, line: Any, out: int, x: np.ndarray, at: np.ndarray, group: np.ndarray,
              slot: np.ndarray) -> list[Tie]:
        found: list[Tie] = []
        n, descending = len(x), line.params.get("descending", False)
        ascending = np.argsort(x, kind="stable")
        joined = np.less_equal(x[ascending[1:]] - x[ascending[:-1]], at[ascending[1:]])
        for a, b in pairwise([0, *(np.flatnonzero(~joined) + 1), n]):
            members = np.sort(ascending[a:b])
            middle = tuple(int(r - a) for r in self.counted(n) if a <= r < b) if self.counted else ()
            if b - a < 2 or (self.counted and (not middle or len(middle) == b - a)):
                continue
            places = members if self.counted else np.arange(a, b) if not descending else n - 1 - np.arange(a, b)
            slots = _numbers(slot[places])
            found.append(Order(node, _numbers(group[members]), slots, (out,) if self.counted else slots,
                               _numbers(members), middle, len(self.counted(n)) if self.counted else 1))
        return found

    def beside(self, at: Any) -> Any:
        return np.max(at)  # the gaps between neighbours are numbered otherwise than the entries

    def met(self, line: Any, hit: np.ndarray, batch: tuple[int, ...], core: tuple[int, ...]) -> Any:
        if self.counted:  # of a median, only neighbours of which one counts decide something
            axis = line.params["axis"]
            counts = np.isin(np.arange(core[axis]), self.counted(core[axis]))
            hit = np.compress(counts[1:] != counts[:-1], hit, axis=axis)
        return hit.sum(axis=tuple(range(-len(core), 0)))
