"""Verdicts at planted points of every kind, their certificates, and what makes them red."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.networks import three_neurons
from selgrad.examples.paper import trap, zero
from selgrad.examples.random_programs import random_program
from selgrad.sets.certificates import Membership, Separation


def parabolas(x):
    return sg.relu(x[1] - x[0] ** 2) - sg.relu(x[1] - 2 * x[0] ** 2)


def semidefinite(x):
    return sg.relu(x[0] + x[2] ** 2 - x[1] ** 2) - sg.relu(x[0] - x[1] ** 2)


z1, z2 = np.zeros(1), np.zeros(2)
# (program, point, kind, is AD's answer Clarke, rational?)
PLANTED = [
    (lambda t: 3 * t, 0.0, "smooth", True, True),
    (lambda t: t - zero(t), 1.0, "smooth", True, True),
    (lambda t: t + 0 * np.abs(t), 0.0, "smooth", True, True),
    (lambda t: np.maximum(2 * t, 2 * t), 0.0, "smooth", True, True),
    (lambda t: np.exp(t), 0.0, "smooth", True, False),
    (lambda t: 2 * t + sg.relu(t), 0.0, "regular", True, True),
    (lambda t: 2 * t + zero(t), 0.0, "regular", False, True),
    (lambda x: x[0] + np.abs(x[1]), z2, "regular", True, True),
    (sg.relu, 0.0, "clarke-critical", True, True),
    (np.abs, 0.0, "clarke-critical", True, True),
    (np.square, 0.0, "clarke-critical", True, True),
    (zero, 0.0, "clarke-critical", False, True),
    (lambda t: sg.relu(t) * 0.0, 0.0, "clarke-critical", True, True),
    (lambda x: np.max(np.abs(x)), np.zeros(3), "clarke-critical", True, True),
    (lambda x: np.abs(x[0]) - np.abs(x[1]), z2, "clarke-critical", True, True),
    (lambda t: t - zero(t), 0.0, "artificial-critical", False, True),
    (trap, 0.0, "artificial-critical", False, True),
    (lambda t: np.sin(t) - zero(t), 0.0, "artificial-critical", False, False),
    (lambda x: np.exp(x[0]) - zero(x[0] + x[1] ** 2) + np.abs(x[1]), z2, "artificial-critical", False, False),
    (lambda x: (x[0] - 1) ** 2 + np.abs(x[1]) + 2 * zero(x[0]), z2, "artificial-critical", False, True),
    # three neurons and no trick: AD says 0, Clarke does not
    (three_neurons, z2, "artificial-critical", False, True),
    (lambda x: x[1] / 2 - parabolas(x), z2, "clarke-critical", True, True),
    (lambda x: x[0] / 2 + semidefinite(x), np.zeros(3), "undecided", True, True),
]


@pytest.mark.parametrize("f, x, kind, is_clarke, rational", PLANTED)
@pytest.mark.statement("Artificial critical point")
def test_planted_points(f, x, kind, is_clarke, rational):
    v = sg.classify(f, x)
    assert (v.kind, v.ad_is_clarke) == (kind, is_clarke), str(v)
    assert np.array_equal(v.ad, sg.grad(f)(x)) and sg.verify(v) and v.claims
    assert max(v.zero_to_field, v.zero_to_outer) <= v.zero_to_inner + 1e-12
    if rational:
        w = sg.classify(f, x, exact=True)
        assert (w.kind, w.ad_is_clarke) == (kind, is_clarke) and sg.verify(w) and w.field.exact
        assert all(isinstance(a, Fraction) for a in w.field.vertices.ravel())


def test_a_batch_of_points_gives_an_array_of_verdicts():
    P = sg.trace(lambda x: np.abs(x[0]) + x[1] - zero(x[1]), np.ones(2))
    x = np.array([[[0.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [2.0, 2.0]]])
    kinds = [[v.kind for v in row] for row in sg.classify(P, x)]
    assert kinds == [["artificial-critical", "regular"], ["regular", "smooth"]]
    both = sg.trace(lambda a, b: np.abs(a) + b, 1.0, 1.0)
    assert [v.kind for v in sg.classify(both, (np.array([0.0, 1.0]), 1.0))] == ["regular", "smooth"]


def test_single_precision_ulps_and_the_margin():
    hinge = lambda x: sg.relu(x - 0.1)
    x = np.float32(0.1)  # not 0.1, but one rounding away in single precision
    assert sg.classify(hinge, x).kind == "clarke-critical"
    v = sg.classify(lambda t: sg.relu(t - 1.0), 1.0 + 2.0**-50, ulps=0)
    assert v.kind == "smooth" and 0 < v.margin < 4 and "relu" in v.nearest
    assert sg.classify(lambda t: sg.relu(t - 1.0), 1.0 + 2.0**-50).kind == "clarke-critical"
    assert sg.classify(lambda t: sg.relu(t - 1.0), 1.0 + 2.0**-50, exact=True).kind == "smooth"
    assert sg.classify(sg.relu, 1e-300).kind == "smooth"  # roundings are relative to what t is made of


def test_conventions_change_what_ad_says_and_not_the_sets():
    verdicts = [sg.classify(np.abs, 0.0, convention=c) for c in ("paper", "tensorflow", "jax")]
    assert [float(v.ad) for v in verdicts] == [-1.0, 0.0, 1.0]
    assert {str(v.field) for v in verdicts} == {"conv{-1, 1}"}


def test_vector_outputs_and_nested_arguments():
    v = sg.classify(lambda x: sg.sort(x), np.array([1.0, 1.0]))
    assert v.kind == "regular" and v.ad.shape == (2, 2) and v.field.shape == (2, 2) and sg.verify(v)
    f = lambda params: np.sum(sg.relu(params["a"])) + params["b"]
    v = sg.classify(f, {"a": np.zeros(2), "b": 1.0})
    assert v.kind == "regular" and v.ad["b"] == 1.0 and v.field.shape == (1, 3)


def test_a_set_that_is_too_large_leaves_the_verdict_to_the_bounds():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(8, 2)), rng.normal(size=(8, 8))
    f = lambda x: np.sum(sg.relu(B @ sg.relu(A @ x)))
    v = sg.classify(f, z2, limit=60)
    assert not v.field.listed and v.kind in ("clarke-critical", "undecided") and sg.verify(v)
    assert "limit=60" in str(v)


def test_random_points_are_never_judged_wrongly():
    """Where D_P is a point the program is smooth; AD's answer is always in D_P; certificates hold."""
    kinds = set()
    for seed in range(150):
        kind = ("affine", "smooth")[seed % 2]
        f, x = random_program(np.random.default_rng(seed), p=1 + seed % 3, length=8, kind=kind)
        v = sg.classify(f, x)
        kinds.add(v.kind)
        assert v.field.contains(v.ad) and sg.verify(v), seed
        assert (v.kind == "clarke-critical") == (v.zero_to_inner <= 1e-9)
        if v.kind == "artificial-critical":
            assert v.zero_to_outer > 1e-9 and v.field.contains(np.zeros(x.size))
    assert len(kinds) >= 3


def test_a_spoilt_certificate_is_refused():
    v = sg.classify(lambda t: t - zero(t), 0.0)
    for claim in v.claims:
        if isinstance(claim, Membership):
            assert not sg.verify(replace(claim, point=claim.point + 0.5))
            assert not sg.verify(replace(claim, weights=-claim.weights))
        if isinstance(claim, Separation):
            assert not sg.verify(replace(claim, direction=-claim.direction))
    with pytest.raises(sg.InputError, match="not int"):
        sg.verify(3)


@pytest.mark.parametrize("options, words", [
    ({"ulps": -1}, "ulps=-1"), ({"tol": -1.0}, "tol=-1"), ({"refine": 1.5}, "refine=1.5"),
    ({"convention": "numpy"}, "convention"),
])
def test_bad_options_are_named(options, words):
    with pytest.raises(sg.InputError, match=words):
        sg.classify(np.abs, 0.0, **options)


def test_exact_mode_refuses_what_is_not_rational():
    with pytest.raises(sg.NotElementary, match="exp"):
        sg.classify(np.exp, 0.0, exact=True)


@pytest.mark.parametrize("f", [
    lambda x: np.where(x != x, 0.0, x), lambda x: np.where(x == x, x, 2 * x), lambda x: np.where(x >= x, x, 5.0),
])
def test_a_guard_against_nan_decides_nothing(f):
    v = sg.classify(f, 1.0)
    assert v.kind == "smooth" and float(v.ad) == 1.0 and not v.kinks
    with pytest.raises(sg.NotContinuous):  # a switch that does vanish at the point is still seen
        sg.classify(lambda x: np.where(x == 1.0, 0.0, x), 1.0)


def test_a_long_list_of_vertices_is_counted_and_not_listed():
    v = sg.classify(lambda x: np.sum(np.abs(x)), np.zeros(12))
    assert "conv of up to 4096 Jacobians" in str(v)
