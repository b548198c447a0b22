"""Verdicts that rounding, scale and order of evaluation could turn: one small program for each way it happened."""

import dataclasses
import warnings

import numpy as np
import pytest
from oracle.families import draw
from oracle.judge import judge

import selgrad as sg
from selgrad.geometry.cones import plane, sides
from selgrad.geometry.hulls import extreme
from selgrad.geometry.rationals import exactly

relu = sg.relu
z2 = np.zeros(2)


def corner(x):
    return np.maximum(np.maximum(0.1 * x[0] + 0.3 * x[1], -0.4 * x[0] + 0.2 * x[1]), 0.3 * x[0] - 0.5 * x[1])


# (program, point, kind)
ONCE_WRONG = [
    # two kinks one rounding apart: (-1/2, -1/2) and (1/2, 1/2) are both limits
    (lambda x: relu(x[0] + (1 + 2**-52) * x[1]) - relu(x[0] + x[1]) + 0.5 * (x[0] + x[1]), z2, "clarke-critical"),
    (lambda t: 1e-10 * t, 3.0, "smooth"),
    # what cancels beside a gradient does not make it small: 1, beside terms of 2**40
    (lambda t: 2.0**40 * t + (t - 2.0**40 * t), 3.0, "smooth"),
    (lambda t: 1e-200 * relu(t) + 1e-200 * t, 0.0, "regular"),
    (lambda x: 1e9 * corner(x), z2, "clarke-critical"),
    (lambda x: 1e-30 * corner(x), z2, "clarke-critical"),
    (lambda x: 1e-30 * (corner(x) + 0.4 * x[1] + 0.2 * x[0]), z2, "regular"),
    (lambda t: 1e300 * np.abs(t), 0.0, "clarke-critical"),
    (lambda x: 1e300 * np.abs(x[0]) + 1e300 * x[1], z2, "regular"),
    # one condition that decides two entries, or two instructions, decides them together
    (lambda t: t + np.sum(np.where(t > 0, np.stack([t, -t]), 0)), 0.0, "smooth"),
    (lambda t: t + np.where(t > 0, t, 0) + np.where(t >= 0, -t, 0), 0.0, "artificial-critical"),
    # a branch that nothing reads may jump
    (lambda x: np.where((x[0] > 0) & (x[1] > 0), np.minimum(x[0], x[1]), 0), np.array([-1.0, 0.0]), "clarke-critical"),
]


@pytest.mark.parametrize("f, x, kind", ONCE_WRONG)
def test_scale_and_rounding_do_not_turn_a_verdict(f, x, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        v = sg.classify(f, x)
        assert v.kind == kind and sg.verify(v), v
    assert v.clarke.exact


def test_a_coefficient_on_an_atom_is_not_rounded_away():
    v = sg.classify(lambda x: relu(x[1]) - relu(x[1] + 1e-15 * x[0] ** 2) + 0.5 * x[1], z2)
    assert v.kind in ("clarke-critical", "undecided")  # the gradient is -1/2 between the line and the parabola


@pytest.mark.parametrize("f", [
    lambda x: np.where(x[1] > 0, x[0], -x[0]),
    lambda x: np.where((x[0] > 0) & (x[1] > 0), x[0] + x[1], 0),
    lambda x: relu(x[0]) + np.where(x[0] + x[1] > 0, x[0], x[1]),
])
def test_a_jump_beside_the_point_is_refused(f):
    with pytest.raises(sg.NotContinuous, match="near this point"):
        sg.clarke(f, z2)


def test_continuous_programs_with_where_are_not_refused():
    rng = np.random.default_rng(0)
    for _ in range(40):
        A = rng.integers(-2, 3, size=(5, 3)).astype(float)

        def f(x, A=A):
            a, b, c, d, e = A @ x
            inner = np.where(a > b, a, b)  # max(a, b)
            other = np.where((c > 0) & (d > 0), np.minimum(c, d), 0)
            return np.where(inner >= e, inner, e) + other

        assert sg.clarke(f, np.zeros(3)).exact


def test_elements_are_not_lost_in_larger_terms():
    big, small = 2.0**31, 2.0**-20

    def f(x):  # the branches differ by small * x[1] / 4, beside terms of 2**31
        a = big * (x[0] - x[1])
        return np.where(small * x[1] > 0, a + 0.25 * small * x[1], a) - a + 2 * small * x[0]

    v = sg.classify(f, z2)
    assert v.kind == "regular" and v.clarke.exact and v.ad_is_clarke and sg.verify(v)
    assert np.array_equal(v.clarke.inner.vertices.reshape(2, 2), [[2 * small, 0.0], [2 * small, 0.25 * small]])


def test_what_counts_as_tied_within_rounding_is_said():
    f = lambda t: relu(t - 1) + relu(t - (1 + 2**-51))
    C = sg.clarke(f, 1.0)
    assert C.exact and "x4 = relu counts as tied" in C.reason
    assert "counts as tied" not in sg.clarke(f, 1.0, ulps=0).reason
    assert "counts as tied" not in sg.clarke(lambda t: relu(t - 1) + relu(1 - t), 1.0).reason


def test_a_listed_element_is_at_distance_zero():
    rng = np.random.default_rng(0)
    for _ in range(300):
        points = rng.normal(size=(rng.integers(2, 12), rng.integers(1, 7))) * 10.0 ** rng.uniform(-6, 6)
        points *= 10.0 ** rng.uniform(-6, 6, size=(len(points), 1))
        n = rng.integers(len(points))
        D = sg.JacobianSet(points[:, None])
        assert D.distance(points[n]) == 0.0 and D.contains(points[n], tol=0.0)
        points[n] = 0.0
        assert sg.JacobianSet(points[:, None]).distance(0 * points[0]) == 0.0


def test_parallel_walls_are_told_from_nearly_parallel_ones():
    third = np.array([0.1, 0.3])
    for a, b, sure in ((third, 2 * third, True), (third, -third, True), ([1.0, 1.0], [1.0, 1 + 2**-52], False),
                       ([3.0, 1.0], [9.0, 3.0], True), ([0.0, -1.0], [0.0, 2.0], True)):
        assert plane(np.zeros((0, 2)), np.array([a, b]))[1] == sure
    R = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    d = np.array([1.0, 2.0, 0.0])
    for a, proved in (([1.0, 1.0, 0.0], True), ([0.5, 2.0**-40, 0.0], True)):
        plus, minus, y = sides(R, np.array(a), d)
        assert plus is not None and minus is None and (y is not None) == proved
    plus, minus, y = sides(R, np.array([0.5, -2.0**-45, 0.0]), d)  # thin, and no float says whether it is there
    assert plus is not None and minus is None and y is None


def test_no_corner_of_a_long_thin_set_is_lost():
    far = np.array([2.5e13, 8e12, -1.25e13])
    beside = np.array([[0, -8e6, 0], [0, 0, 0], [1.6e6, -8e6, -8e5]])
    points = np.vstack([beside, far + [[0, 0, 0], [1e6, -3e5, 1e5], [0, 9e6, 0], [1.6e6, 9e6, -8e5]]])
    assert np.array_equal(extreme(points), extreme(exactly(points)).astype(float))
    assert len(extreme(points)) == len(points)


@pytest.mark.parametrize("seed", [0, 2, 3, 4])
def test_the_distance_of_a_set_that_passes_0_closely_is_accurate(seed):
    rng = np.random.default_rng(seed)
    points = rng.integers(-8, 9, size=(12, 3)) / 4.0
    points[:, 2] = points[:, :2] @ [0.5, -1.0] + 1e-8 * (1 + rng.random(12))
    D, exact = (sg.JacobianSet(a[:, None]) for a in (points, exactly(points)))
    assert D.distance(np.zeros(3)) == pytest.approx(exact.distance(np.zeros(3)), rel=1e-6)


def test_a_kink_that_passes_0_closely_has_a_verdict_that_verifies():
    rng = np.random.default_rng(0)
    rows = rng.integers(-8, 9, size=(8, 3)) / 4.0
    rows[:, 2] = rows[:, :2] @ [0.5, -1.0] + 1e-8 * (1 + rng.random(8))
    v = sg.classify(lambda w: np.max(rows @ w), np.zeros(3))
    exact = sg.classify(lambda w: np.max(rows @ w), np.zeros(3), exact=True)
    assert v.kind == exact.kind == "regular" and sg.verify(v)
    assert v.zero_to_inner == pytest.approx(exact.zero_to_inner, rel=1e-6)


@pytest.mark.parametrize("seed", [4001, 4016])
def test_rounding_beside_a_switch_is_no_jump(seed):
    assert judge(draw("affine at scales", seed)).wrong == []


@pytest.mark.parametrize("fed", [False, True])
def test_a_cell_between_rows_that_floats_round_to_one_is_not_lost(fed):
    """2^60 (x - 2y) + (x + 4y) has the gradient of 2^60 (x - 2y) in floats; between the two lies a thin cell."""
    a, b = np.array([1.0, -2.0]), np.array([1.0, 4.0])
    inner = (lambda t: np.maximum(t, 0)) if fed else (lambda t: t)
    f = lambda x: 2.0**60 * np.abs(a @ x) - sg.relu(2.0**60 * (a @ x) + inner(b @ x))
    bounds = sg.clarke(f, np.zeros(2))
    assert bounds.exact and bounds.inner.contains(-(2.0**61) * a, tol=2.0**20) and sg.verify(bounds)


def test_ad_is_known_up_to_the_rounding_of_its_terms():
    """c y + 0.1 y - c y with a large c: the check of AD's answer goes by its terms, which cancel."""
    c = 2.0**30 / 3

    def f(t):
        y = sg.relu(t)
        return c * y + 0.1 * y - c * y + t

    v = sg.classify(f, 0.0, convention={"relu": ">"})
    assert 0 < abs(v.ad - 1.1) < 1e-6 and sg.verify(v) and not sg.verify(dataclasses.replace(v, ad=v.ad + 1e-3))
