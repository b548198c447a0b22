"""A program at a point, computed anew for whoever checks a record of it: ties, gradients, Jacobians along any pieces.

Of all that finds cells and sets nothing is used here: only the rows of the primitives, Algorithm 1, and what counts as
a tie. Programs of rational operations are computed over the rationals, so that nothing rounds. A *pattern* answers, tie
after tie, what `Tie.ask` asks: 1 greater, -1 less, 0 equal all around.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import prod
from typing import Any

import numpy as np

from selgrad.geometry.rationals import exactly
from selgrad.kinks.rounding import rounding, spread
from selgrad.kinks.ties import conditions, index_of, ties
from selgrad.primitives.comparisons import NOTHING
from selgrad.programs.evaluate import Exact, evaluate
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation
from selgrad.programs.trees import unflatten

SMALL = 200_000  # so many derivatives (inputs x numbers in memory x patterns) are computed over the rationals
MOST = 4096  # pieces of kinks that feed each other are multiplied out up to here
ROUNDING = 1e-13  # of sums of floats, relative to their terms


class Refused(Exception):
    """The record does not prove what it claims."""


def must(holds: Any, words: str) -> None:
    """Raise Refused unless something holds."""
    if not holds:
        raise Refused(words)


class Point:
    """The program of a record at its point: values, ties, and derivatives along any pieces, of so many patterns."""

    def __init__(self, P: Program, x: list[Any], asked: dict[str, Any], many: int = 1):
        self.P, convention, ulps = P, asked["convention"], asked["ulps"]
        must(type(asked["exact"]) is bool and ulps >= 0, "what was asked makes no sense")
        rational = not any(i.row.facts.irrational(*(None if i.is_node(n) else o for n, o in enumerate(i.operands)))
                           for i in P.instructions)
        must(rational or not asked["exact"], "no such program is exact")
        must([np.shape(a) for a in x] == list(P.input_shapes), "this is not one point")
        args = tuple(unflatten(P.in_tree, x))
        ev = evaluate(P, args, convention, Exact()) if asked["exact"] else evaluate(P, args, convention)
        near = None if asked["exact"] else [ulps * u for u in rounding(P, ev, 1.0)]
        self.hidden = any(np.any(np.abs(ev.values[g.node]) <= (0 if near is None else near[g.node])) for g in P.guards)
        self.ties = ties(P, ev, near)
        self.every = [tie for k in sorted(self.ties) for tie in self.ties[k]]
        self.rational = asked["exact"] or (rational and P.p * P.m * max(many, 1) <= SMALL)
        self.rounded = None if asked["exact"] else ev
        values = evaluate(P, args, convention, Exact()).values if self.rational else ev.values
        self.ev = Evaluation(values, ev.indices, ())
        linear = {k: i.row.facts.affine_in([n for n, _ in i.reads()]) for k, i in P.lines()}
        last = max(self.ties, default=-1)
        self.atoms = {k: prod(P.shapes[k]) for k in linear if k < last and (not linear[k] or k in self.ties)}
        self.curved = {k for k in linear if k < last and not linear[k]}
        self.starts = dict(zip(self.atoms, np.cumsum([P.p, *self.atoms.values()])[:-1].tolist(), strict=True))

    def numbers(self, a: Any) -> np.ndarray:
        """An array in the arithmetic of this check."""
        return exactly(a) if self.rational else np.asarray(a, dtype=float)

    def terms(self) -> float:
        """How large the terms are that AD's Jacobian adds up in floats (0 where it does not): what it rounds by."""
        if self.rounded is None:
            return 0.0
        found: list[Any] = [np.ones((1, *shape)) for shape in self.P.input_shapes]
        for k, line in self.P.lines():
            found.append(np.broadcast_to(spread(k, line, self.rounded, found), (1, *line.shape)))
        return max(float(np.max(found[k], initial=0.0)) for k in self.P.outputs)

    def positive(self, rows: np.ndarray, d: np.ndarray) -> bool:
        """Whether rows @ d > 0, beyond rounding."""
        margin = 0 if self.rational else ROUNDING * (np.abs(rows) @ np.abs(d))
        return bool(np.all(rows @ d > margin))

    def vanishes(self, y: np.ndarray, rows: np.ndarray) -> bool:
        """Whether y @ rows = 0, up to rounding."""
        margin = 0 if self.rational else ROUNDING * (np.abs(y) @ np.abs(rows))
        return bool(np.all(np.abs(y @ rows) <= margin))

    def replay(self, pattern: list[int]) -> tuple[list[tuple], list[Any], Any]:
        """(what was asked and answered, the choice at every tie, the tie whose question is still open)."""
        must(all(type(a) is int and a in (-1, 0, 1) for a in pattern), "a pattern is made of -1, 0 and 1")
        answers, asked, choices, open_one = iter(pattern), [], [], None
        for tie in self.every:
            state = tie.start
            while (pair := tie.ask(state)) is not None:
                answer = next(answers, None)
                if answer is None:
                    open_one, answer = open_one or (tie, pair), 0
                else:
                    asked.append((tie, pair, answer))
                state = tie.told(state, answer > 0) if answer else tie.still(state)
            choices.append(tie.choice(state))
        must(next(answers, None) is None, "a pattern answers more than is asked")
        return asked, choices, open_one

    def along(self, choices: list[list[Any]], asked: Any = (), atoms: bool = False, s: Any = None,
              used: list[np.ndarray] | None = None) -> tuple[list[list[np.ndarray]], np.ndarray]:
        """(the a_i that are asked for, the Jacobians (n, q*p)) along n lists of choices, one entry a tie.

        With `atoms`, the a_i over inputs and atoms; s: other indices, where nothing is to be chosen. `used` receives
        what the atoms read of the inputs: rows (entries, p), along the first list.
        """
        P, n = self.P, len(choices)
        width = P.p + (sum(self.atoms.values()) if atoms else 0)
        numbers = {id(tie): e for e, tie in enumerate(self.every)}
        rows: list[list[np.ndarray]] = [[] for _ in range(n)]
        dx, start = [], 0
        for shape in P.input_shapes:
            dx.append(self._units(start, shape, width))
            start += prod(shape)
        for k, line in P.lines():
            xs = [self.numbers(x) if self.rational else x for x in line.of(self.ev.values)]
            index = (self.ev.indices if s is None else s)[k]
            hidden: list[tuple[int, Any]] = []
            if k in self.ties and choices and s is None:
                G = self._compared(line, xs, dx, width)
                for r, questions in enumerate(asked):
                    for tie, (i, j), answer in questions:
                        if tie.node == k:
                            g = G[r if len(G) > 1 else 0]
                            rows[r].append(g[i] if j == NOTHING else g[i] - g[j])
                            if atoms and k in self.atoms and answer == 0 and np.any(rows[r][-1] != 0):
                                hidden.append((r, list(tie.outs)))
                mine = [[c[numbers[id(tie)]] for tie in self.ties[k]] for c in choices]
                index = index_of(line, index, self.ties[k], mine)
            total: Any = None
            for i, j in line.reads():
                d = line.row.partial(i, index, self.ev.values[k], xs, line.params)
                if d is not None:
                    term = d.push(dx[j])
                    total = term if total is None else total + term
            if total is None:
                total = self.numbers(np.zeros((width, 1, *line.shape)))
            if used is not None and k in self.curved:
                used += [np.moveaxis(dx[j][: P.p, 0], 0, -1).reshape(-1, P.p) for _, j in line.reads()]
            if atoms and k in self.curved:
                total = self._units(self.starts[k], line.shape, width)
            elif hidden:
                total = np.array(np.broadcast_to(total, (width, n, *line.shape))).reshape(width, n, -1)
                unit = self._units(self.starts[k], line.shape, width).reshape(width, -1)
                for r, outs in hidden:
                    total[:, r, outs] = unit[:, outs]
                total = total.reshape(width, n, *line.shape)
            dx.append(total)
        J = [np.broadcast_to(dx[k], (width, n, *P.shapes[k])).reshape(width, n, -1) for k in P.outputs]
        return rows, self.numbers(np.moveaxis(np.concatenate(J, axis=2), 0, 2).reshape(n, -1))

    def _units(self, start: int, shape: tuple[int, ...], width: int) -> np.ndarray:
        size = prod(shape)
        e = np.zeros((width, size))
        e[start + np.arange(size), np.arange(size)] = 1.0
        return self.numbers(e.reshape(width, 1, *shape))

    def _compared(self, line: Any, xs: list[Any], dx: list[Any], width: int) -> np.ndarray:
        changes = [dx[o] if line.is_node(i) else self.numbers(np.zeros((width, 1, *line.shape)))
                   for i, o in enumerate(line.operands)]
        return np.moveaxis(line.row.compares.changes(line, xs, changes), 0, -1)

    def _together(self, numbers: list[int], choice: tuple, shared: dict[int, Any]) -> bool:
        """Whether every shared condition can have one value that gives these choices."""
        told: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
        for e, c in zip(numbers, choice, strict=True):
            if id(self.every[e]) in shared:
                told[shared[id(self.every[e])]].append((self.every[e], c))
        return all(any(all(tie.truth(z) == c for tie, c in some) for z in (-1.0, 0.0, 1.0)) for some in told.values())

    def field(self) -> list[np.ndarray] | None:
        """D_P as sets whose sums it is: one for all kinks that feed each other; None where they are too many."""
        fed: list[set[int]] = [set() for _ in self.P.input_shapes]
        group = {k: k for k in self.ties}
        for k, line in self.P.lines():
            fed.append(set().union(*(fed[j] for j in line.pr)))
            if k in group:
                joined = {group[t] for t in fed[k]}
                group = {t: k if g in joined else g for t, g in group.items()}
                fed[k].add(k)
        members = defaultdict(list)
        shared = conditions(self.P, self.ties)  # one number decides all that it is the condition of
        key: dict[Any, int] = {}
        for e, tie in enumerate(self.every):
            alone = list(group.values()).count(group[tie.node]) == 1
            mine = -1 - e if alone else group[tie.node]
            if id(tie) in shared:
                first = key.setdefault(shared[id(tie)], mine)
                if first != mine:
                    members[first] += members.pop(mine, [])
                    group = {t: first if g == mine else g for t, g in group.items()}
                    mine = first
            members[mine].append(e)
        base = self.replay([])[1]
        parts = [self.along([base])[1]]
        for numbers in members.values():
            if prod(self.every[e].count for e in numbers) > MOST:
                return None
            found = []
            for choice in product(*(self.every[e].choices for e in numbers)):
                if not self._together(numbers, choice, shared):
                    continue
                found.append(list(base))
                for e, c in zip(numbers, choice, strict=True):
                    found[-1][e] = c
            parts.append(self.along(found)[1] - parts[0])
        return parts
