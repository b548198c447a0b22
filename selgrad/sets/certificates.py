"""Certificates: the reason for a claim about a set, and `verify`, which checks it anew.

Checking is a few lines of arithmetic, independent of how the certificate was found; certificates made
of rationals are checked without rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from selgrad.errors import InputError
from selgrad.geometry.rationals import exactly

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
    """What comes with certificates: a Verdict, ClarkeBounds."""

    @property
    def certificates(self) -> tuple[Certificate, ...]: ...


def verify(certificate: Certificate | Certified | Iterable[Certificate]) -> bool:
    """Whether a certificate (or every certificate of a Verdict or of ClarkeBounds) holds.

    Rationals are compared exactly, floats up to rounding. Raises InputError for anything else.

    >>> import selgrad as sg
    >>> verdict = sg.classify(lambda t: t - (sg.relu(-t) + t - sg.relu(t)), 0.0)
    >>> verdict.kind, sg.verify(verdict)
    ('artificial-critical', True)
    """
    if isinstance(certificate, Membership):
        elements, weights, point = _numbers(certificate.elements, certificate.weights, certificate.point)
        gap = np.abs(weights @ elements - point).max(initial=0)
        return bool((weights >= 0).all() and _zero(weights.sum() - 1, 1) and _zero(gap, np.abs(elements).max()))
    if isinstance(certificate, Separation):
        *parts, point, d = _numbers(*certificate.parts, certificate.point, certificate.direction)
        if d.dtype != object:  # on a scale where nothing overflows or vanishes; powers of two round nothing
            size = max(np.abs(a).max(initial=0.0) for a in (*parts, point))
            *parts, point = (np.ldexp(a, -int(np.frexp(size)[1])) for a in (*parts, point))
            d = np.ldexp(d, -int(np.frexp(np.abs(d).max(initial=0.0))[1]))
        return bool(sum((part @ d).max() for part in parts) < point @ d)
    if isinstance(certificate, Realised):
        rows, d = _numbers(certificate.rows, certificate.direction)
        return bool((rows @ d > 0).all())
    if isinstance(certificate, Impossible):
        rows, y = _numbers(certificate.rows, certificate.y)
        return bool((y >= 0).all() and (y > 0).any() and _zero(np.abs(y @ rows).max(initial=0), np.abs(rows).max()))
    every = getattr(certificate, "certificates", certificate)
    if isinstance(every, Iterable) and not isinstance(every, (str, bytes)):
        return all([verify(one) for one in every])
    raise InputError(f"sg.verify checks certificates, verdicts and Clarke bounds, not {type(certificate).__name__}.")


def _numbers(*arrays: Any) -> list[np.ndarray]:
    every = [np.asarray(a) for a in arrays]
    return [exactly(a) for a in every] if any(a.dtype == object for a in every) else every


def _zero(gap: Any, scale: Any) -> bool:
    return bool(gap == 0) if not isinstance(gap, (float, np.floating)) else bool(abs(gap) <= SLACK * max(1.0, scale))
