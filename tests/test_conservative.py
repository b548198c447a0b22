"""D_P against brute force: every product of active pieces, each inlined into a smooth program."""

from itertools import permutations, product

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import t_minus_zero
from selgrad.examples.random_programs import random_program
from selgrad.primitives import ROWS
from selgrad.tracing.replay import inline


def brute(P, x):
    """Jacobians along all products of pieces whose values at x are those of the instruction."""
    ev, options = P.evaluate(x), {}
    for k in P.kinked():
        i = P.instructions[k - len(P.input_shapes)]
        xs = [ev.values[o] if type(o) is int else o for o in i.operands]
        core = i.shape if ROWS[i.op].elementwise or i.op == "where" else np.shape(xs[0])
        every = ROWS[i.op].choices(core, i.tie("paper"), **i.params)
        options[k] = [s for s in every if np.array_equal(
            np.broadcast_to(ROWS[i.op].frozen(s, *xs, **i.params), i.shape), np.broadcast_to(ev.values[k], i.shape))]
    found = []
    for pick in product(*options.values()):
        smooth = sg.trace(lambda y, pick=pick: inline(P, y, indices=dict(zip(options, pick, strict=True))), x)
        found.append(sg.backward_mode(smooth, x).reshape(P.q, P.p))
    return sg.JacobianSet(np.array(found))


@pytest.mark.statement("Field D_P")
def test_random_programs_against_all_products_of_pieces():
    tried = 0
    for seed in range(80):
        f, x = random_program(np.random.default_rng(seed), p=1 + seed % 3, length=7)
        P = sg.trace(f, x)
        if len(sg.conservative(P, x).vertices) > 64 or len(P.kinked()) > 5:
            continue
        tried += 1
        assert np.array_equal(sg.conservative(P, x).vertices, brute(P, x).vertices), seed
        if tried % 8 == 0:
            exact = sg.conservative(P, x, exact=True)
            assert np.array_equal(exact.vertices.astype(float), brute(P, x).vertices)
    assert tried > 40


@pytest.mark.parametrize("f, x", [
    (lambda x: sg.sort(x), [1.0, 0, 1, 0]),
    (lambda x: sg.median(x), [1.0, 1, 1, 0, 2]),
    (lambda x: sg.max_pool(x, 2, 1), [1.0, 1, 1]),
    (lambda x: np.clip(x[0], x[1], x[2]) * x[3], [1.0, 1, 1, 2]),
    (lambda x: sg.relu6(x) + sg.hard_tanh(x - 5), [0.0, 6, 4]),
    (lambda x: np.where(x == 0, 3 * x, x * x), [0.0, 1]),
    (lambda x: sg.relu(np.max(x) - np.min(x)), [1.0, 1, 1]),
    (lambda x: sg.elu(x, 0.5) * sg.selu(x), [0.0, 0]),
])
def test_every_kind_of_kink(f, x):
    P = sg.trace(f, np.array(x))
    assert np.allclose(sg.conservative(P, np.array(x)).vertices, brute(P, np.array(x)).vertices, atol=1e-14)


@pytest.mark.statement("Field D_P")
def test_ad_under_every_convention_is_an_element():
    for seed in range(40):
        f, x = random_program(np.random.default_rng(seed), p=3, length=12, kind=("affine", "smooth")[seed % 2])
        P = sg.trace(f, x)
        D = sg.conservative(P, x)
        for convention in sg.CONVENTIONS:
            assert D.contains(sg.grad(P, convention=convention)(x)), (seed, convention)


def test_ten_thousand_kinks_are_a_zonotope():
    A, c = np.random.default_rng(0).normal(size=(10_000, 5)), np.random.default_rng(1).normal(size=10_000)
    D = sg.conservative(lambda x: c @ sg.relu(A @ x), np.zeros(5))
    d = np.arange(5.0)
    assert D.support(d) == pytest.approx(np.maximum(c * (A @ d), 0).sum())
    assert D.contains(c @ A / 2)


def test_a_kink_with_no_way_to_the_output_does_not_branch():
    D = sg.conservative(lambda x: 0.0 * np.sum(sg.relu(sg.relu(x))) + x[0], np.zeros(20))
    assert len(D.vertices) == 1


def test_a_set_too_large_says_so():
    W = np.random.default_rng(0).normal(size=(20, 20))
    D = sg.conservative(lambda x: np.sum(sg.relu(W @ sg.relu(W @ x))), np.zeros(20), limit=1000)
    assert not D.listed
    for ask in (lambda: D.vertices, lambda: D.support(np.ones(20)), lambda: D.contains(np.ones(20))):
        with pytest.raises(sg.TooLarge, match=r"40 kinks .* feed each other .* limit=1000"):
            ask()
    S = sg.conservative(sg.sort, np.zeros(12))
    with pytest.raises(sg.TooLarge, match="479001600 active pieces"):
        _ = S.vertices


def test_a_set_that_is_not_listed_gives_no_verdict_about_it():
    W = np.random.default_rng(0).normal(size=(10, 10))

    def g(t):  # D_P holds 0 (t - zero(t) alone gives it), but three layers are too many to list
        y = sg.relu(W @ sg.relu(W @ sg.relu(W @ (t * np.ones(10)))))
        return t_minus_zero(t) + 1e-3 * np.sum(y)

    assert sg.clarke(g, 0.0).exact and not sg.clarke(g, 0.0).inner.contains(0.0)
    assert not sg.conservative(g, 0.0, limit=100).listed
    assert sg.classify(g, 0.0, limit=100).kind == "undecided"


def test_activity_is_by_a_tolerance_in_roundings():
    f = lambda x: sg.relu(x[0] + x[1] - x[2])
    x = np.array([0.1, 0.2, 0.3])  # 5.6e-17 in floats
    assert len(sg.conservative(f, x).vertices) == 2
    assert len(sg.conservative(f, x, ulps=0).vertices) == 1
    assert len(sg.conservative(f, x, exact=True).vertices) == 1
    with pytest.raises(sg.InputError, match="ulps"):
        sg.conservative(f, x, ulps=-1)


def compositions(n):
    """Every pattern of ties of n numbers: the sizes of the groups, from the largest number down."""
    return [()] if n == 0 else [(k, *rest) for k in range(1, n + 1) for rest in compositions(n - k)]


def elements(D):
    """All sums of one Jacobian from each part, as tuples."""
    return {tuple(np.sum(pick, axis=0)) for pick in product(*D.parts)}


@pytest.mark.parametrize("n", range(1, 7))
@pytest.mark.statement("Illustration (b)")
def test_sorting_at_every_pattern_of_ties(n):
    """Section 5.1: D_F(x) is the hull of the permutation matrices that sort x, and Clarke's Jacobian."""
    rng = np.random.default_rng(n)
    every = [np.eye(n)[list(order)] for order in permutations(range(n))]
    for sizes in compositions(n):
        values = np.repeat(np.arange(len(sizes), 0.0, -1.0), sizes)
        x = rng.permutation(values)
        right = {tuple(P.ravel()) for P in every if np.array_equal(P @ x, values)}
        F = sg.trace(lambda x: sg.sort(x, descending=True), x)
        assert elements(sg.conservative(F, x)) == right
        C = sg.clarke(F, x)
        assert C.exact and elements(C.inner) == right
