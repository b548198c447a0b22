"""Finite sums: called, traced, differentiated."""

import numpy as np
import pytest
from test_sgd import tied_sum

import selgrad as sg


@pytest.mark.statement("Equation (7)")
def test_a_finite_sum_is_the_mean_of_its_terms():
    for seed in range(10):
        J, points = tied_sum(seed)
        x = points[0]
        d = sg.grad(J.program(x))
        terms = [J.f(x, J.datum(i)) for i in range(J.n)]
        slopes = [d(x, J.datum(i)) for i in range(J.n)]
        np.testing.assert_allclose(J(x), np.mean(terms), rtol=1e-14)
        np.testing.assert_allclose(sg.grad(J)(x), np.mean(slopes, axis=0), rtol=1e-13, atol=1e-15)
        P = sg.trace(J, x)
        np.testing.assert_allclose(P(points), [J(point) for point in points], rtol=1e-13)
        np.testing.assert_allclose(sg.scalar_view(P).run(x)[0][-1], J(x), rtol=1e-13)
        assert len(P.instructions) < 150  # not n copies of f


def test_a_finite_sum_with_python_branches():
    f = lambda x, b: x - b if x > b else 2 * (b - x)
    J = sg.FiniteSum(f, np.array([0.0, 1.0, 5.0]))
    assert J(2.0) == (2 + 1 + 6) / 3
    np.testing.assert_allclose(sg.grad(J)(2.0), 0.0, atol=1e-15)
    with pytest.raises(sg.InputError, match="f itself"):
        sg.FiniteSum(sg.trace(f, 1.0, 0.0), np.ones(2))


def test_data_are_copied_and_nested():
    a = np.ones((3, 2))
    J = sg.FiniteSum(lambda x, d: d["a"] @ x + d["b"][0], {"a": a, "b": [np.arange(3)]})
    a[:] = 7
    assert J.n == 3 and J(np.ones(2)) == 3.0 and "n=3" in repr(J)
    assert sg.FiniteSum(sg.trace(lambda x, d: x * d, 1.0, 1.0), np.ones(4))(2.0) == 2.0


@pytest.mark.parametrize(("data", "error"), [((), sg.InputError), (np.ones((0, 2)), sg.InputError),
                                             (1.0, sg.ShapeError), ((np.ones(2), np.ones(3)), sg.ShapeError),
                                             (np.array([np.nan]), sg.InputError)])
def test_data_that_are_none(data, error):
    with pytest.raises(error, match="FiniteSum"):
        sg.FiniteSum(lambda x, d: x, data)
