"""Value and gradient of all parameters of a 64-128-128-10 ReLU network, batch 64, four ways.

    OMP_NUM_THREADS=1 python benchmarks/mlp.py

The same loss by a selgrad Program, written out by hand in NumPy, by autograd and by TensorFlow (those
that are installed), in one process, in turns, in float64. Prints the number of BLAS threads
asked for, medians, and ratios to the hand-written one.
"""

import importlib.util
import os
import time
from itertools import pairwise

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import selgrad as sg

SIZES, BATCH, ROUNDS, INNER = (64, 128, 128, 10), 64, 40, 10


def problem(seed=0):
    """(parameters, images, one-hot labels)."""
    rng = np.random.default_rng(seed)
    params = [
        (rng.standard_normal((n, m)) / np.sqrt(n), 0.1 * rng.standard_normal(m))
        for n, m in pairwise(SIZES)
    ]
    return params, rng.standard_normal((BATCH, SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], BATCH)]


def loss(params, x, labels):
    """Mean cross-entropy of the network."""
    for W, b in params[:-1]:
        x = sg.relu(x @ W + b)
    W, b = params[-1]
    z = x @ W + b
    return np.mean(sg.logsumexp(z, axis=-1) - np.sum(z * labels, axis=-1))


def by_hand(params, x, labels):
    """What a careful programmer writes: forward, then backward, layer by layer."""
    (W1, b1), (W2, b2), (W3, b3) = params
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    z = h2 @ W3 + b3
    top = z.max(axis=-1, keepdims=True)
    e = np.exp(z - top)
    total = e.sum(axis=-1, keepdims=True)
    value = np.mean(top[:, 0] + np.log(total[:, 0]) - np.sum(z * labels, axis=-1))
    dz = (e / total - labels) / len(x)
    d2 = (dz @ W3.T) * (z2 > 0)
    d1 = (d2 @ W2.T) * (z1 > 0)
    return value, [(x.T @ d1, d1.sum(axis=0)), (h1.T @ d2, d2.sum(axis=0)), (h2.T @ dz, dz.sum(axis=0))]


def with_autograd(params, x, labels):
    import autograd.numpy as anp
    from autograd import value_and_grad

    def loss(params):
        h = x
        for W, b in params[:-1]:
            h = anp.maximum(h @ W + b, 0)
        z = h @ params[-1][0] + params[-1][1]
        top = anp.max(z, axis=-1, keepdims=True)
        lse = top[:, 0] + anp.log(anp.sum(anp.exp(z - top), axis=-1))
        return anp.mean(lse - anp.sum(z * labels, axis=-1))

    both = value_and_grad(loss)
    return lambda: both(params)


def with_tensorflow(params, x, labels):
    import tensorflow as tf

    variables = [[tf.Variable(W), tf.Variable(b)] for W, b in params]
    x, labels = tf.constant(x), tf.constant(labels)

    @tf.function
    def both():
        with tf.GradientTape() as tape:
            h = x
            for W, b in variables[:-1]:
                h = tf.nn.relu(h @ W + b)
            z = h @ variables[-1][0] + variables[-1][1]
            value = tf.reduce_mean(tf.reduce_logsumexp(z, -1) - tf.reduce_sum(z * labels, -1))
        return value, tape.gradient(value, variables)

    return both


def contenders():
    """name -> a call without arguments that returns value and gradient."""
    params, x, labels = problem()
    both = sg.value_and_grad(sg.trace(loss, params, x, labels))
    calls = {
        "NumPy by hand": lambda: by_hand(params, x, labels),
        "selgrad Program": lambda: both(params, x, labels),
    }
    for name, make in (("autograd", with_autograd), ("TensorFlow", with_tensorflow)):
        if importlib.util.find_spec(name.lower()) is None:
            print(f"{name} is not installed here, so it is left out.")
        else:
            calls[name] = make(params, x, labels)
    return calls


def main():
    calls = contenders()
    value, d = calls["NumPy by hand"]()
    for name, call in calls.items():
        other, e = call()
        assert np.isclose(float(other), value), name
        assert all(np.allclose(a, b) for one, two in zip(d, e, strict=True) for a, b in zip(one, two, strict=True))
    times = {name: [] for name in calls}
    for _ in range(ROUNDS):  # in turns, so that a slow moment of the machine falls on all alike
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(INNER):
                call()
            times[name].append((time.perf_counter() - start) / INNER)
    print(f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', '(not set)')}")
    base = np.median(times["NumPy by hand"])
    for name, seconds in times.items():
        print(f"{name:<16} {1e3 * np.median(seconds):7.3f} ms   {np.median(seconds) / base:5.2f} times by hand")


if __name__ == "__main__":
    main()
