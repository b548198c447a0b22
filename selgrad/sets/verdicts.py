"""sg.classify: what a point is, what AD's answer is worth there, and why (Sections 5.1 and 5.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from selgrad.differentiation.modes import derivative
from selgrad.displays import Shape, Spot, paragraphs, shown
from selgrad.errors import InputError, ShapeError
from selgrad.geometry.jacobians import LIMIT, JacobianSet
from selgrad.geometry.rationals import exactly
from selgrad.kinks.form import form_of, too_large
from selgrad.kinks.nearby import nearest_kink
from selgrad.kinks.point import ULPS, Local, arguments, local
from selgrad.primitives import Convention
from selgrad.programs.canonical import text
from selgrad.programs.evaluate import Evaluation, Exact, evaluate
from selgrad.programs.program import Program
from selgrad.programs.trees import flatten_like, unflatten
from selgrad.sets.certificates import Certificate, Membership, Separation
from selgrad.sets.clarke import ClarkeBounds, bounds_at
from selgrad.sets.conservative import set_at
from selgrad.sets.proof import record
from selgrad.sets.verification import DISTANCES

KINDS = ("smooth", "regular", "clarke-critical", "artificial-critical", "undecided")
SENTENCES = {
    "smooth": "no choice at a kink changes the derivative here, and it is not zero: AD's answer is the gradient.",
    "regular": "AD could have returned several derivatives here, and none of their mixtures is zero.",
    "clarke-critical": "0 lies in Clarke's subdifferential: this is a critical point of the function itself.",
    "artificial-critical": "0 is a mixture of what AD could return, but lies outside Clarke's subdifferential: a "
                           "critical point that the program makes and the function does not have.",
    "undecided": "what is known of the sets does not settle whether this is a critical point, or whose.",
}


@dataclass(frozen=True, eq=False, repr=False)
class Verdict:
    """What `classify` says of one point.

    kind: smooth, regular, clarke-critical, artificial-critical or undecided. ad: AD's derivative, of shape output +
    input. ad_is_clarke: True, False, or None where the bounds do not tell; of its pieces, whatever its sums round to.
    Distances are Euclidean: ad_to_inner and ad_to_outer of AD's answer to the Clarke bounds, zero_to_field,
    zero_to_inner and zero_to_outer of 0 to D_P and to both bounds. margin: the distance in ulps to
    the nearest kink that was not counted as active, and nearest, which instruction that is.
    """

    kind: str
    ad: Any
    ad_is_clarke: bool | None
    ad_to_inner: float
    ad_to_outer: float
    zero_to_field: float
    zero_to_inner: float
    zero_to_outer: float
    margin: float
    nearest: str
    field: JacobianSet
    clarke: ClarkeBounds
    kinks: tuple[str, ...]
    claims: tuple[Certificate, ...]
    asked: dict[str, Any]

    def to_json(self) -> str:
        """The verdict with its proof: the program, the point, every claim, and what `sg.verify` checks them by.

        Raises InputError where the program holds a primitive of your own, which no file can carry.
        """
        claims = {"kind": self.kind, "ad": self.ad, "ad_is_clarke": self.ad_is_clarke, "exact": self.clarke.exact}
        claims |= {name: getattr(self, name) for name in DISTANCES}
        return text(record(self.clarke.here, self.asked, claims, self.clarke))

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """A certificate for every claim: membership, separation, realised and impossible patterns."""
        return self.claims + self.clarke.certificates

    def explain(self) -> str:
        """The verdict in words."""
        lines = [f"{self.kind}: {SENTENCES[self.kind]}"]
        if self.kinks:
            lines.append(f"Active kinks: {', '.join(self.kinks)}.")
        bounds = self.clarke
        if bounds.everything and not bounds.inner.listed:
            lines.append("Clarke's subdifferential is everything AD could return, too much to list, because "
                         f"{bounds.reason}.")
        elif not bounds.inner.listed:
            lines.append(f"Neither what AD could return nor Clarke's subdifferential is known: {bounds.reason}")
        else:
            lines.append(f"Everything AD could return: {self.field}.")
            lines.append(
                f"Clarke's subdifferential: {bounds.inner}, exactly, because {bounds.reason}." if bounds.exact else
                f"Clarke's subdifferential holds {bounds.inner} and lies in {bounds.outer}: {bounds.reason}."
            )
        said = {True: "lies in", False: "does not lie in", None: "may or may not lie in"}[self.ad_is_clarke]
        shown = np.array2string(np.asarray(self.ad), precision=6, separator=", ")
        lines.append(f"AD returns {shown}, which {said} Clarke's subdifferential.")
        if np.isfinite(self.margin):
            lines.append(f"The nearest other kink is {self.margin:.3g} roundings away, at {self.nearest}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.explain()

    def plot(self, ax: Any) -> list[Any]:
        """Draw D_P, Clarke's subdifferential (or its bounds), AD's answer and 0, in one or two dimensions.

        Returns the artists, all labelled for a legend. Raises ShapeError in higher dimensions, TooLarge for sets
        that are too large to be listed.
        """
        drawn = self.field.plot(ax, color="C4", linewidth=4, label="$D_P$: all AD could return")
        drawn += self.clarke.plot(ax)
        ad = np.ravel(np.asarray(self.ad, dtype=float))
        for point, look in ((ad, {"color": "C1", "marker": "o", "label": "AD's value"}),
                            (0 * ad, {"color": "black", "marker": "+", "markersize": 8, "label": "0"})):
            x, y = (point[0], 0.0) if point.size == 1 else point
            drawn += ax.plot([x], [y], linestyle="none", zorder=4, **look)
        return drawn

    def _repr_html_(self) -> str:
        words, clarke = paragraphs(self.explain()), self.clarke.shapes()
        if not (clarke and self.field.drawable()):
            return words
        ad = np.ravel(np.asarray(self.ad, dtype=float))
        spots = [Spot(ad, "#D55E00", "AD's value"), Spot(0 * ad, "currentColor", "0", cross=True)]
        everything = Shape(self.field.boundary(), "#E69F00", "D_P: all AD could return")
        return shown([everything, *clarke], spots, self.explain()) + words


@overload
def classify(
    f: Program, x: Any, *, convention: Convention = "paper", exact: bool = False, refine: int = 0,
    limit: int = LIMIT, ulps: float = ULPS, tol: float | None = None,
) -> Verdict | Any: ...  # an array of verdicts for a batch; Any, so that a single point needs no test


@overload
def classify(
    f: Callable, x: Any, *, convention: Convention = "paper", exact: bool = False, refine: int = 0,
    limit: int = LIMIT, ulps: float = ULPS, tol: float | None = None,
) -> Verdict: ...


def classify(
    f: Callable | Program, x: Any, *, convention: Convention = "paper", exact: bool = False, refine: int = 0,
    limit: int = LIMIT, ulps: float = ULPS, tol: float | None = None,
) -> Verdict | Any:
    """Whether x is a smooth, regular, Clarke critical or artificial critical point of the program f.

    Read in this order: 0 in `inner` is Clarke critical; 0 in D_P and outside `outer` is artificial
    critical; 0 in D_P otherwise is undecided; D_P a single point is smooth; the rest is regular.
    Undecided, too, is a point on the switch of a Python branch whose other side has no value there.
    Distances up to tol count as 0 (None: 1e-10 of the largest derivative, or 1e-13 of the terms that derivatives are
    sums of; 0 when exact). With a Program, leading axes of x give an array of verdicts. Other arguments as in
    `clarke`; errors as in `conservative`. Source: Section 5.2.

    >>> import selgrad as sg
    >>> zero = lambda t: sg.relu(-t) + t - sg.relu(t)
    >>> v = sg.classify(lambda t: t - zero(t), 0.0)
    >>> print(v.kind, v.ad, v.ad_is_clarke)
    artificial-critical 0.0 False
    >>> print(v)
    artificial-critical: 0 is a mixture of what AD could return, but lies outside Clarke's subdifferential: a \
critical point that the program makes and the function does not have.
    Active kinks: x2 = relu, x4 = relu.
    Everything AD could return: conv{0, 2}.
    Clarke's subdifferential: conv{1}, exactly, because the switching functions are piecewise affine.
    AD returns 0., which does not lie in Clarke's subdifferential.
    """
    if tol is not None and not tol >= 0:
        raise InputError(f"tol={tol} must be a distance, 0 or more.")
    options = {"convention": convention, "exact": exact, "refine": refine, "limit": limit, "ulps": ulps, "tol": tol}
    if isinstance(f, Program):
        points = _batch(f, x)
        if points is not None:
            verdicts = np.empty(points.shape, dtype=object)
            for at in np.ndindex(points.shape):
                verdicts[at] = classify(f, points[at], **options)
            return verdicts
    return verdict_at(local(f, x, exact, ulps), x, convention, refine=refine, limit=limit, tol=tol)


def verdict_at(
    here: Local, x: Any, convention: Convention = "paper", *, refine: int = 0, limit: int = LIMIT,
    tol: float | None = None,
) -> Verdict:
    """The verdict at the point x of `here`, by the ties that it holds; arguments as in `classify`."""
    D, bounds = set_at(here, limit), bounds_at(here, refine, limit)
    if tol is None:
        sizes = [S.size for S in (D, bounds.inner, bounds.outer)]
        tol = 0.0 if here.exact else max(1e-10 * max(sizes), 1e-13 * _terms(here))
    asked = {"convention": convention, "exact": here.exact, "ulps": float(here.ulps), "tol": float(tol)}
    return _verdict(here, _ad(here, x, convention), D, bounds, asked)


def _batch(P: Program, x: Any) -> np.ndarray | None:
    """The points of a batch, as an array of arguments; None for a single point."""
    try:
        leaves = [np.asarray(leaf) for leaf in flatten_like(P.in_tree, arguments(x))]
    except ValueError:
        return None  # evaluation says what is wrong
    leads = [a.shape[: max(a.ndim - len(core), 0)] for a, core in zip(leaves, P.input_shapes, strict=True)]
    if not any(leads):
        return None
    try:
        batch = np.broadcast_shapes(*leads)
    except ValueError:
        raise ShapeError(f"The batch axes of the inputs of {P.name}, {leads}, do not broadcast.") from None
    wide = [np.broadcast_to(a, batch + core) for a, core in zip(leaves, P.input_shapes, strict=True)]
    points = np.empty(batch, dtype=object)
    for at in np.ndindex(batch):
        args = unflatten(P.in_tree, [a[at] for a in wide])
        points[at] = args if len(args) > 1 else args[0]
    return points


def _ad(here: Local, x: Any, convention: Convention) -> tuple[Any, np.ndarray]:
    """AD's derivative in the user's shape, and flat (q*p,); exact in exact mode."""
    ev = evaluate(here.P, arguments(x), convention, *([Exact()] if here.exact else []))
    there = Local(here.P, ev, {}, here.unit)
    if here.exact:  # the pieces of the rationals: rounded, the point may lie beside the kink
        ev = Evaluation([np.asarray(value, dtype=float)[()] for value in ev.values], ev.indices, ())
    shown = derivative(here.P, ev, "backward")
    if here.ties and not here.exact and not too_large(here) and form_of(here).settled is not form_of(here):
        again = there.rational()
        if again is not None:
            return shown, again.jacobian().reshape(-1).astype(float)
    return shown, there.jacobian().reshape(-1)


def _terms(here: Local) -> float:
    """The terms that rounding of elements goes by; none where the elements come from the rationals."""
    known = here.ties and not too_large(here) and form_of(here).settled is not form_of(here)
    return 0.0 if known else here.terms()


def _verdict(
    here: Local, ad: tuple[Any, np.ndarray], D: JacobianSet, bounds: ClarkeBounds, asked: dict[str, Any]
) -> Verdict:
    tol = asked["tol"]
    shown, flat = ad
    zero = exactly(np.zeros(flat.size)) if here.exact else np.zeros(flat.size)
    inner, outer = bounds.inner, bounds.outer
    # of a set that is not known: from an inner bound it may be any distance, from an outer one none
    far = {
        "ad_to_inner": inner.distance(flat) if inner.listed else np.inf,
        "ad_to_outer": outer.distance(flat) if outer.listed else 0.0,
        "zero_to_field": D.distance(zero) if D.listed else 0.0,
        "zero_to_inner": inner.distance(zero) if inner.listed else np.inf,
        "zero_to_outer": outer.distance(zero) if outer.listed else 0.0,
    }
    claims: list[Certificate] = []

    def within(name: str, point: np.ndarray, of: JacobianSet, text: str) -> bool:
        hit = far[name] <= tol
        if of.listed:
            claims.append(_inside(point, of, text) if hit else _outside(point, of, text))
        return hit

    ad_in = within("ad_to_inner", flat, inner, "AD's derivative and the inner bound")
    ad_is_clarke = True if ad_in or bounds.everything else None
    if not ad_in and outer.listed and not within("ad_to_outer", flat, outer, "AD's derivative and the outer bound"):
        ad_is_clarke = False
    if within("zero_to_inner", zero, inner, "0 and the inner bound"):
        kind = "clarke-critical"
    elif not D.listed:
        kind = "undecided"  # 0 may be one of the Jacobians that were not listed
    elif within("zero_to_field", zero, D, "0 and D_P"):
        apart = not within("zero_to_outer", zero, outer, "0 and the outer bound")
        kind = "artificial-critical" if apart else "undecided"
    else:
        kind = "smooth" if _single(here, D) else "regular"
    margin, nearest = nearest_kink(here.P, here.ev, here.unit, asked["ulps"])
    kinks = tuple(f"x{k} = {here.P.line(k).op}" for k in here.ties)
    return Verdict(kind=kind, ad=shown, ad_is_clarke=ad_is_clarke, margin=margin, nearest=nearest, field=D,
                   clarke=bounds, kinks=kinks, claims=tuple(claims), asked=asked, **far)


def _single(here: Local, D: JacobianSet) -> bool:
    """Whether D has one element; where rounding may have made two of one, the rationals tell, if there are any."""
    apart = max(float(np.abs((part - part[0]).astype(float)).max()) for part in D.summands)
    if D.exact or apart == 0 or apart > 1e-12 * D.size:
        return apart == 0
    twin = form_of(here).rational
    return twin is None or _single(twin.here, set_at(twin.here, LIMIT))


def _inside(point: np.ndarray, of: JacobianSet, text: str) -> Membership:
    elements, w = of.near(point)
    nearest = w @ elements  # within tol of the point: the claim is made of this one
    return Membership(f"{text}: inside", nearest, elements, w)


def _outside(point: np.ndarray, of: JacobianSet, text: str) -> Separation:
    a = of.coordinates(point)
    return Separation(f"{text}: outside", a, tuple(of.summands), a - of.coordinates(of.project(point)))
