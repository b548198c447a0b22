"""Theorem 3: fields integrate to increments along curves, and what is no conservative field does not."""

from fractions import Fraction

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import zero
from selgrad.examples.random_programs import random_program
from selgrad.sets.theorem3 import check_conservative


def corner(x):
    return np.maximum(x[0], x[1])


def of(f, **options):
    return lambda x: sg.conservative(f, x, **options)


DIAGONAL = [[0.0, 0.0], [1.0, 1.0], [3.0, 0.0]]


@pytest.mark.statement("Theorem 3")
def test_a_curve_inside_the_kink_set():
    found = check_conservative(corner, of(corner), DIAGONAL)
    assert found.exact and found.conservative
    assert (found.increment, found.largest, found.smallest, found.gap) == (3, 3, 3, 0)
    assert found.breakpoints == (0.5,)
    assert "both are the increment" in str(found)


def test_breakpoints_are_found_to_the_last_digit():
    f = lambda x: sg.relu(3 * x[0] - 1) + np.abs(x[0] + x[1] - Fraction(1, 7).__float__())
    g = lambda t: np.abs(3 * t - 1) + sg.relu(7 * t - 2)
    found = check_conservative(g, of(g, exact=True), [0, 1], exact=True)
    assert found.breakpoints == (Fraction(2, 7), Fraction(1, 3))
    assert found.gap == 0 and found.increment == 2 - 1 + 5 and isinstance(found.increment, Fraction)
    assert check_conservative(f, of(f), [[-1.0, 0.3], [1.0, 0.7], [0.0, -1.0]]).exact
    floats = check_conservative(g, of(g), [0.0, 1.0])
    assert floats.breakpoints == pytest.approx((2 / 7, 1 / 3), abs=1e-14)


@pytest.mark.parametrize("f, corners, expected", [
    (lambda x: np.sum(np.array([1.0, 2.0, 3.0, 4.0]) * sg.sort(x)), [[0, 0, 0, 0], [1, 2, 3, 3], [3, 3, 2, 1]], 5),
    (lambda x: sg.median(x), [[0, 0, 4], [4, 4, 0]], 2),
    (lambda x: np.max(x) - np.min(x), [[0, 1, 2], [2, 1, 0]], 2),
    (lambda x: np.sum(sg.max_pool(x, 2)), [[0, 0, 2, 1], [2, 0, 0, 1]], 2),
    (lambda x: np.clip(x[0], x[1], x[2]), [[-1, 0, 1], [2, 0, 1]], 3),
    (lambda x: np.where(x[0] > x[1], x[0], x[1]) + np.where(x[0] == 0, 0 * x[0], x[0]), [[-1, 1], [1, -1]], 2),
])
@pytest.mark.statement("Theorem 3")
def test_every_kind_of_kink(f, corners, expected):
    found = check_conservative(f, of(f), np.array(corners, dtype=float))
    assert found.exact and found.conservative and len(found.breakpoints) + 1 >= expected


@pytest.mark.statement("Theorem 3")
def test_random_programs_along_random_polygons_and_a_shifted_gradient_that_fails():
    for seed in range(16):
        rng = np.random.default_rng(seed)
        f, x = random_program(rng, p=1 + seed % 4, length=8)
        P = sg.trace(f, x)
        steps = rng.integers(-4, 5, size=(3, x.size)) / 3
        curve = np.stack([x - steps[0], x, x + steps[1], x + steps[2]])
        found = check_conservative(P, of(P), curve)
        assert found.exact and found.conservative, (seed, str(found))
        shifted = check_conservative(P, lambda y, P=P: sg.JacobianSet((sg.grad(P)(y) + 0.25)[None, None]), curve)
        moved = np.abs(np.diff(curve, axis=0).sum(axis=1)).sum() / 4
        assert shifted.gap == pytest.approx(moved, rel=1e-6, abs=1e-9)
        assert shifted.conservative == (moved == 0)


def test_exact_mode_leaves_nothing_over():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        f, x = random_program(rng, p=1 + seed % 3, length=7)
        curve = np.stack([x, x + rng.integers(-4, 5, size=x.size) / 3])
        found = check_conservative(f, of(f, exact=True), curve, exact=True)
        assert found.exact and found.gap == 0 and found.largest == found.increment


def test_smooth_curves_and_smooth_programs_by_quadrature():
    circle = lambda t: np.stack([np.cos(6 * t), np.sin(6 * t)])
    found = check_conservative(corner, of(corner), circle)
    assert found.conservative and not found.exact and len(found.breakpoints) == 2
    assert found.breakpoints == pytest.approx((np.pi / 24, 5 * np.pi / 24))
    pair = (circle, lambda t: 6 * np.array([-np.sin(6 * t), np.cos(6 * t)]))
    assert check_conservative(corner, of(corner), pair).increment == found.increment
    assert "adaptive quadrature" in str(found)
    for seed in range(1):
        f, x = random_program(np.random.default_rng(seed), p=2, length=7, kind="smooth")
        P = sg.trace(f, x)
        assert check_conservative(P, of(P), [x, x + np.array([0.5, -1.0])]).conservative


def test_a_python_branch_is_followed_away_from_its_switch():
    def f(t):
        if t > 0.25:
            return 3 * t - 0.5
        return t

    found = check_conservative(f, lambda t: sg.JacobianSet([[[sg.grad(f)(t)]]]), [0.0, 1.0])
    assert found.conservative and not found.exact and found.breakpoints == pytest.approx((0.25,))


def test_the_field_of_a_selection_and_clarke_are_conservative_too():
    S = sg.Selection(lambda t: t == 0, [lambda t: 0.0, lambda t: t])
    assert check_conservative(zero, S.field, [-1.0, 2.0]).conservative
    assert check_conservative(corner, lambda x: sg.clarke(corner, x).outer, DIAGONAL).conservative


# --- negative controls: each must fail, by the margin that is computed by hand ---


def test_ad_plus_one_misses_by_the_length_of_the_curve():
    found = check_conservative(zero, lambda t: sg.JacobianSet([[[sg.grad(zero)(t) + 1.0]]]), [-1.0, 2.0])
    assert not found.conservative and found.gap == 3
    assert "miss the increment by 3: the field is not conservative" in str(found)


def test_zero_zero_at_ties_misses_on_the_diagonal_only():
    rule = lambda x: sg.JacobianSet([[[0.0, 0.0]]]) if x[0] == x[1] else sg.conservative(corner, x)
    assert check_conservative(corner, rule, [[0.0, 1.0], [4.0, -2.0]]).conservative
    found = check_conservative(corner, rule, DIAGONAL)
    assert not found.conservative and found.gap == 1 and found.largest == 2


def test_errors_of_opposite_sign_do_not_cancel():
    rule = lambda t: sg.JacobianSet([[[1.0 + (1.0 if t < 0.0 else -1.0)]]])
    found = check_conservative(lambda t: np.abs(t) + t - np.abs(t), rule, [-1.0, 1.0])
    assert found.largest == found.increment and found.gap == 2 and not found.conservative


def test_clarke_of_another_function_and_a_set_that_is_too_large():
    other = lambda x: np.minimum(x[0], x[1])
    found = check_conservative(corner, lambda x: sg.clarke(other, x).outer, [[0.0, 0.0], [1.0, 0.0]])
    assert not found.conservative and found.gap == 1
    box = lambda x: sg.JacobianSet([[[0.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]]])
    found = check_conservative(corner, box, DIAGONAL)
    assert not found.conservative and found.largest > found.smallest


def test_a_wrong_field_along_a_smooth_curve_fails():
    circle = lambda t: np.stack([np.cos(3 * t), np.sin(3 * t)])
    wrong = lambda x: sg.JacobianSet([[[1.0, 0.0]]])
    assert not check_conservative(corner, wrong, circle).conservative


def test_what_is_refused():
    with pytest.raises(sg.ShapeError, match="one component at a time"):
        check_conservative(sg.sort, of(sg.sort), [[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(sg.InputError, match="two or more corners"):
        check_conservative(corner, of(corner), [[0.0, 1.0]])
    with pytest.raises(sg.InputError, match="corners"):
        check_conservative(corner, of(corner), "a line")
    with pytest.raises(sg.InputError, match="polygonal"):
        check_conservative(corner, of(corner), lambda t: np.stack([t, t]), exact=True)
    with pytest.raises(sg.NotElementary, match="not piecewise affine"):
        check_conservative(np.square, of(np.square), [0, 1], exact=True)


def test_a_field_that_is_no_set_is_named():
    for field, kind in ((sg.grad(np.abs), "float64"), (lambda x: sg.clarke(np.abs, x), "ClarkeBounds")):
        with pytest.raises(sg.InputError, match=f"a {kind}, which is no set"):
            sg.check_conservative(np.abs, field, [-1.0, 1.0])


def test_exact_is_said_only_of_what_was_proved():
    """A field is a black box: that it does not change between breakpoints is known only of a program's own D_P."""
    slope = sg.JacobianSet([[[1.0]]])
    nearly = lambda t: slope if min(abs(t - a) for a in (0.25, 0.5, 0.75)) < 0.05 else sg.JacobianSet([[[3.0]]])
    found = check_conservative(lambda t: 1.0 * t, nearly, [0.0, 1.0])  # right where three samples were taken
    assert not found.conservative and not found.exact
    honest = check_conservative(lambda t: 1.0 * t, lambda t: slope, [0.0, 1.0])
    assert honest.conservative and honest.sampled and not honest.exact and "parameters of each" in str(honest)
    other = lambda t: 1.0 * t + sg.relu(t - 0.625) - sg.relu(t - 0.625)
    of_another = check_conservative(lambda t: 1.0 * t, of(other), [0.0, 1.0])  # its breakpoints count too
    assert of_another.exact and of_another.conservative and of_another.breakpoints == (0.625,)
    wrong = check_conservative(lambda t: 1.0 * t, of(lambda t: t + sg.relu(t - 0.625)), [0.0, 1.0])
    assert wrong.exact and not wrong.conservative and wrong.gap == pytest.approx(0.375)


def test_the_tolerance_is_relative():
    nothing = lambda t: sg.JacobianSet([[[0.0]]])
    assert not check_conservative(lambda t: 1e-10 * t, nothing, [0.0, 1.0]).conservative
    assert not check_conservative(lambda t: 1e-10 * t * t, nothing, [0.0, 1.0]).conservative
    big = lambda x: 1e12 * np.maximum(0.1 * x[0] + 0.3 * x[1], 0.2 * x[1])
    assert check_conservative(big, of(big), [[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]]).conservative
