"""What counts as tied: rounding beside the true error, at any depth."""

from unittest import mock

import numpy as np
import pytest

import selgrad as sg
from selgrad.kinks import rounding as module
from selgrad.kinks.counts import touched
from selgrad.kinks.point import ULPS, local
from selgrad.kinks.rounding import magnitudes, rounding

WIDTH = 64


def network(depth, seed, dtype=np.float64, planted=0):
    """Weights of a ReLU network; of every layer the last `planted` units repeat the first ones."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(WIDTH, WIDTH)) * (2 / WIDTH) ** 0.5 for _ in range(depth)]
    biases = [0.1 * rng.normal(size=WIDTH) for _ in range(depth)]
    for W, b in zip(weights, biases, strict=True):
        if planted:
            W[-planted:], b[-planted:] = W[:planted], b[:planted]
    x = rng.normal(size=WIDTH)
    return [W.astype(dtype) for W in weights], [b.astype(dtype) for b in biases], x.astype(dtype)


def applied(weights, biases, planted=0):
    """The network; `planted` maxima in every layer stand between equal units."""

    def f(x):
        for W, b in zip(weights, biases, strict=True):
            z = W @ x + b
            x = sg.relu(z)
            if planted:
                x = x + 0.125 * np.sum(np.maximum(z[:planted], z[WIDTH - planted:]))
        return x

    return f


def errors(depth, seed, dtype, wide):
    """(tolerance, true error) of the last layer's preactivations, as means."""
    weights, biases, x = network(depth, seed, dtype)
    P = sg.trace(applied(weights, biases), x)
    ev = P.evaluate(x)
    y = x.astype(wide)
    for W, b in zip(weights, biases, strict=True):
        z = W.astype(wide) @ y + b.astype(wide)
        y = np.maximum(z, 0)
    at = P.line(P.outputs[0]).pr[0]
    assert ev.values[at].dtype == dtype
    return float(np.mean(rounding(P, ev, ULPS)[at])), float(np.mean(np.abs(ev.values[at] - z)))


@pytest.mark.parametrize(("dtype", "wide"), [(np.float64, np.longdouble), (np.float32, np.float64)])
def test_tolerance_beside_the_true_error_is_the_same_at_any_depth(dtype, wide):
    ratio = [np.mean([t / e for t, e in (errors(depth, seed, dtype, wide) for seed in range(3))])
             for depth in (2, 10, 50)]
    assert min(ratio) > 8  # nothing that rounding made is missed
    assert max(ratio) < 4 * min(ratio) < 2000


def test_moduli_that_add_up_grow_with_depth():
    """Negative control: the worst case of every layer after the other."""
    with mock.patch.object(module, "spread", magnitudes):
        shallow, deep = ([t / e for t, e in [errors(depth, 0, np.float64, np.longdouble)]] for depth in (2, 10))
    assert deep[0] > 1e4 * shallow[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_twenty_layers_have_no_false_ties_and_keep_planted_ones(dtype):
    weights, biases, x = network(20, 0, dtype)
    assert local(applied(weights, biases), x).ties == {}
    weights, biases, x = network(20, 1, dtype, planted=3)
    here = local(applied(weights, biases, planted=3), x)
    assert [len(every) for every in here.ties.values()] == [3] * 20
    assert {here.P.line(k).op for k in here.ties} == {"maximum"}


def test_cancelled_numbers_tie_at_any_depth():
    weights, biases, x = network(12, 2)
    f = applied(weights, biases)
    g = lambda x: sg.relu(np.sum(f(x)) - np.sum(f(x)[::-1]))  # two orders of summation: what remains is rounding
    P = sg.trace(g, x)
    ev = P.evaluate(x)
    assert list(touched(P, ev, rounding(P, ev, ULPS)).values())[-1] == 1
    assert sg.clarke(lambda t: sg.relu(0.1 + t - 0.3), 0.2).outer.contains([1.0])


def test_a_number_read_twice_counts_as_one():
    P = sg.trace(lambda t: t + t, 1.0)
    assert module.spread(1, P.line(1), P.evaluate(1.0), [np.array(1.0)]) == 2.0
    Q = sg.trace(lambda t, s: t + s, 1.0, 1.0)
    ev = Q.evaluate(1.0, 1.0)
    assert module.spread(2, Q.line(2), ev, [np.array(1.0)] * 2) == pytest.approx(2**0.5)
