"""Proposition 2: f(y) - f(x) is the integral of <AD(x + t (y - x)), y - x>, kinks included.

Central differences are the wrong oracle at a kink; this is the right one, provided that some
segments lie *inside* the kink set: generic segments cross it in single points and see nothing.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import selgrad as sg
from selgrad.differentiation import grad as module
from selgrad.differentiation.modes import partials
from selgrad.examples.random_programs import random_program
from selgrad.primitives import ROWS
from selgrad.programs.program_data import Evaluation

# Dyadic nodes: on a segment with dyadic ends every point, and hence every tie, is exact in floats.
NODES = np.round(256 * (np.polynomial.legendre.leggauss(5)[0] + 1) / 2) / 256
WEIGHTS = np.linalg.solve(np.vander(NODES, increasing=True).T, 1 / np.arange(1, 6))


def line_integral(P, x, y, convention, cells=64, levels=20):
    """The integral, by a rule of order 5 on cells that are halved where it disagrees with f there."""
    starts, width, total = np.arange(cells) / cells, 1.0 / cells, 0.0
    for level in range(levels):
        t = starts[:, None] + width * NODES
        at = x + t[..., None] * (y - x)
        slopes = np.sum(sg.grad(P, convention=convention)(at) * (y - x), axis=-1)
        ends = P(x + np.stack([starts, starts + width])[..., None] * (y - x))
        parts = width * slopes @ WEIGHTS
        rough = np.abs(parts - (ends[1] - ends[0])) > 1e-9 * width * (1 + np.abs(slopes).max())
        if level == levels - 1 or rough.sum() > 500:
            rough[:] = False
        total += parts[~rough].sum()
        if not rough.any():
            return total
        starts = np.concatenate([starts[rough], starts[rough] + width / 2])
        width /= 2


def check_line_integral(f, x, y, convention, tolerance=1e-5):
    """Proposition 2 along [x, y]: the check that has to go red when a rule is wrong."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    P = f if isinstance(f, sg.Program) else sg.trace(f, x)
    rise, integral = P(y) - P(x), line_integral(P, x, y, convention)
    assert abs(rise - integral) <= tolerance * (1 + abs(rise)), f"{rise} but the integral is {integral}"


W = np.array([1.0, -2.0, 4.0, 0.5])

# operation -> a scalar function that uses it, and segments inside its kink set
INSIDE = {
    "relu": (lambda x: np.sum(W * sg.relu(x - x[::-1]) + x), [([1, 1, 1, 1], [3, -2, -2, 3])]),
    "leaky_relu": (lambda x: W @ sg.leaky_relu(x[0] - x) + x[1], [([1, 1, 1, 1], [3, 3, 3, 2])]),
    "relu6": (lambda x: sg.relu6(x[0]) * x[1] + x[1], [([0, 1, 0, 0], [0, 3, 0, 0]), ([6, 1, 0, 0], [6, 3, 0, 0])]),
    "elu": (lambda x: sg.elu(x[0] - x[1], 0.5) + x[1], [([1, 1, 0, 0], [3, 3, 0, 0])]),
    "selu": (lambda x: sg.selu(x[0] - x[1]) + x[1], [([1, 1, 0, 0], [3, 3, 0, 0])]),
    "hard_sigmoid": (lambda x: sg.hard_sigmoid(x[0] - x[1]) * x[2] + x[1],
                     [([4, 1, 0, 0], [5, 2, 1, 0]), ([-2, 1, 0, 0], [-1, 2, 1, 0])]),
    "huber": (lambda x: sg.huber(x[0] - x[1], 2.0) * x[2] + x[1],
              [([3, 1, 0, 0], [6, 4, 1, 0]), ([-1, 1, 0, 0], [0, 2, 1, 0])]),
    "hard_tanh": (lambda x: sg.hard_tanh(x[0] - x[1]) * x[2] + x[1],
                  [([2, 1, 0, 0], [5, 4, 1, 0]), ([0, 1, 0, 0], [1, 2, 1, 0])]),
    "abs": (lambda x: np.sum(W * np.abs(x - x[::-1]) + x), [([1, 1, 1, 1], [3, -2, -2, 3])]),
    "maximum": (lambda x: np.maximum(x[0], x[1]), [([0, 0, 0, 0], [1, 1, 0, 0]), ([1, 1, 0, 0], [-3, -3, 2, 1])]),
    "minimum": (lambda x: np.minimum(x[0], x[1]), [([0, 0, 0, 0], [1, 1, 0, 0]), ([1, 1, 0, 0], [-3, -3, 2, 1])]),
    "clip": (lambda x: np.clip(x[0], x[1], x[2]),
             [([0, 0, 5, 0], [2, 2, 5, 0]), ([3, 0, 3, 0], [5, 0, 5, 0]), ([1, 1, 1, 0], [2, 2, 2, 0])]),
    "clip_min": (lambda x: np.clip(x[0], x[1], None), [([0, 0, 0, 0], [1, 1, 0, 0]), ([1, 1, 0, 0], [-3, -3, 2, 1])]),
    "clip_max": (lambda x: np.clip(x[0], None, x[1]), [([0, 0, 0, 0], [1, 1, 0, 0]), ([1, 1, 0, 0], [-3, -3, 2, 1])]),
    "max": (np.max, [([0, 0, 0, 0], [1, 1, 1, 1]), ([2, 2, 0, 2], [3, 3, -1, 3])]),
    "min": (np.min, [([0, 0, 0, 0], [1, 1, 1, 1]), ([2, 2, 4, 2], [3, 3, 5, 3])]),
    "median": (lambda x: sg.median(x[:3]) + 2 * sg.median(x),
               [([0, 0, 0, 0], [1, 1, 1, 1]), ([2, 2, 0, 5], [4, 4, 0, 5])]),
    "sort": (lambda x: W @ sg.sort(x), [([0, 0, 0, 0], [1, 1, 1, 1]), ([2, 2, 0, 5], [4, 4, 0, 3])]),
    "max_pool": (lambda x: np.sum(sg.max_pool(x, 2, 1) * W[:3]),
                 [([0, 0, 0, 0], [1, 1, 1, 1]), ([2, 2, 0, 5], [3, 3, 3, 4])]),
    "where": (lambda x: np.where(x[0] > x[1], 3 * x[0] - x[1], x[0] + x[1]), [([0, 0, 0, 0], [1, 1, 0, 0])]),
}

conventions = pytest.mark.parametrize("convention", sg.CONVENTIONS)


def test_no_kinked_primitive_is_missed():
    assert sorted(INSIDE) == sorted(op for op, row in ROWS.items() if row.kinked)
    for op, (f, segments) in INSIDE.items():
        assert any(i.op == op for i in sg.trace(f, np.zeros(4)).instructions)
        for segment in segments:
            points = np.array(segment, dtype=float)
            P = sg.trace(f, points[0])
            for t in (0.0, 0.25, 1.0):
                assert ties(P, points[0] + t * (points[1] - points[0])).any(), (op, segment, t)


def ties(P, x):
    """The number of switching functions that vanish, at every kinked instruction (last axis)."""
    ev = P.evaluate(x)
    counts = []
    for k in P.kinked():
        i = P.instructions[k - len(P.input_shapes)]
        xs = [ev.values[o] if isinstance(o, int) else o for o in i.operands]
        zeros = [z == 0 for z in ROWS[i.op].switches(*xs, **i.params)]
        if i.op in ("max", "min", "max_pool"):  # one entry always reaches the extreme: two make a tie
            zeros = [zeros[0].sum(axis=-1) > 1]
        counts.append(sum(z.reshape(*ev.batch, -1).sum(axis=-1) for z in zeros))
    return np.stack([np.broadcast_to(c, ev.batch) for c in counts], axis=-1)


@conventions
@pytest.mark.parametrize("op", INSIDE)
@pytest.mark.statement("Proposition 2")
def test_inside_the_kink_set(op, convention):
    f, segments = INSIDE[op]
    for x, y in segments:
        check_line_integral(f, x, y, convention)


@conventions
@pytest.mark.parametrize("op", INSIDE)
@pytest.mark.statement("Proposition 2")
def test_across_the_kink_set(op, convention):
    rng = np.random.default_rng(0)
    f = INSIDE[op][0]
    for _ in range(5):
        x, y = rng.integers(-32, 33, size=(2, 4)) / 4
        if op == "clip":
            x[2], y[2] = x[1] + abs(x[2]), y[1] + abs(y[2])
        check_line_integral(f, x, y, convention)


@conventions
@pytest.mark.parametrize("kind", ["affine", "smooth"])
def test_random_programs_along_random_segments(kind, convention):
    for seed in range(25):
        rng = np.random.default_rng(seed)
        f, x = random_program(rng, p=3, kind=kind, length=10)
        check_line_integral(f, x, x + rng.integers(-8, 9, size=3) / 4, convention)


def segment_inside(P, x):
    """A direction along which most planted ties persist, found by trying all of {-1, 0, 1}^p."""
    d = np.array([d for d in product((-1.0, 0.0, 1.0), repeat=x.size) if any(d)])
    kept = [np.minimum(ties(P, x), ties(P, x + d * step)).sum(axis=-1) for step in (1 / 64, 1 / 128)]
    moves = np.abs(P(x + d / 64) - P(x)) > 0
    score = np.minimum(*kept) + 0.5 * moves
    best = int(np.argmax(score))
    return d[best] / 64, int(np.minimum(*kept)[best]), bool(moves[best])


@conventions
@pytest.mark.statement("Proposition 2")
def test_random_programs_along_segments_inside_their_kink_sets(convention):
    inside = moving = 0
    for seed in range(40):
        f, x = random_program(np.random.default_rng(seed), p=5, length=10)
        P = sg.trace(f, x)
        if not P.kinked():
            continue
        d, kept, moves = segment_inside(P, x)
        inside, moving = inside + (kept > 0), moving + (kept > 0 and moves)
        check_line_integral(P, x, x + d, convention, tolerance=1e-9)
    assert inside > 30 and moving > 20


# --- negative controls: three wrong rules, each of which a check above has to catch ---


@pytest.mark.statement("Remark after Proposition 3")
def test_a_maximum_that_gives_zero_zero_at_ties_is_caught_inside_the_diagonal(monkeypatch):
    row = ROWS["maximum"]

    def wrong(i):
        return lambda s, y, a, b: np.where(np.equal(a, b), 0.0, row.partials[i](s, y, a, b))

    monkeypatch.setitem(ROWS, "maximum", replace(row, partials=(wrong(0), wrong(1))))
    across = lambda x: np.maximum(x[0], x[1])
    check_line_integral(across, [0, 1], [4, -2], "paper")  # a generic segment sees nothing
    with pytest.raises(AssertionError, match="but the integral is"):
        test_inside_the_kink_set("maximum", "paper")


def test_a_slope_of_2001_instead_of_2_is_caught(monkeypatch):
    square = lambda x: np.square(x[0])
    check_line_integral(square, [0, 0], [1, 1], "paper")
    monkeypatch.setitem(ROWS, "square", replace(ROWS["square"], partials=(lambda y, a: 2.001 * a,)))
    with pytest.raises(AssertionError, match="but the integral is"):
        check_line_integral(square, [0, 0], [1, 1], "paper")


def test_a_backward_mode_that_overwrites_instead_of_accumulating_is_caught(monkeypatch):
    def overwriting(P: sg.Program, ev: Evaluation, v, inputs=None):
        first = len(P.input_shapes)
        v_ = [v.get(k) for k in range(first + len(P.instructions))]
        for t in range(len(v_) - 1, first - 1, -1):
            if v_[t] is not None:
                for j, d in partials(t, P.instructions[t - first], ev):
                    v_[j] = d.pull(v_[t])  # wrong: v[j] + ...
        return v_

    monkeypatch.setattr(module, "pull", overwriting)
    with pytest.raises(AssertionError, match="but the integral is"):
        test_inside_the_kink_set("abs", "paper")
    with pytest.raises(AssertionError, match="but the integral is"):
        test_random_programs_along_random_segments("affine", "paper")
