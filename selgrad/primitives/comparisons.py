"""What kinked rows compare, and the four kinds of ties that come of it: Threshold, Side, Winner, Order.

A tie is a set of scalars of one instruction that are equal at a point: switching functions with zero,
or entries with each other. A choice is what the index s is told there; `ask` and `told` reach it by
one comparison after another, as a sorting algorithm does, so that a walk over all outcomes meets only
consistent ones. How a row compares is its column `compares` (see `row_comparisons.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import combinations, permutations
from math import comb, factorial
from typing import Any, ClassVar

import numpy as np

NOTHING = -1  # a comparison with zero

RELATIONS = {
    ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal,
    "==": np.equal, "!=": np.not_equal,
}


@dataclass(frozen=True, eq=False)
class Tie(ABC):
    """Scalars that tie at instruction `node`; `ids` are their places among all that it compares.

    `slots` are the places in the flattened index s that the choice is written to, `outs` the entries
    of the result that it decides. alike: the pieces differ by a multiple of what is compared, so where
    that has no gradient theirs are equal.
    """

    node: int
    ids: tuple[int, ...]
    slots: tuple[int, ...]
    outs: tuple[int, ...]

    alike: ClassVar[bool] = True
    start: ClassVar[tuple]  # the state before any comparison

    @abstractmethod
    def ask(self, state: tuple) -> tuple[int, int] | None:
        """The next comparison (i, j): is scalar i greater than scalar j? None when all is decided."""

    @abstractmethod
    def told(self, state: tuple, greater: bool) -> tuple:
        """The state after a comparison was answered."""

    def still(self, state: tuple) -> tuple:
        """The state after a comparison whose two sides are equal in a whole neighbourhood."""
        return self.told(state, False)

    def unsure(self, state: tuple) -> list[tuple]:
        """The states after a comparison of which first order says nothing."""
        return [self.still(state)]

    def choice(self, state: tuple) -> Any:
        """What was decided."""
        return state[0]

    @property
    @abstractmethod
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs of scalars, as few as say that all are equal (NOTHING: zero)."""

    @property
    def free(self) -> bool:
        """Whether all choices are made near a point where the gradients of the pairs are independent."""
        return True

    def read(self, i: int) -> tuple[int, ...]:
        """The entries of operand number i that the choice is between."""
        return self.ids

    @property
    @abstractmethod
    def choices(self) -> list[Any]:
        """Every active piece (Definition 5)."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many choices there are, without listing them."""

    @abstractmethod
    def variant(self, n: int) -> Any:
        """A choice for every n; so many of them that each entry can take every place it may take."""

    def write(self, s: np.ndarray, choices: list[Any]) -> None:
        """Put one choice per row into s, of shape (rows, entries of the index)."""
        s[:, self.slots[0]] = choices


@dataclass(frozen=True, eq=False)
class Threshold(Tie):
    """Switching functions with zero: a choice is a piece, from `low` on, by counting those that are positive."""

    low: int

    start = (0, False)  # how many are positive, and whether one was not

    def ask(self, state: tuple) -> tuple[int, int] | None:
        count, done = state
        return None if done or count == len(self.ids) else (self.ids[count], NOTHING)

    def told(self, state: tuple, greater: bool) -> tuple:
        return (state[0] + 1, False) if greater else (state[0], True)

    def choice(self, state: tuple) -> int:
        return self.low + state[0]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        return tuple((i, NOTHING) for i in self.ids)

    @property
    def free(self) -> bool:
        return len(self.ids) == 1

    def read(self, i: int) -> tuple[int, ...]:
        return self.outs

    @property
    def choices(self) -> list[int]:
        return list(range(self.low, self.low + self.count))

    @property
    def count(self) -> int:
        return len(self.ids) + 1

    def variant(self, n: int) -> int:
        return self.low + n % self.count


@dataclass(frozen=True, eq=False)
class Side(Tie):
    """The switching function of a where: a choice is its truth, and the value on the tie one of its own."""

    relation: str

    alike = False
    start = (None,)

    def _truth(self, z: float) -> bool:
        return bool(RELATIONS[self.relation](z, 0))

    def ask(self, state: tuple) -> tuple[int, int] | None:
        return (self.ids[0], NOTHING) if state[0] is None else None

    def told(self, state: tuple, greater: bool) -> tuple:
        return (self._truth(1.0 if greater else -1.0),)

    def still(self, state: tuple) -> tuple:
        return (self._truth(0.0),)

    def unsure(self, state: tuple) -> list[tuple]:
        return [(truth,) for truth in sorted({self._truth(z) for z in (-1.0, 0.0, 1.0)})]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        return ((self.ids[0], NOTHING),)

    @property
    def free(self) -> bool:
        return self._truth(-1.0) != self._truth(1.0)

    def read(self, i: int) -> tuple[int, ...]:
        return self.outs if i else ()  # operand 0 only decides

    @property
    def choices(self) -> list[bool]:
        return [False, True]

    @property
    def count(self) -> int:
        return 2

    def variant(self, n: int) -> bool:
        return bool(n % 2)


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

    def write(self, s: np.ndarray, choices: list[Any]) -> None:
        s[:, self.slots] = np.asarray(choices)[:, None] == np.arange(self.count)


@dataclass(frozen=True, eq=False)
class Order(Tie):
    """A run of equal entries in ascending order: a choice is a permutation of them.

    `entries` is what is written to the slots, positions along an axis. Of a median `middle` has the ranks
    that count: what is written is then which entries have them.
    """

    entries: tuple[int, ...]
    middle: tuple[int, ...]

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
