"""Open cones {d : R d > 0}: which sides of a hyperplane they reach, with a witness or a reason why not.

Gordan's alternative: either some d has R d > 0, or some y >= 0, y != 0, has y^T R = 0. One
nonnegative least squares problem decides, and hands over the witness d or the Farkas vector y.
"""

from __future__ import annotations

import numpy as np

from selgrad.rationals import exactly, nonnegative

FLAT = 1e-9  # residuals and margins below this, for rows of length 1, are rounding
THIN = 1e-6  # a witness nearer to a wall than this is moved to the middle


def is_zero(a: np.ndarray, scale: float) -> bool:
    """Whether a row is zero, or for floats zero beside rows of size `scale`."""
    return not np.any(a != 0) if a.dtype == object else bool(np.abs(a).max(initial=0.0) <= 1e-12 * scale)


def unit(a: np.ndarray) -> np.ndarray:
    """The row at length 1 (rationals stay as they are: only signs matter)."""
    return a if a.dtype == object else a / np.sqrt(a @ a)


def joined(R: np.ndarray, a: np.ndarray) -> np.ndarray:
    """R with one more row."""
    return np.concatenate((R, a[None]))


def beyond(R: np.ndarray, a: np.ndarray, d: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """(d', y): d' with R d' > 0 and a.d' < 0, or None with y >= 0 such that a = R^T y.

    d has R d > 0 and a.d > 0. R (n, m) and a (m,) have rows of length 1.
    """
    if len(R) == 0:
        return -a, np.zeros(0)
    y = nonnegative(R.T, a)
    r = a - y @ R  # R r <= 0 and a.r = |r|^2: -r is on the other side of a, and not outside R
    size = r @ r
    if size <= (0 if R.dtype == object else FLAT * FLAT):
        return None, y
    return settled(R, -a, d * (size / (2 * (a @ d))) - r), y


def settled(R: np.ndarray, a: np.ndarray, d: np.ndarray) -> np.ndarray:
    """A short witness d of {R d > 0, a.d > 0}: away from the walls (floats), with few digits (rationals)."""
    if R.dtype == object:
        short = exactly(d.astype(float) / max(float(np.abs(d).max()), 1e-300))
        return short if np.all(R @ short > 0) and a @ short > 0 else d
    d = d / np.sqrt(d @ d)
    return d if a @ d > THIN and (len(R) == 0 or (R @ d).min() > THIN) else central(joined(R, a), d)


def central(R: np.ndarray, d: np.ndarray) -> np.ndarray:
    """The direction whose least distance to the walls R_i.d = 0 is largest (in the maximum norm); or d."""
    from scipy.optimize import linprog

    n, m = R.shape
    found = linprog(np.r_[np.zeros(m), -1.0], A_ub=np.column_stack([-R, np.ones(n)]), b_ub=np.zeros(n),
                    bounds=[(-1, 1)] * m + [(None, 1)])  # fmt: skip
    better = found.status == 0 and (R @ found.x[:m]).min() > (R @ d).min()
    return found.x[:m] / np.linalg.norm(found.x[:m]) if better else d


def sides(R: np.ndarray, a: np.ndarray, d: np.ndarray
          ) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:  # fmt: skip
    """(d_plus, d_minus, y): witnesses of {R d > 0, a.d > 0} and {R d > 0, a.d < 0}, given one of {R d > 0}.

    Where a side is empty its witness is None and y >= 0 writes a (or -a) as R^T y.
    """
    t = a @ d
    if abs(t) <= (0 if a.dtype == object else FLAT):
        slack = R @ d
        step = min((slack / (np.abs(R @ a) + slack)).min() / 2 if len(R) else 1, 1)
        return settled(R, a, d + step * a), settled(R, -a, d - step * a), None
    if t > 0:
        other, y = beyond(R, a, d)
        return d, other, None if other is not None else y
    other, y = beyond(R, -a, d)
    return other, d, None if other is not None else y


def only_zero(R: np.ndarray) -> np.ndarray | None:
    """y > 0 with y^T R = 0 if R d >= 0 has no solution but d = 0 (R of full rank), else None."""
    floats = R.astype(float)
    if len(R) <= R.shape[1] or np.linalg.matrix_rank(floats) < R.shape[1]:
        return None
    one = np.ones(len(R), dtype=R.dtype)
    y = one + nonnegative(R.T, -(one @ R))
    left = y @ R
    return y if left @ left <= (0 if R.dtype == object else FLAT * FLAT) else None


def plane(R: np.ndarray, A: np.ndarray) -> np.ndarray:
    """One direction in every cell that the lines A_i.d = 0 cut out of {R d > 0}; dimension 1 or 2.

    The closed form: in the plane cells are sectors, and sorting their walls by angle lists them all.
    """
    if A.shape[1] == 1:
        d = np.array([[1.0], [-1.0]])
        return d[(d @ R.T > 0).all(axis=1)]
    walls = np.vstack([R, A])
    if not len(walls):
        return np.array([[1.0, 0.0]])
    angles = np.arctan2(walls[:, 1], walls[:, 0]) + np.pi / 2
    angles = np.sort(np.mod(np.r_[angles, angles + np.pi], 2 * np.pi))
    width = np.diff(np.r_[angles, angles[0] + 2 * np.pi])
    middle = (angles + width / 2)[width > 1e-12]
    d = np.column_stack([np.cos(middle), np.sin(middle)])
    return d[(d @ R.T > 0).all(axis=1)]
