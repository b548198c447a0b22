"""Clarke's subdifferential between two bounds, equal where that can be proved (Section 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html import escape
from math import prod
from typing import Any

import numpy as np

from selgrad.displays import Shape, shown
from selgrad.errors import InputError, NotContinuous
from selgrad.geometry.jacobians import LIMIT, JacobianSet
from selgrad.kinks.cells import Cells, Walk
from selgrad.kinks.gradients import difference, gradients
from selgrad.kinks.point import ULPS, Local, local
from selgrad.programs.canonical import text
from selgrad.programs.program import Program
from selgrad.programs.program_data import place
from selgrad.sets.certificates import Certificate, Impossible, Realised
from selgrad.sets.conservative import clusters, set_at
from selgrad.sets.proof import explored, record

UNBOUNDED = 2**60
CURVES, SEARCHED = 40, 200  # curves along which open patterns are looked for, of so many cells at most
AGAIN = 4000  # so many tests at most are made again over the rationals
NEAR = "only within rounding of a kink"
LISTED, COMPARED = 2**12, 64  # so many products and scalars are walked over even where a shorter argument would do


@dataclass(frozen=True, eq=False)
class ClarkeBounds:
    """inner and outer: inner ⊆ ∂ᶜf(x) ⊆ outer, with `exact` when they are equal and `reason` why (not).

    `directions` (cells, p) holds the witness of every element of inner that the walk found.
    """

    inner: JacobianSet
    outer: JacobianSet
    exact: bool
    reason: str
    _here: Local = field(repr=False)
    _cells: Cells | None = field(repr=False, default=None)
    proof: dict[str, Any] | None = field(repr=False, default=None)

    def to_json(self) -> str:
        """The bounds with their proof, which `sg.verify` checks. Errors as in `Verdict.to_json`."""
        claims: dict[str, Any] = {"exact": self.exact}
        for name, D in (("inner", self.inner), ("outer", self.outer)):
            one = D.listed and len(D.parts) == 1
            claims[name] = D.vertices.reshape(-1, prod(D.shape)) if one else None
        size = max((float(np.abs(part).max()) for part in self.inner.parts), default=0.0)
        tol = 0.0 if self.here.exact else 1e-9 * size
        asked = {"convention": "paper", "exact": self.here.exact, "ulps": float(self.here.ulps), "tol": tol}
        return text(record(self.here, asked, claims, self))

    @property
    def here(self) -> Local:
        """The program at its point."""
        return self._here

    @property
    def independent(self) -> bool:
        """Whether all patterns are realised, because the active gradients are linearly independent."""
        return self.exact and self._cells is None and bool(self._here.ties)

    @property
    def whole(self) -> bool:
        """Whether outer is what is realised and what is left open, not all of D_P."""
        return self._cells is None or (self._cells.complete and not self._cells.doubtful)

    @property
    def directions(self) -> np.ndarray:
        """One direction for every pattern of signs taken near x."""
        if self._cells is None:  # no kink: any direction will do; or too many patterns to list
            return np.ones((0 if self._here.ties else 1, self._here.P.p))
        return np.array([cell.d for cell in self._cells.cells if cell.d is not None])

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """A witness direction for every cell, a Farkas vector for every pattern that was excluded."""
        if self._cells is None:
            return ()
        found: list[Certificate] = [
            Realised("these pieces are taken near x", cell.R, cell.d, J.reshape(-1))
            for cell, J in zip(self._cells.cells, self._cells.jacobians, strict=True) if cell.d is not None
        ]
        if not self._cells.complete:
            return tuple(found)
        again = Walk(self._here, UNBOUNDED, proofs=True).run()
        found += [Impossible("no point near x takes these sides", e.rows, e.y) for e in again.excluded]
        return tuple(found)

    def plot(self, ax: Any) -> list[Any]:
        """Draw both bounds, in one or two dimensions: inner, and outer where it is another set; see JacobianSet."""
        drawn = [] if self.exact else self.outer.plot(ax, color="C5", linestyle="--", label="Clarke, outer bound")
        return drawn + self.inner.plot(ax, color="C0", label="Clarke" if self.exact else "Clarke, inner bound")

    def shapes(self) -> list[Shape]:
        """The bounds as shapes for a picture; none where they are too large or in too many dimensions."""
        if not (self.inner.drawable() and self.outer.drawable()):
            return []
        inner = Shape(self.inner.boundary(), "#0072B2", "Clarke" if self.exact else "Clarke, inner bound")
        return [inner] if self.exact else [Shape(self.outer.boundary(), "#56B4E9", "Clarke, outer bound"), inner]

    def _repr_html_(self) -> str:
        shapes, said = self.shapes(), repr(self)
        return (shown(shapes, (), said) if shapes else "") + f"<p>{escape(said)}</p>"

    def __repr__(self) -> str:
        if self.exact:
            return f"ClarkeBounds(inner == outer == {self.inner}, exact: {self.reason})"
        return f"ClarkeBounds(inner={self.inner}, outer={self.outer}, not exact: {self.reason})"


def clarke(
    f: Callable | Program, x: Any, *, exact: bool = False, refine: int = 0, limit: int = LIMIT, ulps: float = ULPS
) -> ClarkeBounds:
    """Bounds on Clarke's subdifferential of f at x (Jacobian, for a vector output).

    inner is the hull of limits of Jacobians that were found, with a direction for each; outer adds
    what first order can neither realise nor exclude. They are equal when the switching functions are
    piecewise affine in x, when the active gradients are linearly independent, and whenever nothing
    remained undecided. What first order leaves open is looked for along curves (at least refine=n of them), and
    excluded by curvature where that can be proved (see `sets.verification`). exact=True
    works over the rationals, ulps as in `conservative`. Beyond `limit` cells
    outer is D_P. Errors as in `conservative`. Source: Section 5.1; Scholtes for piecewise affine
    functions; the bounds are ours.

    >>> import selgrad as sg
    >>> zero = lambda t: sg.relu(-t) + t - sg.relu(t)
    >>> print(sg.clarke(zero, 0.0))
    ClarkeBounds(inner == outer == conv{0}, exact: the switching functions are piecewise affine)
    """
    return bounds_at(local(f, x, exact, ulps).known(), refine, limit)


def bounds_at(here: Local, refine: int = 0, limit: int = LIMIT) -> ClarkeBounds:
    """The bounds at the point of `here`."""
    if isinstance(refine, bool) or int(refine) != refine or refine < 0:
        raise InputError(f"refine={refine} must be a number of curves, 0 or more.")
    if here.undefined:
        unknown = set_at(here, limit)
        return ClarkeBounds(unknown, unknown, False, here.undefined, here)
    near = here.near()
    if near:
        found = _bounds(here, refine, limit)
        return replace(found, reason=f"{found.reason}, where {near} counts as tied though it is {NEAR}")
    return _bounds(here, refine, limit)


def _bounds(here: Local, refine: int, limit: int) -> ClarkeBounds:
    if not here.ties:
        smooth = JacobianSet(here.jacobian())
        return ClarkeBounds(smooth, smooth, True, "no kink is active", here)
    every = [tie for ties in here.ties.values() for tie in ties]
    many = prod(tie.count for tie in every) > LISTED or sum(len(tie.ids) for tie in every) > COMPARED
    if many and _independent(here):
        D = set_at(here, limit)
        return ClarkeBounds(D, D, True, "the active gradients are linearly independent", here)
    cells = Walk(here, limit).run()
    if cells.doubtful and cells.complete and cells.tests <= AGAIN and (again := here.rational()) is not None:
        cells = Walk(again, limit).run()
        cells.jacobians = cells.jacobians.astype(float)
    _must_be_continuous(here, cells)
    found, open_ones = cells.jacobians[cells.strict], cells.jacobians[~cells.strict]
    unsure = cells.doubtful or not cells.complete
    proof = None
    few = len(cells.cells) <= SEARCHED
    if (len(open_ones) and few and not unsure) or refine or len(found) == 0:
        first = ClarkeBounds(D := JacobianSet(np.concatenate([found, open_ones])), D, False, "", here, cells)
        tries = max(refine, CURVES if not unsure or len(found) == 0 else 0)
        proof, beyond = explored(here, first, tries)
        if beyond is not None:
            found, open_ones = beyond
    if len(found) == 0:
        raise InputError(f"No piece of {here.P.name} could be found to be taken near this point: write its "
                         "branches as np.where on a switching function with a nonzero gradient.")
    inner = JacobianSet(found, limit)
    if unsure:
        reason = (f"the cells are too many for limit={limit}, so outer is D_P" if not cells.complete else "kinks are "
                  "so nearly parallel that rounding may hide a cell, so outer is D_P; exact=True decides")
        return ClarkeBounds(inner, set_at(here, limit), False, reason, here, cells, proof)
    if len(open_ones) == 0:
        reason = ("the switching functions are piecewise affine" if cells.affine
                  else "every pattern of signs is realised or excluded")
        return ClarkeBounds(inner, inner, True, reason, here, cells, proof)
    if all(inner.contains(J, 0.0 if here.exact else 1e-12) for J in open_ones):
        reason = "what stays undecided lies in the hull of what is realised"
        return ClarkeBounds(inner, inner, True, reason, here, cells, proof)
    n = len(open_ones)
    reason = f"{n} pattern{'s' * (n > 1)} of signs can be neither realised nor excluded to second order"
    outer = JacobianSet(np.concatenate([found, open_ones]), limit)
    return ClarkeBounds(inner, outer, False, reason, here, cells, proof)


def _must_be_continuous(here: Local, cells: Cells) -> None:
    """Raise NotContinuous where two cells that meet at one wall have Jacobians that differ along the wall."""
    sides = [k for k, every in here.ties.items() if any(not tie.alike for tie in every)]
    at = np.flatnonzero(cells.strict)
    if not sides or len(at) > LISTED:
        return
    known: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}
    for n in at:
        R, J = cells.cells[n].R, cells.jacobians[n]
        forms = {tuple(row * sign): int(sign) for row in R
                 for sign in [1 if next(a for a in row if a != 0) > 0 else -1]}
        signs = tuple(sorted(forms.items()))
        for e, (row, sign) in enumerate(signs):
            other = known.get((*signs[:e], (row, -sign), *signs[e + 1:]))
            if other is not None:
                gap, a = (J - other[0]).astype(float), np.array(row, dtype=float)
                rest = gap - np.outer(gap @ a, a) / (a @ a)
                if np.abs(rest).max() > 1e-9 * max(np.abs(J).max(), np.abs(other[0]).max()):
                    line = here.P.line(sides[0])
                    raise NotContinuous(
                        f"{here.P.name} is not continuous near this point: beside a switch, that of x{sides[0]} = "
                        f"{line.op}(...){place(line.where)} or a later one, its two sides have different values; an "
                        "elementary selection is continuous (Definition 3).")
        known[signs] = (J, R)


def _independent(here: Local) -> bool:
    """Whether the gradients of all comparisons at x are linearly independent, whatever is chosen.

    Asked only of kinks that do not feed each other, whose gradients do not depend on choices. Then every
    pattern of signs has a direction.
    """
    if clusters(here)[1]:
        return False
    dx, rows = here.forward(), []
    for k, every in here.ties.items():
        g = gradients(here, k, dx, here.P.p)[0]
        for tie in every:
            rows += [difference(g, pair) for pair in tie.pairs]
            if len(rows) > here.P.p or not tie.free:
                return False
    return bool(np.linalg.matrix_rank(np.array(rows).astype(float)) == len(rows))
