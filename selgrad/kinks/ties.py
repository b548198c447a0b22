"""The kinks a point sits on: which pieces are active at every instruction, and what decides between them.

A `Tie` belongs to one kinked instruction and compares scalars of it: a switching function with zero
(relu, abs, maximum, clip, where, ...), or entries with each other (max, sort, median, max_pool). The
compared scalars are linear in the operands, so their gradients follow from those of the operands.
A choice is what the index s is told; `ask` and `told` reach it by one comparison after another, as
a sorting algorithm does, so that a walk over all outcomes meets only consistent ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise, permutations
from math import factorial
from typing import Any

import numpy as np

from selgrad.errors import NotContinuous
from selgrad.primitives import RELATIONS
from selgrad.primitives.order import windows
from selgrad.programs.instructions import Evaluation, Instruction, place
from selgrad.programs.program import Program

NOTHING = -1  # a comparison with zero


@dataclass(frozen=True, eq=False)
class Tie:
    """Scalars that tie at an instruction; `ids` are their places among `compared(...)`.

    kind: "threshold" (the piece, from `low` on, by counting positive switching functions),
    "side" (the truth of a where), "winner" (one of the entries) or "order" (a permutation of them).
    `slots` are the places in the flattened index s that the choice is written to, `outs` the entries
    of the result that it decides. A sign of -1 turns a comparison round (min).
    """

    node: int
    kind: str
    ids: tuple[int, ...]
    slots: tuple[int, ...]
    outs: tuple[int, ...]
    low: int = 0
    sign: int = 1
    relation: str = ">"
    entries: tuple[int, ...] = ()  # what is written to the slots: positions along an axis
    middle: tuple[int, ...] = ()  # median: the ranks that count

    @property
    def start(self) -> tuple:
        """The state before any comparison."""
        return (0, 1) if self.kind == "winner" else ((0,), 1, 1) if self.kind == "order" else (0, None)

    def ask(self, state: tuple) -> tuple[int, int] | None:
        """The next comparison (i, j): is scalar i greater than scalar j? None when all is decided."""
        if self.kind == "threshold":
            count, done = state
            return None if done or count == len(self.ids) else (self.ids[count], NOTHING)
        if self.kind == "side":
            return (self.ids[0], NOTHING) if state[1] is None else None
        if self.kind == "winner":
            best, i = state
            if i == len(self.ids):
                return None
            pair = (self.ids[i], self.ids[best])
            return pair if self.sign > 0 else pair[::-1]
        order, new, at = state  # insertion from the right: order is ascending, new goes left of order[at:]
        return None if new == len(self.ids) else (self.ids[order[at - 1]], self.ids[new])

    def told(self, state: tuple, greater: bool) -> tuple:
        """The state after a comparison was answered."""
        if self.kind == "threshold":
            return (state[0] + 1, None) if greater else (state[0], True)
        if self.kind == "side":
            return (0, bool(RELATIONS[self.relation](1.0 if greater else -1.0, 0)))
        if self.kind == "winner":
            best, i = state
            return (i, i + 1) if greater else (best, i + 1)
        order, new, at = state
        if greater and at > 1:
            return (order, new, at - 1)
        cut = at - 1 if greater else at
        order = (*order[:cut], new, *order[cut:])
        return (order, new + 1, len(order))

    def choice(self, state: tuple) -> Any:
        """What was decided: a piece, a truth value, a winner or an order (ascending)."""
        if self.kind == "threshold":
            return self.low + state[0]
        return state[1] if self.kind == "side" else state[0]

    @property
    def at_tie(self) -> Any:
        """The choice of a where exactly on the tie."""
        return bool(RELATIONS[self.relation](0.0, 0))

    @property
    def choices(self) -> list[Any]:
        """Every active piece (Definition 5)."""
        if self.kind == "threshold":
            return list(range(self.low, self.low + len(self.ids) + 1))
        if self.kind == "side":
            return [False, True]
        n = len(self.ids)
        if self.kind == "winner":
            return list(range(n))
        if self.middle:  # only the set of middle entries counts
            below = range(self.middle[0])
            picks = [(set(b), set(m)) for m in combinations(range(n), len(self.middle))
                     for b in list(combinations([i for i in range(n) if i not in m], len(below)))[:1]]
            return [(*sorted(b), *sorted(m), *(i for i in range(n) if i not in b | m)) for b, m in picks]
        return list(permutations(range(n)))

    def variant(self, n: int) -> Any:
        """A choice for every n; so many of them that each entry can take every place it may take."""
        if self.kind == "threshold":
            return self.low + n % (len(self.ids) + 1)
        if self.kind == "side":
            return bool(n % 2)
        m = len(self.ids)
        return n % m if self.kind == "winner" else tuple((i + n) % m for i in range(m))

    @property
    def count(self) -> int:
        """How many choices there are."""
        if self.kind == "order" and not self.middle:
            return factorial(len(self.ids))
        return len(self.choices)

    def write(self, s: np.ndarray, choices: list[Any]) -> None:
        """Put one choice per row into s, of shape (rows, entries of the index)."""
        if self.kind in ("threshold", "side"):
            s[:, self.slots[0]] = choices
            return
        picked = np.asarray(choices)
        if self.kind == "winner":
            s[:, self.slots] = picked[:, None] == np.arange(len(self.slots))
        elif self.middle:
            hit = np.zeros((len(picked), len(self.slots)), dtype=bool)
            np.put_along_axis(hit, picked[:, list(self.middle)], True, axis=1)
            s[:, self.slots] = hit
        else:
            s[:, self.slots] = np.asarray(self.entries)[picked]


def compared(instruction: Instruction, xs: list[Any], changes: list[Any]) -> Any:
    """The scalars an instruction compares, flat, as a linear function of changes of its operands.

    changes[i] is the change of operand i (lead + core), 0.0 for a constant; the result has shape
    lead + (n,).
    """
    row: Any = instruction.row
    if instruction.op == "where":
        stacked = changes[0][..., None]
        core = len(instruction.shape)
    elif row.elementwise:
        zs = row.switches(*changes, **instruction.params)
        rest = row.switches(*(0.0 * c for c in changes), **instruction.params)  # what is not linear
        stacked = np.stack([np.subtract(z, r) for z, r in zip(zs, rest, strict=True)], axis=-1)
        core = len(instruction.shape)
    else:
        stacked, core = changes[0][..., None], np.ndim(xs[0])
    lead = stacked.shape[: stacked.ndim - core - 1]
    return stacked.reshape(*lead, -1)


def ties(P: Program, ev: Evaluation, scale: list[Any] | None = None) -> dict[int, list[Tie]]:
    """The ties of every kinked instruction, by node number, at the point of an evaluation.

    A switching value counts as zero when its size is at most its entry in `scale` (None: exactly
    zero); `scale` holds one array per node, as `rounding` makes them. Raises NotContinuous where the
    branches of a where have different values on its tie.
    """
    found: dict[int, list[Tie]] = {}
    # x == x, as in a guard against nan, compares x - x with zero
    constant = frozenset(k for k, i in P.lines() if i.op == "subtract" and len(i.pr) == 2 and len(set(i.pr)) == 1)
    for k, instruction in P.lines():
        row = instruction.row
        if not row.kinked:
            continue
        xs = instruction.of(ev.values)
        at: Any = 0
        if scale is not None:
            read = [scale[j] for j in instruction.pr]
            at = sum(read[1:], read[0]) if row.elementwise and instruction.op != "where" else scale[
                instruction.operands[0]] if instruction.is_node(0) else 0
        here = _of_instruction(k, instruction, xs, at, constant)
        if here:
            found[k] = here
    return found


def _of_instruction(
    k: int, instruction: Instruction, xs: list[Any], at: Any, constant: frozenset[int]
) -> list[Tie]:
    op, shape = instruction.op, instruction.shape
    row: Any = instruction.row
    if op == "where":
        if not instruction.is_node(0) or instruction.operands[0] in constant:
            return []  # what never changes decides nothing anew
        z = np.broadcast_to(xs[0], shape)
        hits = np.flatnonzero(np.less_equal(np.abs(z), at))
        if len(hits):
            _must_meet(k, instruction, xs, hits)
        return [Tie(k, "side", (int(i),), (int(i),), (int(i),), relation=instruction.params["relation"])
                for i in hits]
    if row.elementwise:
        zs = [np.broadcast_to(z, shape) for z in row.switches(*xs, **instruction.params)]
        at = np.broadcast_to(at, shape)
        low = sum(np.greater(z, at).astype(int) for z in zs)
        n = sum(np.less_equal(np.abs(z), at).astype(int) for z in zs)
        return [Tie(k, "threshold", tuple(int(i) * len(zs) + int(np.ravel(low)[i]) + e
                                          for e in range(int(np.ravel(n)[i]))), (int(i),), (int(i),),
                    int(np.ravel(low)[i]))
                for i in np.flatnonzero(n)]
    x = np.asarray(xs[0])
    at = np.broadcast_to(at, x.shape)
    beside = groups(instruction, x.shape)
    if op == "max_pool":
        return _winners(k, x, at, beside, np.arange(beside.size).reshape(beside.shape), 1)
    if op in ("max", "min"):
        return _winners(k, x, at, beside, beside, 1 if op == "max" else -1)
    return _orders(k, instruction, x, at, beside)


def groups(instruction: Instruction, core: tuple[int, ...]) -> np.ndarray:
    """The places of the entries that max, sort, median or max_pool compare with each other: (groups, n)."""
    if instruction.op == "max_pool":
        entries = windows(**instruction.params)
        return entries.reshape(-1, entries.shape[-1])
    axis = instruction.params["axis"]
    return np.moveaxis(np.arange(np.prod(core)).reshape(core), axis, -1).reshape(-1, core[axis])


def _winners(k: int, x: Any, at: Any, groups: np.ndarray, slots: np.ndarray, sign: int) -> list[Tie]:
    found = []
    for out, (group, slot) in enumerate(zip(groups, slots, strict=True)):
        values = sign * np.ravel(x)[group]
        near = np.flatnonzero(np.less_equal(np.max(values) - values, np.ravel(at)[group]))
        if len(near) > 1:
            found.append(Tie(k, "winner", tuple(map(int, group[near])), tuple(map(int, slot[near])), (out,),
                             sign=sign))
    return found


def _orders(k: int, instruction: Instruction, x: Any, at: Any, groups: np.ndarray) -> list[Tie]:
    """Ties of sort and median: runs of equal entries in ascending order."""
    found = []
    median = instruction.op == "median"
    descending = instruction.params.get("descending", False)
    n = groups.shape[1]
    counted = range((n - 1) // 2, n // 2 + 1)  # the ranks whose mean the median is
    for out, group in enumerate(groups):
        values = np.ravel(x)[group]
        ascending = np.argsort(values, kind="stable")
        gaps = values[ascending[1:]] - values[ascending[:-1]]
        joined = np.less_equal(gaps, np.ravel(at)[group][ascending[1:]])
        cuts = [0, *(np.flatnonzero(~joined) + 1), n]
        for a, b in pairwise(cuts):
            members = np.sort(ascending[a:b])
            middle = tuple(r - a for r in counted if a <= r < b)
            if b - a < 2 or (median and (not middle or len(middle) == b - a)):
                continue
            ranks = range(a, b)
            places = members if median else [n - 1 - r for r in ranks] if descending else list(ranks)
            slots = tuple(int(group[i]) for i in places)
            found.append(Tie(
                k, "order", tuple(map(int, group[members])), slots, (out,) if median else slots,
                entries=tuple(map(int, members)), middle=middle if median else (),
            ))
    return found


def _must_meet(k: int, instruction: Instruction, xs: list[Any], hits: np.ndarray) -> None:
    a, b = (np.ravel(np.broadcast_to(x, instruction.shape)).astype(float)[hits] for x in xs[1:])
    apart = np.abs(a - b) > 1e-9 * (1.0 + np.abs(a))
    if apart.any():
        i = int(np.flatnonzero(apart)[0])
        raise NotContinuous(
            f"x{k} = where(...) is not continuous here: on its switch the branches have the values {a[i]:g} and "
            f"{b[i]:g}{place(instruction.where)}; an elementary selection is continuous (Definition 3)."
        )


def index_of(instruction: Instruction, s: Any, here: list[Tie], choices: list[Any]) -> np.ndarray:
    """The index s for several choices at once: (rows, *shape of s); choices[r] has one entry per tie."""
    s = np.asarray(s)
    if instruction.row.elementwise and s.shape != instruction.shape:
        s = np.broadcast_to(s, instruction.shape)
    rows = np.repeat(s.reshape(1, -1), len(choices), axis=0)
    for t, tie in enumerate(here):
        tie.write(rows, [choice[t] for choice in choices])
    return rows.reshape(len(choices), *s.shape)
