"""Cones: witnesses and Farkas vectors, checked by the inequalities they stand for."""

import numpy as np
import pytest

from selgrad.geometry.cones import only_zero, plane, sides, unit
from selgrad.geometry.rationals import exactly


def rows(rng, n, p, dtype):
    a = rng.integers(-3, 4, size=(n, p)).astype(float)
    a = a[np.abs(a).sum(axis=1) > 0]
    return exactly(a) if dtype is object else a / np.linalg.norm(a, axis=1, keepdims=True)


@pytest.mark.parametrize("dtype", [float, object])
def test_every_side_has_a_witness_or_a_farkas_vector(dtype):
    rng = np.random.default_rng(0)
    excluded = 0
    for _ in range(60 if dtype is object else 400):
        p = int(rng.integers(1, 5))
        R = rows(rng, int(rng.integers(0, 7)), p, dtype)
        d = rng.normal(size=p)
        d = exactly(d) if dtype is object else d / np.linalg.norm(d)
        R = R * np.array([1 if r @ d > 0 else -1 for r in R], dtype=dtype).reshape(-1, 1)
        found = rows(rng, 3, p, dtype)
        if len(found) == 0:
            continue
        plus, minus, y = sides(R, found[0], d)
        for sign, w in ((1, plus), (-1, minus)):
            if w is not None:
                assert sign * (found[0] @ w) > 0 and (R @ w > 0).all()
        if plus is None or minus is None:
            excluded += 1
            signed = found[0] if minus is None else -found[0]
            gap = np.abs((y @ R - signed).astype(float)).max()
            assert (y >= 0).all() and gap <= (0 if dtype is object else 1e-12)
    assert excluded > 10


def test_rounding_is_admitted():
    thin = np.array([[1.0, 0.0, 0.0]])
    a = unit(np.array([1.0, 1e-11, 0.0]))
    plus, minus, y = sides(thin, a, np.array([1.0, 0.0, 0.0]))
    assert plus is not None and minus is None and y is None  # neither a witness nor a proof


def test_only_zero():
    R = np.array([[1.0, 0], [-1, 1], [-1, -1]])
    y = only_zero(R)
    assert (y > 0).all() and np.abs(y @ R).max() < 1e-12
    assert only_zero(R[:2]) is None and only_zero(np.array([[1.0, 0], [-1, 0], [1, 0]])) is None


def test_sectors_of_the_plane():
    A = np.array([[1.0, 0], [0, 1], [1, 1]])
    d, sure = plane(np.zeros((0, 2)), A)
    assert sure and len({tuple(s) for s in np.sign(d @ A.T)}) == len(d) == 6
    assert len(plane(A[:1], A[1:])[0]) == 3
    assert len(plane(np.zeros((0, 2)), np.zeros((0, 2)))[0]) == 1
    assert not plane(np.zeros((0, 2)), np.array([[1.0, 0], [1, 1e-13]]))[1]
    assert [float(v[0]) for v in plane(np.zeros((0, 1)), np.ones((1, 1)))[0]] == [1.0, -1.0]
