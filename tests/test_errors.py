"""Every error is one clear sentence: the instruction, the user's own file and line, and a remedy."""

import inspect
import math
import re

import numpy as np
import pytest

import selgrad as sg

V = np.array([0.5, -1.25, 2.0])


def line_of(f):
    """The line of this file on which the body of a one-line lambda stands."""
    return inspect.getsourcelines(f)[1]


def message(error, f, *args):
    """The text of the error that f(*args) raises; its class must be exactly this one."""
    with pytest.raises(error) as caught:
        f(*args)
    assert type(caught.value) is error and isinstance(caught.value, sg.SelgradError)
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".")
    return text


DOMAIN = [
    (lambda x: np.sum(np.log(x)), "log", "must be positive"),
    (lambda x: np.sum(np.sqrt(x)), "sqrt", "must be positive"),
    (lambda x: np.sum(1.0 / x), "divide", "must not be zero"),
    (lambda x: np.sum(np.reciprocal(x)), "reciprocal", "must not be zero"),
    (lambda x: np.sum(np.log1p(x - 1.0)), "log1p", "must exceed -1"),
    (lambda x: np.sum(x**0.5), "power", "base must be positive"),
    (lambda x: np.sum(x**-1), "power", "nonzero for a negative whole exponent"),
    (lambda x: np.linalg.norm(0.0 * x), "sqrt", "no derivative at 0"),
    (lambda x: np.std(0.0 * x), "sqrt", "no derivative at 0"),
    (lambda x: np.sum(np.clip(x, 1.0, -1.0)), "clip", "lower bound"),
    (lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)), "log", "guard the argument"),
]


@pytest.mark.parametrize(("f", "op", "words"), DOMAIN, ids=[f"{d[1]}-{i}" for i, d in enumerate(DOMAIN)])
def test_outside_the_domain(f, op, words):
    text = message(sg.DomainError, sg.trace, f, np.array([1.0, 0.0]))
    assert re.match(rf"x\d+ = {op}\(", text) and words in text
    assert f"{__file__}:{line_of(f)}" in text


def test_the_domain_is_checked_again_when_a_program_runs():
    f = lambda x: np.sum(np.log(x))
    P = sg.trace(f, np.array([1.0, 2.0]))
    text = message(sg.DomainError, P, np.array([[1.0, 2.0], [1.0, -3.0]]))
    assert "x1 = log(-3.0) at index (1, 1)" in text and f"{__file__}:{line_of(f)}" in text


def test_nan_in_the_data_is_said_to_be_there():
    data = np.array([1.0, np.nan])
    with pytest.raises(sg.DomainError, match=r"x2 = subtract\(...\) is not finite.*a constant that it reads holds nan"):
        sg.grad(lambda x: np.sum(np.maximum(0.0, data - x)))(0.0)


def test_overflow_names_the_first_instruction_that_overflowed():
    f = lambda t: np.exp(t) * 2.0
    P = sg.trace(f, 1.0)
    text = message(sg.DomainError, P, 1000.0)
    assert text.startswith("x1 = exp") and f"{__file__}:{line_of(f)}" in text and "rescale" in text
    g = lambda t: np.sqrt(t)
    text = message(sg.DomainError, sg.grad(lambda t: g(t * 1e-300) * 1e-300), 1e-300)
    assert "0.0" in text or "overflowed" in text


UNSUPPORTED = [
    (lambda x: np.fmax(x, 0.0), "np.fmax", "np.maximum"),
    (lambda x: np.linalg.qr(np.outer(x, x)), "qr", "cholesky"),
    (lambda x: np.linalg.svd(x[None, :]), "makes up directions", "full_matrices=False"),
    (lambda x: np.add.reduceat(x, [0, 1]), "np.add.reduceat", ""),
    (lambda x: np.add(x, x, where=x[0] > 0), "where=", "leave where= out"),
    (lambda x: np.sum(x, where=[True, False, True]), "where=", "leave where= out"),
    (lambda x: np.sum(x, initial=1.0), "initial=1.0", "leave initial= out"),
    (lambda x: np.pad(x, 1, mode="mean"), "mode='mean'", "constant"),
    (lambda x: math.exp(x[0]), "math", "np.exp"),
    (lambda x: float(x[0]), "float()", "plain number"),
    (lambda x: [1, 2, 3][x[0]], "int()", "plain number"),
    (lambda x: np.array([x[0], x[1]], dtype=float), "float()", "np.stack"),
    (lambda x: np.zeros(3).__setitem__(0, x[0]), "y[i] = x[i]", "np.stack or np.where"),
    (lambda x: np.zeros(3).__setitem__(slice(0, 3), x), "y[i] = x[i]", "np.stack or np.where"),
    (lambda x: x if x > 0 else -x, "ambiguous", "np.all"),
    (lambda x: np.where(x > 0), "one argument", "np.where(condition, a, b)"),
    (lambda x: x[x > 0], "index", "np.where"),
    (lambda x: V[x > 0], "comparison", "np.where"),
    (lambda x: -(x > 0), "NumPy refuses", "np.where"),
    (lambda x: x.__setitem__(0, 1.0), "overwrites", "np.stack"),
    (lambda x: x.__iadd__(1.0), "overwrites", "x = x + y"),
    (lambda x: np.exp(x, out=np.zeros(3)), "overwrites", "x = x + y"),
    (lambda x: x * 1j, "complex", "real"),
    (lambda x: x + "a", "<U1", "real"),
    (lambda x: x * np.ma.masked_array(V, V > 0), "mask", "np.where"),
    (lambda x: x @ 2.0, "scalar", "use *"),
    (lambda x: x ^ 2, "no power", "x**y"),
    (lambda x: f"{x[0]:.3f}", "{x:.3f}", "{x}"),
    (lambda x: pow(x, 2, 3), "three arguments", "np.mod"),
    (lambda x: np.reshape(x, (3, 1), order="A"), "order", "order='C'"),
    (lambda x: np.mod(0.0 * x, 1.0), "jumps", "np.where"),
    (lambda x: sg.relu("a") * x, "<U1", "real numbers"),
]


@pytest.mark.parametrize(("f", "what", "remedy"), UNSUPPORTED, ids=[f"{i}-{u[1]}" for i, u in enumerate(UNSUPPORTED)])
def test_what_is_not_elementary_is_refused_by_name_line_and_remedy(f, what, remedy):
    text = message(sg.NotElementary, sg.trace, f, V)
    assert what in text and remedy in text
    assert f"{__file__}:{line_of(f)}" in text


def test_results_that_are_not_numbers():
    assert "returned None" in message(sg.InputError, sg.trace, lambda x: None, V)
    assert "already traced" in message(sg.NotElementary, sg.trace, lambda t: sg.trace(lambda s: s * s, t), 1.0)
    assert "trace around it" in message(sg.NotElementary, sg.trace, lambda t: sg.trace(lambda s: s * t, 1.0), 1.0)
    assert "example" in message(sg.InputError, sg.trace, lambda: 1.0)


def test_a_guard_that_flips():
    f = lambda t: t if t > 1 else -t
    P = sg.trace(f, 2.0)
    text = message(sg.BranchChanged, P, 0.0)
    assert re.search(r"x\d+ > 0", text) and f"{__file__}:{line_of(f)}" in text and "trace again" in text


BAD = [
    (np.nan, "nan", "finite"), (np.array([1.0, np.inf, 2.0]), "inf at index (1,)", "finite"),
    (1j, "complex", "floats or integers"), (np.array([True, False, True]), "bool", "floats or integers"),
    ("abc", "<U3", "floats or integers"), (np.array([None, 1.0, 2.0]), "object", "floats or integers"),
]


@pytest.mark.parametrize(("x", "words", "remedy"), BAD, ids=[b[1] for b in BAD])
def test_inputs_that_are_not_finite_real_numbers(x, words, remedy):
    for call in (lambda: sg.trace(lambda x: x, x), lambda: sg.grad(np.sum)(x), lambda: sg.trace(lambda x: x, V)(x)):
        text = message(sg.InputError, call)
        assert "x0" in text and words in text and remedy in text


def test_ragged_input_wrong_nesting_and_wrong_shape():
    P = sg.trace(lambda x: x, V)
    assert "ragged" in message(sg.InputError, P, [[1.0], [2.0, 3.0]])
    assert "nested" in message(sg.InputError, P, V, V)
    assert "(2,)" in message(sg.ShapeError, P, np.ones(2)) and "(3,)" in message(sg.ShapeError, P, np.ones(2))
    assert "batch" in message(sg.ShapeError, P, 1.0)
    Q = sg.trace(lambda x, y: x + y, V, V)
    assert "broadcast" in message(sg.ShapeError, Q, np.ones((2, 3)), np.ones((4, 3)))
    R = sg.trace(lambda d: d["a"], {"a": 1.0})
    assert "keys" in message(sg.InputError, R, {"b": 1.0})


def test_unknown_conventions_are_answered_with_the_list():
    text = message(sg.InputError, lambda: sg.grad(np.sum, convention="keras")(V))
    assert "'keras'" in text and all(c in text for c in sg.CONVENTIONS)
    P = sg.trace(np.sum, V)
    for call in (sg.forward_mode, sg.backward_mode):
        assert "'keras'" in message(sg.InputError, lambda call=call: call(P, V, convention="keras"))


def test_orders_and_windows_that_do_not_fit():
    for f in (lambda x: sg.kth_largest(x, 4), lambda x: sg.kth_largest(x, 0), lambda x: sg.top_k(x, 4)):
        assert "between 1 and 3" in message(sg.ShapeError, f, V)
    assert "does not fit" in message(sg.ShapeError, sg.max_pool, V, 4)


def test_classes_are_also_the_built_in_ones_users_catch():
    pairs = {sg.InputError: TypeError, sg.ShapeError: ValueError, sg.NotElementary: NotImplementedError,
             sg.DomainError: ArithmeticError, sg.BranchChanged: RuntimeError}
    assert all(issubclass(ours, theirs) and issubclass(ours, sg.SelgradError) for ours, theirs in pairs.items())
