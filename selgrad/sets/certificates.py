"""Certificates: the reason for a claim about a set, and `verify`, which checks verdicts anew and certificates alone.

What a certificate says by itself is a few lines of arithmetic; that it is about this program at this point, and that
all of them together prove a verdict, is checked from the verdict's record (see `verification`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from selgrad.errors import InputError
from selgrad.geometry.rationals import exactly
from selgrad.programs.canonical import canonical, decoded, text
from selgrad.programs.program import Program
from selgrad.programs.trees import flatten, unflatten
from selgrad.sets.verification import proves
from selgrad.tracing import trace, trace_branches

SLACK = 1e-9  # rounding allowed to certificates made of floats, relative to their numbers


@dataclass(frozen=True, eq=False)
class Membership:
    """`point` is a convex combination of elements of a set: weights >= 0 with sum 1.

    point (n,), elements (k, n), weights (k,).
    """

    claim: str
    point: np.ndarray
    elements: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Separation:
    """`point` lies outside a set: <element, direction> < <point, direction> for all its elements.

    The elements are all sums of one row from each part (one part: its rows).
    """

    claim: str
    point: np.ndarray
    parts: tuple[np.ndarray, ...]
    direction: np.ndarray


@dataclass(frozen=True, eq=False)
class Realised:
    """A pattern of signs is taken near x: its signed gradients a_e (rows) have a_e.direction > 0.

    `element` is the Jacobian taken along x + t direction, t > 0 small: an element of Clarke's set.
    """

    claim: str
    rows: np.ndarray
    direction: np.ndarray
    element: np.ndarray


@dataclass(frozen=True, eq=False)
class Impossible:
    """A pattern of signs is not taken near x: y >= 0, y != 0, with y^T rows = 0 (Farkas, Gordan).

    The rows are signed gradients at x, or signed coefficients of the switching functions in what is
    not affine (see `walk`); strictly positive combinations of them cannot vanish.
    """

    claim: str
    rows: np.ndarray
    y: np.ndarray


Certificate = Membership | Separation | Realised | Impossible


class Certified(Protocol):
    """What comes with a record of its proof: a Verdict, ClarkeBounds."""

    def to_json(self) -> str: ...


def verify(claim: Certificate | Certified | Iterable[Certificate], f: Callable | None = None, x: Any = None) -> bool:
    """Whether a verdict (or ClarkeBounds) is proved by its record; with f and x, and speaks of this f at this x.

    The record, `verdict.to_json()`, carries the program: gradients, patterns, sets and then every claim are computed
    anew from it (`selgrad.sets.verification`; `python -m selgrad.verify FILE` does so for a file). Programs of rational
    operations are checked without rounding. Of a single certificate, or of several, only its own arithmetic can be
    checked. Nothing at all proves nothing; nor does, so far, a sum over many groups of kinks, which has no list of
    patterns. Raises InputError for anything else, and for a program that no record can
    carry.

    >>> import selgrad as sg
    >>> f = lambda t: t - (sg.relu(-t) + t - sg.relu(t))
    >>> verdict = sg.classify(f, 0.0)
    >>> verdict.kind, sg.verify(verdict), sg.verify(verdict, f, 0.0), sg.verify(verdict, sg.relu, 0.0)
    ('artificial-critical', True, True, False)
    """
    if hasattr(claim, "to_json"):
        record = json.loads(claim.to_json())  # type: ignore[union-attr]
        return proves(record) and (f is None or speaks_of(record, f, x))
    if f is not None:
        raise InputError("Only a verdict or Clarke bounds say of which f at which x they speak, not a certificate.")
    if isinstance(claim, Membership):
        elements, weights, point = _numbers(claim.elements, claim.weights, claim.point)
        gap = np.abs(weights @ elements - point * weights.sum()).max(initial=0)
        return bool((weights >= 0).all() and (weights > 0).any() and _zero(gap, np.abs(weights) @ np.abs(elements))
                    and _zero(weights.sum() - 1, 1))
    if isinstance(claim, Separation):
        *parts, point, d = _numbers(*claim.parts, claim.point, claim.direction)
        if d.dtype != object:  # on a scale where nothing overflows or vanishes; powers of two round nothing
            size = max((np.abs(a).max(initial=0.0) for a in (*parts, point)), default=0.0)
            *parts, point = (np.ldexp(a, -int(np.frexp(size)[1])) for a in (*parts, point))
            d = np.ldexp(d, -int(np.frexp(np.abs(d).max(initial=0.0))[1]))
        return bool(parts and all(len(part) for part in parts) and sum((part @ d).max() for part in parts) < point @ d)
    if isinstance(claim, Realised):
        rows, d = _numbers(claim.rows, claim.direction)
        return bool(len(rows) and (rows @ d > 0).all())
    if isinstance(claim, Impossible):
        rows, y = _numbers(claim.rows, claim.y)
        return bool((y >= 0).all() and (y > 0).any() and _zero(np.abs(y @ rows).max(initial=0), y @ np.abs(rows)))
    if isinstance(claim, Iterable) and not isinstance(claim, (str, bytes)):
        every = list(claim)
        return bool(every) and all([verify(one) for one in every])
    raise InputError(f"sg.verify checks certificates, verdicts and Clarke bounds, not {type(claim).__name__}.")


def speaks_of(record: dict[str, Any], f: Callable, x: Any) -> bool:
    """Whether the program and the point of a record are those of f at x."""
    leaves, tree = flatten(x if isinstance(x, tuple) else (x,))
    floats = unflatten(tree, [np.asarray(a, dtype=float)[()] if np.asarray(a).dtype == object else a for a in leaves])
    P = trace(f, *floats)
    if P.guards and not isinstance(f, Program):
        P = trace_branches(f, *floats)
    same = len(leaves) == len(record["point"]) and all(
        np.array_equal(np.asarray(a), decoded(b)) for a, b in zip(leaves, record["point"]))
    return same and text(canonical(P)) == text(record["program"])


def _numbers(*arrays: Any) -> list[np.ndarray]:
    every = [np.asarray(a) for a in arrays]
    return [exactly(a) for a in every] if any(a.dtype == object for a in every) else every


def _zero(gap: Any, terms: Any) -> bool:
    if not isinstance(gap, (float, np.floating)):
        return bool(gap == 0)
    return bool(abs(gap) <= SLACK * np.max(terms, initial=0.0))
