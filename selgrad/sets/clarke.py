"""Clarke's subdifferential between two bounds, equal where that can be proved (Section 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html import escape
from math import prod
from typing import Any

import numpy as np

from selgrad.displays import Shape, shown
from selgrad.errors import InputError
from selgrad.geometry.jacobians import LIMIT, JacobianSet
from selgrad.kinks.cells import Cells, Walk
from selgrad.kinks.form import Form, form_of, too_large
from selgrad.kinks.ladder import circuits, independent, own_pieces
from selgrad.kinks.point import ULPS, Local, local
from selgrad.kinks.steps import Step
from selgrad.programs.canonical import text
from selgrad.programs.program import Program
from selgrad.sets.certificates import Certificate, Impossible, Realised
from selgrad.sets.conservative import clusters, pieces, set_at
from selgrad.sets.continuity import must_be_continuous
from selgrad.sets.proof import explored, record

UNBOUNDED = 2**60
CURVES, SEARCHED = 40, 200  # curves along which open patterns are looked for, of so many cells at most
NEAR = "only within rounding of a kink"
WALKED = 10**9  # numbers that a walk over ties moves
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
    everything: bool = field(repr=False, default=False)  # every choice is made near x
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
        return self.everything

    @property
    def whole(self) -> bool:
        """Whether outer is what is realised and what is left open, not all of D_P."""
        return self._cells is None or self._cells.complete

    @property
    def directions(self) -> np.ndarray:
        """One direction for every pattern of signs taken near x."""
        if self._cells is None:  # no kink: any direction will do; or too many patterns to list
            return np.ones((0 if self._here.ties else 1, self._here.P.p))
        form = form_of(self._here)
        d = np.array([cell.d for cell in self._cells.cells if cell.d is not None]).reshape(-1, form.g0.shape[1])
        return d if form.frame is None else d @ form.frame

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """A witness direction for every cell, a Farkas vector for every pattern that was excluded."""
        if self._cells is None:
            return ()
        form = form_of(self._here)
        frame = np.eye(1) if form.frame is None else form.frame
        up = (lambda a: a) if form.frame is None else (lambda a: a @ frame)
        found: list[Certificate] = [
            Realised("these pieces are taken near x", up(cell.R), up(cell.d), up(J).reshape(-1))
            for cell, J in zip(self._cells.cells, self._cells.jacobians, strict=True) if cell.d is not None
        ]
        if not self._cells.complete:
            return tuple(found)
        again = Walk(form, form.steps, UNBOUNDED, proofs=True).run()
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
    if (why := too_large(here)):
        unknown = JacobianSet.unlisted((here.P.q, here.P.p), why)
        return ClarkeBounds(unknown, unknown, False, why, here)
    form = form_of(here)
    many = prod(tie.leaves for tie in every) > LISTED or sum(len(tie.ids) for tie in every) > COMPARED
    if (many or form.frame is not None) and independent(form, form.steps):
        D = set_at(here, limit)
        return ClarkeBounds(D, D, True, "the active gradients are linearly independent", here, everything=True)
    if many:
        groups = clusters(form, circuits(form))
        if len(groups) > 1:
            return _sum(here, form, groups, limit)
    cells = Walk(form, form.steps, limit).run()
    must_be_continuous(here, form.steps, cells)
    return _of_cells(here, form, cells, refine, limit)


def _of_cells(here: Local, form: Form, cells: Cells, refine: int, limit: int) -> ClarkeBounds:
    found, open_ones = cells.jacobians[cells.strict], cells.jacobians[~cells.strict]
    proof, few = None, cells.complete and len(cells.cells) <= SEARCHED
    if form.frame is None and len(cells.cells) and ((len(open_ones) and few) or refine or len(found) == 0):
        D = JacobianSet(cells.jacobians)
        first = ClarkeBounds(D, D, False, "", here, cells)
        proof, beyond = explored(here, first, max(refine, CURVES if few or len(found) == 0 else 0))
        if beyond is not None:
            found, open_ones = beyond
    if len(found) == 0:
        reason = ("no piece could be found to be taken near this point: write its branches as np.where on a switching "
                  "function with a nonzero gradient")
        unknown = JacobianSet.unlisted((here.P.q, here.P.p), reason)
        return ClarkeBounds(unknown, set_at(here, limit), False, reason, here)

    def hull(J: np.ndarray) -> JacobianSet:
        return JacobianSet.total([J], limit, form.frame)

    if not cells.complete and own_pieces(form):
        found = np.concatenate([found, form.g0[None]])
    inner = hull(found)
    if not cells.complete:
        reason = f"the cells are too many for limit={limit}, so outer is D_P"
        return ClarkeBounds(inner, set_at(here, limit), False, reason, here, cells, proof=proof)
    if len(open_ones) == 0:
        reason = ("the switching functions are piecewise affine" if cells.affine
                  else "every pattern of signs is realised or excluded")
        return ClarkeBounds(inner, inner, True, reason, here, cells, proof=proof)
    size = 0.0 if here.exact else 1e-12 * max(float(np.abs(found).max()), float(np.abs(open_ones).max()))
    if form.frame is None and all(inner.contains(J, size) for J in open_ones):
        reason = "what stays undecided lies in the hull of what is realised"
        return ClarkeBounds(inner, inner, True, reason, here, cells, proof=proof)
    n = len(open_ones)
    reason = f"{n} pattern{'s' * (n > 1)} of signs can be neither realised nor excluded to second order"
    if cells.unsure:
        reason += ", or not beyond rounding" + ("" if here.exact else "; exact=True decides for rational programs")
    outer = hull(np.concatenate([found, open_ones]))
    return ClarkeBounds(inner, outer, False, reason, here, cells, proof=proof)


def _sum(here: Local, form: Form, groups: list[list[Step]], limit: int) -> ClarkeBounds:
    """The bounds where the ties fall into groups whose gradients are independent of each other's: sums of theirs."""
    inner, outer, exact, dependent = [form.g0[None]], [form.g0[None]], True, 0
    for group in groups:
        if independent(form, group):
            part = pieces(form, group, limit)
            if part is None:
                D = set_at(here, limit)  # it says why it is not listed
                return ClarkeBounds(D, D, False, "what kinks that feed each other give is too much to list", here)
            inner.append(part)
            outer.append(part)
            continue
        dependent += 1
        if len(group) * form.rows.decided * form.g0.shape[1] > WALKED:
            why = f"{len(group)} kinks with dependent gradients are more than can be walked over"
            return ClarkeBounds(JacobianSet.unlisted((here.P.q, here.P.p), why), set_at(here, limit), False, why, here)
        cells = Walk(form, group, limit).run()
        must_be_continuous(here, group, cells)
        found = cells.jacobians[cells.strict] - form.g0
        if len(found) == 0:
            return _of_cells(here, form, cells, 0, limit)
        inner.append(found)
        if cells.complete:
            exact &= bool(cells.strict.all())
            outer.append(cells.jacobians - form.g0)
        else:
            names = ", ".join(f"x{k}" for k in dict.fromkeys(step.tie.node for step in group))
            known = JacobianSet.total(inner, limit, form.frame)
            return ClarkeBounds(known, set_at(here, limit), False, (
                f"the cells of {len(group)} kinks ({names}) with dependent gradients are too many for limit={limit}, "
                "so outer is D_P"), here)
    low, high = (JacobianSet.total(parts, limit, form.frame) for parts in (inner, outer))
    reason = f"{dependent} group{'s' * (dependent > 1)} of kinks with dependent gradients, apart from all others, "
    if exact:
        return ClarkeBounds(low, low, True, reason + "realise what they realise", here)
    return ClarkeBounds(low, high, False, reason + "leave patterns that can be neither realised nor excluded", here)
