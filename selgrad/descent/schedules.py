"""Step sizes gamma_k = c alpha_k, and whether they look like those of Theorem 4."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.errors import InputError, OutsideTheorem4, ShapeError

FAR = (10**3, 10**6, 10**9, 10**12)
FALL = 0.75  # alpha_k log k must fall to this part of itself: 1/log k does not, 1/(log k log log k) does
JUDGED = 32  # an array shorter than this is not judged


def alphas(alpha: Any, steps: int) -> np.ndarray:
    """alpha_0, ..., alpha_(steps-1), from a function of k or an array.

    Raises InputError for values that are no finite numbers >= 0, ShapeError for an array that is
    too short.
    """
    if callable(alpha):
        values = np.array([_at(alpha, k) for k in range(steps)], dtype=float)
    else:
        values = np.asarray(alpha, dtype=float)
        if values.ndim != 1 or len(values) < steps:
            raise ShapeError(f"alpha has shape {values.shape}: pass a function of k, or an array with at least "
                             f"steps={steps} entries.")
        values = values[:steps]
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        k = int(np.argmax(bad))
        raise InputError(f"alpha_{k} is {values[k]}: step sizes must be finite and positive.")
    return values


def _at(alpha: Callable, k: int) -> float:
    try:
        return float(alpha(k))
    except ZeroDivisionError:
        raise InputError(f"alpha({k}) divides by zero: k counts from 0, so write 1 / (k + 1) for 1, 1/2, 1/3, ... "
                         "in place of 1 / k.") from None
    except (TypeError, ValueError) as problem:
        raise InputError(f"alpha({k}) is not a number: {problem}.") from None


def warn_outside(alpha: Any, values: np.ndarray, c: np.ndarray) -> None:
    """Warn, with OutsideTheorem4, of step sizes that Theorem 4 says nothing of.

    That alpha_k = o(1/log k) can be seen on no finite number of k; the test is whether alpha_k log k
    falls to 3/4 of itself between k = 10^3 and k = 10^12 (a function), or at all over the last seven
    eighths of an array.
    """
    said = _slow(alpha) if callable(alpha) else _slow_array(values)
    if said:
        warnings.warn(
            f"{said}, so the schedule does not look like alpha_k = o(1/log k), the condition of Theorem 4, which "
            "then says nothing of this run (a heuristic: a limit cannot be seen on finitely many k).",
            OutsideTheorem4, stacklevel=4,
        )
    outside = ~((c > 0) & (c <= 1))
    if outside.any():
        warnings.warn(
            f"c = {c[np.argmax(outside)]:g} lies outside (0, 1], where Theorem 4 has it; the run goes on.",
            OutsideTheorem4, stacklevel=4,
        )


def _slow(alpha: Callable) -> str:
    """What is wrong with a function of k, or nothing."""
    products = []
    for k in FAR:
        try:
            products.append(float(alpha(k)) * math.log(k))
        except (ArithmeticError, IndexError, KeyError, TypeError, ValueError):
            return ""  # a table in disguise ends somewhere: too short to judge
    if products[-1] <= FALL * products[0]:
        return ""
    return f"alpha_k log k is {products[0]:.3g} at k = 10^3 and {products[-1]:.3g} at k = 10^12"


def _slow_array(values: np.ndarray) -> str:
    """What is wrong with an array of step sizes, or nothing."""
    if len(values) < JUDGED:
        return ""
    early, late = len(values) // 8, len(values) - 1
    products = [values[k] * math.log(k) for k in (early, late)]
    if products[1] < products[0] or products[1] == 0:
        return ""
    return f"alpha_k log k is {products[0]:.3g} at k = {early} and {products[1]:.3g} at k = {late}"
