"""PyTorch's recurrent layers, unrolled, and sums of entries where they meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.frameworks.torch_activations import relu
from selgrad.frameworks.torch_layers import linear
from selgrad.frameworks.torch_ops import entry
from selgrad.tracing.recorder import record


def tanh(x: Any) -> Any:
    return entry("tanh", x)


def sigmoid(x: Any) -> Any:
    return entry("sigmoid", x)


def lstm_step(x: Any, state: tuple, w: Any, u: Any, b: Any, d: Any) -> tuple:
    """The next (h, c)."""
    h, c = state
    i, f, g, o = np.split(linear(x, w, b) + linear(h, u, d), 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru_step(x: Any, state: tuple, w: Any, u: Any, b: Any, d: Any) -> tuple:
    (h,) = state
    (r, z, n), (s, y, m) = np.split(linear(x, w, b), 3, axis=-1), np.split(linear(h, u, d), 3, axis=-1)
    z = sigmoid(z + y)
    return ((1.0 - z) * tanh(n + sigmoid(r + s) * m) + z * h,)


def rnn_step(bend: Callable) -> Callable:
    return lambda x, state, w, u, b, d: (bend(linear(x, w, b) + linear(state[0], u, d)),)


def layers(step: Callable) -> Callable:
    """A recurrent module: its result and its last states, layer upon layer, backwards too where that is asked."""

    def rule(x: Any, hx: Any, params: Any, has_biases: bool, num_layers: int, dropout: float, train: bool,
             bidirectional: bool, batch_first: bool) -> Any:
        if dropout and train:
            raise ValueError("its dropout draws random numbers while training")
        states = list(hx) if isinstance(hx, (tuple, list)) else [hx]
        size, ways = 4 if has_biases else 2, 2 if bidirectional else 1
        if len(params) != size * num_layers * ways:
            raise ValueError("projections of the state are not known here")
        xs = list(np.swapaxes(x, 0, 1) if batch_first else x)
        last: list[list] = [[] for _ in states]
        for layer in range(num_layers):
            found = []
            for way in range(ways):
                at = layer * ways + way
                w, u, *biases = params[size * at : size * (at + 1)]
                b, d = biases or (None, None)
                state, ys = tuple(s[at] for s in states), []
                for one in xs[::-1] if way else xs:
                    state = step(one, state, w, u, b, d)
                    ys.append(state[0])
                found.append(ys[::-1] if way else ys)
                for kept, s in zip(last, state, strict=True):
                    kept.append(s)
            xs = [ys[0] if ways == 1 else np.concatenate(ys, axis=-1) for ys in zip(*found, strict=True)]
        return np.stack(xs, axis=1 if batch_first else 0), *(np.stack(kept) for kept in last)

    return rule


def added(x: Any, source: Any, at: np.ndarray) -> Any:
    """x with the entries of the source added at these positions."""
    return x + record("scatter", np.broadcast_to(source, at.shape), core=np.shape(x), at=at)


def positions(x: Any) -> np.ndarray:
    return np.arange(x.size).reshape(np.shape(x))


def scatter_add(x: Any, dim: int, index: Any, source: Any) -> Any:
    part = tuple(slice(n) for n in np.shape(index))
    here = [s if a != dim % np.ndim(x) else slice(None) for a, s in enumerate(part)]
    return added(x, source[part], np.take_along_axis(positions(x)[tuple(here)], index, axis=dim))


def index_add(x: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    at = np.take(positions(x), index, axis=dim)
    return added(x, source if alpha == 1 else entry("multiply", source, float(alpha)), at)


RECURRENT: dict[str, Callable] = {
    "lstm": layers(lstm_step), "gru": layers(gru_step), "rnn_tanh": layers(rnn_step(tanh)),
    "rnn_relu": layers(rnn_step(relu)), "scatter_add": scatter_add, "index_add": index_add,
}
