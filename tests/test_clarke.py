"""Clarke's bounds against gradients at points near x, against examples worked by hand, and against lies."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import remark_a, zero
from selgrad.examples.random_programs import random_program
from selgrad.sets.certificates import Impossible, Realised

STEP = 2.0**-20
z2 = np.zeros(2)
relu = sg.relu


def points(D):
    return sorted(tuple(float(a) for a in v.ravel()) for v in D.vertices)


def equal(D, expected):
    return points(D) == sorted(tuple(map(float, np.ravel(e))) for e in expected)


# --- examples worked by hand ---


@pytest.mark.statement("Clarke's subdifferential")
def test_the_three_sets_of_zero():
    assert equal(remark_a().field(0.0), [[0.0], [1.0]])
    for exact in (False, True):
        assert equal(sg.conservative(zero, 0.0, exact=exact), [[-1.0], [1.0]])
        C = sg.clarke(zero, 0.0, exact=exact)
        assert C.exact and equal(C.inner, [[0.0]]) and C.outer is C.inner


@pytest.mark.parametrize("f, x, expected", [
    (relu, 0.0, [[0], [1]]),
    (np.abs, 0.0, [[-1], [1]]),
    (lambda x: np.max(x), np.zeros(3), np.eye(3)),
    (lambda x: np.maximum(x[0], x[1]), z2, [[1, 0], [0, 1]]),
])
def test_all_sets_agree_where_the_program_is_faithful(f, x, expected):
    C = sg.clarke(f, x)
    assert C.exact and equal(C.inner, expected) and equal(sg.conservative(f, x), expected)


@pytest.mark.parametrize("f, expected", [
    # min(x1, -x2) >= x2 - x1 iff x1 >= x2/2 and x1 >= 2 x2: three sectors
    (lambda x: np.maximum(np.minimum(x[0], -x[1]), x[1] - x[0]), [[1, 0], [0, -1], [-1, 1]]),
    (lambda x: np.abs(np.abs(x[0]) - np.abs(x[1])), [[1, 1], [1, -1], [-1, 1], [-1, -1]]),
    # nested: relu(x1 - relu(x1)) is identically zero, AD may say 1
    (lambda x: relu(x[0] - relu(x[0])) + x[1], [[0, 1]]),
    # shared: the same relu twice cannot take two pieces
    (lambda x: relu(x[0]) - 2 * relu(x[0]) + relu(-x[1]), [[0, 0], [-1, 0], [0, -1], [-1, -1]]),
    (lambda x: np.where(x[0] == 0, 5 * x[0], x[0]) + x[1], [[1, 1]]),
    (lambda x: np.where(x[0] != 0, x[0], 5 * x[0]) + x[1], [[1, 1]]),
    (lambda x: relu(relu(x[0] - x[1]) - relu(x[1] - x[0])), [[0, 0], [1, -1]]),
    (lambda x: relu(x[0] ** 3), [[0, 0]]),
    (lambda x: np.where(x[0] ** 3 + x[1] > 0, x[0] ** 3 + x[1], 0.0 * x[0]), [[0, 0], [0, 1]]),
])
def test_examples_worked_by_hand(f, expected):
    C = sg.clarke(f, z2)
    assert C.exact and equal(C.inner, expected), C
    assert sg.verify(C)


def parabolas(x, a=1.0, b=2.0):
    return relu(x[1] - a * x[0] ** 2) - relu(x[1] - b * x[0] ** 2)


@pytest.mark.parametrize("f, expected", [
    (parabolas, [[0, 0], [0, 1]]),
    (lambda x: parabolas(x, 1e6, 2e6), [[0, 0], [0, 1]]),
    (lambda x: relu(x[1] - x[0] ** 3) - relu(x[1] - 2 * x[0] ** 3), [[0, -1], [0, 1]]),
    (lambda x: relu(np.exp(x[1] - x[0] ** 2) - 1) - relu(np.log(1 + x[1] - 3 * x[0] ** 2)), [[0, 0], [0, 1]]),
    # radii that stop at 2^-11 do not see that the first parabola lies above the second one
    (lambda x: relu(x[1] - 2 * x[0] ** 2 + 1e6 * x[0] ** 4) - relu(x[1] - x[0] ** 2) - x[1] / 2,
     [[0, -1.5], [0, -0.5]]),
])
def test_beyond_first_order(f, expected):
    C = sg.clarke(f, z2)
    assert C.exact and equal(C.inner, expected), C
    assert sg.verify(C, f, z2)
    for element in expected:  # each is a gradient nearby
        near = [(s * t, k * t**3 + c * t * t) for t in (2.0**-14, 2.0**-20, 2.0**-40) for s in (-1, 1)
                for c in (-1, 0, 1.5, 1.5e6, 4e6) for k in (-1.5, 1.5)]
        assert any(np.allclose(sg.grad(f)(np.array(x)), element, atol=1e-2) for x in near)


def test_what_second_order_cannot_see_is_not_called_exact():
    f = lambda x: relu(x[0] + x[2] ** 2 - x[1] ** 2) - relu(x[0] - x[1] ** 2)
    C = sg.clarke(f, np.zeros(3))
    assert not C.exact and equal(C.inner, [[0, 0, 0], [1, 0, 0]]) and C.outer.contains([-1, 0, 0])
    assert "second order" in C.reason and sg.verify(C)
    assert not sg.clarke(lambda t: np.where(t * t == 0, 0 * t, t), 0.0).exact


# --- random programs: gradients at points near x are the oracle ---


def directions(rng, p, n=160):
    """Generic directions, half of them close to simple ones, where thin cells lie."""
    a = rng.integers(-(2**21), 2**21, size=(n, p)) / 2**21
    a[: n // 2] = rng.integers(-2, 3, (n // 2, p)) + rng.integers(-2, 3, (n // 2, p)) / 16 + a[: n // 2] / 256
    return np.round(a * 2**22) / 2**22  # dyadic: values of piecewise affine programs are exact


def rows(a):
    return {tuple(v) for v in a + 0.0}


def strays(P, x, cells, rng, d=None, G=None):
    """Gradients that AD gives on open sets near x and that no cell has; and all gradients seen."""
    d = directions(rng, x.size) if d is None else d
    G = sg.grad(P)(x + STEP * d) if G is None else G
    seen, found = rows(np.unique(G, axis=0)), set()
    for g in seen - cells:  # exactly on a kink AD may say anything: look beside it
        at = d[np.flatnonzero((g == G).all(axis=1))[0]] + rng.integers(-64, 64, size=(16, x.size)) / 2**22
        if (sg.grad(P)(x + STEP * at) == g).all(axis=1).sum() >= 4:
            found.add(g)
    return found, seen


def compare(seed, length, exact=False):
    rng = np.random.default_rng(seed)
    f, x = random_program(rng, p=1 + seed % 4, length=length)
    P = sg.trace(f, x)
    C = sg.clarke(P, x, exact=exact)
    assert C.exact, (seed, C.reason)
    witnesses = C.directions.astype(float)
    witnesses = np.round(witnesses / np.abs(witnesses).max(axis=1, keepdims=True) * 2**22) / 2**22
    d = directions(rng, x.size)
    G = sg.grad(P)(x + STEP * np.concatenate([d, witnesses]))
    G, J = G[: len(d)], G[len(d) :]  # J: what AD gives along every witness, an element each
    cells = rows(J)
    hull = sg.JacobianSet(np.unique(J, axis=0)[:, None])
    assert np.array_equal(C.inner.vertices.astype(float), hull.vertices), seed
    missed, seen = strays(P, x, cells, rng, d, G)
    assert not missed, (seed, missed)
    return len(cells & seen), len(cells)


@pytest.mark.parametrize("block", range(4))
@pytest.mark.statement("Clarke's subdifferential")
def test_two_thousand_piecewise_affine_programs(block):
    counts = np.array([compare(seed, 7 + seed % 4) for seed in range(500 * block, 500 * (block + 1))])
    sampled, cells = counts.sum(axis=0)
    assert cells > 1000 and sampled > 0.95 * cells  # sampling alone finds nearly all of them


def test_long_programs_and_exact_mode():
    for seed in range(20):
        compare(10_000 + seed, 20)
    for seed in range(12):
        compare(seed, 9, exact=True)


def test_smooth_programs_never_leave_outer():
    for seed in range(16):
        rng = np.random.default_rng(seed)
        f, x = random_program(rng, p=1 + seed % 4, length=10, kind="smooth")
        P = sg.trace(f, x)
        C = sg.clarke(P, x)
        for r in (2.0**-12, 2.0**-18):
            near = np.round(directions(rng, x.size, 24) * 8) / 8
            G = sg.grad(P)(x + r * near + r * r * rng.normal(size=near.shape))
            size = 1.0 + np.abs(C.outer.vertices).max()
            for g in np.unique(np.round(G / (64 * r)), axis=0) * 64 * r:
                assert C.outer.distance(g) < 3000 * r * size, (seed, g, C)


def test_the_oracle_sees_a_cell_that_is_left_out():
    P = sg.trace(lambda x: np.abs(x[0]) + relu(x[1]), z2)
    cells = rows(sg.clarke(P, z2)._cells.jacobians.reshape(-1, 2))
    assert strays(P, z2, cells, np.random.default_rng(0))[0] == set()
    assert strays(P, z2, cells - {(1.0, 1.0)}, np.random.default_rng(0))[0] == {(1.0, 1.0)}


# --- rounding, limits, refusals ---


def test_thin_cells_are_never_silently_lost():
    thin = lambda x: relu(x[0]) - relu(x[0] + 1e-13 * x[1])
    for exact in (False, True):
        C = sg.clarke(thin, z2, exact=exact)
        assert C.exact and C.inner.contains([1, 0], tol=1e-12)
    wide = lambda x: relu(x[0]) - relu(x[0] + 1e-11 * x[1]) + relu(x[2])
    for exact in (False, True):
        C = sg.clarke(wide, np.zeros(3), exact=exact)
        assert C.exact and C.inner.contains([1, 0, 1], tol=1e-9) and C.inner.contains([-1, 0, 0], tol=1e-9)
    # Nothing rational to ask, but the determinant of the two rows, 1e-13, is far above the rounding of its terms.
    cosine = lambda x: relu(x[0] * np.cos(0.5 * x[1])) - relu(x[0] + 1e-13 * x[1])
    C = sg.clarke(cosine, z2)
    assert C.exact and sg.verify(C) and all(C.inner.contains(e) for e in ([1, 0], [-1, -1e-13], [0, 0], [0, -1e-13]))
    scales = np.diag([1e-20, 1.0, 1.0])
    C = sg.clarke(lambda x: np.array([1e20, 1, 1]) @ relu(scales @ x), np.zeros(3))
    assert C.exact and len(C.inner.vertices) == 8


def test_a_limit_that_is_hit_gives_the_conservative_set_as_outer():
    A, c = np.random.default_rng(0).normal(size=(60, 6)), np.ones(60)
    f = lambda x: c @ relu(A @ x)
    C = sg.clarke(f, np.zeros(6), limit=100)
    D = sg.conservative(f, np.zeros(6))
    assert not C.exact and "limit=100" in C.reason and "D_P" in C.reason
    d = np.arange(6.0)
    assert C.outer.support(d) == D.support(d) >= C.inner.support(d)
    assert sg.verify(C) and len(C.inner.vertices) >= 2
    both = lambda x: np.sum(np.abs(x * x)) + np.sum(np.abs(x))  # not affine: cells without witness
    C = sg.clarke(both, np.zeros(5), limit=3)
    assert not C.exact and C.inner.contains(np.ones(5)) and "conv of up to" in repr(C)


def test_ten_thousand_kinks_end_in_seconds():
    A = np.random.default_rng(0).normal(size=(3000, 10))
    C = sg.clarke(lambda x: np.sum(relu(A @ x)), np.zeros(10), limit=2**10)
    assert not C.exact and len(C.inner.vertices) >= 1


def test_independent_kinks_need_no_walk():
    C = sg.clarke(lambda x: np.sum(np.abs(x)), np.zeros(40))
    assert C.exact and "independent" in C.reason and C.inner.support(np.ones(40)) == 40


def test_a_program_with_a_branch_on_its_switch_is_refused():
    def f(t):
        if t > 0:
            return t
        return -t

    P = sg.trace(f, 0.0)  # a Program holds one side only; from f itself both sides are traced
    for ask in (sg.clarke, sg.conservative):
        with pytest.raises(sg.InputError, match=r"test_clarke.py:\d+.*np.where"):
            ask(P, 0.0)
        with pytest.raises(sg.InputError, match="exactly on its switch"):
            ask(P, 0.0, exact=True)
    assert equal(sg.clarke(P, -1.0).inner, [[-1.0]])


def test_vector_outputs_float32_and_several_arguments():
    C = sg.clarke(lambda x: np.stack([np.abs(x[0]), np.abs(x[0])]), z2)
    assert C.exact and C.inner.shape == (2, 2)
    assert equal(C.inner, [[1, 0, 1, 0], [-1, 0, -1, 0]])  # not all four products
    C = sg.clarke(lambda x: relu(x[0] * 3 - np.float32(0.3)), np.array([0.1, 0], dtype=np.float32))
    assert C.exact and equal(C.inner, [[0, 0], [3, 0]])
    assert equal(sg.clarke(np.maximum, (0.0, 0.0)).inner, [[1, 0], [0, 1]])
    with pytest.raises(sg.ShapeError, match="one point at a time"):
        sg.clarke(sg.trace(relu, 0.0), np.zeros(3))
    with pytest.raises(sg.InputError, match="refine"):
        sg.clarke(relu, 0.0, refine=-1)


@pytest.mark.parametrize("pattern", [(2,), (1, 1), (3,), (2, 1), (1, 2), (4,), (2, 2), (1, 3), (3, 1, 1), (2, 1, 2)])
@pytest.mark.statement("Illustration (b)")
def test_sorting_gives_the_permutations_that_sort(pattern):
    x = np.random.default_rng(0).permutation(np.repeat(np.arange(len(pattern)), pattern)).astype(float)
    brute = [np.eye(x.size)[list(s)] for s in permutations(range(x.size)) if np.all(np.diff(x[list(s)]) >= 0)]
    C = sg.clarke(sg.sort, x)
    assert C.exact and equal(C.inner, brute) and equal(sg.conservative(sg.sort, x), brute)


# --- certificates ---


def test_certificates_hold_and_planted_lies_do_not():
    C = sg.clarke(lambda x: np.abs(x[0]) - relu(x[0] - x[1]) + relu(2 * x[0] + zero(x[1])), z2)
    kinds = {type(c) for c in C.certificates}
    assert kinds == {Realised, Impossible} and sg.verify(C)
    for c in C.certificates:
        if isinstance(c, Realised):
            assert not sg.verify(replace(c, direction=-c.direction))
            assert not sg.verify(replace(c, rows=np.vstack([c.rows, -c.rows[:1]])))
        else:
            assert not sg.verify(replace(c, y=-c.y)) and not sg.verify(replace(c, y=0 * c.y))
            assert not sg.verify(replace(c, y=c.y + np.eye(len(c.y))[0]))
    with pytest.raises(sg.InputError):
        sg.verify(3)


def test_certificates_over_the_rationals_are_exact():
    C = sg.clarke(lambda x: np.abs(x[0] / 3) - relu(x[0] - x[1] / 7) + relu(x[1]) - np.abs(x[0] + x[1]), z2, exact=True)
    assert sg.verify(C) and C.inner.exact
    lie = next(c for c in C.certificates if isinstance(c, Impossible))
    assert not sg.verify(replace(lie, rows=lie.rows + 1e-13))


# --- essential index sets (Section 5.1) ---


@pytest.mark.statement("Essential index set")
def test_definition_5_with_essential_pieces_is_clarke():
    S = sg.Selection(lambda t: t == 0, [lambda t: 0.0, lambda t: t])
    assert S.active(0.0) == (0, 1) and S.essential(0.0) == (0,)
    s = sg.selection(zero)
    assert len(s.active(0.0)) == 4 and len(s.essential(0.0)) == 2  # t(1 - a - b) is 0 for two of four
    nested = lambda x: relu(x[0] - relu(x[0])) + np.abs(x[1])
    s = sg.selection(nested, z2)
    J = np.array([sg.backward_mode(s.piece(i), z2) for i in s.essential(z2)])
    assert len(s.essential(z2)) < len(s.active(z2))
    assert equal(sg.JacobianSet(J[:, None]), points(sg.clarke(nested, z2).inner))
    assert sg.selection(relu).essential(0.0) == (0, 1) and sg.selection(relu).essential(1.0) == (1,)
