"""Primitives of the user's own, and stop_gradient: in every meaning of a program, or refused by name."""

import pickle

import numpy as np
import pytest

import selgrad as sg

HUBER = sg.primitive(
    "my_huber", [lambda t: -t - 0.5, lambda t: t * t / 2, lambda t: t - 0.5], [lambda t: t + 1, lambda t: t - 1])
BEND = sg.primitive("bend", [lambda t: 0.0 * t, lambda t: t * t + t], lambda t: t)
LARGER = sg.primitive("larger", [lambda a, b: a, lambda a, b: b], lambda a, b: b - a, rule="=")


def test_values_and_derivatives_at_the_kinks():
    x = np.array([-2.0, -1.0, 0.5, 1.0, 3.0])
    assert HUBER(x).tolist() == [1.5, 0.5, 0.125, 0.5, 2.5]
    assert [float(sg.grad(HUBER)(t)) for t in x] == [-1.0, -1.0, 0.5, 1.0, 1.0]
    f = lambda x: LARGER(x[0], x[1])
    assert sg.grad(f)(np.ones(2)).tolist() == [0.5, 0.5]
    assert sg.grad(f, convention={"larger": "<"})(np.ones(2)).tolist() == [1.0, 0.0]
    P = sg.trace(lambda t: HUBER(2.0 * t), 0.5)
    assert sg.forward_mode(P, 0.5) == sg.backward_mode(P, 0.5) == sg.differentiate(P)(0.5) == 2.0


def test_sets_know_which_pieces_are_affine():
    assert sg.conservative(BEND, 0.0).contains([[1.0]])
    assert sorted(sg.clarke(BEND, 0.0).inner.vertices.ravel()) == [0.0, 1.0]
    f = lambda v: BEND(v[1] - v[0] ** 2) - BEND(v[1] - 2 * v[0] ** 2)
    bounds = sg.clarke(f, np.zeros(2))
    assert bounds.exact and sorted(map(tuple, bounds.inner.vertices[:, 0, :])) == [(0.0, 0.0), (0.0, 1.0)]
    assert sg.clarke(BEND, 0, exact=True).exact
    exponential = sg.primitive("ramp", [lambda t: np.exp(t) - 1.0, lambda t: t], lambda t: t)
    with pytest.raises(sg.NotElementary, match="not rational"):
        sg.clarke(exponential, 0, exact=True)


def test_every_other_meaning():
    f = lambda x: np.sum(HUBER(x)) + LARGER(x[0], x[1])
    x = np.array([1.0, 1.0])
    P = sg.trace(f, x)
    assert np.array_equal(sg.hessian(P)(np.array([0.5, 3.0])), [[1.0, 0.0], [0.0, 0.0]])
    assert sg.scalar_view(P).run(x)[0][-1] == f(x) and sg.lemma1(P, x)[0][0, -1] == sg.grad(P)(x)[0]
    assert "x1 = my_huber(x0)" in str(P)
    assert sg.selection(lambda t: HUBER(t), 0.0).field(1.0).contains([[1.0]])
    assert sg.grad(lambda x: 2.0 * P(x))(x).tolist() == [3.0, 3.0]  # and by its own rule inside another program
    run = sg.sgd(lambda t: HUBER(t), [0.5, 3.0], steps=3, alpha=[0.5] * 3)
    assert run.x.tolist() == [0.0625, 1.5]
    with pytest.raises(sg.NotElementary, match="my_huber"):
        sg.to_tensorflow(sg.trace(HUBER, 0.0))(0.0)


def test_compiled_code_has_its_pieces():
    numba = pytest.importorskip("numba")
    assert numba
    F = sg.compile(lambda x: np.sum(HUBER(x)), np.zeros(3))
    x = np.array([-1.0, 0.5, 1.0])
    assert F(x) == np.sum(HUBER(x)) and F.derivative(x).tolist() == [-1.0, 0.5, 1.0]


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: sg.primitive("relu", [lambda t: t] * 2, lambda t: t), sg.InputError, "no primitive has yet"),
    (lambda: sg.primitive("two words", [lambda t: t] * 2, lambda t: t), sg.InputError, "identifier"),
    (lambda: sg.primitive("one", [lambda t: t], []), sg.InputError, "two or more pieces"),
    (lambda: sg.primitive("k", [lambda t: np.abs(t), lambda t: t], lambda t: t), sg.NotElementary, "Piece 0 of k"),
    (lambda: sg.primitive("k", [lambda t: t, lambda t: t], lambda t: t, rule="<<"), sg.InputError, "no tie rule"),
    (lambda: HUBER(1.0, 2.0), sg.InputError, "takes 1 argument"),
    (lambda: sg.grad(HUBER, convention={"your_huber": "<"})(0.0), sg.InputError, "your_huber"),
])
def test_what_does_not_fit_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.statement("Remark 1")
def test_a_piece_that_is_not_log_exp_makes_a_primitive_that_is_not():
    wave = sg.primitive("wave", [np.sin, lambda t: t], lambda t: t)
    assert sg.trace(wave, 0.0).leaves_log_exp() == (1,) and sg.trace(HUBER, 0.0).leaves_log_exp() == ()


def test_stop_gradient_is_the_identity_with_derivative_zero_and_says_that_it_leaves_the_theory():
    f = lambda t: t * sg.stop_gradient(t * t)
    P = sg.trace(f, 3.0)
    assert P(3.0) == 27.0 and sg.grad(P)(3.0) == sg.forward_mode(P, 3.0) == sg.differentiate(P)(3.0) == 9.0
    assert P.leaves_selections() == (2,) and sg.trace(np.square, 1.0).leaves_selections() == ()
    assert "stopped" in str(P) and sg.stop_gradient(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
    for ask in (sg.clarke, sg.conservative, sg.classify):
        with pytest.raises(sg.NotElementary, match="no selection derivative"):
            ask(f, 3.0)


def test_frozen_parameters_travel():
    P = sg.trace(lambda x: x[[0, 1]], np.zeros(3))
    Q = pickle.loads(pickle.dumps(P))
    assert np.array_equal(Q([1.0, 2.0, 3.0]), [1.0, 2.0])
    with pytest.raises(TypeError, match="frozen"):
        P.instructions[0].params["at"] = 3
    with pytest.raises(ValueError, match="read-only"):
        P.instructions[0].params["at"][0] = 1
