"""What kinked rows compare, and the ties that come of it: Threshold and Side; Winner and Order in `entry_ties.py`.

A tie is a set of scalars of one instruction that are equal at a point: switching functions with zero,
or entries with each other. A choice is what the index s is told there; `ask` and `told` reach it by
one comparison after another, as a sorting algorithm does, so that a walk over all outcomes meets only
consistent ones. How a row compares is its column `compares` (see `row_comparisons.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
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

    @property
    def leaves(self) -> int:
        """In how many ways the comparisons can come out."""
        return self.count

    @abstractmethod
    def asks(self, choice: Any) -> list[tuple[int, int, int]]:
        """(i, j, sign) of the differences whose signs say that this choice is made, as few as do."""

    @property
    def lowest(self) -> int:
        """The first of its choices, where they are numbers of pieces."""
        return 0

    def weights(self, choices: list[Any]) -> tuple[np.ndarray, int]:
        """(hits, of): the outs are hits / of times the entries, for these choices: (choices, outs, ids)."""
        raise NotImplementedError

    def weights_of(self, s: np.ndarray) -> tuple[np.ndarray, int]:
        """The same for a flattened index s: (outs, ids)."""
        raise NotImplementedError

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

    @property
    def lowest(self) -> int:
        return self.low

    def asks(self, choice: Any) -> list[tuple[int, int, int]]:
        return [(i, NOTHING, 1 if n < choice - self.low else -1) for n, i in enumerate(self.ids)]


@dataclass(frozen=True, eq=False)
class Side(Tie):
    """The switching function of a where: a choice is its truth, and the value on the tie one of its own."""

    relation: str

    alike = False
    start = (None,)

    def truth(self, z: float) -> bool:
        """What the condition says where its number is z."""
        return bool(RELATIONS[self.relation](z, 0))

    def ask(self, state: tuple) -> tuple[int, int] | None:
        return (self.ids[0], NOTHING) if state[0] is None else None

    def told(self, state: tuple, greater: bool) -> tuple:
        return (self.truth(1.0 if greater else -1.0),)

    def still(self, state: tuple) -> tuple:
        return (self.truth(0.0),)

    def unsure(self, state: tuple) -> list[tuple]:
        return [(truth,) for truth in sorted({self.truth(z) for z in (-1.0, 0.0, 1.0)})]

    def asks(self, choice: Any) -> list[tuple[int, int, int]]:
        return [(self.ids[0], NOTHING, 1 if self.truth(1.0) == choice else -1)]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        return ((self.ids[0], NOTHING),)

    @property
    def free(self) -> bool:
        return self.truth(-1.0) != self.truth(1.0)

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
