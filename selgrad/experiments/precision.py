"""Floats against reals: how often a format evaluates a kink exactly, and when that changes a derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from selgrad import draws
from selgrad.descent.engine import AT_ONCE, chosen, split
from selgrad.differentiation.grad import grad
from selgrad.differentiation.modes import backward_mode
from selgrad.errors import InputError
from selgrad.examples.networks import initial, network
from selgrad.examples.paper import relu2
from selgrad.kinks.counts import touched
from selgrad.programs.evaluate import Mask, evaluate
from selgrad.programs.formats import cast
from selgrad.tracing import trace

if TYPE_CHECKING:
    from selgrad.descent.trajectories import Trajectories
    from selgrad.programs.program import Program

FORMATS = ("float16", "float32", "float64")


def on_kinks(T: Trajectories) -> np.ndarray:
    """Which steps of algorithm (8) evaluated a kink exactly, in a term they drew: booleans (N, steps).

    T must hold every iterate (record="all"). Raises InputError otherwise.

    >>> import selgrad as sg
    >>> T = sg.sgd(lambda t: np.abs(t), [1.0, 0.75], steps=3, alpha=[1.0, 0.5, 0.25], record="all")
    >>> on_kinks(T)
    array([[False,  True, False],
           [False, False, False]])
    """
    terms, x = T.terms, T.iterates
    if x is None or len(T.recorded) != T.steps + 1:
        raise InputError("on_kinks reads every iterate: run sg.sgd with record='all'.")
    hit = np.zeros((len(T), T.steps), dtype=bool)
    keys = draws.keys(T.seed, T.first, len(T))
    size = max(1, AT_ONCE // (terms.width * terms.P.m))
    with np.errstate(all="ignore"):
        for k in range(T.steps):
            for start in range(0, len(T), size):
                here = slice(start, start + size)
                drawn = chosen(terms, draws.splitmix(keys[here], k))
                data = [a[None] if drawn.dtype == bool else a[drawn] for a in terms.data]
                leaves = [a[:, None] for a in split(terms, x[here, k])]
                batch = (len(drawn), drawn.shape[1])
                ev = evaluate(terms.P, (*leaves, *data), T.convention, Mask(batch))
                for count in touched(terms.P, ev, None, batch).values():
                    ties = (count > 0) & drawn if drawn.dtype == bool else count > 0
                    hit[here, k] |= ties.any(axis=1)
    return hit & T.finite[:, None]


class TwoPrograms:
    """A network as two programs of one function: relu'(0) = 0, and relu'(0) = 1 by relu(-t) + t.

    sizes are the layers, inputs and classes included. Source of the protocol: Bertoin, Bolte, Gerchinovitz
    and Pauwels (NeurIPS 2021); theirs multiplies alpha into the incoming derivative since its erratum,
    as any program does.
    """

    def __init__(self, sizes: tuple[int, ...], batch: int, dtype: Any = "float32"):
        self.sizes, self.batch, self.dtype = tuple(sizes), batch, np.dtype(dtype)
        self.programs = [network(self.sizes, batch, dtype, *one) for one in ((), (relu2,))]
        self.grads = [grad(P) for P in self.programs]

    def touches(self, parameters: Any, X: np.ndarray, Y: np.ndarray) -> int:
        """How many preactivations of a minibatch are exactly 0."""
        P: Program = self.programs[0]
        return sum(int(n) for n in touched(P, P.evaluate(parameters, X, Y)).values())

    def differ(self, parameters: Any, X: np.ndarray, Y: np.ndarray) -> bool:
        """Whether the derivatives in the first layer's weights differ in any bit."""
        one, other = (d(parameters, X, Y)[0] for d in self.grads)
        return not np.array_equal(one, other)

    def in_zone(self, seed: int, X: np.ndarray, Y: np.ndarray) -> bool:
        """Whether random parameters lie in the bifurcation zone: on some minibatch of (X, Y) the two differ.

        Where no preactivation is exactly 0 both programs take the same slopes everywhere, and are not run.
        """
        parameters = initial(self.sizes, seed, self.dtype)
        for start in range(0, len(X) - self.batch + 1, self.batch):
            part = X[start : start + self.batch], Y[start : start + self.batch]
            if self.touches(parameters, *part) and self.differ(parameters, *part):
                return True
        return False


def boustany(t: Any, x: Any, dtype: Any = "float32") -> np.ndarray:
    """AD of t -> max1(t x) - max2(t x), a program of 0, at points t: max1 compares in turn, max2 splits ties.

    x is a vector, t and x are rounded to the dtype. Over the reals the derivative is 0 wherever a tie is
    one for every t (x = (a, a, a, a): two programs that compensate), and nonzero at t = 0 alone for distinct
    entries. In floats the compensation is left to rounding. Source: Boustany (TMLR 2024), introduction.

    >>> boustany([0.0, 1.0], [1.0, 2.0, 3.0, 4.0])
    array([-1.5,  0. ], dtype=float32)
    >>> boustany(1.0, [1.14] * 4) == 2.0**-24
    np.True_
    """
    kind = np.dtype(dtype)
    entries = np.asarray(x, dtype=kind)

    def zero(t: Any) -> Any:
        y = t * entries
        first = y[0]
        for i in range(1, len(entries)):
            first = np.where(y[i] > first, y[i], first)
        return first - np.max(y)

    P = cast(trace(zero, 1.0), kind)
    return backward_mode(P, np.asarray(t, dtype=kind), convention="torch")
