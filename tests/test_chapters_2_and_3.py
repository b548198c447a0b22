"""What chapters 2 and 3 say of many programs and show on one: selections and both modes on random programs."""

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import zero
from selgrad.examples.random_programs import random_program
from selgrad.plotting.pieces import derivative_map


def selection_at(rng, p, at=None, length=4):
    f, x = random_program(rng, p=p, length=length, at=at)
    return sg.selection(sg.trace(f, x)), x


def map_at(rng, p, q, at):
    fs = [random_program(rng, p=p, length=3, at=at)[0] for _ in range(q)]
    return sg.selection(sg.trace(lambda x: np.stack([f(x) for f in fs]), np.asarray(at, dtype=float)))


@pytest.mark.statement("Proposition 1")
def test_sums_products_and_compositions_of_random_selections_refine_the_index():
    rng, several = np.random.default_rng(2), 0
    for _ in range(40):
        f, x = selection_at(rng, 2)
        g, _ = selection_at(rng, 2, at=x)
        h, _ = random_program(rng, p=1, length=4, at=[f(x)])
        outer = sg.selection(sg.trace(lambda u, h=h: h(np.stack([u])), f(x)))
        for y in [x, *(x + rng.integers(-2, 3, size=(4, 2)) / 4)]:
            assert (f + g)(y) == f(y) + g(y) and (f * g)(y) == f(y) * g(y) and outer(f)(y) == outer(f(y))
            for combined in (f + g, f * g):
                assert divmod(combined.s(y), len(g.pieces)) == (f.s(y), g.s(y))
            assert divmod(outer(f).s(y), len(f.pieces)) == (outer.s(f(y)), f.s(y))
            several += len(f.active(y)) > 1
    assert several > 40, "most of these points have to be ties"


@pytest.mark.statement("Proposition 4", "Equation (5)")
def test_jacobians_of_random_compositions_are_products_at_their_ties():
    rng, ties = np.random.default_rng(4), 0
    for _ in range(40):
        x = rng.integers(-2, 3, size=3).astype(float)
        inner = map_at(rng, 3, 2, x)
        outer = map_at(rng, 2, 2, inner(x))
        assert np.array_equal(outer(inner).derivative(x), outer.derivative(inner(x)) @ inner.derivative(x))
        ties += len(inner.active(x)) > 1 or len(outer.active(inner(x))) > 1
    assert ties > 20


def tied_along(rng, d, terms=5):
    """A random program whose every maximum is a tie on the line through 0 in direction d, on two floors."""
    normal = np.array([-d[1], d[0]])
    a = rng.integers(-3, 4, size=(terms, 2)).astype(float)
    b = a + rng.choice([-2.0, -1.0, 1.0, 2.0], size=(terms, 1)) * normal
    c = rng.choice([-1.0, 1.0], size=terms)

    def f(x):
        u = np.maximum(np.matmul(a, x), np.matmul(b, x))
        v = np.sort(u - np.matmul(a, x)) + np.abs(np.matmul(b, x) - u)
        return np.sum(c * u) + np.sum(c * sg.relu(v)) + zero(u[0] - a[0] @ x)

    return f


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
@pytest.mark.statement("Proposition 2")
def test_inside_kink_sets_of_two_floors_the_integral_is_the_rise_exactly(convention):
    t = (np.arange(64)[:, None] + 0.5) / 64
    for seed in range(100):
        rng = np.random.default_rng(seed)
        d = rng.choice([-2.0, -1.0, 1.0, 2.0], size=2)
        P = sg.trace(tied_along(rng, d), d)
        assert P(d) - P(0 * d) == np.mean(sg.backward_mode(P, t * d, convention=convention) @ d)


@pytest.mark.statement("Proposition 5")
def test_the_selection_of_a_program_has_its_values():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        f, x = random_program(rng, p=3, length=6)
        P = sg.trace(f, x)
        S = sg.selection(P)
        for y in [x, *(x + rng.integers(-2, 3, size=(5, 3)) / 2)]:
            assert S(y) == P(y)


def by_hand(S, x):
    """Both columns of Algorithm 2, as in chapter 3."""
    _, d = S.run(x)
    dx, v = list(np.eye(S.p)), np.eye(S.m)[-1]
    for k in range(S.p, S.m):
        dx.append(sum(dx[j] * d[k, j] for j in sorted(set(S.pr[k]))))
    for t in reversed(range(S.p, S.m)):
        for j in set(S.pr[t]):
            v[j] += v[t] * d[t, j]
    return dx[-1], v[:S.p]


@pytest.mark.statement("Algorithm 2")
def test_the_loops_of_the_chapter_and_the_engines_agree_to_the_last_bit():
    for seed in range(200):
        f, x = random_program(np.random.default_rng(seed), p=3, length=10)
        P = sg.trace(f, x)
        results = [sg.forward_mode(P, x), sg.backward_mode(P, x), *by_hand(sg.scalar_view(P), x)]
        assert all(np.array_equal(results[0], result) for result in results)


def products(d, p):
    m = len(d)
    left = right = np.diag((np.arange(m) < p).astype(float))
    for k in range(p, m):
        e = np.eye(m)[k]
        left = left @ (np.eye(m) - np.outer(e, e) + np.outer(d[k], e))
        right = right @ (np.eye(m) + np.outer(d[k], e))
    return left, right


@pytest.mark.statement("Lemma 1", "Equation (6)")
def test_lemma_1_holds_for_any_vectors():
    rng = np.random.default_rng(1)
    for _ in range(200):
        p = int(rng.integers(1, 4))
        m = p + int(rng.integers(1, 6))
        left, right = products(rng.integers(-3, 4, size=(m, m)).astype(float), p)  # no zeros asked for anywhere
        assert np.array_equal(left, right)


def smooth_program(rng, p, length=8):
    """A random program without kinks."""
    plan = [(rng.integers(4), rng.integers(0, p + k, size=2), rng.choice([-1.0, 0.5, 1.0], size=2))
            for k in range(length)]

    def f(x):
        nodes = [x[j] for j in range(p)]
        for kind, (a, b), c in plan:
            a, b = nodes[a], nodes[b]
            choices = [c[0] * a + c[1] * b, np.tanh(a) * b, np.exp(np.tanh(a)) - b, np.log(1 + np.square(a))]
            nodes.append(choices[kind])
        return nodes[-1] + nodes[-2]

    return f


@pytest.mark.statement("Equation (1)")
def test_ad_of_smooth_programs_is_the_gradient():
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x, h = rng.normal(size=3), 2.0**-17
        P = sg.trace(smooth_program(rng, 3), x)
        assert not P.kinked()
        differences = (P(x + h * np.eye(3)) - P(x - h * np.eye(3))) / (2 * h)
        assert np.allclose(sg.backward_mode(P, x), differences, rtol=1e-5, atol=1e-5)


# The picture of Proposition 3.


def test_a_map_shows_each_derivative_once_and_ad_at_its_points():
    P = sg.trace(lambda x: np.maximum(np.maximum(x[0], x[1]), 0.0), np.zeros(2))
    ax = derivative_map(P, 2.0, at=[(0.0, 0.0)]).axes[0]
    assert [text.get_text() for text in ax.texts] == ["(0, 0)", "(0, 1)", "(1, 0)"]
    shades = np.asarray(ax.images[0].get_array())
    assert [shades[60, 60], shades[200, 60], shades[60, 200]] == [0, 1, 2], "rows run along x2"
    assert ax.lines[0].get_xydata().tolist() == [[0.0, 0.0]]


def test_a_map_of_many_derivatives_is_refused():
    curved = sg.trace(lambda x: x[0] * x[1], np.zeros(2))
    with pytest.raises(ValueError, match="a picture shows 6 at most"):
        derivative_map(curved, 1.0)
