"""Runs of algorithm (8) that end at an artificial critical point exactly, found by running it backwards (ours).

One step is the piecewise map T_k(x) = x - c alpha_k AD[f_(I_k)](x). What leads to the trap in h steps is
T_0^-1( ... T_(h-1)^-1(trap)): on a piece where AD is affine in x, Newton's method finds a preimage in one
step, and from guesses on every side of the trap it meets every piece within reach. Over the reals these
preimages have measure 0 (Theorem 4); a float hits them only where the rounded map does, so the last bits
are searched for starts from which every rounded step is as wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from selgrad import draws
from selgrad.descent.engine import Terms, direction, split
from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.sgd import Alpha, sgd
from selgrad.errors import InputError, ShapeError
from selgrad.primitives import Convention
from selgrad.programs.arguments import as_real
from selgrad.programs.program import Program

GUESSES = 64  # starting points of Newton's method around the trap
NEWTON = 10  # its steps
COPIES = 512  # starts that differ in their last bits only, searched at once for an exact hit
SHAKES = 24  # rounds of that search
NUDGES = 16  # neighbours of c that are tried where the rounded map with c itself never hits
SCAN = 4096  # values of c at which a run from a given x0 is looked at


@dataclass(frozen=True, eq=False)
class Trap:
    """A start x0 and a c with which algorithm (8) is at `at` from iterate number `hit` on, bit for bit.

    path, of shape (hit + 1, *core), are the iterates up to there, in the dtype of the run.
    """

    x0: np.ndarray
    c: float
    hit: int
    at: np.ndarray
    path: np.ndarray

    def __repr__(self) -> str:
        return f"Trap(x0={np.array2string(self.x0, separator=', ')}, c={self.c!r}, hit={self.hit})"


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps T_k of one trajectory, rounded to the dtype of the terms."""

    terms: Terms
    alpha: np.ndarray
    seed: int
    first: int

    def gamma(self, k: int, c: np.ndarray) -> np.ndarray:
        """c alpha_k for c of shape (B,), as a factor of points (B, *core)."""
        gamma = np.asarray(c).astype(self.terms.dtype) * self.alpha[k]
        return gamma.reshape(-1, *(1,) * len(self.terms.core))

    def direction(self, k: int, x: np.ndarray) -> np.ndarray:
        """AD[f_(I_k)] at points x (B, *core), nan where it is not defined."""
        state = draws.splitmix(np.repeat(draws.keys(self.seed, self.first, 1), len(x)), k)
        with np.errstate(all="ignore"):
            d, ok = direction(self.terms, split(self.terms, x), state)
        g = np.stack([np.broadcast_to(a, len(x)) for a in d], -1) if self.terms.scalar else np.array(d[0])
        g = g.reshape(x.shape)
        g[~np.broadcast_to(ok, len(x))] = np.nan
        return g

    def __call__(self, k: int, x: np.ndarray, c: np.ndarray) -> np.ndarray:
        """T_k at points x (B, *core), with c (B,)."""
        with np.errstate(all="ignore"):
            return x - self.gamma(k, c) * self.direction(k, x)

    def slope(self, k: int, x: np.ndarray, c: np.ndarray) -> np.ndarray:
        """The derivative of T_k on the piece at x, by differences: (B, p, p)."""
        p = x[0].size
        flat = x.reshape(len(x), p)
        steps = 2.0**-20 * (1 + np.abs(flat))
        columns = []
        for i in range(p):
            e = np.zeros_like(flat)
            e[:, i] = steps[:, i]
            up, down = ((self(k, (flat + s * e).reshape(x.shape), c)).reshape(len(x), p) for s in (1, -1))
            columns.append((up - down) / (2 * steps[:, i : i + 1]))
        return np.stack(columns, axis=-1)


def preimages(
    J: FiniteSum | Callable | Program, alpha: Alpha, *, at: ArrayLike, c: ArrayLike, hit: int = 1,
    batch: int | str = "full", seed: int = 0, first: int = 0, convention: Convention = "paper", reach: float = 4.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Starts from which algorithm (8), without roundings, is at `at` after `hit` steps: (c, x0).

    c (M,) repeats a value of the argument c for every x0 (M, *core) found with it, at most `reach` away
    from `at`. They are found, not proved to be all. Source: Theorem 4; the search is ours.

    >>> import selgrad as sg
    >>> J = lambda t: np.square(t - 1) / 2 + sg.relu(-t) + t - sg.relu(t)
    >>> c, x0 = preimages(J, lambda k: 1 / (k + 1), at=0.0, c=[0.25, 0.5])       # c = x0/(x0 - 1)
    >>> print(c, np.round(x0, 9))
    [0.25 0.5 ] [-0.33333333 -1.        ]
    """
    trap, maps = _maps(J, alpha, hit, at, batch, seed, first, "float64", convention)
    cs = np.atleast_1d(np.asarray(as_real(c, "c"), dtype=float))
    mine, paths = _tree(maps, cs, hit, trap, reach)
    return cs[mine], paths[:, 0]


def find_traps(
    J: FiniteSum | Callable | Program, alpha: Alpha, steps: int, *, at: ArrayLike, c: ArrayLike | None = None,
    x0: ArrayLike | None = None, hits: int = 2, batch: int | str = "full", seed: int = 0, first: int = 0,
    dtype: DTypeLike = float, convention: Convention = "paper",
    reach: float = 4.0,
) -> list[Trap]:
    """Starts x0 and step scales c from which `steps` steps of algorithm (8) end at `at` exactly.

    `at` must hold what comes: AD of every term drawn is 0 there. Either for the values c (default:
    sixteenths up to 1) starts are looked for that hit `at` after 1, ..., `hits` steps, at most `reach`
    away from it; where roundings leave none, c moves to a neighbouring float. Or, in one dimension, for
    the start x0 values of c in (0, 1] are looked for. What is found was run forwards by `sg.sgd` in the
    given dtype, and ends at `at` bit for bit, as trajectory number `first` of `seed`. The search is not
    exhaustive: an empty list proves nothing. Raises InputError when `at` does not hold. Source: Theorem 4,
    whose exceptional set this is; the search is ours.

    >>> import selgrad as sg
    >>> J = lambda t: np.square(t - 1) / 2 + sg.relu(-t) + t - sg.relu(t)
    >>> sg.find_traps(J, lambda k: 1 / (k + 1), 60, at=0.0, c=0.5, hits=1)
    [Trap(x0=-1., c=0.5, hit=1)]
    >>> sg.find_traps(J, lambda k: 1 / (k + 1), 60, at=0.0, x0=-3.0, hits=1)
    [Trap(x0=-3., c=0.75, hit=1)]
    """
    way = (batch, seed, first)
    trap, floats = _maps(J, alpha, steps, at, *way, dtype, convention)
    _, reals = _maps(J, alpha, steps, trap.astype(float), *way, "float64", convention)
    hits = min(hits, steps)
    if x0 is not None:
        if trap.shape != ():
            raise ShapeError(f"With x0 given, c alone must solve {trap.size} equations: leave out x0, or take a J of "
                             "one number.")
        if np.shape(x0) != ():
            raise ShapeError(f"x0 has shape {np.shape(x0)}: give one starting point, a number, and call once for each.")
        found = _scan(floats, reals, np.asarray(as_real(x0, "x0")).astype(trap.dtype), trap, hits)
    else:
        cs = np.arange(1, 17) / 16 if c is None else np.atleast_1d(np.asarray(as_real(c, "c"), dtype=float))
        found = []
        for hit in range(1, hits + 1):
            mine, paths = _tree(reals, cs, hit, trap, reach)
            found += [_exact(floats, reals, float(cs[i]), path, trap) for i, path in zip(mine, paths)]
    unique = {(t.hit, t.c, t.x0.tobytes()): t for t in found if t is not None}
    return [unique[key] for key in sorted(unique)
            if _ends_there(J, unique[key], steps, alpha, way, floats.terms.dtype, convention)]


def _maps(
    J: Any, alpha: Any, steps: int, at: Any, batch: Any, seed: int, first: int, dtype: Any, convention: Convention
) -> tuple[np.ndarray, Maps]:
    """The trap in the dtype, and the maps; raises InputError when the trap does not hold."""
    point = np.asarray(as_real(at, "at"), dtype=float)
    T = sgd(J, point[None], steps=steps, alpha=alpha, batch=batch, seed=seed, first=first, dtype=dtype,
            convention=convention, record="all", engine="numpy")
    trap = T.start[0]
    assert T.iterates is not None
    moved = (T.iterates[0] != trap).reshape(steps + 1, -1).any(axis=1)
    if (trap.astype(float) != point).any():
        raise InputError(f"at={at} is no {T.dtype.name}: no iterate of the run can be there.")
    maps = Maps(T.terms, T.alpha, seed, first)
    if moved.any():
        k = int(np.argmax(moved)) - 1
        ad = np.array2string(maps.direction(k, trap[None])[0], separator=", ")
        raise InputError(f"at={at} holds no trajectory: at step {k} AD returns {ad} there, not 0.")
    return trap, maps


def _back(maps: Maps, k: int, y: np.ndarray, c: np.ndarray, trap: np.ndarray, reach: float) -> Any:
    """All x found with T_k(x) = y[i], with c[i]: the numbers i, and the x; over the reals, by Newton's method."""
    rng = np.random.default_rng(0)
    core, p, n = y.shape[1:], y[0].size, len(y)
    far = rng.standard_normal((GUESSES, p))
    far *= (reach * 2.0 ** -rng.uniform(0, 8, GUESSES) / np.linalg.norm(far, axis=1))[:, None]
    of = np.repeat(np.arange(n), GUESSES)
    x = (np.where(np.arange(GUESSES)[:, None] % 2, trap.reshape(1, 1, p), y.reshape(n, 1, p)) + far).reshape(-1, *core)
    target, cs = y[of], c[of]
    for _ in range(NEWTON):
        x = x - _solved(maps, k, x, cs, maps(k, x, cs) - target)
    size = 1 + np.abs(x).reshape(len(x), p).max(axis=1)
    miss = np.abs(maps(k, x, cs) - target).reshape(len(x), p).max(axis=1)
    away = np.linalg.norm((x - trap).reshape(len(x), p), axis=1)
    moved = np.abs(x - target).reshape(len(x), p).max(axis=1)
    good = np.flatnonzero((miss < 1e-12 * size) & (away <= reach) & (moved > 1e-9))
    rounded = np.round(x[good].reshape(len(good), p), 9) + 0.0
    keep = good[np.unique(np.column_stack([of[good], rounded]), axis=0, return_index=True)[1]]
    return of[keep], x[keep]


def _solved(maps: Maps, k: int, x: np.ndarray, c: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Newton's step: the residual through the inverse of the slope; nan where there is none."""
    A = maps.slope(k, x, c)
    fine = np.isfinite(A).all(axis=(1, 2))
    A[~fine] = np.eye(A.shape[1])
    r = np.where(np.isfinite(residual), residual, 0.0).reshape(len(x), -1)
    return (np.linalg.pinv(A) @ r[:, :, None]).reshape(x.shape)


def _tree(maps: Maps, cs: np.ndarray, hit: int, trap: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Runs of `hit` steps into the trap, over the reals: the numbers of their c, and (M, hit + 1, *core)."""
    at = trap.astype(float)
    mine, paths = np.arange(len(cs)), np.repeat(at[None, None], len(cs), axis=0)
    for k in reversed(range(hit)):
        if len(mine) == 0:
            return mine, np.zeros((0, hit + 1, *at.shape))  # nothing leads there
        of, x = _back(maps, k, paths[:, 0], cs[mine], at, reach)
        mine, paths = mine[of], np.concatenate([x[:, None], paths[of]], axis=1)
    return mine, paths


def _exact(floats: Maps, reals: Maps, c: float, path: np.ndarray, trap: np.ndarray) -> Trap | None:
    """The run `path` made exact in floats, from its end backwards, for c or a float next to it."""
    hit, c0 = len(path) - 1, np.asarray(c).astype(trap.dtype)
    for nudge in range(NUDGES + 1):
        by = (-1) ** nudge * ((nudge + 1) // 2)
        c_ = (c0 + by * np.spacing(c0)).astype(trap.dtype)
        found = [trap]
        for k in reversed(range(hit)):
            x = _polish(floats, reals, k, path[k], found[0], c_) if 0 < c_ <= 1 else None
            if x is None:
                break
            found.insert(0, x)
        else:
            return Trap(found[0], float(c_), hit, trap, np.stack(found))
    return None


def _polish(floats: Maps, reals: Maps, k: int, x: np.ndarray, y: np.ndarray, c: Any) -> np.ndarray | None:
    """A float point next to x that T_k, rounded, takes to y exactly, or None."""
    rng = np.random.default_rng(0)
    dtype, p = y.dtype, y.size
    A = np.linalg.pinv(reals.slope(k, x[None], np.array([float(c)])))[0]
    X = np.repeat(x.astype(dtype)[None], COPIES, axis=0)
    cs = np.full(COPIES, c, dtype=dtype)
    for round_ in range(SHAKES):
        miss = (floats(k, X, cs) - y).reshape(COPIES, p).astype(float)
        hit = ~miss.any(axis=1)
        if hit.any():
            best = np.flatnonzero(hit)
            nearest = np.argmin(np.abs(X[best].astype(float) - x).reshape(len(best), p).sum(axis=1))
            return X[best[nearest]]
        jitter = rng.integers(-1 - round_ // 4, 2 + round_ // 4, (COPIES, p)) * (miss != 0)
        moved = X.reshape(COPIES, p).astype(float) - np.where(np.isfinite(miss), miss, 0.0) @ A.T
        X = (moved + jitter * np.spacing(np.abs(X.reshape(COPIES, p)))).astype(dtype).reshape(X.shape)
    return None


def _scan(floats: Maps, reals: Maps, x0: np.ndarray, trap: np.ndarray, hits: int) -> list[Trap]:
    """Values of c with which a run from x0, one number, is at the trap after at most `hits` steps."""

    def after(maps: Maps, c: np.ndarray, hit: int) -> np.ndarray:
        x = np.full(len(c), x0, dtype=maps.terms.dtype)
        for k in range(hit):
            x = maps(k, x, c)
        return x - trap.astype(maps.terms.dtype)

    found = []
    for hit in range(1, hits + 1):
        low, high = np.arange(0, SCAN) / SCAN, np.arange(1, SCAN + 1) / SCAN
        before, behind = np.sign(after(reals, low, hit)), np.sign(after(reals, high, hit))
        crossing = (before * behind <= 0) & (before != 0)
        low, high, before = low[crossing], high[crossing], before[crossing]
        for _ in range(60 if len(low) else 0):
            middle = (low + high) / 2
            same = np.sign(after(reals, middle, hit)) == before
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        for root in high:
            bit = float(np.spacing(np.asarray(root, dtype=trap.dtype)))
            near = (root + np.arange(-COPIES, COPIES + 1) * bit).astype(trap.dtype)
            near = near[(near > 0) & (near <= 1)]
            exact = near[after(floats, near, hit) == 0]
            if len(exact):
                c = exact[np.argmin(np.abs(exact.astype(float) - root))]
                path = [np.asarray(x0)]
                for k in range(hit):
                    path.append(floats(k, path[-1][None], np.array([c]))[0])
                if not any(np.array_equal(x, trap) for x in path[:-1]):
                    found.append(Trap(np.asarray(x0), float(c), hit, trap, np.stack(path)))
    return found


def _ends_there(J: Any, t: Trap, steps: int, alpha: Any, way: Any, dtype: Any, convention: Convention) -> bool:
    batch, seed, first = way
    T = sgd(J, t.x0.astype(float)[None], steps=steps, c=t.c, alpha=alpha, batch=batch, seed=seed, first=first,
            dtype=dtype, convention=convention)
    return bool((T.x[0] == t.at).all())
