"""Comparisons as numbers, whole numbers held by guards, arrays of traced values, and matrices off their domain."""

import numpy as np
import pytest

import selgrad as sg

V = np.array([0.5, -1.25, 2.0])
Q = np.array([[4.0, 1.0, -0.5], [1.0, 3.0, 0.25], [-0.5, 0.25, 2.0]])


# --- comparisons are np.where(comparison, 1, 0) ---

STEPS = [
    lambda t: (t > 0) * t, lambda t: t * (t > 0), lambda t: (t > 0).astype(float) * t, lambda t: (0 < t) * t,
    lambda t: (t > 0).astype(int) * t, lambda t: np.multiply(t > 0, t), lambda t: np.sum((t > 0) * t),
]


@pytest.mark.parametrize("f", STEPS)
def test_a_comparison_times_a_number_is_relu_and_has_its_sets_at_the_kink(f):
    assert [float(sg.grad(f)(t)) for t in (-1.0, 0.0, 2.0)] == [0.0, 0.0, 1.0]
    assert sg.conservative(f, 0.0).vertices.ravel().tolist() == [0.0, 1.0]


def test_a_bare_comparison_is_the_step_that_np_where_records():
    P, Q = sg.trace(lambda t: (t > 0).astype(float), 1.0), sg.trace(lambda t: np.where(t > 0, 1.0, 0.0), 1.0)
    assert [i.op for i in P.instructions] == [i.op for i in Q.instructions]
    for t in (-1.0, 0.0, 1.0):
        assert P(t) == Q(t) == (t > 0) and sg.grad(P)(t) == 0.0


def test_a_step_is_refused_by_the_sets_where_it_jumps():
    for f in (lambda t: (t > 0).astype(float), lambda t: 1.0 * (t > 0) * t, lambda t: np.sign(t) * t):
        assert sg.clarke(f, 1.0).exact
        with pytest.raises(sg.NotContinuous, match="not continuous here"):
            sg.clarke(f, 0.0)


def test_counting_and_combining_truth_values():
    f = lambda x: ((x > 0).sum() * x[0] + (x > 0).mean() * x[1] + ((x > 0) & (x < 1)) @ x
                   + np.count_nonzero(x > 1) * x[2] + ((x > 0).astype(float) + (x > 1).astype(int)) @ x)
    assert sg.trace(f, V)(V) == f(V) and sg.trace(f, V)(V[::-1]) == f(V[::-1])
    data = np.array([True, True, False])
    for condition in (lambda x: (x > 0) ^ (x > 1), lambda x: (x > 0) == (x > 1), lambda x: (x > 0) & data,
                      lambda x: data | (x > 0), lambda x: np.logical_xor(x > 0, data), lambda x: (x > 0)[::-1],
                      lambda x: ~(x > 0) | (x > 1), lambda x: (x > 0).any() & (x < 1)):
        g = lambda x, condition=condition: np.where(condition(x), x, 3.0 * x)
        for x in (V, V[::-1]):
            assert sg.trace(g, x)(x).tolist() == g(x).tolist()


def test_sign_select_and_piecewise_are_choices():
    assert [float(sg.trace(np.sign, 1.0)(t)) for t in (-2.0, 0.0, 3.0)] == [-1.0, 0.0, 1.0]
    f = lambda x: np.select([x > 1, x > 0], [x * x, 2 * x], default=-x)
    g = lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda t: -t, lambda t: t * t])
    for h, slopes in ((f, [2.0, -1.0, 4.0]), (g, [1.0, -1.0, 4.0])):
        assert sg.trace(h, np.ones(3))(V).tolist() == h(V).tolist()
        assert sg.grad(lambda x, h=h: np.sum(h(x)))(V).tolist() == slopes


# --- whole numbers, held by guards ---

HELD = [
    (np.floor, 2.5, 2.9, 3.1), (np.ceil, 2.5, 2.9, 3.1), (np.rint, 2.6, 3.4, 3.6), (np.trunc, -0.5, 0.5, 1.1),
    (lambda t: t % 1.0, 2.5, 2.9, 3.1), (lambda t: t // 0.5, 2.6, 2.9, 3.1), (lambda t: round(t, 1), 0.12, 0.14, 0.16),
]


@pytest.mark.parametrize(("f", "at", "near", "beyond"), HELD)
def test_a_whole_number_is_a_constant_up_to_its_jump(f, at, near, beyond):
    P = sg.trace(lambda t: t * f(t), at)
    for t in (at, near):
        assert P(t) == pytest.approx(t * f(t), rel=1e-12)
    with pytest.raises(sg.BranchChanged):
        P(beyond)
    assert sg.grad(lambda t: t * f(t))(beyond) == pytest.approx(f(beyond) + (beyond if f(1.25) == 0.25 else 0.0))


def test_mod_is_refused_where_it_jumps():
    assert sg.grad(lambda t: t % 1.0)(2.5) == 1.0 and sg.grad(lambda b: np.mod(7.5, b))(2.0) == -3.0
    with pytest.raises(sg.NotElementary, match=r"np\.mod jumps.*quotient 2.*np\.where"):
        sg.grad(lambda t: t % 1.0)(2.0)


def test_positions_are_plain_and_held():
    P = sg.trace(lambda x: x[np.argmax(x)] + x[np.argsort(x)][0] * 10 + x[np.searchsorted([0.0, 1.0], x[0])], V)
    assert P(V) == 2.0 - 12.5 - 1.25 and P(V + 0.25) == 2.25 - 10.0 - 1.0
    for moved in ([3.0, -1.25, 2.0], [0.5, 0.75, 2.0], [-0.5, -1.25, 2.0]):
        with pytest.raises(sg.BranchChanged):
            P(moved)
    assert isinstance(sg.trace(lambda x: (seen.append(np.argsort(x)), x)[1], V), sg.Program)
    assert seen[0].tolist() == [1, 0, 2] and seen[0].dtype.kind == "i"


seen: list = []


# --- np.array of traced values ---

def test_arrays_of_traced_values_are_their_stack():
    stacked = lambda x: np.sum(np.stack([x[0] * x[1], x[2], np.asarray(1.0)]) ** 2)
    for made in (lambda x: np.array([x[0] * x[1], x[2], 1.0]), lambda x: np.asarray([x[0] * x[1], x[2], 1.0])):
        f = lambda x, made=made: np.sum(made(x) ** 2)
        assert sg.grad(f)(V).tolist() == sg.grad(stacked)(V).tolist()
        assert sg.trace(made, V)(V).tolist() == made(V).tolist()
    f = lambda x: Q @ np.array([[x[0], 1.0], [x[1], x[2]], [0.0, x[0]]]) @ np.array([1.0, 2.0])
    assert sg.trace(f, V)(V).tolist() == f(V).tolist()
    f = lambda x: np.exp(np.asarray(x)) * np.array([1.0, x[0], x[2]])
    assert sg.trace(f, V)(V).tolist() == f(V).tolist()
    with pytest.raises(sg.NotElementary, match=r"np\.stack\(\[\.\.\.\]\)"):  # a loop over objects, one a plain float
        sg.trace(lambda x: np.sqrt(np.array([1.0, x[0]])), V)


def test_branches_on_arrays_of_traced_values_are_guards():
    P = sg.trace(lambda x: np.max(np.array([x[0], x[2]])), V)
    assert P(V) == 2.0 and len(P.guards) == 1
    with pytest.raises(sg.BranchChanged):
        P([3.0, 0.0, 2.0])


# --- linear algebra off its domain ---

@pytest.mark.parametrize(("f", "words"), [
    (lambda a: np.linalg.inv(a), "singular"), (lambda a: np.linalg.solve(a, np.ones(3)), "singular"),
    (lambda a: np.linalg.solve(a, np.ones((3, 2))), "singular"), (lambda a: np.linalg.slogdet(a)[1], "singular"),
    (lambda a: np.linalg.cholesky(a), "positive definite"),
    (lambda a: np.linalg.eigvalsh(a), "distinct"),
])
def test_matrices_outside_the_domain_are_refused_with_the_reason(f, words):
    with pytest.raises(sg.DomainError, match=rf"\(\.\.\.\) lies outside the domain.*{words}.*test_steps\.py:\d+"):
        sg.trace(f, np.ones((3, 3)))
    P = sg.trace(f, Q)
    with pytest.raises(sg.DomainError, match=words):
        P(np.stack([Q, np.ones((3, 3))]))


def test_second_derivatives_of_linear_algebra():
    f = lambda a: np.sum(np.linalg.inv(a) ** 2) + np.linalg.slogdet(a)[1] + np.sum(np.linalg.cholesky(a) ** 3)
    d = lambda a: np.sum(sg.grad(f)(a) * np.cos(np.arange(9.0)).reshape(3, 3))
    found, h = sg.grad(d)(Q), 1e-6
    for i, j in ((0, 0), (1, 2), (2, 1)):
        step = np.zeros((3, 3))
        step[i, j] = h
        assert found[i, j] == pytest.approx((d(Q + step) - d(Q - step)) / (2 * h), rel=1e-5, abs=1e-7)
