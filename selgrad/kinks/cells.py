"""The walk over the cells at a point: which choices at the kinks are made near x, and which cannot be.

Let e run over the comparisons at x in program order, each with a value z_e = 0 there and a gradient
a_e along the pieces already chosen. A pattern of signs s is *strict* when some direction d has
s_e a_e.d > 0 for all e: then it is taken along x + t d for small t > 0, and its Jacobian is a limit
of Jacobians (an element of Clarke's set). It is *excluded* when no point near x can take it.

Along the pieces chosen z_e is affine in the inputs and in the results u of nonlinear instructions
("atoms"): z_e(y) = l_e.(u(y) - u(x)). If y >= 0, y != 0, has sum y_e s_e l_e = 0 then never are all
s_e z_e > 0, however the atoms move. For switching functions that are affine in x, l_e is a_e: what is
not strict is excluded. Otherwise a pattern is also excluded when s_e a_e.d >= 0 leaves d = 0 only.
What is neither strict nor excluded is *undecided*. (The exclusion through atoms is ours.)

All cells travel through the program as one batch: the Python loop is over comparisons only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from selgrad.geometry.cones import Cell, plane, unit
from selgrad.kinks.gradients import difference, gradients, is_linear, scales_of, sizes, together
from selgrad.kinks.point import Local
from selgrad.kinks.splitting import Affine, Excluded, Lifted, Splitter
from selgrad.kinks.ties import index_of
from selgrad.kinks.witnesses import follow, some
from selgrad.primitives.comparisons import NOTHING, Tie
from selgrad.programs.program_data import Instruction

MOST_ATOMS = 400  # beyond this many atoms only directions exclude
WORK = 1500  # numbers read by all tests, per cell of the limit: beyond, cells are no longer split
FOLLOWED = 50_000  # comparisons made while following


@dataclass
class Cells:
    """What the walk found: cells, their Jacobians (cells, q, p), and whether each is strict.

    complete: no cell was left unsplit. doubtful: rounding may have made or hidden a cell.
    """

    cells: list[Cell]
    jacobians: np.ndarray
    strict: np.ndarray
    affine: bool
    complete: bool
    doubtful: bool
    tests: int
    excluded: list[Excluded]


class Walk:
    """One walk; `run` returns the Cells. With `proofs` the reason of every exclusion is kept."""

    def __init__(self, here: Local, limit: int, proofs: bool = False):
        self.here, self.limit, self.proofs = here, limit, proofs
        self.following = False  # too many cells or rows: cells are no longer split, only followed
        self.sizes = sizes(here)
        P = here.P
        entries = {k: int(np.prod(i.shape)) for k, i in P.lines()}
        atoms = {k: entries[k] for k, i in P.lines() if not is_linear(i) and self._matters(k)}
        self.affine = not atoms
        self.split: Splitter = Affine(proofs) if self.affine else Lifted(proofs)
        self.lifted = not self.affine
        if self.lifted:
            # the result of a tie may have to become an atom too: see `opaque`
            atoms |= {k: entries[k] for k in here.ties if k not in atoms}
            self.lifted = P.p + sum(atoms.values()) <= MOST_ATOMS
        starts = np.cumsum([P.p, *atoms.values()])
        self.columns = dict(zip(atoms, starts[:-1], strict=True))
        self.width = int(starts[-1])

    def _matters(self, k: int) -> bool:
        """Whether a later tie reads from node k: other atoms say nothing about switching functions."""
        later, P = {k}, self.here.P
        for t, instruction in P.lines():
            if t > k and later.intersection(instruction.pr):
                if t in self.here.ties:
                    return True
                later.add(t)
        return False

    def run(self) -> Cells:
        here, P = self.here, self.here.P
        nothing = np.zeros((0, P.p), dtype=here.dtype)
        first = Cell(nothing, np.ones(P.p, dtype=here.dtype), None, None)
        dx, lx = here.inputs(), []
        if self.lifted:
            wide = np.zeros((0, self.width), dtype=here.dtype)
            first = first._replace(L=wide, w=np.ones(self.width, dtype=here.dtype))
            lx = [self._pad(a) for a in here.inputs()]
        cells = [first]
        for k, instruction in P.lines():
            s = here.ev.indices[k]
            if k in here.ties:
                found = self._children_of(k, cells, dx, lx)
                if not found:
                    return self._found([], here.jacobians(here.forward())[:0], complete=False)
                parents = np.array([parent for parent, _, _, _ in found])
                dx = [a if a is None or a.shape[1] == 1 else a[:, parents] for a in dx]
                lx = [a if a is None or a.shape[1] == 1 else a[:, parents] for a in lx]
                cells = [cell for _, _, cell, _ in found]
                s = index_of(instruction, s, here.ties[k], [choice for _, choice, _, _ in found])
            dx.append(here.step(k, s, dx))
            if self.lifted:
                a = self._lifted(k, instruction, s, lx)
                lx.append(self._opaque(k, a, [o for *_, o in found]) if k in here.ties else a)
        J = here.jacobians(dx)
        J = J if len(J) == len(cells) else np.repeat(J, len(cells), axis=0)
        return self._found(cells, J, complete=not self.following)

    def _found(self, cells: list[Cell], J: np.ndarray, complete: bool) -> Cells:
        strict, split = np.array([cell.d is not None for cell in cells], dtype=bool), self.split
        return Cells(cells, J, strict, self.affine, complete, split.doubtful, split.tests, split.excluded)

    def _children_of(self, k: int, cells: list[Cell], dx: list[Any], lx: list[Any]
                     ) -> list[tuple[int, Any, Cell, list[int]]]:
        """The cells after instruction k: every part of every cell, or one part along its witness."""
        ties = self.here.ties[k]
        if not self.following:
            found = list(islice(self._layer(k, cells, dx, lx), self.limit + 1))
            self.following |= len(found) > self.limit
            if not self.following:
                return found
            strict = [child for child in found if child[2].d is not None]
            most = max(FOLLOWED // sum(len(tie.ids) for every in self.here.ties.values() for tie in every), 1)
            if strict:
                return some(strict, most)
            parents = some([n for n, cell in enumerate(cells) if cell.d is not None], most)
        else:
            parents = list(range(len(cells)))
        G, scales = gradients(self.here, k, dx, self.here.P.p), scales_of(self.here, k, self.sizes)
        found = [(n, follow(ties, G[n if len(G) > 1 else 0], scales, cells[n], self.affine)) for n in parents]
        return [(n, one[0], one[1], []) for n, one in found if one is not None]

    def _pad(self, a: np.ndarray) -> np.ndarray:
        more = np.zeros((self.width - a.shape[0], *a.shape[1:]), dtype=a.dtype)
        return np.concatenate([a, more])

    def _lifted(self, k: int, instruction: Instruction, s: Any, lx: list[Any]) -> Any:
        if is_linear(instruction) or k not in self.columns:
            return self.here.step(k, s, lx)
        return self._units(k, instruction)

    def _units(self, k: int, instruction: Instruction) -> np.ndarray:
        n = int(np.prod(instruction.shape))
        e = np.zeros((self.width, n), dtype=self.here.dtype)
        e[self.columns[k] : self.columns[k] + n] = np.eye(n, dtype=int)
        return e.reshape(self.width, 1, *instruction.shape)

    def _opaque(self, k: int, a: Any, outs: list[list[int]]) -> Any:
        """Entries whose choice first order does not see become atoms, so that nothing is said of them."""
        if a is None or not any(outs):
            return a
        instruction = self.here.P.line(k)
        shape = (self.width, len(outs), *instruction.shape)
        a = np.array(np.broadcast_to(a, shape)).reshape(self.width, len(outs), -1)
        e = self._units(k, instruction).reshape(self.width, -1)
        for row, entries in enumerate(outs):
            a[:, row, entries] = e[:, entries]
        return a.reshape(shape)

    def _layer(self, k: int, cells: list[Cell], dx: list[Any], lx: list[Any]
               ) -> Iterator[tuple[int, Any, Cell, list[int]]]:
        """(parent, choices, cell, opaque entries) for every cell this instruction's ties split into."""
        here, ties = self.here, self.here.ties[k]
        G, scales = gradients(here, k, dx, here.P.p), scales_of(here, k, self.sizes)
        GL = gradients(here, k, lx, self.width) if self.lifted else None
        simple = here.P.p <= 2 and not here.exact and self.affine and not self.proofs and all(
            len(tie.pairs) == 1 and tie.pairs[0][1] == NOTHING for tie in ties)
        for parent, cell in enumerate(cells):
            g = G[parent if len(G) > 1 else 0]
            if simple:
                found = self._sectors(ties, g, cell, scales)
            else:
                gl = GL[parent if len(GL) > 1 else 0] if GL is not None else None
                found = self._split(ties, g, gl, cell, scales)
            for choices, child, hidden in found:
                yield parent, choices, child, hidden

    def _sectors(self, ties: list[Tie], g: np.ndarray, cell: Cell, scales: np.ndarray
                 ) -> Iterator[tuple[np.ndarray, Cell, list[int]]]:
        """The closed form for p = 1 and p = 2."""
        A = g[[tie.ids[0] for tie in ties]]
        flat = np.array([self.split.flat(a, scales[tie.ids[0]]) for a, tie in zip(A, ties, strict=True)])
        walls = np.array([unit(a) for a in A[~flat]]).reshape(-1, self.here.P.p)
        below, above = (np.array([tie.choice(tie.told(tie.start, z)) for tie in ties]) for z in (False, True))
        still = np.array([tie.choice(tie.still(tie.start)) for tie in ties])
        directions, sure = plane(cell.R, walls)
        self.split.doubtful |= not sure
        for d in directions:
            heights = walls @ d
            choices = np.where(flat, still, below)
            choices[~flat] = np.where(heights > 0, above[~flat], below[~flat])
            yield choices, Cell(np.vstack([cell.R, np.sign(heights)[:, None] * walls]), d, None, None), []

    def _split(self, ties: list[Tie], g: np.ndarray, gl: np.ndarray | None, cell: Cell, scales: np.ndarray
               ) -> Iterator[tuple[list[Any], Cell, list[int]]]:
        """Depth first over the comparisons of all ties of one instruction, within one cell."""
        stack: list[Any] = [(0, ties[0].start, cell, (), ())]
        while stack and not self.following:
            t, state, cell, choices, opaque = stack.pop()
            tie = ties[t]
            pair = tie.ask(state)
            if pair is None:
                choices = (*choices, tie.choice(state))
                if t + 1 < len(ties):
                    stack.append((t + 1, ties[t + 1].start, cell, choices, opaque))
                    continue
                yield list(choices), cell, list(opaque)
                continue
            a, lift = difference(g, pair), None if gl is None else difference(gl, pair)
            flat = self.split.flat(a, together(scales, pair))
            for child_state, child, hidden in self._children(tie, state, a, lift, cell, flat):
                stack.append((t, child_state, child, choices, opaque + hidden))

    def _children(self, tie: Tie, state: tuple, a: np.ndarray, lift: np.ndarray | None, cell: Cell, flat: bool
                  ) -> Iterator[tuple[tuple, Cell, tuple[int, ...]]]:
        blind = lift is not None and cell.L is not None and bool(np.any(lift != 0))
        if flat:
            if tie.alike or (self.affine and not blind):  # the scalars are equal in a whole neighbourhood
                yield tie.still(state), cell, tie.outs if blind else ()
            else:
                for unsure in tie.unsure(state):
                    yield unsure, cell._replace(d=None, L=None, w=None), tie.outs
            return
        a = unit(a)
        lift = unit(lift) if blind and lift is not None else None
        minus, plus = self.split.both(cell, a, lift)
        self.following |= self.split.work > WORK * self.limit and not self.proofs
        if minus is not None:
            yield tie.told(state, False), minus, ()
        if plus is not None:
            yield tie.told(state, True), plus, ()
