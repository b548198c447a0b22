"""Exact mode: programs without exp and log over the rationals, and nonnegative least squares on them.

Every float is a dyadic rational, so a program of +, -, *, / and comparisons can be evaluated without
rounding. The same tables of primitives are used: NumPy's object arrays hold the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from selgrad.errors import InputError, NotElementary
from selgrad.evaluate import Evaluation, check_domain, check_guard, place
from selgrad.primitives import ROWS
from selgrad.program import Instruction, Program
from selgrad.tree import flatten_like

IRRATIONAL = {
    "exp", "expm1", "log", "log1p", "sqrt", "tanh", "sigmoid", "softplus", "sin", "cos", "elu", "selu",
    "logsumexp", "softmax",
}  # fmt: skip


class Rational(Fraction):
    """A Fraction that stays exact beside floats, which it takes for the dyadic numbers they are.

    >>> 0.5 * Rational(1, 3) + 0.25
    Rational(5, 12)
    """

    __slots__ = ()

    def _with(self, other: Any, op: Callable[[Fraction, Fraction], Fraction]) -> Any:
        try:
            return Rational(op(Fraction(self), Fraction(other)))
        except (TypeError, ValueError):
            return NotImplemented

    def __add__(self, other: Any) -> Any:
        return self._with(other, Fraction.__add__)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, Fraction.__sub__)

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, Fraction.__mul__)

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, Fraction.__truediv__)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b / a)

    def __pow__(self, exponent: Any) -> Any:
        return self._with(exponent, lambda a, b: a ** int(b) if b == int(b) else NotImplemented)

    def __neg__(self) -> Rational:
        return Rational(-Fraction(self))

    def __abs__(self) -> Rational:
        return Rational(abs(Fraction(self)))

    def rint(self) -> Rational:  # what NumPy asks an object for in np.round
        return Rational(round(Fraction(self)))

    __radd__ = __add__  # type: ignore[assignment]
    __rmul__ = __mul__  # type: ignore[assignment]


_each = np.frompyfunc(Rational, 1, 1)


def exactly(a: Any) -> np.ndarray:
    """An array of the same shape that holds its numbers as rationals, without rounding."""
    return np.asarray(_each(np.asarray(a, dtype=object)), dtype=object)


def refuse_irrational(P: Program) -> None:
    """Raise NotElementary on the first instruction that has no exact value."""
    for k, instruction in P.lines():
        op, where = instruction.op, place(instruction.where)
        if op in IRRATIONAL or (op == "power" and not np.all(np.equal(instruction.operands[1], np.round(
                np.asarray(instruction.operands[1], dtype=float))))):  # fmt: skip
            raise NotElementary(f"x{k} = {op}(...){where} is not rational: exact mode takes programs of "
                                "+, -, *, / and kinks only, so leave out exact=True.")  # fmt: skip
        if op == "hard_sigmoid":
            raise NotElementary(f"x{k} = hard_sigmoid(...){where} has the slope 1/6, which is no float: "
                                "write sg.relu6(t + 3) / 6 for exact mode.")  # fmt: skip


def evaluate_exactly(P: Program, args: tuple[Any, ...], convention: str = "paper") -> Evaluation:
    """Algorithm 1 over the rationals, for one point (Fractions, integers or floats).

    Raises NotElementary for a program with exp, log or the like, else what `evaluate` raises.
    """
    refuse_irrational(P)
    try:
        leaves = flatten_like(P.in_tree, args)
    except ValueError as problem:
        raise InputError(f"The arguments of {P.name} are not nested as the example it was traced on: {problem}."
                         ) from None  # fmt: skip
    values: list[Any] = []
    for j, (leaf, shape) in enumerate(zip(leaves, P.input_shapes, strict=True)):
        try:
            values.append(exactly(leaf).reshape(shape))
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"Input x{j} of {P.name} must hold finite rational numbers of shape {shape}, "
                             f"not {leaf!r}.") from None  # fmt: skip
    indices: list[Any] = [None] * len(values)
    for k, instruction in P.lines():
        for guard in P.guards:
            if guard.at == k:
                check_guard(guard, values[guard.node])
        xs = exact_operands(instruction, values)
        check_domain(instruction, k, xs)
        x, s = ROWS[instruction.op].apply(xs, instruction.params, convention)
        values.append(exactly(x))
        indices.append(s)
    return Evaluation(values, indices, ())


def exact_operands(instruction: Instruction, values: list[Any]) -> list[Any]:
    return [values[o] if type(o) is int else exactly(o) for o in instruction.operands]


def solve(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The solution of a regular system of rationals, by elimination; A (n, n), b (n,).

    Raises ZeroDivisionError when A is singular.
    """
    n = len(b)
    M = np.column_stack([A, b]) if n else np.zeros((0, 1), dtype=object)
    for i in range(n):
        pivot = next((r for r in range(i, n) if M[r, i] != 0), None)
        if pivot is None:
            raise ZeroDivisionError("singular")
        M[[i, pivot]] = M[[pivot, i]]
        M[i] = M[i] / M[i, i]
        for r in range(n):
            if r != i and M[r, i] != 0:
                M[r] = M[r] - M[r, i] * M[i]
    return M[:, n]


def exact_nnls(A: np.ndarray, b: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """The y >= 0 that minimises |A y - b|, over the rationals; A (m, n), b (m,).

    The method of Lawson and Hanson, started from the support of `guess` (found in floats): the
    floats find, the rationals verify, and go on by themselves when the floats were wrong.
    """
    n = A.shape[1]
    nothing = exactly(np.zeros(n))

    def on(passive: list[int]) -> np.ndarray:
        B = A[:, passive]
        z = nothing.copy()
        if passive:
            z[passive] = solve(B.T @ B, B.T @ b)
        return z

    passive = [int(j) for j in np.flatnonzero(guess)]
    try:
        y = on(passive)
        if any(y[j] <= 0 for j in passive):
            passive, y = [], nothing
    except ZeroDivisionError:
        passive, y = [], nothing
    while True:
        w = A.T @ (b - A @ y)
        outside = [j for j in range(n) if j not in passive and w[j] > 0]
        if not outside:
            return y
        # w_j > 0 says column j does not lie in the span of the passive ones, so the next system is regular
        passive.append(max(outside, key=lambda j: w[j]))
        z = on(passive)
        while any(z[j] <= 0 for j in passive):
            step = min(y[j] / (y[j] - z[j]) for j in passive if z[j] <= 0)
            y = y + step * (z - y)
            passive = [j for j in passive if y[j] > 0]
            z = on(passive)
        y = z


def nonnegative(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The y >= 0 that minimises |A y - b|: SciPy in floats, verified by elimination over the rationals."""
    from scipy.optimize import nnls

    if b.size == 0 or A.shape[1] == 0:
        return np.zeros(A.shape[1], dtype=A.dtype)
    if A.dtype != object:
        try:
            return nnls(A, b)[0]
        except RuntimeError:  # SciPy gave up: the exact method always ends
            return exact_nnls(exactly(A), exactly(b), np.zeros(A.shape[1])).astype(float)
    try:
        guess = nnls(A.astype(float), b.astype(float))[0]
    except RuntimeError:
        guess = np.zeros(A.shape[1])
    return exact_nnls(A, b, guess)
