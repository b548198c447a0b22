"""What reading models of other frameworks shares: entries that only move, windows with padding, what is left out."""

import importlib.util

import numpy as np
import pytest

import selgrad as sg
from selgrad.frameworks import FrameworkMissing
from selgrad.frameworks.importing import Unsupported, extremes, numbers, placed, pruned, window_positions
from selgrad.tracing.recorder import record

X = np.arange(12.0).reshape(3, 4) % 5
MOVES = {
    "itself": lambda x: x, "reshape": lambda x: x.reshape(2, 6), "transpose": lambda x: x.T,
    "broadcast": lambda x: np.broadcast_to(x, (2, 3, 4)), "gather": lambda x: x[::-1, 1:3],
}


@pytest.mark.parametrize("name", MOVES)
def test_what_moves_is_spelled_in_the_simplest_way(name):
    P = sg.trace(lambda x: placed([x], MOVES[name](*numbers([x]))), X)
    assert np.array_equal(P(X), MOVES[name](X))
    assert P.instructions[-1].op in (name, "add")


def test_entries_of_several_operands_and_a_filling():
    at = np.array([[0, 1, 13], [2, 0, 13]])
    P = sg.trace(lambda x, y: placed([x, y], at, fill=7.0), X, np.array([9.0, 8.0]))
    assert P(X, np.array([9.0, 8.0])).tolist() == [[7.0, 0.0, 9.0], [1.0, 7.0, 9.0]]
    P = sg.trace(lambda x: placed([np.array([3.0]), x], np.array([1, 2, 3])), X)
    assert P(X).tolist() == [3.0, 0.0, 1.0]


@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 1), (0, 2)), ((1, 0), (-1, 1))])
def test_maxima_of_padded_windows_never_read_the_padding(padding):
    window, strides, dilation = (2, 2), (1, 2), (1, 2)
    at = window_positions((3, 4), window, strides, padding, dilation)
    padded = np.pad(X - 9, [(max(a, 0), max(b, 0)) for a, b in padding], constant_values=-np.inf)
    padded = padded[:, 1:] if padding[1][0] < 0 else padded
    expected = np.array([[padded[i : i + 2, j : j + 3 : 2].max() for j in range(0, padded.shape[1] - 2, 2)]
                         for i in range(padded.shape[0] - 1)])
    P = sg.trace(lambda x: extremes(x, at, lambda e: record("max", e, axis=-1, rule="first")), X)
    assert np.array_equal(P(X - 9), expected)
    # negative control: filled with 0 the padding would win
    zero = sg.trace(lambda x: np.max(placed([x], at), axis=-1), X)
    assert np.array_equal(zero(X - 9), expected) == (not np.any(at == 0))


def test_a_window_of_padding_alone_is_refused():
    at = window_positions((2,), (1,), (1,), ((1, 0),), (1,))
    with pytest.raises(ValueError, match="padding alone"):
        sg.trace(lambda x: extremes(x, at, lambda e: np.max(e, axis=-1)), np.zeros(2))


def test_dead_lines_go_and_kinks_get_their_rule():
    def f(x):
        np.exp(x)
        return np.abs(x) if x > -5 else x

    P = sg.trace(f, 1.0)
    Q = pruned(P, ["a"] * len(P.instructions), "jax")
    assert [i.op for i in Q.instructions if i.row.kinked] == ["abs"] and len(Q.instructions) < len(P.instructions)
    assert [i.rule for i in Q.instructions if i.row.kinked] == [">"] and set(Q.layers) == {"a"}
    assert sg.grad(Q)(0.0) == 1.0 and sg.grad(P)(0.0) == -1.0
    with pytest.raises(sg.BranchChanged):
        Q(-6.0)


def test_all_that_is_not_supported_is_named_at_once():
    unsupported = Unsupported("PyTorch")
    unsupported.check()
    for name in ("fft", "qr"):
        unsupported.add(name, "block.0", ("m.py", 3), "")
    with pytest.raises(sg.NotElementary, match=r"fft in block.0 \(m.py:3\)\n  qr in block.0"):
        unsupported.check()


def test_a_transposed_square_keeps_its_order():
    for axes in [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)]:
        x = np.arange(8.0).reshape(2, 2, 2)
        P = sg.trace(lambda x, axes=axes: placed([x], np.transpose(numbers([x])[0], axes)), x)
        assert np.array_equal(P(x), np.transpose(x, axes))


def test_places_that_no_entry_goes_to():
    def f(x):
        nothing, filling = placed([x], np.zeros((0, 2))), placed([x], np.zeros(3), fill=2.0)
        assert nothing.shape == (0, 2) and filling.tolist() == [2.0] * 3
        return x

    assert sg.trace(f, X)(X).shape == X.shape


def test_a_framework_that_is_not_installed_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FrameworkMissing, match="needs JAX, which is not installed: pip install jax"):
        sg.from_jax(np.abs, 1.0)
