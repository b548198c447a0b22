"""The checker that autograd's own tests run on finds a planted fault (benchmarks/autograd_suite.py)."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import selgrad as sg

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture
def checks():
    spec = importlib.util.spec_from_file_location("autograd_checks", FOLDER / "autograd_checks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def softened(x):
    return np.tanh(np.dot(x, x)) * x


@pytest.mark.parametrize("modes", (["fwd"], ["rev"]))
def test_check_grads_accepts_a_right_derivative(checks, modes):
    checks.check_grads(softened, modes=modes, order=1)(np.array([0.3, -0.5, 1.1]))


@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_check_grads_finds_a_slope_that_is_off_by_a_thousandth(checks, monkeypatch, mode):
    right = {"fwd": sg.jvp, "rev": sg.vjp}

    def jvp(f, x, d, **options):
        value, moved = right["fwd"](f, x, d, **options)
        return value, 1.001 * moved

    def vjp(f, x, **options):
        value, back = right["rev"](f, x, **options)
        return value, lambda v: 1.001 * back(v)

    monkeypatch.setattr(sg, right[mode].__name__, {"fwd": jvp, "rev": vjp}[mode])
    with pytest.raises(AssertionError, match="check of softened failed"):
        checks.check_grads(softened, modes=[mode], order=1)(np.array([0.3, -0.5, 1.1]))


def test_check_grads_finds_a_value_that_is_off(checks, monkeypatch):
    monkeypatch.setattr(sg, "jvp", lambda f, x, d, **options: (2.0 * f(*x), f(*x)))
    with pytest.raises(AssertionError):
        checks.check_grads(softened, modes=["fwd"], order=1)(np.array([0.3, -0.5, 1.1]))


def test_complex_numbers_are_set_aside_and_real_ones_are_run(checks):
    seen = []
    checks.combo_check(lambda x: seen.append(1) or 2.0 * x, (0,), order=1)([1.5, 1.5 + 1j])
    assert seen
    with pytest.raises(checks.NotApplicable, match="complex"):
        checks.check_grads(lambda x: x, order=1)(1j)
