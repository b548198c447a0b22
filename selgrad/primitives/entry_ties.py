"""Ties of entries with each other: Winner, which of them is extreme, and Order, in which order they stand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise, permutations
from math import comb, factorial
from typing import Any

import numpy as np

from selgrad.primitives.comparisons import Tie


@dataclass(frozen=True, eq=False)
class Winner(Tie):
    """Entries that reach the extreme: a choice is one of them. A sign of -1 turns comparisons round (min)."""

    sign: int

    start = (0, 1)  # the best so far, and the next to be asked

    def ask(self, state: tuple) -> tuple[int, int] | None:
        best, i = state
        if i == len(self.ids):
            return None
        pair = (self.ids[i], self.ids[best])
        return pair if self.sign > 0 else pair[::-1]

    def told(self, state: tuple, greater: bool) -> tuple:
        best, i = state
        return (i, i + 1) if greater else (best, i + 1)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        return tuple((i, self.ids[0]) for i in self.ids[1:])

    @property
    def choices(self) -> list[int]:
        return list(range(self.count))

    @property
    def count(self) -> int:
        return len(self.ids)

    def variant(self, n: int) -> int:
        return n % self.count

    def asks(self, choice: Any) -> list[tuple[int, int, int]]:
        return [(self.ids[choice], i, self.sign) for n, i in enumerate(self.ids) if n != choice]

    def weights(self, choices: list[Any]) -> tuple[np.ndarray, int]:
        return (np.asarray(choices)[:, None, None] == np.arange(self.count)).astype(int), 1

    def weights_of(self, s: np.ndarray) -> tuple[np.ndarray, int]:
        hits = s[list(self.slots)].astype(int)
        return hits[None], hits.sum()

    def write(self, s: np.ndarray, choices: list[Any]) -> None:
        s[:, self.slots] = np.asarray(choices)[:, None] == np.arange(self.count)


@dataclass(frozen=True, eq=False)
class Order(Tie):
    """A run of equal entries in ascending order: a choice is a permutation of them.

    `entries` is what is written to the slots, positions along an axis. Of a median `middle` has the ranks
    that count, among all `of` whose mean it is: what is written is then which entries have them.
    """

    entries: tuple[int, ...]
    middle: tuple[int, ...]
    of: int

    start = ((0,), 1, 1)  # insertion from the right: order is ascending, new goes left of order[at:]

    def ask(self, state: tuple) -> tuple[int, int] | None:
        order, new, at = state
        return None if new == len(self.ids) else (self.ids[order[at - 1]], self.ids[new])

    def told(self, state: tuple, greater: bool) -> tuple:
        order, new, at = state
        if greater and at > 1:
            return (order, new, at - 1)
        cut = at - 1 if greater else at
        order = (*order[:cut], new, *order[cut:])
        return (order, new + 1, len(order))

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        return tuple((i, self.ids[0]) for i in self.ids[1:])

    @property
    def choices(self) -> list[tuple[int, ...]]:
        n = len(self.ids)
        if not self.middle:
            return list(permutations(range(n)))
        found = []
        for m in combinations(range(n), len(self.middle)):  # only the set of middle entries counts
            others = [i for i in range(n) if i not in m]
            below = self.middle[0]
            found.append((*others[:below], *m, *others[below:]))
        return found

    @property
    def count(self) -> int:
        n = len(self.ids)
        return comb(n, len(self.middle)) if self.middle else factorial(n)

    @property
    def leaves(self) -> int:
        return factorial(len(self.ids))

    def asks(self, choice: Any) -> list[tuple[int, int, int]]:
        return [(self.ids[b], self.ids[a], 1) for a, b in pairwise(choice)]

    def weights(self, choices: list[Any]) -> tuple[np.ndarray, int]:
        hits = (np.asarray(choices)[:, :, None] == np.arange(len(self.ids))).astype(int)
        return (hits[:, list(self.middle)].sum(axis=1, keepdims=True), self.of) if self.middle else (hits, 1)

    def weights_of(self, s: np.ndarray) -> tuple[np.ndarray, int]:
        at = s[list(self.slots)]
        if not self.middle:
            return (at[:, None] == np.array(self.entries)).astype(int), 1
        return at.astype(int)[None], self.of if self.of > 1 else at.sum()

    def variant(self, n: int) -> tuple[int, ...]:
        m = len(self.ids)
        return tuple((i + n) % m for i in range(m))

    def write(self, s: np.ndarray, choices: list[Any]) -> None:
        picked = np.asarray(choices)
        if not self.middle:
            s[:, self.slots] = np.asarray(self.entries)[picked]
            return
        hit = np.zeros((len(picked), len(self.slots)), dtype=bool)
        np.put_along_axis(hit, picked[:, list(self.middle)], True, axis=1)
        s[:, self.slots] = hit
