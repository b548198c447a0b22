"""The form that D_P, Clarke's set and verdicts read: against derivatives, at sizes, and what its ladder settles."""

from itertools import product

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.random_programs import random_program
from selgrad.kinks.form import form_of
from selgrad.kinks.ladder import circuits, independent, own_pieces
from selgrad.kinks.point import local
from selgrad.sets.conservative import clusters

relu = sg.relu
z2 = np.zeros(2)


def along(here, choices):
    """The Jacobian along these choices, one a tie, by the forward mode of Algorithm 2 on the whole program."""
    from selgrad.kinks.ties import index_of

    numbers = iter(choices)
    indices = {}
    for k in sorted(here.ties):
        mine = [next(numbers) for _ in here.ties[k]]
        indices[k] = index_of(here.P.line(k), here.ev.indices[k], here.ties[k], [mine])
    return here.jacobians(here.forward(indices))[0]


@pytest.mark.parametrize("kind", ["affine", "smooth"])
def test_every_choice_gives_the_derivative_along_its_pieces(kind):
    tried, rng = 0, np.random.default_rng(0)
    for seed in range(60):
        f, x = random_program(np.random.default_rng(seed), p=1 + seed % 3, length=9, kind=kind)
        here = local(f, x)
        if not here.ties:
            continue
        form = form_of(here)
        every = [step.tie.choices for step in form.steps]
        some = [tuple(options[rng.integers(len(options))] for options in every) for _ in range(6)]
        J = form.jacobians(some, form.steps)
        for choices, found in zip(some, J, strict=True):
            expected = along(here, choices)
            assert np.allclose(found, expected, rtol=1e-12, atol=1e-12 * (1 + np.abs(expected).max())), seed
            tried += 1
    assert tried > 150


@pytest.mark.parametrize("f, x", [
    (lambda x: sg.sort(x, descending=True) @ np.arange(4.0), np.ones(4)),
    (lambda x: sg.median(x) + 3 * x[0], np.ones(4)),
    (lambda x: sg.median(x), np.array([1.0, 1, 0, 2, 1])),
    (lambda x: np.sum(sg.max_pool(x, 2, 1)), np.ones(4)),
    (lambda x: np.clip(x[0], x[1], x[2]) * 2, np.ones(4)),
    (lambda x: relu(np.max(x) - np.min(x)) + relu(relu(x[0] - 1)), np.ones(4)),
])
def test_all_kinds_of_ties(f, x):
    for exact in (False, True):
        here = local(f, x, exact=exact)
        form = form_of(here)
        every = list(product(*(step.tie.choices for step in form.steps)))[:200]
        J = form.jacobians(every, form.steps)
        for choices, found in zip(every, J, strict=True):
            assert np.allclose(found.astype(float), along(here, choices).astype(float), atol=1e-13)


def test_many_parameters_cost_what_the_kinks_cost():
    rng = np.random.default_rng(0)
    n = 120
    W, x, out = rng.integers(-4, 5, size=(n, n)) / 8.0, rng.integers(-2, 3, size=n).astype(float), rng.normal(size=n)
    at = int(np.flatnonzero(x)[0])
    W[:5, at] -= (W @ x)[:5] / x[at]
    loss = lambda W: out @ relu(W @ x)
    v = sg.classify(loss, W)
    assert v.kind == "regular" and v.ad_is_clarke and v.clarke.exact and "independent" in v.clarke.reason
    assert v.field._frame.shape == (6, n * n)
    g = v.ad.ravel()
    jump = np.zeros((n, n))
    jump[0] = out[0] * x  # what the first kink adds
    D = v.field
    assert D.distance(g) <= 1e-9 * np.abs(g).max() and D.distance(g + jump.ravel()) <= 1e-9 * np.abs(g).max()
    assert D.distance(g + 3 * jump.ravel()) == pytest.approx(2 * np.linalg.norm(jump), rel=1e-9)
    assert len(D.vertices) == 32 and np.abs(D.vertices - g.reshape(1, -1)).max() == pytest.approx(
        np.abs(out[:5, None] * x).max())


def dependent_kinks(n=70):
    """relu of two units of a layer, of their sum, of one turned round, of nearly the same one, and of one nested."""
    rng = np.random.default_rng(3)
    W, x, out = rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)
    W[:3] -= np.outer(W[:3] @ x, x) / (x @ x)

    def f(W):
        z = W @ x
        a, b = relu(z[0]), relu(z[1])
        return (a + 2 * b + relu(z[0] + z[1]) - relu(-z[0]) + relu(z[0] + 1e-7 * z[2]) + relu(a - b)
                + 0.5 * (out @ W @ x))

    return f, W


@pytest.fixture
def scarce(monkeypatch):
    """Memory for so few numbers that gradients which depend on others get coordinates, too."""
    from selgrad.kinks import form

    monkeypatch.setattr(form, "LARGEST", 10_000)


def frame_gap():
    """How far coordinates in a frame are from the gradients, and its rows from orthonormal ones."""
    f, W = dependent_kinks()
    form = form_of(local(f, W))
    assert form.frame is not None and not form.too_large
    dense = np.concatenate([form._pull_taps({}).Z, form._pull(form.outputs, 1, {})[0]])
    found = np.concatenate([form.rows.Z, form.g0])
    eye = np.eye(form.frame.shape[0])
    return (np.abs(found @ form.frame - dense).max() / np.abs(dense).max(),
            np.abs((eye @ form.frame) @ form.frame.T - eye).max())


def test_coordinates_are_isometric_where_gradients_depend_on_each_other(monkeypatch, scarce):
    assert max(frame_gap()) < 1e-13
    f, W = dependent_kinks()
    form = form_of(local(f, W))
    small = sg.clarke(f, W, limit=500)
    assert len(small.inner.vertices) > 4 and small.inner.contains(sg.grad(f)(W + 1e-3 * np.eye(70)))
    assert np.linalg.matrix_rank(form.rows.Z, tol=1e-12) == 3
    from selgrad.kinks import frame

    monkeypatch.setattr(frame, "CLEAR", 1e-15)  # negative control: a Gram matrix that is believed too far
    assert max(frame_gap()) > 1e-11


def test_too_many_dependent_gradients_are_a_stated_limit(monkeypatch, scarce):
    from selgrad.kinks import frame

    monkeypatch.setattr(frame, "REST", 10_000)
    f, W = dependent_kinks()
    v = sg.classify(f, W)
    assert v.kind == "undecided" and "depend on others" in str(v)


def test_groups_that_depend_on_each_other():
    A = np.random.default_rng(0).normal(size=(3, 2))

    def f(x):  # three kinks in the plane of x_0 and x_1, and 70 apart
        return np.sum(relu(A @ x[:2])) + np.sum(relu(x[2:] - 0.0 * x[0]))

    form = form_of(local(f, np.zeros(72)))
    groups = clusters(form, circuits(form))
    assert sorted(len(g) for g in groups) == [1] * 70 + [3]
    assert [independent(form, g) for g in groups].count(False) == 1
    C = sg.clarke(f, np.zeros(72))
    D = sg.conservative(f, np.zeros(72))
    assert C.exact and "1 group of kinks with dependent gradients" in C.reason
    d = np.ones(72)
    assert C.inner.support(d) <= D.support(d) and C.inner.contains(np.r_[A.sum(axis=0) * 0, np.zeros(70)])
    plane = sg.clarke(lambda x: np.sum(relu(A @ x)), z2).inner
    for d in np.random.default_rng(1).normal(size=(5, 72)):
        assert C.inner.support(d) == pytest.approx(plane.support(d[:2]) + np.maximum(d[2:], 0).sum())


def test_more_ties_than_a_walk_can_move_are_a_stated_limit(monkeypatch):
    from selgrad.sets import clarke

    A = np.random.default_rng(0).normal(size=(3, 2))
    f = lambda x: np.sum(relu(A @ x[:2])) + np.sum(relu(x[2:] - 0.0 * x[0]))
    assert sg.clarke(f, np.zeros(72)).exact
    monkeypatch.setattr(clarke, "WALKED", 3)
    v = sg.classify(f, np.zeros(72))
    assert not v.clarke.exact and v.ad_is_clarke is None and "more than can be walked over" in str(v)


def test_ad_s_own_pieces_are_taken_together_or_not():
    agree = lambda x: relu(x[0]) + relu(x[1]) + relu(x[0] + x[1])
    clash = lambda x: relu(x[0]) + relu(-x[0])
    assert own_pieces(form_of(local(agree, z2))) and not own_pieces(form_of(local(clash, z2)))
    rng = np.random.default_rng(0)
    A, c = rng.normal(size=(60, 6)), np.ones(60)
    C = sg.clarke(lambda x: c @ relu(np.abs(A) @ x), np.zeros(6), limit=100)  # all negative at once: x < 0
    assert not C.exact and C.inner.contains(np.zeros(6))


def test_a_deep_network_at_zero_ends_in_a_stated_limit():
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=(32, 32)) for _ in range(4)]

    def f(x):
        for W in layers:
            x = relu(W @ x)
        return np.sum(x)

    v = sg.classify(f, np.zeros(32))
    assert v.kind in ("undecided", "clarke-critical") and "limit" in str(v)


@pytest.mark.parametrize("f, n, count", [(sg.median, 31, 31), (np.max, 300, 300)])
def test_long_ties_are_independent_and_not_walked(f, n, count):
    v = sg.classify(lambda x: f(x), np.zeros(n))
    assert v.kind == "regular" and v.clarke.exact and v.field.combinations == count


def test_a_sort_of_fifty_equal_entries_is_told_apart_without_a_list():
    v = sg.classify(lambda x: sg.sort(x), np.zeros(50))
    assert v.kind == "undecided" and v.ad_is_clarke and "too much to list" in str(v)


def test_nested_cancelling_ties_in_exact_mode():
    def f(x):
        t = x[0]
        for _ in range(16):
            t = relu(t - relu(t))
        return t + x[1]

    v = sg.classify(f, z2, exact=True)
    assert v.kind == "regular" and v.clarke.exact and [list(a.ravel()) for a in v.clarke.inner.vertices] == [[0, 1]]
