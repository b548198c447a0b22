"""JacobianSet: hulls, sums of hulls, degenerate and duplicate sets, in floats and over the rationals."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

import selgrad as sg


def in_hull(points, a):
    """An independent oracle: a linear program."""
    A = np.vstack([points.T, np.ones(len(points))])
    return linprog(np.zeros(len(points)), A_eq=A, b_eq=np.r_[a, 1.0]).status == 0


def test_degenerate_and_duplicate_sets():
    point = sg.JacobianSet(np.ones((5, 1, 3)))
    assert len(point.vertices) == 1 and point.contains(np.ones(3)) and point.distance(np.zeros(3)) == np.sqrt(3)
    segment = sg.JacobianSet([[[0.0, 0, 0]], [[1.0, 1, 1]], [[0.5, 0.5, 0.5]], [[1.0, 1, 1]]])
    assert len(segment.vertices) == 2
    flat = np.random.default_rng(0).integers(-3, 4, size=(40, 2)) @ np.array([[1.0, 2, 0, -1], [0, 1, 1, 3]])
    D = sg.JacobianSet(flat[:, None])
    for v in D.vertices[:, 0]:
        assert not in_hull(np.array([u for u in D.vertices[:, 0] if not np.array_equal(u, v)]), v)
    assert all(D.contains(a) for a in flat)
    assert not D.contains(flat.mean(axis=0) + [0, 0, 0, 1e-6])


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_membership_and_distance_agree_with_a_linear_program(n):
    rng = np.random.default_rng(n)
    points = rng.integers(-4, 5, size=(12, n)).astype(float)
    D, Q = sg.JacobianSet(points[:, None]), sg.JacobianSet(np.vectorize(Fraction, otypes=[object])(points[:, None]))
    for a in rng.integers(-4, 5, size=(20, n)).astype(float):
        inside = in_hull(points, a)
        assert D.contains(a) == Q.contains(a) == inside
        near = D.project(a).ravel()
        assert D.distance(a) == pytest.approx(np.linalg.norm(near - a))
        assert Q.distance(a) == pytest.approx(D.distance(a), abs=1e-9)
        # the variational inequality of a projection
        assert ((points - near) @ (a - near)).max() <= 1e-9
    d = rng.normal(size=n)
    assert D.support(d) == (points @ d).max()
    assert np.array_equal(Q.vertices.astype(float), D.vertices)


def test_points_that_nearly_coincide_are_told_apart():
    points = np.array([[-5.5, 0, 0], [-2.5, 0, -3.0], [0, 0, 0], [7.5e-9, 0, -7.5e-9]])
    D = sg.JacobianSet(points[:, None])
    for a in (*points, points[2:].mean(axis=0)):
        assert D.distance(a) < 1e-15 and D.contains(a)
    assert not D.contains([7.5e-9, 0, 0], tol=1e-9)


def test_a_zonotope_of_ten_thousand_segments():
    G = np.random.default_rng(0).normal(size=(10_000, 4))
    Z = sg.JacobianSet.total([np.stack([0 * g, g])[:, None] for g in G], limit=1000)
    d = np.array([1.0, -2, 0.5, 0])
    assert Z.support(d) == pytest.approx(np.maximum(G @ d, 0).sum())
    assert Z.contains(G.sum(axis=0) / 2) and not Z.contains(np.array([2e4, 0, 0, 0]))
    far = np.array([2e4, 0, 0, 0])
    near = Z.project(far).ravel()
    assert Z.support(far - near) == pytest.approx(near @ (far - near), rel=1e-9)
    with pytest.raises(sg.TooLarge, match=r"limit=.*support, distance"):
        _ = Z.vertices
    assert "10^" in repr(Z)


def test_sums_list_what_brute_force_lists():
    rng = np.random.default_rng(1)
    parts = [rng.integers(-2, 3, size=(k, 1, 2)).astype(float) for k in (2, 3, 1, 2, 4)]
    brute = parts[0]
    for part in parts[1:]:
        brute = (brute[:, None] + part[None]).reshape(-1, 1, 2)
    assert np.array_equal(sg.JacobianSet.total(parts).vertices, sg.JacobianSet(brute).vertices)


def test_the_rationals_decide_what_floats_cannot():
    third = Fraction(1, 3)
    D = sg.JacobianSet([[[third, 0]], [[0, third]]])
    assert D.exact and D.contains([Fraction(1, 6), Fraction(1, 6)])
    assert not D.contains([Fraction(1, 6), Fraction(1, 6) + Fraction(1, 10**30)])
    assert list(D.min_norm().ravel()) == [Fraction(1, 6), Fraction(1, 6)]
    assert str(D) == "conv{[0, 1/3], [1/3, 0]}"


def test_drawing_and_errors():
    square = sg.JacobianSet([[[0.0, 0]], [[1.0, 1]], [[1.0, 0]], [[0.0, 1]], [[0.5, 0.5]]])
    b = square.boundary()
    nxt = np.roll(b, -1, axis=0)
    assert (b[:, 0] * nxt[:, 1] - b[:, 1] * nxt[:, 0]).sum() / 2 == 1.0  # its area, anticlockwise
    with pytest.raises(sg.ShapeError):
        square.contains(np.zeros(3))
    with pytest.raises(sg.ShapeError):
        sg.JacobianSet(np.zeros((0, 1, 1)))
    with pytest.raises(sg.ShapeError):
        sg.JacobianSet(np.zeros((1, 1, 3))).boundary()
    assert "not listed" in repr(sg.JacobianSet.unlisted((1, 2), "it is too large"))
