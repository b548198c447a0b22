"""Algorithm (8): against a loop written with sg.grad, across engines, chunks, formats and conventions."""

import warnings

import numpy as np
import pytest
from conftest import harmonic

import selgrad as sg
from selgrad.compilation import available
from selgrad.examples.paper import trap
from selgrad.examples.random_programs import random_program

needs_numba = pytest.mark.skipif(not available(), reason="Numba is not installed (the extra `fast`)")
CONVENTIONS = pytest.mark.parametrize("convention", sg.CONVENTIONS)
BATCHES = pytest.mark.parametrize("batch", [1, 3, "subsets", "full"])


def tied_sum(seed, p=2, n=7):
    """A piecewise affine finite sum, and starting points on its kinks: integers and dyadic numbers everywhere."""
    rng = np.random.default_rng(seed)
    g, x = random_program(rng, p=p, length=8)
    data = rng.integers(-2, 3, (n, p)).astype(float), rng.integers(-2, 3, n).astype(float)
    J = sg.FiniteSum(lambda x, d: 0.125 * g(x) + np.abs(d[0] @ x - d[1]) + sg.relu(x[0] - d[1]), data)
    return J, np.concatenate([x[None], rng.integers(-3, 4, (20, p)).astype(float)])


def by_hand(J, x0, T, convention="paper"):
    """The last iterate of one trajectory, from the indices it drew, one derivative after the other."""
    x = np.array(x0)
    d = sg.grad(J.program(x), convention=convention)
    for k, drawn in enumerate(T.indices[0]):
        terms = np.flatnonzero(drawn) if drawn.dtype == bool else drawn
        total = np.zeros_like(x)
        for i in terms:
            total = total + d(x, J.datum(int(i)))
        x = x - (T.c[0] * T.alpha[k]) * (total / len(terms))
    return x


@CONVENTIONS
@BATCHES
@pytest.mark.statement("Equation (8)")
def test_it_is_algorithm_8(batch, convention):
    for seed in range(5):
        J, x = tied_sum(seed)
        T = sg.sgd(J, x[:1], steps=12, c=0.5, alpha=harmonic, batch=batch, seed=seed, convention=convention)
        np.testing.assert_allclose(T.x[0], by_hand(J, x[0], T, convention), rtol=1e-12, atol=1e-14)


def test_another_convention_is_seen():
    """The negative control of the comparisons between engines and with the loop."""
    differs = [
        not np.array_equal(*(sg.sgd(J, x, steps=3, alpha=harmonic, convention=c).x for c in ("paper", "jax")))
        for J, x in (tied_sum(seed) for seed in range(8))
    ]
    assert sum(differs) >= 6


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.statement("Theorem 4")
def test_the_trap_holds_exactly(dtype):
    T = sg.sgd(trap, -1.0, steps=60, c=0.5, alpha=harmonic, dtype=dtype, record="all")
    assert T.x.shape == (1,) and T.x.dtype == dtype and T.iterates[0].tolist() == [-1.0] + [0.0] * 60
    assert sg.grad(trap)(0.0) == 0.0
    assert sg.sgd(trap, -1.0, steps=60, c=0.5009765625, alpha=harmonic, dtype=dtype).x[0] > 0.5  # next door, it is free


@pytest.mark.parametrize(
    ("dtype", "N", "low", "high"), [(np.float16, 100_000, 3e-4, 7e-4), (np.float32, 400_000, 0, 1e-5),
                                    (np.float64, 400_000, 0, 0)],
)
@pytest.mark.statement("Theorem 4")
def test_fraction_trapped_at_random(dtype, N, low, high):
    rng = np.random.default_rng(0)
    x, c = rng.uniform(-2, 0, N), rng.uniform(0, 1, N)
    fraction = (sg.sgd(trap, x, steps=60, c=c, alpha=harmonic, dtype=dtype).x == 0).mean()
    assert low <= fraction <= high


# what leaves the real numbers


def test_a_trajectory_that_diverges_is_reported_and_the_others_go_on():
    f = lambda x: np.square(np.square(x))
    x0 = np.array([0.5, 30.0, -0.25, 60.0])
    engines = ["numpy", "numba"] if available() else ["numpy"]
    broke = []
    for engine in engines:
        with pytest.warns(sg.NonFinite, match="2 of 4 trajectories"):
            T = sg.sgd(f, x0, steps=20, alpha=harmonic, record="all", engine=engine)
        assert T.finite.tolist() == [True, False, True, False] and "2 not finite" in repr(T)
        calm = sg.sgd(f, x0[T.finite], steps=20, alpha=harmonic, engine=engine)
        assert np.array_equal(T.x[T.finite], calm.x)
        for j in (1, 3):
            k = T.broke[j]
            assert np.isfinite(T.iterates[j, : k + 1]).all() and np.isnan(T.iterates[j, k + 1 :]).all()
            assert 0 < k < 20
        assert np.isnan(T.values[1, -1]) and np.isfinite(T.values[0]).all()
        broke.append(T.broke)
    assert all(np.array_equal(broke[0], other) for other in broke)


@pytest.mark.parametrize("engine", ["numpy", pytest.param("numba", marks=needs_numba)])
def test_outside_a_domain_even_when_a_kink_hides_it(engine):
    f = lambda x: sg.relu(np.log(x)) + 0.0 * x
    with pytest.warns(sg.NonFinite, match="number 1 first, at step 0"):
        T = sg.sgd(f, [0.5, -1.0, 0.0], steps=3, alpha=harmonic, engine=engine)
    assert T.broke.tolist() == [-1, 0, 0] and T.x[0] == 0.5
    for scale, far in ((1e308, 10.0), (2.0, 1.7e308)):  # inf - inf, then a kink: the derivative there is a finite 0
        hidden = lambda x, scale=scale: sg.relu(scale * x - scale * x - 1.0)
        with pytest.warns(sg.NonFinite):
            T = sg.sgd(hidden, [1.0, far], steps=2, alpha=harmonic, engine=engine)
        assert T.broke.tolist() == [-1, 0] and T.x[0] == 1.0


def test_python_branches_are_watched():
    f = lambda t: t * t if t > 0 else -t
    assert sg.sgd(f, [1.0, 2.0], steps=3, c=0.1, alpha=harmonic).x.min() > 0
    with pytest.raises(sg.BranchChanged, match=r"np\.where"):
        sg.sgd(f, [1.0, -2.0], steps=3, c=0.1, alpha=harmonic)


# schedules


@pytest.mark.parametrize(
    "alpha", [harmonic, lambda k: (k + 1) ** -0.5, lambda k: 1 / np.log(k + 3) ** 2, lambda k: 0.5**k,
              lambda k: 0.1 ** (k // 1000), 1 / np.arange(1.0, 101), np.arange(1.0, 101) ** -0.5,
              lambda k: [0.5, 0.3, 0.2][k]],
)
def test_schedules_of_theorem_4(alpha):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sg.sgd(trap, 1.0, steps=3, alpha=alpha)
        if not callable(alpha):
            sg.sgd(trap, 1.0, steps=100, alpha=alpha)


@pytest.mark.parametrize("alpha", [lambda k: 0.1, lambda k: 1 / np.log(k + 3), lambda k: 0.5 + 0.5 / (k + 1),
                                   np.full(100, 0.1), 1 / np.log(np.arange(3.0, 1003))])
@pytest.mark.statement("Theorem 4")
def test_schedules_outside_theorem_4(alpha):
    steps = 3 if callable(alpha) else len(alpha)
    with pytest.warns(sg.OutsideTheorem4, match="Theorem 4.*heuristic"):
        sg.sgd(trap, 1.0, steps=steps, alpha=alpha, c=0.01)


@pytest.mark.parametrize("c", [0.0, 1.5, np.array([0.5, 2.0])])
def test_c_outside_theorem_4(c):
    with pytest.warns(sg.OutsideTheorem4, match=r"outside \(0, 1\]"):
        sg.sgd(trap, [1.0, 1.0], steps=2, alpha=harmonic, c=c)


# what is returned


def test_records():
    J, x = tied_sum(2)
    run = {"steps": 10, "alpha": harmonic, "seed": 3, "batch": "subsets"}
    every = sg.sgd(J, x, record="all", **run)
    some = sg.sgd(J, x, record=4, **run)
    assert every.recorded.tolist() == list(range(11)) and some.recorded.tolist() == [0, 4, 8, 10]
    assert np.array_equal(every.iterates[:, some.recorded], some.iterates)
    assert np.array_equal(every.iterates[:, 0], x) and np.array_equal(every.iterates[:, -1], every.x)
    last = sg.sgd(J, x, **run)
    assert last.iterates is None and np.array_equal(last.x, every.x)
    expected = [[J(point) for point in one] for one in some.iterates]
    np.testing.assert_allclose(some.values, expected, rtol=1e-14)
    np.testing.assert_allclose(last.values, np.array(expected)[:, -1], rtol=1e-14)
    assert last.indices.shape == (len(x), 10, J.n) and last.indices.dtype == bool
    assert len(last) == len(x) and last.steps == 10 and np.array_equal(last.start, x)
    none = sg.sgd(J, x, steps=0, alpha=harmonic)
    assert np.array_equal(none.x, x)


def test_iterates_of_any_shape():
    f = lambda X, d: np.sum(np.abs(X - d))
    data = np.random.default_rng(0).standard_normal((5, 2, 3))
    J = sg.FiniteSum(f, data)
    T = sg.sgd(J, np.zeros((4, 2, 3)), steps=7, alpha=harmonic, batch=2, record=3)
    assert T.x.shape == (4, 2, 3) and T.iterates.shape == (4, 4, 2, 3) and T.values.shape == (4, 4)
    P = sg.trace(lambda x: np.sum(np.square(x)), np.zeros(3))
    assert sg.sgd(P, np.ones(3), steps=1, c=0.5, alpha=harmonic).x.tolist() == [[0.0, 0.0, 0.0]]
    assert sg.sgd(P, np.ones((2, 3)), steps=1, c=[0.5, 0.25], alpha=harmonic).x.tolist() == [[0.0] * 3, [0.5] * 3]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"steps": -1}, sg.InputError, "steps=-1"), ({"steps": 2.5}, sg.InputError, "steps=2.5"),
        ({"seed": -1}, sg.InputError, "seed=-1"), ({"seed": 2**64}, sg.InputError, "2\\^64"),
        ({"batch": 8}, sg.InputError, "n=7"), ({"batch": 0}, sg.InputError, "n=7"),
        ({"batch": "some"}, sg.InputError, "Unknown batch"), ({"dtype": int}, sg.InputError, "Unknown dtype"),
        ({"dtype": "bfloat16"}, sg.InputError, "Unknown dtype"), ({"engine": "gpu"}, sg.InputError, "Unknown engine"),
        ({"engine": "numba", "dtype": np.float16}, sg.InputError, "float16 runs on NumPy only"),
        ({"convention": "mine"}, sg.InputError, "Unknown convention"), ({"record": 0}, sg.InputError, "record=0"),
        ({"record": "most"}, sg.InputError, "Unknown record"), ({"c": -0.5}, sg.InputError, "negative"),
        ({"c": [0.5, 0.5]}, sg.ShapeError, "c has shape"), ({"c": np.nan}, sg.InputError, "c is nan"),
        ({"alpha": [0.1]}, sg.ShapeError, "steps=3"), ({"alpha": lambda k: -1.0}, sg.InputError, "alpha_0 is -1"),
        ({"alpha": lambda k: np.inf}, sg.InputError, "alpha_0 is inf"),
        ({"alpha": lambda k: "a"}, sg.InputError, r"alpha\(0\)"),
        ({"x0": [0.0, 1.0]}, sg.ShapeError, r"x0\[None\]"), ({"x0": np.zeros((0, 2))}, sg.ShapeError, "no starting"),
        ({"x0": [[0.0, np.nan]]}, sg.InputError, "x0 is nan"), ({"J": 3}, sg.InputError, "J is a int"),
        ({"J": lambda x: x}, sg.ShapeError, "one number"),
        ({"J": sg.trace(lambda x, y: x @ y, np.ones(2), np.ones(2))}, sg.ShapeError, "one array"),
    ],
)
def test_errors(change, error, words):
    J, x = tied_sum(0)
    arguments = {"J": J, "x0": x, "steps": 3, "alpha": harmonic, **change}
    with pytest.raises(error, match=words):
        sg.sgd(**arguments)


def test_a_branch_that_goes_both_ways_is_refused_with_the_remedy():
    J = lambda x: (x - 1) ** 2 / 2 if x > 0 else 0.5 - x
    with pytest.raises(sg.BranchChanged, match=r"test_sgd.py:\d+\).*one recorded program.*np.where"):
        sg.sgd(J, [-1.0, 2.0], steps=20, c=0.5, alpha=harmonic)
