"""sg.check_grads at kinks: what frameworks document is right, what is known to be wrong is convicted by a direction."""

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples import pitfalls
from selgrad.primitives import CONVENTIONS

TWICE, TIED = np.array([2.0, 2.0]), np.array([1.0, 2.0, 2.0])
HALF = [0.5, 0.5]


def pooled(x):
    return np.sum(sg.max_pool(x, (2, 2)))


def hinge(t):
    return sg.relu(1.0 - t)


RIGHT = [  # function, point, derivative, who gives it
    (sg.relu, 0.0, 0.0, "TensorFlow, PyTorch, JAX"),
    (sg.relu, 0.0, 1.0, "torch.clamp_min, keras.losses.Hinge"),
    (sg.relu, 0.0, 0.5, "jnp.maximum(t, 0)"),
    (lambda t: sg.leaky_relu(t, 0.2), 0.0, 0.2, "TensorFlow, PyTorch"),
    (lambda t: sg.leaky_relu(t, 0.2), 0.0, 1.0, "JAX"),
    (sg.relu6, 6.0, 0.0, "all"),
    (sg.selu, 0.0, 1.0507009873554805, "TensorFlow"),
    (sg.selu, 0.0, 1.7580993408473766, "PyTorch, JAX"),
    (sg.hard_tanh, -1.0, 0.0, "PyTorch"),
    (sg.hard_tanh, 1.0, 1.0, "JAX"),
    (sg.hard_sigmoid, 3.0, 0.0, "all"),
    (np.abs, 0.0, 0.0, "TensorFlow, PyTorch, autograd"),
    (np.abs, 0.0, 1.0, "JAX"),
    (lambda x: np.maximum(x[0], x[1]), TWICE, [1.0, 0.0], "TensorFlow"),
    (lambda x: np.maximum(x[0], x[1]), TWICE, HALF, "PyTorch, JAX, autograd"),
    (lambda x: np.minimum(x[0], x[1]), TWICE, HALF, "PyTorch, JAX, autograd"),
    (np.max, TIED, [0.0, 0.5, 0.5], "torch.amax, JAX, autograd, TensorFlow"),
    (np.max, TIED, [0.0, 1.0, 0.0], "torch.max(dim)"),
    (lambda x: np.max(np.abs(x)), np.array([1.0, -1.0]), [0.5, -0.5], "the maximum norm in all"),
    (lambda x: np.sum(np.abs(x)), np.zeros(2), [0.0, 0.0], "1-norm: TensorFlow, PyTorch"),
    (lambda x: np.sum(np.abs(x)), np.zeros(2), [1.0, 1.0], "1-norm: JAX"),
    (lambda x: sg.sort(x)[1], TWICE, [0.0, 1.0], "sort in all"),
    (sg.median, np.array([1.0, 1.0, 2.0]), [0.5, 0.5, 0.0], "PyTorch"),
    (sg.median, np.array([1.0, 1.0, 2.0]), [0.0, 1.0, 0.0], "JAX"),
    (pooled, np.ones((2, 2)), [[1.0, 0.0], [0.0, 0.0]], "max pooling in all"),
    (lambda t: np.clip(t, -1.0, 1.0), 1.0, 1.0, "TensorFlow, PyTorch"),
    (lambda t: np.clip(t, -1.0, 1.0), 1.0, 0.5, "jnp.clip"),
    (lambda t: np.clip(t, -1.0, 1.0), 1.0, 0.0, "lax.clamp, autograd"),
    (hinge, 1.0, -1.0, "keras.losses.Hinge, margin_ranking"),
    (hinge, 1.0, 0.0, "relu(1 - t)"),
    (pitfalls.celu, 0.0, 2.0, "Keras's celu, of its own program"),
]

WRONG = [  # function, point, claim, who gave it, a direction that convicts it
    (np.max, TIED, [0.0, 0.0, 0.0], "MyGrad", [0.0, -1.0, -1.0]),
    (np.max, TIED, [0.0, 1.0, 1.0], "mxnet, Theano", [0.0, 1.0, 1.0]),
    (lambda x: np.maximum(x[0], x[1]), TWICE, [0.0, 0.0], "MyGrad", [-1.0, -1.0]),
    (pooled, np.ones((2, 2)), np.ones((2, 2)), "the full gradient to every tied cell", np.ones((2, 2))),
    (np.abs, 0.0, 1.5, "a missed factor", 1.0),
    (np.abs, 2.0, -1.0, "a swapped sign", -1.0),
    (lambda x: np.sum(x * x), np.array([1.0, 2.0]), [1.0, 2.0], "a missed factor", [-0.5, -1.0]),
    (sg.relu, 0.0, -0.1, "below both slopes", -1.0),
    (sg.relu, 0.0, 1.1, "above both slopes", 1.0),
    (pitfalls.celu_one_switch, 0.0, 2.0, "Keras's celu, of the function without that kink", 1.0),
    (lambda x: sg.sort(x), TWICE, [[1.0, 0.0], [1.0, 0.0]], "one entry for both ranks", None),
]


@pytest.mark.parametrize(("f", "x", "claim", "who"), RIGHT)
def test_the_documented_choice_of_a_framework_is_right(f, x, claim, who):
    found = sg.check_grads(f, x, grad=claim)
    assert found and found.direction is None and found.kinks, who


@pytest.mark.parametrize(("f", "x", "claim", "who", "direction"), WRONG)
def test_a_wrong_gradient_is_convicted_by_a_direction(f, x, claim, who, direction):
    found = sg.check_grads(f, x, grad=claim)
    assert not found and found.says > found.allowed[1] + found.tol, who
    if direction is not None:
        assert np.allclose(found.direction, np.reshape(direction, (1, -1)))
    assert "Along the direction" in repr(found) and "wrong" in repr(found)


def test_the_direction_convicts_without_our_sets():
    """What one-sided differences of the function itself say along it is within the bounds, and not what is claimed."""
    for f, x, claim, _, _ in WRONG:
        found = sg.check_grads(f, x, grad=claim)
        d, h = found.direction, 2.0**-20
        if found.claimed.shape[0] > 1:
            continue
        step = np.reshape(d[0], np.shape(x))[()]
        slope = float(f(x + h * step) - f(x)) / h
        assert found.allowed[0] - 1e-5 <= slope <= found.allowed[1] + 1e-5 < found.says


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_what_ad_returns_is_right_under_every_convention_and_what_is_too_large_is_not(convention):
    rng = np.random.default_rng(7)
    for _ in range(30):
        f, x = sg.random_program(rng)
        assert sg.check_grads(f, x, convention=convention)
        ad, D = sg.grad(f, convention=convention)(x), sg.conservative(f, x)
        beyond = ad + (1.0 + D.support(np.array([1.0, 0.0])) - ad[0]) * np.array([1.0, 0.0])
        assert not sg.check_grads(f, x, grad=beyond)


def test_off_a_kink_there_is_one_right_answer():
    x = np.array([1.0, 2.0, 3.0])
    assert sg.check_grads(np.max, x, grad=[0, 0, 1]) and not sg.check_grads(np.max, x, grad=[0, 0, 1 + 1e-6])
    assert not sg.check_grads(np.max, x, grad=[0, 1, 0])


def test_a_rule_is_called_with_the_point_and_may_be_nested():
    def f(a, b):
        return np.sum(np.maximum(a, b))

    a, b = np.array([1.0, 2.0]), np.array([1.0, 0.0])
    assert sg.check_grads(f, (a, b), grad=lambda a, b: ((a >= b) * 1.0, (a < b) * 1.0))
    assert not sg.check_grads(f, (a, b), grad=lambda a, b: ((a >= b) * 1.0, (a <= b) * 1.0))


def test_a_gradient_in_float32_is_judged_by_its_own_rounding():
    x = np.array([0.1, 0.2, 0.7])
    right = np.exp(x).astype("float32")
    assert sg.check_grads(lambda x: np.sum(np.exp(x)), x, grad=right)
    assert not sg.check_grads(lambda x: np.sum(np.exp(x)), x, grad=right * np.float32(1.001))
    assert not sg.check_grads(lambda x: np.sum(np.exp(x)), x, grad=right.astype(float))  # float64 promises more


def test_nan_is_wrong_and_what_does_not_fit_is_an_error():
    found = sg.check_grads(np.abs, 0.0, grad=np.nan)
    assert not found and "not finite" in repr(found)
    with pytest.raises(sg.ShapeError, match="must have 3 entries"):
        sg.check_grads(np.max, TIED, grad=[0.0, 1.0])
    with pytest.raises(sg.InputError, match="tol"):
        sg.check_grads(np.abs, 0.0, tol=-1.0)


def test_central_differences_do_neither():
    def central(f, x, h=1e-6):
        return (f(x + h) - f(x - h)) / (2 * h)

    relu = lambda t: np.maximum(t, 0.0)
    assert abs(central(relu, 0.0) - 0.0) > 0.4  # refuses the documented derivative 0 ...
    assert central(pitfalls.celu, 0.0) == pytest.approx(1.0)  # ... and 2 for a function with slope 1, rightly
    assert abs(central(np.abs, 0.0)) < 1e-9  # accepts a rule that gives 0 for every |t|, tried at 0 only
    assert sg.check_grads(np.abs, 0.0, grad=0.0) and not sg.check_grads(np.abs, 1e-3, grad=0.0)


PLUGGED = """
import numpy as np

def test_right(check_grads):
    assert check_grads(np.max, np.array([2.0, 2.0]), grad=np.array([1.0, 0.0]))

def test_wrong(check_grads):
    check_grads(np.max, np.array([2.0, 2.0]), grad=lambda x: 1.0 * (x == x.max()))
"""


def test_the_plugin_fails_the_test_of_a_wrong_rule_and_says_why(tmp_path):
    (tmp_path / "test_rule.py").write_text(PLUGGED)
    command = [sys.executable, "-m", "pytest", "-p", "selgrad.audits.plugin", "-p", "no:cacheprovider", "-q", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})  # as if it were not installed
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "Along the direction [1., 1.] it says that the slope is 2" in done.stdout


def test_the_plugin_is_found_where_selgrad_is_installed():
    project = tomllib.loads((Path(sg.__file__).parents[1] / "pyproject.toml").read_text())["project"]
    named = project["entry-points"]["pytest11"]["selgrad"]
    assert hasattr(importlib.import_module(named), "check_grads")
