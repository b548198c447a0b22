"""Small ReLU networks as programs, their parameters, and scikit-learn's digits: what the experiments train."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.programs.formats import cast
from selgrad.programs.program import Program
from selgrad.tracing import trace
from selgrad.tracing.operations import logsumexp, relu

Parameters = tuple[np.ndarray, ...]


def three_neurons(x: Any, relu: Callable = relu) -> Any:
    """relu(-x1) + relu(-x2) - relu(x1 + x2): one hidden layer without biases, x of shape (2,) (ours).

    At 0 AD returns 0, which lies outside Clarke's subdifferential: an artificial critical point without a trick.

    >>> print(three_neurons(np.array([1.0, 2.0])), three_neurons(np.array([-1.0, 0.5])))
    -3.0 1.0
    """
    return relu(-x[0]) + relu(-x[1]) - relu(x[0] + x[1])


def cross_entropy(activation: Callable = relu) -> Callable:
    """f(parameters, X, Y): the mean cross-entropy of a network whose layers but the last end in the activation.

    parameters (W_1, b_1, ..., W_L, b_L), W_l of shape (in, out); X (batch, in); Y (batch, classes) is one-hot.
    """

    def loss(parameters: Parameters, X: Any, Y: Any) -> Any:
        a = X
        for l in range(0, len(parameters) - 2, 2):
            a = activation(a @ parameters[l] + parameters[l + 1])
        z = a @ parameters[-2] + parameters[-1]
        return np.mean(logsumexp(z, axis=-1) - np.sum(z * Y, axis=-1))

    return loss


def network(sizes: tuple[int, ...], batch: int, dtype: Any = float, activation: Callable = relu) -> Program:
    """The program of `cross_entropy` for layers of these sizes and minibatches of `batch`, in one format.

    >>> network((64, 16, 10), 32)
    Program(p=3578, q=1, m=7003)
    """
    zeros = tuple(np.zeros(s) for i, o in pairwise(sizes) for s in ((i, o), (o,)))
    P = trace(cross_entropy(activation), zeros, np.zeros((batch, sizes[0])), np.zeros((batch, sizes[-1])))
    return cast(P, np.dtype(dtype))


def initial(sizes: tuple[int, ...], seed: int, dtype: Any = float, biases: str = "uniform") -> Parameters:
    """Weights and biases uniform in +-1/sqrt(in), as PyTorch draws them; biases="zero" makes those 0, as in Keras."""
    if biases not in ("uniform", "zero"):
        raise InputError(f"Unknown biases {biases!r}: choose 'uniform' or 'zero'.")
    rng, parameters = np.random.default_rng(seed), []
    for i, o in pairwise(sizes):
        W, b = (rng.uniform(-1, 1, shape) / np.sqrt(i) for shape in ((i, o), (o,)))
        parameters += [W.astype(dtype), (b if biases == "uniform" else np.zeros(o)).astype(dtype)]
    return tuple(parameters)


def digits(dtype: Any = float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """scikit-learn's 1,797 digits of 8 by 8 pixels, nothing downloaded: X (1797, 64) in [0, 1], one-hot Y, labels.

    Raises InputError where scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits  # type: ignore[import-not-found]
    except ImportError:
        raise InputError("The digits come with scikit-learn, which is not installed: pip install 'selgrad[digits]'."
                         ) from None
    X, labels = load_digits(return_X_y=True)
    return (X / 16).astype(dtype), np.eye(10, dtype=dtype)[labels], labels
