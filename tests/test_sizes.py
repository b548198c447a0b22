"""Kinks at the size of networks: memory beside the matrix of gradients, and the ties of a network on the digits."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest

import selgrad as sg
from selgrad.audits.reach import ALIKE, STILL, judged
from selgrad.kinks import form, frame
from selgrad.kinks.form import form_of
from selgrad.kinks.point import local


def test_gradients_of_many_kinks_are_never_in_memory_together():
    rng = np.random.default_rng(0)
    n, kinks = 500, 200
    W, x, out = rng.integers(-4, 5, size=(n, n)) / 8.0, rng.integers(-2, 3, size=n).astype(float), rng.normal(size=n)
    at = int(np.flatnonzero(x)[0])
    W[:kinks, at] -= (W @ x)[:kinks] / x[at]  # dyadic numbers: exactly 0
    W[kinks:] += rng.normal(size=(n - kinks, n))
    P = sg.trace(lambda W: out @ sg.relu(W @ x), W)
    tracemalloc.start()
    v = sg.classify(P, W)
    peak = tracemalloc.get_traced_memory()[1]
    made = form_of(v.clarke.here)
    dense = made._pull_taps({}).Z
    control = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert v.kind == "regular" and v.clarke.exact and v.ad_is_clarke and made.rows.Z.shape == (kinks, kinks + 1)
    assert peak < 0.8 * dense.nbytes < control
    assert np.allclose(made.rows.Z @ made.frame, dense, atol=1e-12)


def test_gradients_that_depend_on_others_are_kept_where_they_fit(monkeypatch):
    """The rationals settle what floats leave open in them; where they do not fit, nothing false is found."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(-4, 5, size=(2, 5000)).astype(float)
    f = lambda x: sg.relu(a @ x) - sg.relu(2 * (a @ x)) + sg.relu(b @ x) - np.abs((a - b) @ x) + sg.relu(a @ x + b @ x)
    x = np.zeros(5000)
    kept = sg.classify(f, x)
    assert form_of(kept.clarke.here).frame is None and kept.clarke.exact and kept.kind == "clarke-critical"
    independent = sg.classify(lambda x: sg.relu(a @ x) - sg.relu(b @ x), x)
    assert form_of(independent.clarke.here).frame is not None and independent.clarke.exact
    monkeypatch.setattr(form, "LARGEST", 10_000)
    framed = sg.classify(f, x)
    assert form_of(framed.clarke.here).frame is not None
    for name in ("kind", "ad_is_clarke"):
        assert getattr(framed, name) == getattr(kept, name)
    for e in framed.clarke.inner.vertices:
        assert kept.clarke.inner.contains(e, tol=1e-9)
    monkeypatch.setattr(frame, "REST", 0)
    assert "too many of their gradients" in sg.clarke(f, x).reason


def convolution(bias):
    """Loss of 3x3 filters, relu, pooling and a dense layer on 128 digits, with its parameters."""
    digits = pytest.importorskip("sklearn.datasets", reason="needs the digits").load_digits()
    X, Y = np.pad(digits.images[:128] / 16.0, ((0, 0), (1, 1), (1, 1))), digits.target[:128]
    patches = np.lib.stride_tricks.sliding_window_view(X, (3, 3), axis=(1, 2)).reshape(128, 8, 8, 9)
    rng, C = np.random.default_rng(0), len(bias)

    def loss(W, b, V):
        h = sg.max_pool(sg.relu(np.transpose(patches @ W + b, (0, 3, 1, 2))), (2, 2))
        s = np.reshape(h, (128, C * 16)) @ V
        return np.mean(sg.logsumexp(s, axis=-1) - s[np.arange(128), Y])

    args = (rng.normal(size=(9, C)) / 3, np.array(bias), rng.normal(size=(C * 16, 10)) / 11)
    return patches, local(loss, args)


def test_the_ties_of_blank_patches_are_trivial_and_live_ones_are_kept():
    bias = [0.1, -0.2, 0.05, 0.3]
    _, here = convolution(bias)
    why = Counter(why for _, _, why in judged(here, [0, 1, 2]))
    assert {here.P.line(k).op for k in here.ties} == {"max_pool"}
    assert set(why) == {STILL, ALIKE} and sum(why.values()) > 1000
    patches, here = convolution([0.0, *bias[1:]])  # now the first filter's relu is tied on every blank patch
    blank = int((patches == 0).all(axis=-1).sum())
    kept = Counter(here.P.line(step.tie.node).op for step, _, why in judged(here, [0, 1, 2]) if not why)
    assert kept["relu"] + sum(why != "" for step, _, why in judged(here, [0, 1, 2])
                              if here.P.line(step.tie.node).op == "relu") == blank
    assert kept["relu"] > 100
