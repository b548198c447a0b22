"""The cells at a point: which choices at the kinks are made near x, and which cannot be; a loop in R^r.

Let e run over the comparisons at x in program order, each with a value z_e = 0 there and a gradient
a_e along the pieces already chosen. A pattern of signs s is *strict* when some direction d has
s_e a_e.d > 0 for all e: then it is taken along x + t d for small t > 0, and its Jacobian is a limit
of Jacobians (an element of Clarke's set). It is *excluded* when no point near x can take it.

Along the pieces chosen z_e is affine in the inputs and in the results u of nonlinear instructions
("atoms"): z_e(y) = l_e.(u(y) - u(x)). If y >= 0, y != 0, has sum y_e s_e l_e = 0 then never are all
s_e z_e > 0, however the atoms move. For switching functions that are affine in x, l_e is a_e: what is
not strict is excluded. Otherwise a pattern is also excluded when s_e a_e.d >= 0 leaves d = 0 only.
What is neither strict nor excluded is *undecided*. (The exclusion through atoms is ours.)

Floats find, and count only beyond a bound on their error; else the one test is made again over the rationals, for
programs that have such values, and elsewhere both sides stay undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from selgrad.geometry.cones import joined, only_zero, sides, unit
from selgrad.geometry.rationals import exactly
from selgrad.kinks.cell_records import CLEAR, KNOWN, Cell, Cells, Excluded, Space, in_floats
from selgrad.kinks.form import Form
from selgrad.kinks.sectors import BLOCK, in_the_plane
from selgrad.kinks.steps import Step

WORK = 1500  # numbers read by all tests, per cell of the limit: beyond, cells are no longer split
FOLLOWED = 64  # directions that are followed where cells are too many


class Walk:
    """One walk over the ties of some steps of a form; `run` returns the Cells. With `proofs` exclusions are kept."""

    def __init__(self, form: Form, steps: list[Step], limit: int, proofs: bool = False):
        self.form, self.steps, self.limit, self.proofs = form, steps, limit, proofs
        self.full = self.unsure = False
        self.tests = self.work = 0
        self.excluded: list[Excluded] = []
        self.affine = form.affine
        self.inputs = Space(form.rows, form, False)
        self.atoms = None if self.affine else Space(form.lifted, form, True)

    @cached_property
    def exact_steps(self) -> list[Step]:
        """The same ties, with their numbers over the rationals."""
        return self.form.exactly(self.steps)

    # --- the loop over the ties ---

    def run(self) -> Cells:
        steps, r = self.steps, self.inputs.rows.Z.shape[1]
        if not self.proofs and (sectors := in_the_plane(self.form, steps, self.affine)) is not None:
            return sectors
        if self._at_least() > self.limit:
            return self._followed()
        first = Cell(np.zeros((0, r)), np.ones(r), None, None)
        u, lu = self.inputs.rows.start(), np.zeros((1, 0, 0))
        if self.atoms is not None:
            width = self.atoms.rows.Z.shape[1]
            first = first._replace(L=np.zeros((0, width)), w=np.ones(width))
            lu = self.atoms.rows.start()
        cells = [first]
        for n, step in enumerate(steps):
            Y = self.inputs.rows.taps(step, u)
            LY = None if self.atoms is None else self.atoms.rows.taps(step, lu)
            found: list[tuple[int, Cell]] = []
            for parent, one in self._layer(n, cells, Y, LY):
                found.append((parent, one))
                if len(found) > self.limit or (self.work > WORK * self.limit and not self.proofs):
                    return self._followed()
            cells = [cell for _, cell in found]
            if not cells:
                break
            if n + 1 < len(steps):
                parents = np.array([parent for parent, _ in found])
                moves = step.moves([cell.choices[-1] for cell in cells]).astype(float)
                u = self._moved(u, parents, step, moves, Y)
                if LY is not None:
                    lu = self._moved(lu, parents, step, moves, LY)
        return self._found(cells, True)

    def _at_least(self) -> float:
        """A number of cells that there are: independent gradients, of ties that no other feeds, take all sides."""
        alone = [step for step in self.steps if not len(self.inputs.rows.feeds(step)[0])]
        if sum(len(step.tie.pairs) for step in alone) < np.log2(self.limit):
            return 0
        Z = self.inputs.rows.Z
        rows = [step.row(step.scalars(Z[step.reads]), pair) for step in alone for pair in step.tie.pairs]
        return 2.0 ** np.linalg.matrix_rank(np.array(rows)) if all(step.tie.free for step in alone) else 0

    def _moved(self, u: np.ndarray, parents: np.ndarray, step: Step, moves: np.ndarray, Y: Any) -> np.ndarray:
        u = u[parents] if len(u) > 1 else np.repeat(u, len(parents), axis=0)
        Y = Y[parents] if len(Y) > 1 else Y
        u[:, step.outs] += np.matmul(moves, Y)
        return u

    def _found(self, cells: list[Cell], complete: bool) -> Cells:
        form = self.form
        if form.here.exact:
            J = form.jacobians([c.choices for c in cells], self.steps)
        elif form.settled is not form:
            J = form.settled.jacobians([c.choices for c in cells], self.exact_steps).astype(float)
        else:
            J = np.zeros((0, *form.g0.shape))
            size = max(1, BLOCK // max(1, form.rows.decided * form.g0.shape[1]))
            parts = [form.jacobians([c.choices for c in cells[a : a + size]], self.steps)
                     for a in range(0, len(cells), size)]
            J = np.concatenate([J, *parts])
        return Cells(cells, J, np.array([cell.d is not None for cell in cells], dtype=bool), self.affine, complete,
                     self.unsure, self.tests, self.excluded)

    def _followed(self) -> Cells:
        """Cells that lie along a few directions: no list, but elements."""
        r, rng = self.inputs.rows.Z.shape[1], np.random.default_rng(0)
        D = rng.normal(size=(FOLLOWED, r))
        kept, u = np.arange(FOLLOWED), self.inputs.rows.start(FOLLOWED)
        cells = [Cell(np.zeros((0, r)), d, None, None) for d in D]
        for n, step in enumerate(self.steps):
            G, terms = step.scalars(self.inputs.rows.taps(step, u)), step.terms(self.form.sizes)
            G = np.broadcast_to(G, (len(kept), *G.shape[1:]))
            alive = []
            for at, g in zip(kept, G, strict=True):
                cell, state = cells[at], step.tie.start
                rows, path = [], []
                while (pair := step.tie.ask(state)) is not None:
                    a, size = step.row(g, pair), step.size(terms, pair)
                    if np.abs(a).max(initial=0.0) <= KNOWN * size:
                        if np.any(a != 0) or not (step.tie.alike or self.affine):
                            break
                        state, sign = step.tie.still(state), 0
                    elif abs(a @ D[at]) <= 1e-9 * np.linalg.norm(a) * np.linalg.norm(D[at]) + KNOWN * size:
                        break
                    else:
                        sign = 1 if a @ D[at] > 0 else -1
                        state = step.tie.told(state, sign > 0)
                        rows.append(sign * unit(a))
                    path.append((n, pair, sign))
                else:
                    R = np.vstack([cell.R, *rows]) if len(self.steps) <= 200 else cell.R
                    cells[at] = cell._replace(R=R, choices=(*cell.choices, step.tie.choice(state)),
                                              path=(*cell.path, *path))
                    alive.append(at)
            back = {at: i for i, at in enumerate(kept)}
            parents = np.array([back[at] for at in alive], dtype=int)
            kept = np.array(alive, dtype=int)
            if not len(kept):
                return self._found([], False)
            Y = self.inputs.rows.taps(step, u)
            u = self._moved(u, parents, step, step.moves([cells[at].choices[-1] for at in kept]).astype(float), Y)
        return self._found([cells[at] for at in kept], False)

    # --- one tie in one cell ---

    def _layer(self, n: int, cells: list[Cell], Y: np.ndarray, LY: np.ndarray | None) -> Iterator[tuple[int, Cell]]:
        step = self.steps[n]
        G, terms = step.scalars(Y), step.terms(self.form.sizes)
        LG = None if LY is None else step.scalars(LY)
        for parent, cell in enumerate(cells):
            g = G[parent if len(G) > 1 else 0]
            lg = None if LG is None else LG[parent if len(LG) > 1 else 0]
            stack = [(step.tie.start, cell)]
            while stack:
                state, one = stack.pop()
                pair = step.tie.ask(state)
                if pair is None:
                    yield parent, one._replace(choices=(*one.choices, step.tie.choice(state)))
                else:
                    stack += self._children(n, state, pair, one, step.row(g, pair), step.size(terms, pair), lg)

    def _children(self, n: int, state: tuple, pair: tuple[int, int], cell: Cell, a: np.ndarray, size: float, lg: Any
                  ) -> list:
        step, tie = self.steps[n], self.steps[n].tie
        large = np.abs(a).max(initial=0.0)
        known = True
        if large <= CLEAR * size and (large or size):
            if self.inputs.exact is not None:
                exact = self.inputs.exact_row(self.exact_steps, cell.choices, n, pair)
                a = in_floats(exact)
                large = np.abs(a).max(initial=0.0)
            else:
                known = large == 0
        lift, blind = self._lift(step, n, pair, cell, lg)
        if large == 0 or not known:
            if known and (tie.alike or (self.affine and not blind)):
                more = (step.outs.tolist(),) if blind else ()
                return [(tie.still(state), self._answered(cell, n, pair, 0)._replace(
                    opaque=cell.opaque + tuple(o for outs in more for o in outs)))]
            self.unsure |= not known
            states = tie.unsure(state) if known else list(dict.fromkeys([*tie.unsure(state), tie.told(state, False),
                                                                         tie.told(state, True)]))
            lost = cell._replace(d=None, L=None, w=None)
            return [(s, self._answered(lost, n, pair, 0)) for s in states]
        children = []
        minus, plus = self._split(n, pair, cell, unit(a), lift)
        for sign, child in ((-1, minus), (1, plus)):
            if child is not None:
                children.append((tie.told(state, sign > 0), self._answered(child, n, pair, sign)))
        return children

    def _answered(self, cell: Cell, n: int, pair: tuple[int, int], sign: int) -> Cell:
        return cell._replace(path=(*cell.path, (n, pair, sign)))

    def _lift(self, step: Step, n: int, pair: tuple[int, int], cell: Cell, lg: Any) -> tuple[Any, bool]:
        """The row over inputs and atoms (None: not known), and whether the tie may matter beyond first order."""
        if self.atoms is None:
            return None, False
        if cell.L is None:
            return None, True
        if cell.opaque and set(cell.opaque).intersection(self.atoms.rows.feeds(step)[0].tolist()):
            return None, True
        lift = step.row(lg, pair)
        if np.any(lift != 0) and self.atoms.exact is not None:
            lift = in_floats(self.atoms.exact_row(self.exact_steps, cell.choices, n, pair))
        return (unit(lift), True) if np.any(lift != 0) else (None, False)

    # --- one comparison in one cell ---

    def _split(self, n: int, pair: tuple[int, int], cell: Cell, a: np.ndarray, lift: np.ndarray | None
               ) -> tuple[Cell | None, Cell | None]:
        """The parts of a cell where the row a is negative and where it is positive; None where there is none."""
        self.tests += 1
        self.work += cell.R.size + 1
        minus = plus = ly = lminus = lplus = None
        open_ = False
        if cell.d is not None:
            plus, minus, why = self._sides(self.inputs, n, pair, cell, cell.R, a, cell.d)
            if (plus is None or minus is None) and why is None:
                open_ = self.unsure = True
            elif (plus is None or minus is None) and self.affine and self.proofs:
                self._exclude(cell, n, pair, 1 if plus is None else -1, why, "inputs")
        if self.affine:
            if cell.d is None or open_:
                rest = Cell(joined(cell.R, a), None, None, None, cell.choices, cell.path, cell.opaque)
                return (rest if minus is None else rest._replace(R=joined(cell.R, -a), d=minus),
                        rest if plus is None else rest._replace(d=plus))
            return (None if minus is None else cell._replace(R=joined(cell.R, -a), d=minus),
                    None if plus is None else cell._replace(R=joined(cell.R, a), d=plus))
        assert self.atoms is not None
        if lift is not None and cell.L is not None and cell.w is not None:
            lplus, lminus, ly = self._sides(self.atoms, n, pair, cell, cell.L, lift, cell.w)
        parts = []
        for sign, d, w in ((-1, minus, lminus), (1, plus, lplus)):
            R = joined(cell.R, sign * a)
            if d is None:
                if ly is not None and w is None:
                    if self.proofs:
                        self._exclude(cell, n, pair, sign, ly, "atoms")
                    parts.append(None)
                    continue
                if not open_ and self.form.here.exact and self.proofs:
                    end = cell._replace(path=(*cell.path, (n, pair, sign)))
                    R = self.inputs.exact_rows(self.exact_steps, end)
                y = None if open_ else only_zero(R)
                if y is not None:
                    if self.proofs:
                        self.excluded.append(Excluded(R, y, (*cell.path, (n, pair, sign)), "cone"))
                    parts.append(None)
                    continue
            L = joined(cell.L, sign * lift) if lift is not None and w is not None else None
            parts.append(cell._replace(R=R, d=d, L=L if L is not None else cell.L if lift is None else None,
                                       w=w if L is not None else cell.w if lift is None else None))
        return parts[0], parts[1]

    def _exclude(self, cell: Cell, n: int, pair: tuple[int, int], sign: int, why: Any, space: str) -> None:
        R, a, y = why
        used, one = np.flatnonzero(y), np.ones(1, dtype=y.dtype)
        self.excluded.append(Excluded(np.vstack([R[used], sign * a]), np.r_[y[used], one],
                                      (*cell.path, (n, pair, sign)), space))

    def _sides(self, space: Space, n: int, pair: tuple[int, int], cell: Cell, R: np.ndarray, a: np.ndarray,
               d: np.ndarray) -> tuple[Any, Any, Any]:
        """Witnesses of both sides, and (R, a, y) where one is empty; by the rationals where floats do not tell."""
        if d.dtype != object and not (self.proofs and self.form.here.exact):
            plus, minus, y = sides(R, a, d, reasons=False)
            if (plus is not None and minus is not None) or y is not None:
                return plus, minus, None if y is None else (R, a, y)
        Rx = None if space.exact is None else space.exact_rows(self.exact_steps, cell)
        if Rx is None or len(Rx) != len(R):  # some rows are not known over the atoms
            plus, minus, y = sides(R, a, d.astype(float))
            return plus, minus, None if y is None else (R, a, y)
        ax = space.exact_row(self.exact_steps, cell.choices, n, pair)
        plus, minus, y = sides(Rx, ax, exactly(d))
        return _short(plus, R, a, 1), _short(minus, R, a, -1), None if y is None else (Rx, ax, y)


def _short(d: np.ndarray | None, R: np.ndarray, a: np.ndarray, sign: int) -> np.ndarray | None:
    """A witness in floats where it is one clearly, else as it is."""
    if d is None:
        return None
    f = in_floats(d)
    f = f / np.linalg.norm(f)
    return f if (R @ f > 1e-9).all() and sign * (a @ f) > 1e-9 else d
