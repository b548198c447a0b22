"""Definitions 1-5, Propositions 1, 4 and 5, Theorem 2: a selection is what its program computes."""

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import remark_a, zero
from selgrad.examples.random_programs import random_program

RELU = sg.Selection(lambda t: t > 0, [lambda t: 0.0, lambda t: t])
REMARK_A = remark_a()


@pytest.mark.statement("Definition 3", "Definition 4", "Equation (2)", "Equation (3)", "Illustration (a)")
def test_the_papers_relu():
    assert [RELU(t) for t in (-1.0, 0.0, 2.0)] == [0.0, 0.0, 2.0]
    assert [RELU.derivative(t) for t in (-1.0, 0.0, 2.0)] == [0.0, 0.0, 1.0]
    assert RELU.active(0.0) == (0, 1) and RELU.active(1.0) == (1,)
    assert RELU.field(0.0).vertices.ravel().tolist() == [0.0, 1.0]


@pytest.mark.statement("Remark (a)", "Field D_P")
def test_remark_a_and_the_program_have_different_fields():
    assert REMARK_A.derivative(0.0) == 1.0
    assert REMARK_A.field(0.0).vertices.ravel().tolist() == [0.0, 1.0]
    assert sg.selection(zero).field(0.0).vertices.ravel().tolist() == [-1.0, 1.0]


@pytest.mark.statement("Definition 5")
def test_the_field_depends_on_the_list_of_pieces_not_on_the_index():
    unused = sg.Selection(lambda t: 0, [lambda t: 0.0, lambda t: t])
    assert unused.derivative(0.0) == 0.0
    assert unused.field(0.0).vertices.ravel().tolist() == [0.0, 1.0]


def test_batches_are_loops_over_points():
    t = np.array([[-1.0, 0.0, 2.0]])
    assert np.array_equal(RELU(t), [[0.0, 0.0, 2.0]]) and np.array_equal(RELU.derivative(t), [[0.0, 0.0, 1.0]])


@pytest.mark.parametrize("t", [-1.5, 0.0, 0.25, 1.0])
@pytest.mark.statement("Proposition 1", "Proposition 4")
def test_sum_product_composition_refine_the_index(t):
    g = sg.Selection(lambda t: t > 1, [lambda t: t * t, lambda t: 2 * t - 1])
    assert (RELU + g)(t) == RELU(t) + g(t)
    assert (RELU + g).derivative(t) == RELU.derivative(t) + g.derivative(t)
    assert (RELU * g).derivative(t) == RELU.derivative(t) * g(t) + RELU(t) * g.derivative(t)
    assert RELU(g)(t) == RELU(g(t))
    assert RELU(g).derivative(t) == RELU.derivative(g(t)) * g.derivative(t)
    for combined, at in ((RELU + g, t), (RELU * g, t), (RELU(g), g(t))):
        assert len(combined.pieces) == 4
        assert divmod(combined.s(t), 2) == (RELU.s(at), g.s(t))  # it refines both indices


@pytest.mark.statement("Proposition 4", "Equation (4)", "Equation (5)")
def test_composition_with_a_vector_in_between():
    largest = sg.Selection(lambda y: y[1] > y[0], [lambda y: y[0], lambda y: y[1]], shape=2)
    F = sg.Selection(lambda x: x[0] > 0, [lambda x: np.stack([-x[0], x[1]]), lambda x: np.stack([x[0], x[1]])], 2)
    x = np.array([0.0, 0.0])
    h = largest(F)
    assert np.array_equal(h.derivative(x), largest.derivative(F(x)) @ F.derivative(x))


@pytest.mark.statement("Definition 3")
def test_continuity_is_checked():
    RELU.check_continuous(0.0)
    broken = sg.Selection(lambda t: t > 0, [lambda t: 0.0, lambda t: t + 1])
    with pytest.raises(sg.NotContinuous, match=r"x = 0.0: f\(x\) = 0.0, but piece 1.* 1.0"):
        broken.check_continuous(0.0)


def test_pieces_must_be_smooth_and_the_index_in_range():
    with pytest.raises(sg.NotElementary, match="Piece 0 has a kink"):
        sg.Selection(lambda t: 0, [np.abs])
    with pytest.raises(sg.InputError, match="The index is 5"):
        sg.Selection(lambda t: 5, [lambda t: t])(0.0)


def test_printing():
    assert str(RELU) == "selection of 2 pieces, s(x) = [x > 0]\n  0: 0\n  1: x"
    assert r"\begin{cases} 0 & \text{if } s(x) = 0" in RELU._repr_latex_()
    assert "3: -x + x - x" in str(sg.selection(zero))


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.max(x) + np.sort(x)[0] * np.maximum(x[0], x[1]),
        lambda x: np.abs(x[0] - x[1]) + np.clip(x[2], 1.0, 2.0) + sg.median(x),
        lambda x: np.sum(sg.hard_tanh(x)) * np.where(x[0] > x[1], x[0], x[1]),
        lambda x: sg.elu(x[0] - 1.0, alpha=0.5) + sg.max_pool(x, 2, 1)[1] + np.min(x),
    ],
)
@pytest.mark.statement("Theorem 2", "Proposition 5")
def test_theorem_2_on_every_kind_of_kink(f, convention):
    point = np.array([1.0, 1.0, 1.0])
    S = sg.selection(f, point, convention=convention)
    ad = sg.backward_mode(sg.trace(f, point), point, convention=convention)
    assert S(point) == f(point)
    np.testing.assert_allclose(S.derivative(point), ad, rtol=1e-14, atol=1e-14)


@pytest.mark.statement("Theorem 2", "Proposition 5")
def test_theorem_2_on_random_programs_at_their_kinks():
    rng = np.random.default_rng(4)
    compared = 0
    for number in range(60):
        f, x = random_program(rng, p=2, length=6, kind=("affine", "smooth")[number % 2])
        P = sg.trace(f, x)
        try:
            S = sg.selection(P)
        except sg.TooLarge:
            continue
        compared += 1
        np.testing.assert_allclose(S.derivative(x), sg.backward_mode(P, x), rtol=1e-12, atol=1e-12)
    assert compared > 30


def test_theorem_2_goes_red_for_another_index():
    S = sg.selection(zero, convention="jax")
    planted = sg.Selection(lambda t: 1, S.pieces)
    assert S.derivative(0.0) == 1.0
    assert planted.derivative(0.0) != 1.0


def test_too_large_is_said():
    with pytest.raises(sg.TooLarge, match="12"):
        sg.selection(lambda x: np.sum(sg.relu(x)), np.zeros(13))
