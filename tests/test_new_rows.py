"""A primitive is one row, a convention one column: hypot, Huber's loss and a sixth convention in every meaning."""

from fractions import Fraction

import numpy as np
import pytest
from conftest import central

import selgrad as sg
from selgrad.compilation import available
from selgrad.compilation.bounds import tame
from selgrad.primitives import ROWS, convention_names
from selgrad.primitives.rows import column
from selgrad.programs.listing import expression
from selgrad.programs.lowering import lower


def away(x):
    """|x - (3, 0)| by hypot."""
    return np.hypot(x[0] - 3.0, x[1])


def soft(x):
    return sg.huber(x[0] - x[1], 2.0) * 3.0 - sg.huber(x[1])


POINTS = [np.array([0.5, -2.0]), np.array([6.5, 4.0]), np.array([-7.0, 0.25])]
AT_TIES = [np.array([3.0, 1.0]), np.array([-1.0, 1.0]), np.array([1.0, -1.0])]
BOTH = pytest.mark.parametrize("f", [away, soft])


@BOTH
@pytest.mark.parametrize("mode", ["forward", "backward"])
@pytest.mark.parametrize("convention", sg.CONVENTIONS)
def test_value_and_both_modes(f, mode, convention):
    P = sg.trace(f, POINTS[0])
    for x in POINTS:
        plain = np.linalg.norm(x - [3.0, 0.0]) if f is away else 3 * loss(x[0] - x[1], 2.0) - loss(x[1], 1.0)
        assert np.isclose(P(x), plain, rtol=1e-15)
        J = sg.jacobian(P, mode=mode, convention=convention)(x)
        assert np.allclose(J, np.ravel(central(P, x)), rtol=1e-7, atol=1e-8)
    assert sg.grad(P, convention=convention)(np.stack(POINTS)).shape == (3, 2)


def loss(t, delta):
    return t * t / 2 if abs(t) <= delta else delta * (abs(t) - delta / 2)


def test_huber_is_kinked_yet_continuously_differentiable():
    P = sg.trace(soft, POINTS[0])
    for x in AT_TIES:
        for convention in sg.CONVENTIONS:
            assert np.allclose(sg.grad(P, convention=convention)(x), np.ravel(central(P, x)), atol=1e-5)
        D, C = sg.conservative(P, x), sg.clarke(P, x)
        assert C.exact and len(C.inner.vertices) == 1 and np.allclose(D.vertices, C.inner.vertices)
    assert "kink" in str(P) and len(P.kinked()) == 2


def test_huber_in_exact_mode():
    x = np.array([Fraction(4, 3), Fraction(1, 3)])
    C = sg.clarke(lambda x: sg.huber(x[0] - x[1]) + np.abs(3 * x[1] - 1), x, exact=True)
    assert C.exact and sorted(C.inner.vertices[:, 0, 1].tolist()) == [-4, 2]


def test_huber_feeds_no_claim_of_being_affine():
    """y - x^2 where x^2 < y < 2 x^2: made of huber, which is x^2/2 near 0, and of relu."""
    def f(x):
        return sg.relu(x[1] - 2 * sg.huber(x[0])) - sg.relu(x[1] - 4 * sg.huber(x[0]))

    C = sg.clarke(f, np.zeros(2))
    assert C.outer.contains([0.0, 1.0]) and (not C.exact or C.inner.contains([0.0, 1.0]))


def test_hypot_leaves_its_domain_where_both_are_zero_and_the_rationals_everywhere():
    with pytest.raises(sg.DomainError, match=r"hypot.*must not both be zero.*test_new_rows.py"):
        sg.grad(away)(np.array([3.0, 0.0]))
    with pytest.raises(sg.NotElementary, match=r"hypot.*not rational.*leave out exact=True"):
        sg.clarke(away, np.zeros(2), exact=True)
    assert sg.classify(away, np.zeros(2)).kind == "regular" or sg.classify(away, np.zeros(2)).kind == "smooth"
    assert np.allclose(sg.grad(away)(np.array([1e200, 1e200])), np.sqrt(0.5))  # no square in it


@BOTH
def test_the_scalar_view_and_the_lowered_program(f):
    P = sg.trace(f, POINTS[0])
    for x in [*POINTS, *AT_TIES]:
        if f is away and (x == [3.0, 0.0]).all():
            continue
        values, _ = sg.scalar_view(P).run(x)
        left, right = sg.lemma1(P, x)
        assert np.isclose(values[-1], P(x), rtol=1e-15) and np.allclose(left, right, atol=1e-12)
        assert np.allclose(left[:2, -1], sg.backward_mode(P, x), atol=1e-12)
        assert np.isclose(lower(P)(*x), P(x), rtol=1e-15)
    assert any(str(g).startswith(("hypot(", "huber(")) for g in sg.scalar_view(P).G)


@BOTH
@pytest.mark.parametrize("convention", sg.CONVENTIONS)
def test_the_compiled_engine(f, convention):
    F = sg.compile(f, POINTS[0], convention=convention)
    assert ("hypot(" if f is away else "huber(") in F.source
    if not available():
        with pytest.raises(sg.InputError, match="Numba"):
            F(POINTS[0])
        return
    for x in [*POINTS, *AT_TIES]:
        assert np.isclose(F(x), F.program(x), rtol=1e-14)
        assert np.allclose(F.derivative(x), sg.grad(f, convention=convention)(x), rtol=1e-14)


def test_bounds_and_engines_read_their_columns():
    for f in (away, soft):
        assert tame(lower(sg.trace(f, POINTS[0])), "float64") == 2.0**100
    T = sg.sgd(away, np.array([[0.5, -2.0]]), steps=200, alpha=lambda k: 1 / (k + 1))
    assert np.linalg.norm(T.x[0] - [3.0, 0.0]) < 0.5
    T = sg.sgd(lambda x: sg.huber(x - 3.0), [1.0, 5.0], steps=300, alpha=lambda k: 1 / (k + 2))
    assert np.allclose(T.x, 3.0, atol=0.05)


def test_listings_and_latex():
    assert "x2 = x1 - 3" in str(sg.trace(away, POINTS[0])) and "hypot(x2, x3)" in str(sg.trace(away, POINTS[0]))
    assert "huber(x0, delta=2)          kink" in str(sg.trace(lambda t: sg.huber(t, 2.0), 0.0))
    P = sg.trace(lambda a, b: np.hypot(a - b, a), 1.0, 2.0)
    assert expression(P, tex=True, names=("a", "b")) == r"\sqrt{(a - b)^2 + a^2}"
    assert expression(P, names=("a", "b")) == "hypot(a - b, a)"
    assert r"\mathrm{huber}(t" in expression(sg.trace(sg.huber, 0.0), tex=True, names=("t",))


@pytest.mark.tensorflow
@BOTH
def test_tensorflow_replays_them(f):
    pytest.importorskip("tensorflow")
    from selgrad.frameworks.tensorflow import tensorflow_value_and_derivative

    P = sg.trace(f, POINTS[0])
    for x in [*POINTS, *AT_TIES]:
        value, derivative = tensorflow_value_and_derivative(P, x)
        assert np.isclose(value, P(x), rtol=1e-14)
        assert np.allclose(derivative, sg.grad(P, convention="tensorflow")(x), rtol=1e-12)


def test_the_derivative_program_and_selections():
    for f in (away, soft):
        A = sg.differentiate(sg.trace(f, POINTS[0]))
        for x in POINTS:
            assert np.allclose(A(x), sg.grad(f)(x), rtol=1e-14)
        assert np.allclose(sg.hessian(f)(POINTS[1]), np.reshape(central(sg.grad(f), POINTS[1]), (2, 2)), atol=1e-6)
    S = sg.selection(sg.trace(sg.huber, 0.0))
    assert len(S.pieces) == 3 and S.derivative(1.0) == 1.0 and S.derivative(-3.0) == -1.0


def test_what_huber_refuses():
    for delta in (0.0, -1.0, np.nan):
        with pytest.raises(sg.InputError, match="delta"):
            sg.huber(1.0, delta)


# --- a sixth convention ---

MINE = {"relu": ">", "abs": "<", "max": "first", "hard_tanh": "<>"}


@pytest.fixture
def sixth(monkeypatch):
    """A framework of one's own: its name, and its column in every row."""
    monkeypatch.setattr(convention_names, "CONVENTIONS", (*sg.CONVENTIONS, "mine"))
    for op, row in ROWS.items():
        if row.kinked:
            monkeypatch.setitem(row.ties, "mine", MINE.get(op, "-"))
    return "mine"


def test_a_convention_is_one_name_and_one_column(sixth):
    zero = np.zeros(2)
    f = lambda x: sg.relu(x[0]) + 2 * np.abs(x[1]) + 4 * np.max(x) + 8 * sg.hard_tanh(x[0] + 1.0)
    expected = [1.0 + 4.0 + 0.0, -2.0]
    P = sg.trace(f, zero)
    assert sg.grad(f, convention=sixth)(zero).tolist() == expected != sg.grad(f)(zero).tolist()
    assert sg.forward_mode(P, zero, convention=sixth).tolist() == expected
    assert sg.backward_mode(P, zero, convention=sixth).tolist() == expected
    assert np.allclose(sg.lemma1(P, zero, sixth)[0][:2, -1], expected)
    assert sg.conservative(P, zero).contains(expected)
    F = sg.compile(f, zero, convention=sixth)
    assert "mine" in F.source and (not available() or F.derivative(zero).tolist() == expected)
    T = sg.sgd(lambda t: sg.relu(t), [0.0], steps=1, alpha=lambda k: 1 / (k + 1), convention=sixth, engine="numpy")
    assert T.x.tolist() == [-1.0]
    # what is not in the column is the paper's, and a dict may fall back on it
    assert sg.grad(lambda t: np.maximum(t, 0), convention=sixth)(0.0) == sg.grad(lambda t: np.maximum(t, 0))(0.0)
    assert sg.grad(f, convention={"relu": "<", "otherwise": sixth})(zero).tolist() == [4.0, -2.0]
    with pytest.raises(sg.InputError, match=r"choose one of paper.*mine"):
        sg.grad(f, convention="yours")(zero)


def test_without_the_column_there_is_no_convention():
    with pytest.raises(sg.InputError, match="Unknown convention 'mine'"):
        sg.grad(sg.relu, convention="mine")(0.0)
    with pytest.raises(ValueError, match="shorter"):
        column("<", "<")
