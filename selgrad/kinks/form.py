"""The abs-normal form of a program at a point, along AD's own pieces: what D_P and Clarke's set depend on (ours).

A *tap* is a scalar that an active tie reads, an *out* an entry of a result that it decides. With d in R^p,

    taps = Z d + L u,     out = g0 d + v u,     u_t = (C_t(choice) - C_t(AD)) taps_t

where u says how far the outs are from what AD's pieces give, and C_t(choice) holds the slopes of tie t in its taps.
One reverse pass for every tap gives its row of Z and L, one for every output g0 and v; L is strictly lower triangular,
since a tie reads only what comes before it. p appears in Z and g0 only: where there are many parameters, isometric
coordinates of the row space take their place (`frame`), so that all that follows costs what the kinks cost. Source:
Griewank's abs-normal form; for any kind of tie, along AD's own pieces, it is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward
from selgrad.kinks.frame import framed, split
from selgrad.kinks.gradients import is_linear, sizes
from selgrad.kinks.point import Local
from selgrad.kinks.steps import Rows, Step, steps_of
from selgrad.kinks.ties import conditions

SHARED = (-1.0, 0.0, 1.0)  # the values of a condition that are told apart
CANCELS = 1e4  # terms so much larger than what they add up to leave few digits of it in floats
RATIONAL = 300_000  # numbers that pass by, in all passes together, up to which there is a form over the rationals
LARGEST = 50_000_000  # numbers of all gradients together
CHUNK = 4_000_000  # numbers of a node that travel backwards at once
WIDE = 4096  # inputs from which on coordinates take their place
FRAMED = 1000  # taps up to which that is done where their gradients would not fit


class Form:
    """The form at the point of `here`; `rational` is the same over the rationals, where the program has such values."""

    def __init__(self, here: Local):
        self.here, P = here, here.P
        self.numbers: dict[tuple[int, int], int] = {}  # taps: (node, entry)
        self.decided: dict[tuple[int, int], int] = {}  # outs
        self.steps: list[Step] = []
        for k in sorted(here.ties):
            self.steps += steps_of(here, k, self.numbers, self.decided)
        sources = conditions(P, here.ties)
        self.conditions = {e: sources[id(step.tie)] for e, step in enumerate(self.steps) if id(step.tie) in sources}
        self.outputs = {k: e.reshape(P.q, *P.shapes[k]) for k, e in here.outputs().items()}
        self.frame: Any = None
        self.too_large = ""
        n = len(self.numbers) + P.q
        if not here.exact and P.p > max(WIDE, 2 * n):
            self._framed(n)
            if self.frame is not None or self.too_large:
                return
        self.g0, self.v, _ = self._pull(self.outputs, P.q, {})
        if len(self.numbers) > P.p and not self._feeds():
            dx = here.forward()
            Z = np.zeros((len(self.numbers), P.p), dtype=here.dtype)
            for t, (j, entry) in enumerate(self.numbers):
                if dx[j] is not None:
                    Z[t] = dx[j].reshape(P.p, -1)[:, entry]
            self.rows = Rows(Z, Z[:, :0], np.zeros(0, dtype=int), len(self.decided))
        else:
            self.rows = self._pull_taps({})

    def _framed(self, n: int) -> None:
        """Isometric coordinates in place of inputs: no row of Z is kept."""
        P, taps = self.here.P, len(self.numbers)

        def pull(a: np.ndarray) -> np.ndarray:
            return self._pull(self._seeds(a), len(a), {})[0]

        def push(x: np.ndarray) -> np.ndarray:
            dx, Y = self.here.forward(inputs=split(x, P.input_shapes)), np.zeros((len(x), n))
            for t, (j, entry) in enumerate(self.numbers):
                if dx[j] is not None:
                    Y[:, t] = np.broadcast_to(dx[j], (len(x), *P.shapes[j])).reshape(len(x), -1)[:, entry]
            for k, e in self.outputs.items():
                if dx[k] is not None:
                    Y[:, taps:] += np.broadcast_to(dx[k], (len(x), *P.shapes[k])).reshape(
                        len(x), -1) @ e.reshape(len(e), -1).T
            return Y

        G, every, chunk = np.empty((n, n)), [], self._chunk()
        for a in range(0, n, chunk):
            some = np.eye(n)[a : a + chunk]
            Z, L, _ = self._pull(self._seeds(some), len(some), {})
            G[a : a + chunk] = push(Z)
            every.append(L)
        L = np.concatenate(every)
        outs = np.flatnonzero((L[:taps] != 0).any(axis=0))
        C, self.frame, others = framed(G, pull, push, P.p, chunk)
        self.rows, self.g0, self.v = Rows(C[:taps], L[:taps, outs], outs, len(self.decided)), C[taps:], L[taps:]
        if taps * P.p <= LARGEST:  # gradients that depend on others are kept as they are: the rationals settle those
            self.frame = None if self.frame is None or np.any(others < taps) else self.frame
        elif self.frame is None:
            self.too_large = (f"{taps} scalars are tied at this point of {P.name}, and too many of their gradients by "
                              f"{P.p} inputs depend on others for what memory holds")

    def _feeds(self) -> bool:
        """Whether an instruction with ties reads, through others, from another one with ties."""
        reach = [False] * len(self.here.P.input_shapes)
        for k, instruction in self.here.P.lines():
            fed = any(reach[j] for j in instruction.pr)
            if fed and k in self.here.ties:
                return True
            reach.append(fed or k in self.here.ties)
        return False

    # --- the passes ---

    def _pull(self, seeds: dict[int, Any], n: int, atoms: dict[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Derivatives of n scalars by the inputs (n, p), the outs (n, outs) and the results of `atoms` (n, entries)."""
        here, P = self.here, self.here.P
        at: dict[int, tuple[list[int], list[int]]] = {}
        for (k, entry), o in self.decided.items():
            entries, outs = at.setdefault(k, ([], []))
            entries.append(entry)
            outs.append(o)
        L = np.zeros((n, len(self.decided)), dtype=here.dtype)
        A = np.zeros((n, sum(prod(P.shapes[k]) for k in atoms)), dtype=here.dtype)

        def terms(t: int, v_t: Any, v: list[Any]) -> Iterator[tuple[int, Any]]:
            flat = np.broadcast_to(v_t, (n, *P.shapes[t])).reshape(n, -1)
            if t in atoms:
                A[:, atoms[t] : atoms[t] + flat.shape[1]] = flat
                return
            if t in at:
                L[:, at[t][1]] = flat[:, at[t][0]]
            for i, j in P.line(t).reads():
                d = here.partial(t, i, here.ev.indices[t])
                if d is not None:
                    yield j, d.pull(v_t)

        found = backward(P, seeds, terms)
        Z = np.zeros((n, P.p), dtype=here.dtype)
        start = 0
        for j, shape in enumerate(P.input_shapes):
            size = prod(shape)
            if found[j] is not None:
                Z[:, start : start + size] = np.broadcast_to(found[j], (n, *shape)).reshape(n, -1)
            start += size
        return Z, L, A

    def _seeds(self, a: np.ndarray) -> dict[int, np.ndarray]:
        """Seeds of reverse passes, one a row of a, whose columns stand for the taps and, if there are more, outputs."""
        P, taps = self.here.P, len(self.numbers)
        seeds: dict[int, np.ndarray] = {}
        for t, (j, entry) in enumerate(self.numbers):
            if np.any(a[:, t]):
                seed = seeds.setdefault(j, np.zeros((len(a), prod(P.shapes[j])), dtype=self.here.dtype))
                seed[:, entry] += a[:, t]
        for k, e in self.outputs.items() if a.shape[1] > taps else ():
            seeds[k] = seeds.get(k, 0) + a[:, taps:] @ e.reshape(len(e), -1)
        return {j: seed.reshape(len(a), *P.shapes[j]) for j, seed in seeds.items()}

    def _chunk(self) -> int:
        return max(1, CHUNK // max(max(map(prod, self.here.P.shapes)), self.here.P.p))

    def _pull_taps(self, atoms: dict[int, int]) -> Rows:
        P, taps, chunk, parts = self.here.P, list(self.numbers), self._chunk(), []
        for a in range(0, max(len(taps), 1), chunk):
            some = taps[a : a + chunk]
            seeds: dict[int, Any] = {}
            for row, (j, entry) in enumerate(some):
                if j not in seeds:
                    seeds[j] = np.zeros((len(some), prod(P.shapes[j])), dtype=self.here.dtype)
                seeds[j][row, entry] = 1
            Z, L, A = self._pull({j: e.reshape(len(some), *P.shapes[j]) for j, e in seeds.items()}, len(some), atoms)
            used = np.flatnonzero((L != 0).any(axis=0))
            parts.append((np.concatenate([Z, A], axis=1), used, L[:, used]))
        outs = np.array(sorted(set().union(*(used.tolist() for _, used, _ in parts))), dtype=int)
        L, row = np.zeros((len(taps), len(outs)), dtype=self.here.dtype), 0
        for Z, used, some_L in parts:
            L[row : row + len(Z), np.searchsorted(outs, used)] = some_L
            row += len(Z)
        return Rows(np.concatenate([Z for Z, _, _ in parts]), L, outs, len(self.decided))

    # --- what is read from it ---

    @cached_property
    def rational(self) -> Form | None:
        """The form over the rationals, with the same ties, taps and outs."""
        if self.here.exact:
            return self
        P = self.here.P
        constants = sum(np.size(o) for _, line in P.lines() for i, o in enumerate(line.operands) if not line.is_node(i))
        if (len(self.numbers) + P.q) * (P.m + constants) > RATIONAL:
            return None
        again = self.here.rational()
        return None if again is None else Form(again)

    def exactly(self, steps: list[Step]) -> list[Step]:
        """The same steps of `rational`, with their numbers over the rationals; as they are where there is none."""
        places = {id(step): n for n, step in enumerate(self.steps)}
        return steps if self.rational is None else [self.rational.steps[places[id(step)]] for step in steps]

    @cached_property
    def options(self) -> dict[Any, list[int]]:
        """For every shared condition, those of the values in SHARED that it is told apart by."""
        found: dict[Any, list[int]] = {}
        for source in set(self.conditions.values()):
            ties: list[Any] = [self.steps[e].tie for e, one in self.conditions.items() if one == source]
            told = [tuple(tie.truth(z) for tie in ties) for z in SHARED]
            found[source] = [n for n, one in enumerate(told) if told.index(one) == n]
        return found

    @cached_property
    def settled(self) -> Form:
        """The form that elements are taken from: the rational one where floats would lose them in larger terms."""
        size = float(np.abs(self.g0.astype(float)).max(initial=0.0))
        lost = not self.here.exact and self.frame is None and 0 < CANCELS * size < self.here.terms()
        return (self.rational or self) if lost else self

    @cached_property
    def affine(self) -> bool:
        """Whether all that is compared is affine in the inputs, along any pieces."""
        return not self._curved

    @cached_property
    def _curved(self) -> dict[int, int]:
        """The instructions that are not affine and that ties read from, with their first column among atoms."""
        P, read, found = self.here.P, set(), []
        for k, instruction in reversed(list(P.lines())):
            if k in read and not is_linear(instruction):
                found.append(k)
            if k in self.here.ties or k in read:
                read.update(instruction.pr)
        sizes_ = [prod(P.shapes[k]) for k in sorted(found)]
        return dict(zip(sorted(found), np.cumsum([0, *sizes_]).tolist(), strict=False))

    @cached_property
    def lifted(self) -> Rows:
        """Z and L where the results of instructions that are not affine, "atoms", count as inputs too."""
        return self._pull_taps(self._curved)

    @cached_property
    def sizes(self) -> np.ndarray:
        """How large the terms are that every tap's row is a sum of, whatever is chosen: (taps,)."""
        if self.here.exact:
            every = [np.abs(self.rows.Z.astype(float)).sum(axis=1)]
            return every[0] + np.abs(self.rows.L.astype(float)).sum(axis=1) * (1.0 + every[0].max(initial=0.0))
        every = sizes(self.here)
        return np.array([float(np.ravel(every[j])[e]) for j, e in self.numbers])

    def jacobians(self, choices: list[tuple], steps: list[Step], rows: Rows | None = None) -> np.ndarray:
        """The Jacobians (cells, q, r) along choices at these ties, others as AD takes them; exact where `rows` is."""
        rows = self.rows if rows is None else rows
        u = rows.start(len(choices))
        for n, step in enumerate(steps):
            mine = [c[n] for c in choices]
            kinds = list(dict.fromkeys(mine))
            at = np.array([kinds.index(c) for c in mine]) if len(kinds) < 64 else None
            M = step.moves(kinds if at is not None else mine)
            Y = rows.taps(step, u)
            M = M if at is None else M[at]
            u[:, step.outs] += np.matmul(M, np.broadcast_to(Y, (len(choices), *Y.shape[1:])))
        return self.g0[None] + np.matmul(self.v[None], u)


def too_large(here: Local) -> str:
    """Why no form is made ("": it is): it would fill the memory."""
    taps = sum(len(tie.ids) for every in here.ties.values() for tie in every)
    if taps * here.P.p <= LARGEST:
        return ""
    if not here.exact and taps <= FRAMED and here.P.p > max(WIDE, 2 * (taps + here.P.q)):
        return form_of(here).too_large
    return (f"{taps} scalars are tied at this point of {here.P.name}, and their gradients by {here.P.p} inputs are "
            f"more than {LARGEST:.0e} numbers")


def form_of(here: Local) -> Form:
    """The form at a point, made once."""
    if "form" not in here.made:
        here.made["form"] = Form(here)
    return here.made["form"]
