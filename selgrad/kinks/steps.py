"""The ties of a form, one step each: what their taps say of what they compare and of what they decide."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from selgrad.geometry.rationals import Rational, exactly
from selgrad.kinks.point import Local
from selgrad.kinks.ties import whole
from selgrad.primitives import Slope
from selgrad.primitives.comparisons import NOTHING, Tie

MANY = 64  # choices that are tried one after the other
Numbers = dict[tuple[int, int], int]  # of scalars, by node and entry


@dataclass(frozen=True, eq=False)
class Step:
    """One tie: `compared` (ids, n; None: the taps themselves) and `taken` (outs, n) say how its n taps move both.

    slopes (pieces, 1, n), of a tie that decides one entry: those of every piece.
    """

    tie: Tie
    reads: np.ndarray
    outs: np.ndarray
    compared: np.ndarray | None
    taken: np.ndarray
    slopes: np.ndarray | None

    def moves(self, choices: Any) -> np.ndarray:
        """C(choice) - C(AD) for these choices: (choices, outs, n)."""
        if self.slopes is not None:
            return self.slopes[np.asarray(choices, dtype=int) - self.tie.lowest] - self.taken
        return _share(*self.tie.weights(choices), self.taken.dtype) - self.taken

    @property
    def own(self) -> Any:
        """The choice that AD makes (None: a mean of several)."""
        if self.slopes is None and self.tie.leaves > self.tie.count + 1:
            return None  # of an order only a few ranks may count: there is more than one
        if self.slopes is None and self.tie.count > MANY:
            hits = np.argmax(self.taken, axis=1)
            own: Any = tuple(hits.tolist()) if len(hits) > 1 else int(hits[0])
            return own if not np.any(self.moves([own])) else None
        found = [c for c, M in zip(self.tie.choices, self.moves(self.tie.choices), strict=True) if not np.any(M)]
        return found[0] if found else None

    @cached_property
    def place(self) -> dict[int, int]:
        """Where the number of a scalar stands among those of this tie."""
        return {i: n for n, i in enumerate(self.tie.ids)}

    def scalars(self, Y: np.ndarray) -> np.ndarray:
        """The rows (..., ids, r) of what is compared, from those of the taps."""
        return Y if self.compared is None else np.matmul(self.compared.astype(Y.dtype), Y)

    def row(self, G: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
        """Of the rows of what is compared, that of a pair: positive where the first is greater."""
        a = G[..., self.place[pair[0]], :]
        return a if pair[1] == NOTHING else a - G[..., self.place[pair[1]], :]

    def terms(self, sizes: np.ndarray) -> np.ndarray:
        """The size of the terms of every scalar that is compared, from those of the taps: (ids,)."""
        mine = sizes[self.reads]
        return mine if self.compared is None else np.abs(self.compared.astype(float)) @ mine

    def size(self, terms: np.ndarray, pair: tuple[int, int]) -> float:
        """The size of the terms of the row of a pair, from those of the scalars."""
        return float(terms[self.place[pair[0]]] + (0.0 if pair[1] == NOTHING else terms[self.place[pair[1]]]))


@dataclass(frozen=True, eq=False)
class Rows:
    """Z (taps, r) and the columns of L (taps, columns) that are not zero, those of these outs, in one arithmetic."""

    Z: np.ndarray
    L: np.ndarray
    outs: np.ndarray
    decided: int

    def start(self, cells: int = 1) -> np.ndarray:
        """u = 0: (cells, outs, r)."""
        return np.zeros((cells, self.decided, self.Z.shape[1]), dtype=self.Z.dtype)

    def feeds(self, step: Step) -> tuple[np.ndarray, np.ndarray]:
        """(outs, their columns of L) on which the taps of a tie depend."""
        L = self.L[step.reads]
        at = np.flatnonzero((L != 0).any(axis=0))
        return self.outs[at], L[:, at]

    def taps(self, step: Step, u: np.ndarray) -> np.ndarray:
        """The rows of the taps of a tie, in every cell: (cells, n, r)."""
        fed, L = self.feeds(step)
        Y = self.Z[step.reads][None]
        return Y + np.matmul(L, u[:, fed]) if len(fed) else Y


def steps_of(here: Local, k: int, taps: Numbers, decided: Numbers) -> list[Step]:
    """The steps of instruction k; its taps and outs are numbered in `taps` and `decided`."""
    build = _entry_by_entry if here.P.line(k).row.elementwise else _in_groups
    return build(here, k, taps, decided)


def _number(known: Numbers, keys: list[tuple[int, int]]) -> list[int]:
    return [known.setdefault(key, len(known)) for key in keys]


def _entry_by_entry(here: Local, k: int, taps: Numbers, decided: Numbers) -> list[Step]:
    """The ties of a row that acts entry by entry: each decides one entry."""
    line = here.P.line(k)
    row: Any = line.row
    every = here.ties[k]
    at = np.array([tie.outs[0] for tie in every])

    def entries(x: Any) -> np.ndarray:
        return np.broadcast_to(x, line.shape).reshape(-1)[at]

    xs, y = [entries(x) for x in here.operands(k)], entries(here.ev.values[k])
    s = whole(line, here.ev.indices[k]).reshape(-1)[at]

    def numbers(a: np.ndarray) -> np.ndarray:
        return exactly(a) if here.exact else a.astype(float)

    def slopes(s: np.ndarray) -> list[Any]:
        found = []
        for i, _ in line.reads():
            d = row.partial(i, s, y, xs, line.params)
            assert d is None or isinstance(d, Slope)
            found.append(np.broadcast_to(0 if d is None else d.d, len(at)))
        return found

    lowest = np.array([tie.lowest for tie in every])
    most = np.array([tie.count - 1 for tie in every])
    every_piece = np.array([slopes((lowest + np.minimum(c, most)).astype(s.dtype)) for c in range(int(most.max()) + 1)])
    taken = np.array(slopes(s))
    switches = []
    for i, _ in line.reads():
        dx = [np.full(len(at), float(n == i)).astype(here.dtype) for n in range(len(xs))]
        zs, rest = row.switches(*dx, **line.params), row.switches(*(0 * d for d in dx), **line.params)
        switches.append([np.broadcast_to(z - r, len(at)) for z, r in zip(zs, rest, strict=True)])
    compared = np.array(switches)  # (operands, switches, ties)
    n_switches = compared.shape[1]
    places = [np.broadcast_to(np.arange(prod(here.P.shapes[j])).reshape(here.P.shapes[j]), line.shape).reshape(-1)[at]
              for _, j in line.reads()]
    found = []
    for e, tie in enumerate(every):
        reads = _number(taps, [(j, int(place[e])) for (_, j), place in zip(line.reads(), places, strict=True)])
        outs = _number(decided, [(k, int(at[e]))])
        used = [i % n_switches for i in tie.ids] if n_switches > 1 else [0]
        found.append(Step(tie, np.array(reads), np.array(outs), numbers(compared[:, used, e].T),
                          numbers(taken[None, :, e]), numbers(every_piece[: tie.count, None, :, e])))
    return found


def _in_groups(here: Local, k: int, taps: Numbers, decided: Numbers) -> list[Step]:
    """The ties of a row that compares entries of its first operand with each other."""
    line = here.P.line(k)
    s = np.asarray(here.ev.indices[k]).reshape(-1)
    node = line.operands[0]
    found = []
    for tie in here.ties[k]:
        reads = _number(taps, [(node, i) for i in tie.ids])
        outs = _number(decided, [(k, o) for o in tie.outs])
        taken = _share(*tie.weights_of(s), here.dtype)
        found.append(Step(tie, np.array(reads), np.array(outs), None, taken, None))
    return found


def _share(hits: np.ndarray, of: Any, dtype: Any) -> np.ndarray:
    """hits / of, in the arithmetic of a form."""
    return exactly(hits) / Rational(int(of)) if np.dtype(dtype).kind == "O" else hits / float(of)
