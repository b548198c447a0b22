"""Where trajectories end, the kinks they touch, and runs that are made to end at artificial critical points."""

import dataclasses
import sys
import time
import warnings

import numpy as np
import pytest
from conftest import harmonic

import selgrad as sg
from selgrad.descent.traps import preimages
from selgrad.examples.paper import trap, zero
from selgrad.examples.random_programs import random_program
from selgrad.geometry.cones import plane
from selgrad.kinks.counts import touched
from selgrad.kinks.rounding import rounding
from selgrad.kinks.ties import ties
from selgrad.programs.formats import cast


def at_points(f, x, **options):
    """Trajectories of no step at all: they end where they start."""
    return sg.sgd(f, x, steps=0, alpha=harmonic, **options)


# the kinks of a batch


@pytest.mark.parametrize("x", [[0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 2, 2], [1, 1, 1, 2], [0, 0, 1, 1], [0, 0, 1]])
def test_a_median_touches_a_kink_where_the_middle_is_at_stake(x):
    P = sg.trace(sg.median, np.zeros(len(x)))
    ev = P.evaluate(np.array(x, dtype=float))
    assert bool(sum(touched(P, ev).values()) > 0) is bool(ties(P, ev))


@pytest.mark.parametrize("ulps", [0.0, 4.0])
def test_touched_sees_what_ties_sees_one_point_at_a_time(ulps):
    rng, seen = np.random.default_rng(0), 0
    for _ in range(25):
        f, _ = random_program(rng, p=3, length=8)
        x = np.concatenate([rng.integers(-1, 2, (8, 3)), rng.standard_normal((4, 3))]).astype(float)
        P = sg.trace(f, x[0])
        ev = P.evaluate(x)
        counts = touched(P, ev, rounding(P, ev, ulps) if ulps else None)
        for i, point in enumerate(x):
            one = P.evaluate(point)
            there = set(ties(P, one, rounding(P, one, ulps) if ulps else None))
            here = {k for k, n in counts.items() if n[i]}
            assert there <= here, P
            # beside a sort, whose equal entries need not matter, they are the same
            extra = {P.instructions[k - 1].op for k in here - there}
            assert extra <= {"sort"}, P
            seen += len(there)
    assert seen > 60


# verdicts


def kinds_of(T, **options):
    """What `sg.classify` says of every end, one after the other."""
    P = cast(sg.trace(T.J, T.x[0].astype(float)), T.dtype)
    return [sg.classify(P, x, convention=T.convention, ulps=0.0, tol=1e-6, **options).kind for x in T.x]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.statement("Theorem 4")
def test_every_end_has_the_verdict_of_classify(dtype):
    kinds = set()
    for seed in range(4):
        rng = np.random.default_rng(seed)
        f, x = random_program(rng, p=2, length=6)
        points = np.concatenate([x[None], rng.integers(-2, 3, (10, 2)), rng.standard_normal((4, 2))]).astype(float)
        T = at_points(lambda x, f=f: f(x) + np.abs(x[0] - 1) + zero(x[1]), points, dtype=dtype)
        E = T.classify()
        assert E.kinds.tolist() == kinds_of(T)
        assert sum(E.counts.values()) == sum(c.count for c in E.clusters) == len(T)
        kinds |= set(E.counts)
    assert {"smooth", "regular"} <= kinds


def test_finite_sums_and_programs():
    J = sg.FiniteSum(lambda x, b: np.abs(x - b), np.array([0.0, 1.0, 5.0]))
    points = np.array([0.0, 1.0, 0.5, 5.0])
    expected = ["regular", "clarke-critical", "smooth", "regular"]
    assert at_points(J, points).classify().kinds.tolist() == expected
    assert at_points(sg.trace(J, 0.0), points).classify().kinds.tolist() == expected


def test_exact_hits_are_kept_apart_from_near_ones():
    x = np.array([0.0, -0.0, 0.0, 1e-9, -1e-9, 1e-3, 1.0, 1.0 + 1e-8, 1.0 - 1e-7])
    E = at_points(trap, x).classify(tol=1e-6)
    first, second, third = E.clusters
    assert (first.kind, first.count, first.exact, first.near) == ("artificial-critical", 3, 3, 2)
    assert (second.kind, second.count, second.exact, second.near) == ("clarke-critical", 3, 1, 0)
    assert (third.kind, third.count) == ("smooth", 3) and E.artificial.tolist() == [True] * 3 + [False] * 6
    assert abs(second.centre - 1) <= 1e-7 and first.centre == 0 and first.distance == 0.0
    assert E.verdict(0).kind == "artificial-critical" and E.verdict(0).certificates
    assert "artificial-critical     3           3  0." in str(E) and len(str(E).splitlines()) == 4
    with pytest.raises(dataclasses.FrozenInstanceError):
        E.tol = 1.0


def test_a_wrong_verdict_would_be_seen(monkeypatch):
    """The negative control: with AD's derivative taken for the gradient at kinks, the trap is Clarke critical."""
    T = at_points(trap, np.zeros(3))
    monkeypatch.setattr(sys.modules["selgrad.descent.ends"], "touched", lambda *args: {})
    assert set(T.classify().kinds) == {"clarke-critical"} and kinds_of(T) != T.classify().kinds.tolist()


def test_ends_that_are_no_critical_points_or_no_points():
    f = lambda x: np.square(np.square(x)) + zero(x - 2)
    with pytest.warns(sg.NonFinite):
        T = sg.sgd(f, [30.0, 0.5, 60.0], steps=20, alpha=harmonic)
    assert T.classify().kinds.tolist()[::2] == ["not finite"] * 2
    with pytest.warns(sg.NonFinite):
        T = sg.sgd(f, [30.0], steps=20, alpha=harmonic)
    assert T.classify().counts == {"not finite": 1}
    T = sg.sgd(lambda x: -np.log(x) + np.square(x), [0.5], steps=1, c=1.0, alpha=[1.0])
    assert T.classify().counts == {"smooth": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sg.OutsideTheorem4)
        T = sg.sgd(lambda x: np.log(x), [0.5], steps=1, c=1.0, alpha=[1.0])  # 0.5 - 2 lies outside the domain
    assert T.classify().counts == {"outside": 1}


def test_more_points_on_kinks_than_are_looked_at():
    x = np.arange(12.0)
    T = at_points(lambda x, d=x: np.sum(np.abs(x - d)), x)
    assert T.classify(most=5).counts["unclassified"] == 7 and "unclassified" not in T.classify().counts


def test_python_branches_are_followed_point_by_point():
    f = lambda t: t * t if t > 0 else -t
    T = at_points(f, [1.0, 2.0])
    assert T.classify().kinds.tolist() == ["smooth", "smooth"]


def test_a_hundred_thousand_ends_take_a_moment():
    rng = np.random.default_rng(0)
    data = rng.standard_normal((20, 2)), rng.standard_normal(20)
    J = sg.FiniteSum(lambda x, d: np.abs(d[0] @ x - d[1]) + zero(x[0] - 1), data)
    T = sg.sgd(J, rng.standard_normal((100_000, 2)), steps=2, alpha=harmonic)
    begin = time.process_time()
    assert T.classify().counts == {"smooth": 100_000}
    assert time.process_time() - begin < 20


def test_points_where_everything_near_a_kink_is_flat():
    """Two gaps found on the way: no line to cut the plane with, and a number computed without any rounding."""
    assert plane(np.zeros((0, 2)), np.zeros((0, 2)))[0].shape == (1, 2)
    assert sg.classify(lambda t: np.clip(t, -1.0, 1.0), 0.0).kind == "smooth"


# the trap finder


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_traps_of_the_reference_lie_on_the_exact_curve(dtype):
    found = sg.find_traps(trap, harmonic, 60, at=0.0, dtype=dtype, hits=2)
    first = [t for t in found if t.hit == 1]
    assert len(first) >= 12 and len(found) > len(first)
    for t in first:
        assert t.c == pytest.approx(t.x0 / (t.x0 - 1), abs=4 * float(np.finfo(dtype).eps))
    for t in found:
        T = sg.sgd(trap, t.x0.astype(float), steps=60, c=t.c, alpha=harmonic, dtype=dtype, record="all")
        assert np.array_equal(T.iterates[0, : t.hit + 1], t.path) and not T.iterates[0, t.hit :].any()
        assert T.iterates[0, : t.hit].all(), "hit is the first iterate in the trap"
        assert T.classify().counts == {"artificial-critical": 1}
        if dtype == "float64":  # a billionth beside it is free
            assert sg.sgd(trap, t.x0 * (1 + 1e-9), steps=60, c=t.c, alpha=harmonic).x[0] != 0


def test_c_for_a_given_start():
    for x0 in (-3.0, -1.0, -0.3, 0.0625):
        found = sg.find_traps(trap, harmonic, 60, at=0.0, x0=x0, hits=2)
        assert all(t.x0 == x0 for t in found)
        if x0 < 0:
            assert [t.c for t in found if t.hit == 1] == [pytest.approx(x0 / (x0 - 1), rel=1e-15)]
    assert sg.find_traps(trap, harmonic, 60, at=0.0, x0=0.5) == []  # 1 draws it away from 0


@pytest.mark.statement("Theorem 4")
def test_preimages_over_the_reals():
    cs = np.linspace(0.05, 0.75, 15)
    c, x0 = preimages(trap, harmonic, at=0.0, c=cs)
    np.testing.assert_allclose(x0, c / (c - 1), rtol=1e-9)
    assert np.array_equal(c, cs)
    c, x0 = preimages(trap, harmonic, at=0.0, c=cs, hit=2, reach=50.0)
    middle = (c / 2) / (c / 2 - 1)  # the second step has size c/2
    np.testing.assert_allclose(x0 - c * (x0 - 1), middle, rtol=1e-9)
    assert len(c) == len(cs)


@pytest.mark.parametrize("batch", ["full", 1, 2, "subsets"])
def test_traps_in_the_plane(batch):
    a, b = np.array([0.5, -0.25]), np.random.default_rng(0).integers(-8, 9, (6, 2)) / 4
    f = lambda x, b: np.sum(np.square(x - b)) / 2 + sum((b[j] - a[j]) * zero(x[j] - a[j]) for j in range(2))
    J = sg.FiniteSum(f, b)
    assert sg.classify(J, a).kind == "artificial-critical"
    found = sg.find_traps(J, harmonic, 80, at=a, batch=batch, c=[0.25, 0.5], seed=3, first=7)
    assert found
    for t in found:
        run = {"c": t.c, "alpha": harmonic, "batch": batch, "seed": 3}
        assert (sg.sgd(J, t.x0[None], steps=80, first=7, **run).x == a).all()
        assert not np.array_equal(t.x0, a)
        if batch == 1:  # another trajectory draws other terms, and passes by
            others = [sg.sgd(J, t.x0[None], steps=80, first=k, **run).x for k in range(20, 30)]
            assert not all((x == a).all() for x in others)


def test_what_does_not_hold_is_no_trap():
    with pytest.raises(sg.InputError, match=r"at step 0 AD returns -1\."):
        sg.find_traps(lambda t: np.square(t - 1) / 2, harmonic, 60, at=0.0)
    with pytest.raises(sg.InputError, match="no float32"):
        sg.find_traps(lambda t: np.square(t) + zero(t - 0.1), harmonic, 60, at=0.1, dtype="float32")
    noisy = sg.FiniteSum(lambda x, b: b * x + np.square(x), np.array([-1.0, 1.0]))  # 0 is critical, no term holds it
    assert sg.grad(noisy)(0.0) == 0.0
    with pytest.raises(sg.InputError, match="holds no trajectory"):
        sg.find_traps(noisy, harmonic, 60, at=0.0, batch=1)
    with pytest.raises(sg.ShapeError, match="leave out x0"):
        sg.find_traps(lambda x: np.sum(np.square(x)), harmonic, 5, at=np.zeros(2), x0=np.ones(2))


def test_where_nothing_leads_there_are_no_traps():
    assert sg.find_traps(trap, harmonic, 60, at=1.0, c=0.5) == []  # (1 - gamma) (x - 1) never is 0 but at 1
    with pytest.raises(sg.ShapeError, match="x0 has shape"):
        sg.find_traps(trap, harmonic, 60, at=0.0, x0=np.linspace(-2, -1, 3))
