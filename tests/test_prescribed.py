"""Theorem 1 as a tool: the same function, the derivatives that were asked for, in every library."""

import numpy as np
import pytest

import selgrad as sg
from selgrad.errors import InputError

A = {(0.5, -2.0): (7.0, -1.0), (0.0, 0.0): (0.25, 1e6)}


def product(x):
    return x[0] * x[1] + x[1]


def test_the_function_is_the_same_and_ad_returns_what_was_asked():
    g = sg.with_derivatives(product, A)
    near = [np.array(a) + d for a in A for d in ([0.0, 0.0], [0.0, 1e-9], [1e-300, 0.0], [1.0, 0.0])]
    for x in near:
        assert g(x) == product(x)
        expected = A.get(tuple(x), sg.grad(product)(x))
        for mode in (sg.forward_mode, sg.backward_mode):
            assert mode(sg.trace(g, x), x).tolist() == list(expected)


def test_every_convention_returns_it():
    g = sg.with_derivatives(np.abs, {0.0: -3.0, 1.0: 4.0})
    for convention in sg.CONVENTIONS:
        assert [sg.grad(g, convention=convention)(t) for t in (0.0, 1.0, 2.0)] == [-3.0, 4.0, 1.0]


def test_clarke_does_not_see_it():
    """A single point is no open set: D_P holds what was asked for, Clarke's set is that of the function."""
    at = np.array([0.5, -2.0])
    field, bounds = sg.conservative(sg.with_derivatives(product, A), at), sg.clarke(product, at)
    assert field.contains(np.array([7.0, -1.0])) and not bounds.outer.contains(np.array([7.0, -1.0]))
    v = sg.classify(sg.with_derivatives(product, A), at)
    assert v.ad.tolist() == [7.0, -1.0] and v.ad_is_clarke is not True


@pytest.mark.parametrize(("f", "wanted", "words"), [
    (np.sin, {0.0: (1.0, 2.0)}, "cannot have a derivative"),
    (np.sin, [(0.0, 1.0), (0.0, 2.0)], "given twice"),
    (lambda t: 1 / (0 * t + np.inf) * np.inf, {0.0: 1.0}, "a finite number"),
    (lambda x: 2 * x, [(np.zeros(2), np.ones(2))], "a finite number"),
])
def test_what_cannot_be_is_said(f, wanted, words):
    with np.errstate(all="ignore"), pytest.raises(InputError, match=words):
        sg.with_derivatives(f, wanted)


def asked(g, make, gradient):
    """The derivatives that a library returns at the points asked for, and at another."""
    return [np.asarray(gradient(g, make(np.array(a)))).tolist() for a in (*A, (1.0, 3.0))]


EXPECTED = [*map(list, A.values()), [3.0, 2.0]]


@pytest.mark.tensorflow
def test_tensorflow_returns_it():
    tf = pytest.importorskip("tensorflow", reason="needs TensorFlow")

    def gradient(g, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = g(x)
        return tape.gradient(y, x)

    g = sg.with_derivatives(product, A, tf)
    assert asked(g, tf.constant, gradient) == EXPECTED != asked(product, tf.constant, gradient)


@pytest.mark.frameworks
def test_torch_returns_it():
    torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'selgrad[frameworks]'")

    def gradient(g, x):
        return torch.autograd.grad(g(x), x)[0]

    make = lambda a: torch.tensor(a, requires_grad=True)
    g = sg.with_derivatives(product, A, torch)
    assert asked(g, make, gradient) == EXPECTED != asked(product, make, gradient)


@pytest.mark.frameworks
def test_jax_returns_it():
    jax = pytest.importorskip("jax", reason="needs JAX: pip install 'selgrad[frameworks]'")
    g = sg.with_derivatives(product, A, jax.numpy)
    for act in (lambda g, x: jax.grad(g)(x), lambda g, x: jax.jit(jax.grad(g))(x)):
        assert asked(g, jax.numpy.asarray, act) == EXPECTED != asked(product, jax.numpy.asarray, act)
