"""Algorithm 2: the two modes, against each other and against a sum over all paths, at kinks."""

import numpy as np
import pytest
from conftest import central

import selgrad as sg
from selgrad.examples.paper import relu2, relu3, t_minus_zero, zero
from selgrad.examples.random_programs import random_program

SEEDS = np.array_split(np.arange(1100), 11)


def rounding(a, b):
    scale = 1.0 + max(np.abs(a).max(), np.abs(b).max())
    return np.abs(a - b).max() <= 1e-12 * scale


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda s: f"{s[0]}-{s[-1]}")
@pytest.mark.statement("Algorithm 2")
def test_modes_agree_to_the_last_bit_on_affine_programs_at_kinks(seeds):
    kinks = 0
    for seed in seeds:
        f, x = random_program(np.random.default_rng(seed), p=1 + seed % 4, length=14)
        P = sg.trace(f, x)
        kinks += len(P.kinked())
        for convention in ("paper", sg.CONVENTIONS[seed % 5]):
            forward = sg.forward_mode(P, x, convention=convention)
            backward = sg.backward_mode(P, x, convention=convention)
            assert (forward == backward).all(), f"seed {seed}, {convention}: {forward} and {backward}"
    assert kinks > 2 * len(seeds)


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda s: f"{s[0]}-{s[-1]}")
def test_modes_agree_to_rounding_on_smooth_kinked_programs(seeds):
    for seed in seeds:
        f, x = random_program(np.random.default_rng(seed), p=1 + seed % 4, length=16, kind="smooth")
        P = sg.trace(f, x)
        for convention in ("paper", sg.CONVENTIONS[seed % 5]):
            forward = sg.forward_mode(P, x, convention=convention)
            backward = sg.backward_mode(P, x, convention=convention)
            assert rounding(forward, backward), f"seed {seed}, {convention}: {forward} and {backward}"


def test_conventions_really_differ_on_random_programs():
    different = 0
    for seed in range(100):
        f, x = random_program(np.random.default_rng(seed))
        answers = {tuple(sg.grad(f, convention=c)(x)) for c in sg.CONVENTIONS}
        different += len(answers) > 1
    assert different > 30


def test_random_programs_are_deterministic():
    f, x = random_program(np.random.default_rng(7), kind="smooth")
    g, y = random_program(np.random.default_rng(7), kind="smooth")
    assert (x == y).all() and str(sg.trace(f, x)) == str(sg.trace(g, y))
    assert (random_program(np.random.default_rng(7), p=3, at=[1, 2, 3])[1] == [1.0, 2.0, 3.0]).all()
    with pytest.raises(sg.InputError, match="affine"):
        random_program(np.random.default_rng(0), kind="rough")


# --- a dumb oracle: the chain rule as a sum over every path, with rules written out by hand ---


def slope_of_abs(t, convention):
    at_zero = {"paper": -1.0, "jax": 1.0}.get(convention, 0.0)
    return 1.0 if t > 0 else -1.0 if t < 0 else at_zero


def slopes_of_maximum(a, b, convention):
    if a == b:
        return (1.0, 0.0) if convention in ("paper", "tensorflow") else (0.5, 0.5)
    return (1.0, 0.0) if a > b else (0.0, 1.0)


# name -> (code, value, local derivatives); both operands always named, the second may be unused
RULES = {
    "add": (lambda a, b: a + b, lambda a, b, c: (1.0, 1.0)),
    "subtract": (lambda a, b: a - b, lambda a, b, c: (1.0, -1.0)),
    "multiply": (lambda a, b: a * b, lambda a, b, c: (b, a)),
    "relu": (lambda a, b: sg.relu(a), lambda a, b, c: (float(a > 0), 0.0)),
    "abs": (lambda a, b: abs(a), lambda a, b, c: (slope_of_abs(a, c), 0.0)),
    "maximum": (np.maximum, slopes_of_maximum),
    "where": (lambda a, b: np.where(a > b, a, b), lambda a, b, c: (float(a > b), float(a <= b))),
}


def sum_over_paths(lines, values, node, target, convention):
    """Every path from `target` to `node` contributes the product of its local derivatives."""
    if node == target:
        return 1.0
    if node < 2:
        return 0.0
    name, a, b = lines[node - 2]
    da, db = RULES[name][1](values[a], values[b], convention)
    return da * sum_over_paths(lines, values, a, target, convention) + db * sum_over_paths(
        lines, values, b, target, convention
    )


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
@pytest.mark.statement("Algorithm 2")
def test_both_modes_equal_the_sum_over_all_paths(convention):
    rng = np.random.default_rng(1)
    ties = 0
    for _ in range(250):
        lines = [(str(rng.choice(list(RULES))), int(rng.integers(k)), int(rng.integers(k))) for k in range(2, 10)]

        def run(x, lines=lines):
            nodes = [x[0], x[1]]
            for name, a, b in lines:
                nodes.append(RULES[name][0](nodes[a], nodes[b]))
            return nodes

        x = rng.integers(-1, 2, size=2).astype(float)
        values = [float(v) for v in run(x)]
        ties += any(values[a] == values[b] for name, a, b in lines if name == "maximum")
        expected = [sum_over_paths(lines, values, 9, j, convention) for j in range(2)]
        P = sg.trace(lambda x, run=run: run(x)[-1], x)
        assert sg.forward_mode(P, x, convention=convention).tolist() == expected, P
        assert sg.backward_mode(P, x, convention=convention).tolist() == expected, P
    assert ties > 50


# --- batches ---


def layer(W, x, b):
    h = sg.relu(W @ x + b)
    return np.sum(np.sort(h) * np.array([1.0, 2.0, 3.0])) + np.max(h) * sg.median(h - x[0]) + np.tanh(h @ h)


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
@pytest.mark.parametrize("lead", [(4,), (2, 3)])
def test_a_batch_equals_a_loop_over_points_with_one_argument_unbatched(lead, convention):
    rng = np.random.default_rng(2)
    W = rng.integers(-1, 2, size=(3, 2)).astype(float)
    x = rng.integers(-2, 3, size=(*lead, 2)).astype(float)
    b = rng.integers(-1, 2, size=(*lead, 3)).astype(float)
    P = sg.trace(layer, W, x[(0,) * len(lead)], b[(0,) * len(lead)])
    together = {
        "value": P(W, x, b),
        "grad": sg.grad(P, (0, 1, 2), convention)(W, x, b),
        "forward": sg.forward_mode(P, W, x, b, convention=convention),
        "backward": sg.backward_mode(P, W, x, b, convention=convention),
    }
    for at in np.ndindex(lead):
        alone = {
            "value": P(W, x[at], b[at]),
            "grad": sg.grad(P, (0, 1, 2), convention)(W, x[at], b[at]),
            "forward": sg.forward_mode(P, W, x[at], b[at], convention=convention),
            "backward": sg.backward_mode(P, W, x[at], b[at], convention=convention),
        }
        assert np.allclose(together["value"][at], alone["value"], rtol=1e-13)
        for key in ("grad", "forward", "backward"):
            for part, single in zip(together[key], alone[key], strict=True):
                assert part[at].shape == single.shape
                assert np.allclose(part[at], single, rtol=1e-12, atol=1e-12), (key, at)


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_in_batches(seed):
    rng = np.random.default_rng(seed)
    f, x = random_program(rng, p=3, kind="affine")
    P = sg.trace(f, x)
    points = x + rng.integers(-1, 2, size=(2, 5, 3)) / 2
    for convention in sg.CONVENTIONS:
        J = sg.backward_mode(P, points, convention=convention)
        assert J.shape == (2, 5, 3)
        assert (J == sg.forward_mode(P, points, convention=convention)).all()
        for at in np.ndindex(2, 5):
            assert P(points)[at] == f(points[at])
            assert (J[at] == sg.backward_mode(P, points[at], convention=convention)).all()


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
def test_push_and_pull_are_adjoint_at_kinks(convention):
    rng = np.random.default_rng(3)
    for _ in range(50):
        A = rng.integers(-1, 2, size=(4, 3)).astype(float)

        def f(x, A=A):
            h = sg.relu(A @ x)
            return np.concatenate([np.sort(h), np.abs(x), np.maximum(h[:3], x)])

        x, u = rng.integers(-1, 2, size=3).astype(float), rng.standard_normal(3)
        value, moved = sg.jvp(f, x, u, convention=convention)
        again, back = sg.vjp(f, x, convention=convention)
        v = rng.standard_normal(value.shape)
        assert (value == again).all()
        assert np.isclose(v @ moved, back(v) @ u, rtol=1e-12, atol=1e-12)


@pytest.mark.statement("Figure 1")
def test_the_five_programs_of_figure_1():
    programs = {sg.relu: 0.0, relu2: 1.0, relu3: 0.5, zero: 1.0, t_minus_zero: 0.0}
    for f, expected in programs.items():
        P = sg.trace(f, 0.0)
        assert sg.grad(f)(0.0) == sg.forward_mode(P, 0.0) == sg.backward_mode(P, 0.0) == expected
    assert sg.grad(lambda t: np.sin(t) + 3 * zero(t - 1))(1.0) == np.cos(1.0) + 3


@pytest.mark.statement("Proposition 3")
def test_both_modes_equal_central_differences_away_from_kinks():
    for seed in range(100):
        rng = np.random.default_rng(seed)
        f, x = random_program(rng, p=3, length=10, kind="smooth")
        x = x + rng.uniform(0.1, 0.2, size=3)
        P = sg.trace(f, x)
        numeric = central(f, x)
        assert np.allclose(sg.backward_mode(P, x), numeric, rtol=1e-5, atol=1e-5), seed
        assert np.allclose(sg.forward_mode(P, x), numeric, rtol=1e-5, atol=1e-5), seed
