"""Exact mode: rationals stay rationals, and nonnegative least squares satisfies its optimality conditions."""

from fractions import Fraction

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.random_programs import random_program
from selgrad.geometry.nonnegative import nonnegative
from selgrad.geometry.rationals import Rational, exactly, solve
from selgrad.programs.evaluate import Exact, evaluate


def test_rationals_stay_exact_beside_floats_and_arrays():
    a = Rational(1, 3)
    for b in (a + 0.5, 0.5 - a, a * 0.1, 0.1 / a, abs(-a), a**2, np.float64(0.5) * a):
        assert isinstance(b, Rational)
    assert a * 0.1 == Fraction(1, 3) * Fraction(0.1)
    assert exactly([0.1, 1]).tolist() == [Fraction(0.1), 1]


def test_exact_values_are_those_of_dyadic_floats():
    for seed in range(30):
        f, x = random_program(np.random.default_rng(seed), p=2, length=12)
        P = sg.trace(f, x)
        value = np.ravel(evaluate(P, (x,), policy=Exact()).values[P.outputs[0]])[0]
        assert isinstance(value, Fraction) and value == Fraction(float(P(x)))


def test_thirds_are_thirds():
    f = lambda x: sg.relu(x[0] - x[1]) + np.abs(3 * x[1] - 1) / 7
    C = sg.clarke(f, np.array([Fraction(1, 3), Fraction(1, 3)]), exact=True)
    assert C.exact and C.inner.contains([0, Fraction(3, 7)]) and len(C.inner.vertices) == 4


def test_nonnegative_least_squares():
    rng = np.random.default_rng(0)
    for _ in range(40):
        m, n = rng.integers(1, 5, size=2)
        A, b = exactly(rng.integers(-3, 4, size=(m, n))), exactly(rng.integers(-3, 4, size=m))
        y = nonnegative(A, b)
        w = A.T @ (b - A @ y)
        assert (y >= 0).all() and (w <= 0).all() and y @ w == 0  # the conditions of Karush, Kuhn and Tucker
    assert solve(exactly([[2, 1], [1, 3]]), exactly([1, 2])).tolist() == [Fraction(1, 5), Fraction(3, 5)]
    with pytest.raises(ZeroDivisionError):
        solve(exactly([[1, 1], [1, 1]]), exactly([1, 2]))


def test_what_exact_mode_refuses():
    with pytest.raises(sg.NotElementary, match=r"exp.*leave out exact=True"):
        sg.clarke(np.exp, 0.0, exact=True)
    with pytest.raises(sg.NotElementary, match="1/6"):
        sg.conservative(sg.hard_sigmoid, 3.0, exact=True)
    with pytest.raises(sg.NotElementary):
        sg.conservative(lambda t: t**0.5, 1.0, exact=True)
    with pytest.raises(sg.InputError):
        evaluate(sg.trace(np.abs, 0.0), (np.inf,), policy=Exact())
