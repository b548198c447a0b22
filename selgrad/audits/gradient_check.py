"""sg.check_grads: is this a derivative of that function, at a kink too?

Central differences answer neither question at a kink: they are the mean of two slopes, which is no derivative of
abs at 0 under most rules, and the derivative of max at a tie under one. Here the question is membership in D_P.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward_mode
from selgrad.errors import InputError, ShapeError
from selgrad.geometry.jacobians import LIMIT, JacobianSet
from selgrad.kinks.point import ULPS, Local, arguments, local
from selgrad.primitives import Convention
from selgrad.programs.program import Program
from selgrad.programs.trees import flatten
from selgrad.sets.conservative import set_at

ROUNDINGS = 1024.0  # of the format that the claim is in, on the scale of the terms of a derivative
LEAST = 1e-9  # and at least so much, relative to them: another order of summation is no mistake
SHOWN = 8  # entries of an array that a sentence shows


@dataclass(frozen=True, eq=False, repr=False)
class GradCheck:
    """What `check_grads` found; it is true where the claim is a derivative of the program.

    claimed, nearest: the claim and the element of D_P nearest to it, of shape (q, p). distance: between them, and tol:
    up to which it counts as 0. direction (q, p): the direction that convicts a wrong claim (None: there is none),
    says: the slope that the claim gives along it, and allowed: the smallest and the largest that D_P gives.
    kinks: the instructions whose kinks x sits on. field: D_P itself.
    """

    ok: bool
    claimed: np.ndarray
    nearest: np.ndarray
    distance: float
    tol: float
    direction: np.ndarray | None
    says: float
    allowed: tuple[float, float]
    kinks: tuple[str, ...]
    field: JacobianSet

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        at = f"on {len(self.kinks)} kinked instruction(s) ({', '.join(self.kinks[:SHOWN])})" if self.kinks else (
            "on no kink")
        if self.ok:
            return f"right: {_text(self.claimed)} is a derivative of this program; the point sits {at}."
        if self.direction is None:
            return f"wrong: {_text(self.claimed)} is not finite; the point sits {at}."
        low, high = self.allowed
        lies = f"is {low:.6g}" if abs(high - low) <= self.tol else f"lies between {low:.6g} and {high:.6g}"
        return (f"wrong: {_text(self.claimed)} is no derivative of this program; the point sits {at}.\n"
                f"Along the direction {_text(self.direction)} it says that the slope is {self.says:.6g}; that of "
                f"everything AD could return {lies}.\n"
                f"The nearest derivative is {_text(self.nearest)}, at distance {self.distance:.3g}.")


def check_grads(
    f: Callable | Program, x: Any, grad: Any = None, *, convention: Convention = "paper", tol: float | None = None,
    limit: int = LIMIT, ulps: float = ULPS,
) -> GradCheck:
    """Whether `grad` is a derivative of f at x that some choice at every kink gives: an element of D_P(x).

    grad is what is claimed, nested as x (of a function with q outputs: its Jacobian), or a function of x that gives it,
    such as a rule of yours or another library's gradient; None asks selgrad's own, under `convention`. Where x
    sits on no kink there is one right answer, at a kink there may be many, and mixtures of them. A wrong claim comes
    with a direction along which no derivative has the slope that it says. Distances up to tol count as 0
    (None: 1024 roundings of the format of grad, at least 1e-9, of the terms that a derivative is a sum of). What is
    known of f is this program of it: a wrong f is not found. Raises ShapeError where grad does not fit, TooLarge
    where D_P does, and what `conservative` raises. Source: Definition 5, Theorem 2; the check is ours.

    >>> import numpy as np
    >>> import selgrad as sg
    >>> x = np.array([2.0, 2.0, 1.0])
    >>> [bool(sg.check_grads(np.max, x, grad=g)) for g in ([1, 0, 0], [0.5, 0.5, 0], [0, 0, 0], [1, 1, 0])]
    [True, True, False, False]
    >>> print(sg.check_grads(np.max, x, grad=[1, 1, 0]))
    wrong: [1., 1., 0.] is no derivative of this program; the point sits on 1 kinked instruction(s) (x1 = max).
    Along the direction [1., 1., 0.] it says that the slope is 2; that of everything AD could return is 1.
    The nearest derivative is [0.5, 0.5, 0. ], at distance 0.707.
    """
    if tol is not None and not tol >= 0:
        raise InputError(f"tol={tol} must be a distance, 0 or more.")
    here = local(f, x, ulps=ulps).known()
    args = arguments(x)
    if grad is None:
        grad = backward_mode(here.P, *args, convention=convention)
    elif callable(grad):
        grad = grad(*args)
    claimed = _claimed(here.P, grad)
    D = set_at(here, limit)
    kinks = tuple(f"x{k} = {here.P.line(k).op}" for k in here.ties)
    if not np.isfinite(claimed).all():
        return GradCheck(False, claimed, D.project(np.zeros_like(claimed)), np.inf, 0.0, None, np.nan,
                         (np.nan, np.nan), kinks, D)
    if tol is None:
        tol = _slack(grad, here) * max(here.terms(), D.size)
    nearest = np.asarray(D.project(claimed), dtype=float)
    distance = float(np.linalg.norm(claimed - nearest))
    d = claimed - nearest
    direction = d / np.abs(d).max() if distance > 0 else np.zeros_like(d)
    allowed = -float(D.support(-direction)), float(D.support(direction))
    ok = distance <= tol
    return GradCheck(ok, claimed, nearest, distance, tol, None if ok else direction,
                     float(np.sum(claimed * direction)), allowed, kinks, D)


def _claimed(P: Program, grad: Any) -> np.ndarray:
    """A claim as a matrix (q, p). Raises ShapeError where it does not fit the program."""
    shapes = P.input_shapes
    whole = _array(grad)
    given = [whole] if whole is not None and len(shapes) == 1 else [_array(leaf) for leaf in flatten(grad)[0]]
    leaves = [a for a in given if a is not None]
    sizes = [P.q * prod(shape) for shape in shapes]
    if len(leaves) < len(given) or [a.size for a in leaves] != sizes:
        raise ShapeError(f"The gradient to check must have {' and '.join(map(str, sizes))} entries, nested as the "
                         f"arguments of {P.name} are, for {P.q} output(s): it has {[a.size for a in leaves]}.")
    return np.concatenate([a.reshape(P.q, -1) for a in leaves], axis=1)


def _array(a: Any) -> np.ndarray | None:
    """a as an array of floats; None where it is nested in another way."""
    try:
        return np.asarray(a, dtype=float)
    except (TypeError, ValueError):
        return None


def _slack(grad: Any, here: Local) -> float:
    """What rounding may do to a claim, relative to its terms: by the coarsest format that it or the point is in."""
    given = [np.asarray(leaf).dtype for leaf in (*flatten(grad)[0], *here.ev.values[: len(here.P.input_shapes)])]
    eps = max((np.finfo(kind).eps for kind in given if kind.kind == "f"), default=0.0)
    return max(LEAST, ROUNDINGS * float(eps))


def _text(J: np.ndarray) -> str:
    J = J[0] if J.shape[0] == 1 else J
    return np.array2string(J, precision=6, separator=", ", threshold=SHOWN, edgeitems=3).replace("\n", "")
