"""nan goes through every kinked primitive as through NumPy's function, and nothing overflows on the way to a number."""

import numpy as np
import pytest
from test_primitives import CASES, arrays

import selgrad as sg
from selgrad.compilation import available
from selgrad.errors import NonFinite
from selgrad.primitives import ROWS

KINKED = [c for c in CASES if ROWS[c.id].kinked]


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
@pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), KINKED)
def test_nan_in_any_entry_of_any_operand_is_nan_where_numpy_has_it(op, params, operands, plain, at_kink, convention):
    row = ROWS[op]
    for point in (operands, at_kink):
        for i, x in enumerate(arrays(point)):
            for at in np.ndindex(x.shape):
                xs = [x.copy() for x in arrays(point)]
                xs[i][at] = np.nan
                with np.errstate(invalid="ignore"):
                    y, expected = row.apply(xs, params, row.rule(convention))[0], plain(*xs, **params)
                assert np.array_equal(np.isnan(y), np.isnan(expected)), (i, at)
                if row.elementwise:  # each entry alone, as a number
                    alone = [np.broadcast_to(x, np.shape(expected))[at] for x in xs]
                    y, _ = row.apply(alone, params, row.rule(convention))
                    assert np.isnan(y) == np.isnan(expected[at]) and np.ndim(y) == 0


NAN = np.array([1.0, np.nan, 2.0])
SWALLOWED = {
    "maximum": lambda x: np.sum(np.maximum(0, NAN - x)),
    "minimum": lambda x: np.sum(np.minimum(NAN, x)),
    "clip": lambda x: np.sum(np.clip(NAN * x, 0.0, 1.0)),
    "clip by nan": lambda x: np.sum(np.clip(x, NAN, 9.0)),
    "relu6": lambda x: np.sum(sg.relu6(x + NAN)),
    "hard_tanh": lambda x: np.sum(sg.hard_tanh(x + NAN)),
    "hard_sigmoid": lambda x: np.sum(sg.hard_sigmoid(x + NAN)),
    "median": lambda x: sg.median(x + NAN),
}


@pytest.mark.parametrize("name", SWALLOWED)
@pytest.mark.parametrize("x", [0.5, np.array([0.5, 0.25, 0.125])], ids=["number", "array"])
def test_nan_in_the_data_is_not_swallowed(name, x):
    f = SWALLOWED[name]
    P = sg.trace(f, x)
    for call in (sg.grad(f), lambda x: sg.jvp(f, x, x), sg.grad(P), P):
        with pytest.raises(sg.DomainError, match=r"holds nan or inf|not a finite number"):
            call(x)
    for engine in ("numpy", *(["numba"] if available() else [])):
        with pytest.warns(NonFinite):
            assert sg.sgd(f, np.array([x]), steps=2, alpha=[0.5, 0.5], engine=engine).broke.tolist() == [0]


def test_straight_line_python_hands_nan_back_to_the_loops():
    P = sg.trace(lambda x: np.sum(np.maximum(0.0, np.exp(x) * 0.0 - NAN[:1])), 0.5)
    d = sg.grad(P)
    assert d(0.5) == d(1.5) == 0.0  # the second call is the straight line
    with pytest.raises(sg.DomainError, match=r"x1 = exp\(...\) overflowed"):
        d(800.0)  # inf * 0, which maximum would have passed over


# --- float16, and large numbers ---


def test_mean_of_more_entries_than_float16_can_count():
    d = sg.grad(np.mean)(np.ones(70_000, np.float16))
    assert d.dtype == np.float16 and np.all(d == np.float16(1 / 70_000))
    x = np.linspace(0, 1, 70_000).astype(np.float16)
    assert sg.trace(np.var, x)(x) == np.var(x)


def test_ties_of_more_entries_than_float16_can_count():
    x = np.ones(70_001, np.float16)
    for f in (np.max, np.min, sg.median):
        value, d = sg.value_and_grad(f, convention="torch")(x)
        assert value == 1 and np.all(d == np.float16(1 / 70_001))


@pytest.mark.parametrize(("x", "dtype"), [(2048.0, "float16"), (3e7, "float32"), (1e16, "float64")])
def test_logsumexp_of_large_equal_entries_shares(x, dtype):
    assert np.array_equal(sg.grad(sg.logsumexp)(np.array([x, x], dtype)), [0.5, 0.5])
    d = sg.jacobian(lambda x: sg.logsumexp(x, axis=0))(np.array([[x, 0.0], [x, 0.0]], dtype))
    assert np.allclose(d, [[[0.5, 0.0], [0.5, 0.0]], [[0.0, 0.5], [0.0, 0.5]]])


def test_logsumexp_keeps_its_bits_where_they_are_good():
    x = np.random.default_rng(0).normal(0.0, 10.0, (50, 7))
    y = sg.trace(lambda x: sg.logsumexp(x, axis=1), x)(x)
    weights = np.exp(x - y[:, None])
    assert np.array_equal(sg.grad(lambda x: np.sum(sg.logsumexp(x, axis=1)))(x), weights)


@pytest.mark.parametrize("convention", ["torch", "jax", "autograd"])
def test_the_mean_of_two_large_pieces_does_not_overflow(convention):
    large = np.float16(40_000.0)
    for f in (np.maximum, np.minimum):
        assert sg.value_and_grad(lambda x, f=f: f(x, large), convention=convention)(large) == (large, 0.5)
    top = np.finfo(float).max
    value, d = sg.value_and_grad(lambda x: np.clip(x, top, top), convention=convention)(top)
    assert value == top and np.isfinite(d)
    four = np.full(4, large)
    assert sg.value_and_grad(sg.median, convention=convention)(four)[0] == large == np.median(four)


def test_abs_of_zero_is_zero_without_a_sign():
    for convention in sg.CONVENTIONS:
        for zero in (0.0, -0.0, np.zeros(2), np.array([-0.0, 0.0])):
            y = sg.trace(np.abs, zero).evaluate(zero, convention=convention).values[1]
            assert not np.signbit(y).any()


# --- functions that lost digits as compositions ---


@pytest.mark.parametrize("name", [
    "sinh", "tan", "arcsinh", "arctanh", "arcsin", "arctan", "log2", "log10", "exp2", "cbrt"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_elementary_functions_keep_every_digit(name, dtype):
    t = np.array([1e-4, 3e-3, 0.1, 0.75, 0.9], dtype)
    f = getattr(np, name)
    y, d = sg.jvp(f, t, np.ones_like(t))
    assert y.dtype == d.dtype == dtype and np.array_equal(y, f(t))
    fine = np.longdouble(1e-6) * t
    numeric = (f(t + fine) - f(t - fine)) / (2 * fine)
    assert np.allclose(d, np.asarray(numeric, float), rtol=max(8 * np.finfo(dtype).eps, 1e-5), atol=0)


def test_elementary_functions_of_large_numbers():
    for name, slope in (("arcsinh", 1e-200), ("arccosh", 1e-200), ("arctan", 0.0)):
        assert sg.grad(getattr(np, name))(1e200) == pytest.approx(slope, rel=1e-12)
    assert sg.grad(np.arctan2, (0, 1))(1e200, 1e200) == pytest.approx((0.5e-200, -0.5e-200), rel=1e-12)
    assert sg.grad(np.cbrt)(1e-9) == pytest.approx(1e6 / 3, rel=1e-12)
    assert sg.grad(sg.erf)(0.0) == 2 / np.sqrt(np.pi)


@pytest.mark.parametrize(("f", "x"), [
    (np.arcsin, 1.0), (np.arccos, -1.0), (np.arctanh, 1.0), (np.arccosh, 1.0), (np.cbrt, 0.0), (np.log2, 0.0),
    (np.log10, 0.0), (lambda y: np.arctan2(y, -1.0), 0.0), (lambda y: np.arctan2(y, y), 0.0)])
def test_elementary_functions_say_where_they_have_no_derivative(f, x):
    with pytest.raises(sg.DomainError, match="outside the domain"):
        sg.grad(f)(x)
