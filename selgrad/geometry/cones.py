"""Open cones {d : R d > 0}: which sides of a hyperplane they reach, with a witness or a reason why not.

Gordan's alternative: either some d has R d > 0, or some y >= 0, y != 0, has y^T R = 0. One
nonnegative least squares problem decides, and hands over the witness d or the Farkas vector y.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from selgrad.geometry.nonnegative import nonnegative
from selgrad.geometry.rationals import exactly

FLAT = 1e-9  # residuals and margins below this, for rows of length 1, are rounding
THIN = 1e-6  # a witness nearer to a wall than this is moved to the middle
SURE = 1e-14  # what rounding alone leaves, for rows of length 1: between SURE and FLAT floats cannot decide


class Cell(NamedTuple):
    """Signed rows R (n, p) with a witness d (None: not strict), and the same in the space of atoms."""

    R: np.ndarray
    d: np.ndarray | None
    L: np.ndarray | None
    w: np.ndarray | None


def is_zero(a: np.ndarray, scale: float) -> bool:
    """Whether a row is zero; for floats, zero beside the size `scale` of the terms it is a sum of."""
    return not np.any(a != 0) if a.dtype == object else bool(np.abs(a).max(initial=0.0) <= 1e-12 * scale)


def surely_zero(gap: np.ndarray, terms: float) -> bool:
    """Whether rounding alone explains what a sum of terms of this size left over."""
    return gap.dtype == object or bool(np.abs(gap).max(initial=0.0) <= SURE * terms)


def unit(a: np.ndarray) -> np.ndarray:
    """The row at length 1 (rationals stay as they are: only signs matter)."""
    return a if a.dtype == object else a / np.sqrt(a @ a)


def joined(R: np.ndarray, a: np.ndarray) -> np.ndarray:
    """R with one more row."""
    return np.concatenate((R, a[None]))


def beyond(R: np.ndarray, a: np.ndarray, d: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """(d', None) with R d' > 0 and a.d' < 0, or (None, y) with y >= 0 such that a = R^T y.

    d has R d > 0 and a.d > 0. R (n, m) and a (m,) have rows of length 1. (None, None): rounding hides which.
    """
    if len(R) == 0:
        return -a, None
    y = nonnegative(R.T, a)
    r = a - y @ R  # R r <= 0 and a.r = |r|^2: -r is on the other side of a, and not outside R
    size = r @ r
    if R.dtype == object:
        return (settled(R, -a, d * (size / (2 * (a @ d))) - r), None) if size else (None, y)
    if size <= FLAT * FLAT:
        return None, y if size <= (SURE * (1.0 + y.sum())) ** 2 else None
    return settled(R, -a, d * (size / (2 * (a @ d))) - r), None


def settled(R: np.ndarray, a: np.ndarray, d: np.ndarray) -> np.ndarray | None:
    """A short witness d of {R d > 0, a.d > 0}: away from the walls (floats), with few digits (rationals).

    None when rounding may have made it.
    """
    if R.dtype == object:
        short = exactly(d.astype(float) / max(float(np.abs(d).max()), 1e-300))
        return short if np.all(R @ short > 0) and a @ short > 0 else d
    d = d / np.sqrt(d @ d)
    if a @ d > THIN and (len(R) == 0 or (R @ d).min() > THIN):
        return d
    rows = joined(R, a)
    d = central(rows, d)
    return d if (rows @ d).min() > SURE else None


def central(R: np.ndarray, d: np.ndarray) -> np.ndarray:
    """The direction whose least distance to the walls R_i.d = 0 is largest (in the maximum norm); or d."""
    from scipy.optimize import linprog

    n, m = R.shape
    found = linprog(np.r_[np.zeros(m), -1.0], A_ub=np.column_stack([-R, np.ones(n)]), b_ub=np.zeros(n),
                    bounds=[(-1, 1)] * m + [(None, 1)])
    if found.status != 0 or not np.any(found.x[:m]):
        return d
    better = found.x[:m] / np.linalg.norm(found.x[:m])
    return better if (R @ better).min() > (R @ d).min() else d


def sides(R: np.ndarray, a: np.ndarray, d: np.ndarray
          ) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """(d_plus, d_minus, y): witnesses of {R d > 0, a.d > 0} and {R d > 0, a.d < 0}, given one of {R d > 0}.

    Where a side is empty its witness is None and y >= 0 writes a (or -a) as R^T y; y is None too where
    rounding hides whether it is empty.
    """
    t = a @ d
    if abs(t) <= (0 if a.dtype == object else FLAT):
        slack = R @ d
        step = min((slack / (np.abs(R @ a) + slack)).min() / 2 if len(R) else 1, 1)
        return settled(R, a, d + step * a), settled(R, -a, d - step * a), None
    if t > 0:
        other, y = beyond(R, a, d)
        return d, other, y
    other, y = beyond(R, -a, d)
    return other, d, y


def only_zero(R: np.ndarray) -> np.ndarray | None:
    """y > 0 with y^T R = 0 if (beyond rounding) R d >= 0 has no solution but d = 0, else None."""
    floats = R.astype(float)
    if len(R) <= R.shape[1] or np.linalg.matrix_rank(floats) < R.shape[1]:
        return None
    one = np.ones(len(R), dtype=R.dtype)
    y = one + nonnegative(R.T, -(one @ R))
    left = y @ R
    return y if left @ left <= (0 if R.dtype == object else (SURE * y.sum()) ** 2) else None


def plane(R: np.ndarray, A: np.ndarray) -> tuple[np.ndarray, bool]:
    """One direction in every cell that the lines A_i.d = 0 cut out of {R d > 0}; dimension 1 or 2.

    The closed form: in the plane cells are sectors, and sorting their walls by angle lists them all. The
    truth value says that no sector is so narrow that rounding may have made or hidden it.
    """
    if A.shape[1] == 1:
        d = np.array([[1.0], [-1.0]])
        return d[(d @ R.T > 0).all(axis=1)], True
    walls = np.vstack([R, A])
    if len(walls) == 0:
        return np.eye(1, 2), True
    angles = np.arctan2(walls[:, 1], walls[:, 0]) + np.pi / 2
    angles = np.sort(np.mod(np.r_[angles, angles + np.pi], 2 * np.pi))
    width = np.diff(np.r_[angles, angles[0] + 2 * np.pi])
    middle = (angles + width / 2)[width > 1e-12]
    d = np.column_stack([np.cos(middle), np.sin(middle)])
    return d[(d @ R.T > 0).all(axis=1)], not np.any((width > SURE) & (width <= 1e-12))
