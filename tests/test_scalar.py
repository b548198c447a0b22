"""The scalar view (Section 3) and Lemma 1."""

from dataclasses import replace

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.random_programs import random_program
from selgrad.programs.lowering import lower


def everything(x):
    A = np.arange(6.0).reshape(3, 2)
    ordered = np.sum(sg.sort(x) * np.array([1.0, 2.0, 3.0])) + np.max(np.abs(x)) * np.mean(x @ A)
    smooth = sg.logsumexp(x) + np.sum(sg.softmax(x)[1:]) + np.prod(x + 3.0) + np.cumsum(x)[-1]
    kinks = sg.median(x) + np.sum(sg.max_pool(x, 2, 1)) + np.where(x[0] > 0, x[1], x[2]) + np.sum(np.pad(sg.relu(x), 1))
    return ordered + smooth + kinks


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
@pytest.mark.parametrize("x", [[1.0, 1.0, -1.0], [0.0, 0.0, 0.0], [0.5, -2.0, 3.0]])
def test_the_scalar_view_computes_the_same(x, convention):
    P = sg.trace(everything, np.zeros(3))
    S = sg.scalar_view(P)
    assert (S.p, S.q, S.m) == (3, 1, S.p + len(S.G))
    values, d = S.run(x, convention)
    np.testing.assert_allclose(values[-1], P(x), rtol=1e-13)
    for k, pr in enumerate(S.pr):
        assert all(j < k for j in pr) and (k < S.p or pr)
        assert set(np.flatnonzero(d[k])) <= set(pr)
    left, right = sg.lemma1(P, x, convention)
    np.testing.assert_allclose(left, right, atol=1e-12)
    np.testing.assert_allclose(left[:3, -1], sg.backward_mode(P, x, convention=convention), atol=1e-12)


@pytest.mark.statement("Lemma 1", "Equation (6)")
def test_lemma_1_on_random_programs_at_kinks():
    rng = np.random.default_rng(0)
    for _ in range(100):
        f, x = random_program(rng, p=2, length=8)
        P = sg.trace(f, x)
        left, right = sg.lemma1(P, x)
        assert np.array_equal(left, right)
        assert np.array_equal(left[:2, -1], sg.forward_mode(P, x))


@pytest.mark.statement("Lemma 1")
def test_lemma_1_needs_the_projection():
    # without P_p the two products differ: the check can fail
    d = np.array([[0.0, 0.0], [2.0, 0.0]])
    e = np.eye(2)[1]
    assert not np.array_equal(np.eye(2) - np.outer(e, e) + np.outer(d[1], e), np.eye(2) + np.outer(d[1], e))


def test_outputs_come_last_as_in_the_paper():
    S = sg.scalar_view(sg.trace(lambda x: (x[1] * 2.0, x[0]), np.zeros(2)))
    assert S.q == 2 and S.run([3.0, 5.0])[0][-2:].tolist() == [10.0, 3.0]


def test_a_large_program_is_refused():
    with pytest.raises(sg.TooLarge, match="4000"):
        sg.scalar_view(sg.trace(lambda x: np.sum(x), np.zeros(5000)))


def test_an_instructions_own_tie_rule_survives_the_scalar_view():
    """Lines with rules of their own used to fall back on the convention's when they were expanded."""
    P = sg.trace(lambda x: np.sum(np.abs(x)) + np.max(x) + sg.relu(x[0]), np.zeros(2))
    rules = {"abs": ">", "relu": ">", "max": "all"}
    lines = tuple(replace(i, rule=rules.get(i.op)) for i in P.instructions)
    Q = sg.Program(P.input_shapes, lines, P.outputs, P.in_tree, P.out_tree)
    assert sg.backward_mode(P, np.zeros(2)).tolist() == [0.0, -1.0]
    assert sg.backward_mode(Q, np.zeros(2)).tolist() == [2.5, 1.5] == list(sg.backward_mode(lower(Q), 0.0, 0.0))
    kinked = [g for g in sg.scalar_view(Q).G if g.row.kinked]
    assert [g.line.tie("paper") for g in kinked] == [">", ">", "all", ">"]


def test_a_constant_among_the_outputs_hangs_on_an_input():
    S = sg.scalar_view(sg.trace(lambda x: np.pad(x, 1, constant_values=2.0), np.zeros(2)))
    values, d = S.run([3.0, 5.0])
    assert values[-4:].tolist() == [2.0, 3.0, 5.0, 2.0] and d[-1].sum() == 1.0


def test_the_scalar_view_raises_what_algorithm_1_raises():
    S = sg.scalar_view(sg.trace(lambda x: np.log(x[0] + x[1]), np.ones(2)))
    with pytest.raises(sg.DomainError, match="log"):
        S.run([1.0, -2.0])
    with pytest.raises(sg.ShapeError, match="p=2"):
        S.run([1.0])
