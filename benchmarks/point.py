"""Verdicts at the size of networks: time and memory as the parameters grow, and as the kinks do, beside a gradient.

    python benchmarks/point.py
"""

import resource
from statistics import median
from time import perf_counter

import numpy as np

import selgrad as sg

SIZES = (10**4, 10**5, 10**6)
KINKS = (1, 3, 10, 30, 100, 300)
EQUAL = (1000, 10_000)


def network(p, kinks, layers, seed=0):
    """A ReLU network of about p parameters, `kinks` of whose first preactivations are exactly 0; its loss and point."""
    rng = np.random.default_rng(seed)
    width = int(p ** 0.5) if layers == 1 else int((p / layers) ** 0.5)
    inputs = p // width if layers == 1 else width
    x = rng.integers(-2, 3, size=inputs).astype(float)
    weights = [rng.integers(-4, 5, size=(width, inputs)) / 8.0]
    weights += [rng.normal(size=(width, width)) / width**0.5 for _ in range(layers - 1)]
    z = weights[0] @ x
    at = int(np.flatnonzero(x)[0])
    weights[0][:kinks, at] -= z[:kinks] / x[at]  # dyadic numbers: the first preactivations are exactly 0
    out = rng.normal(size=width)

    def loss(params):
        h = x
        for W in params:
            h = sg.relu(W @ h)
        return out @ h

    return loss, {"weights": weights}


def measured(p, kinks, layers):
    """Seconds of a gradient and of a verdict, what it is, and the largest memory so far, in gigabytes."""
    loss, params = network(p, kinks, layers)
    P = sg.trace(lambda params: loss(params["weights"]), params)
    gradient = sg.grad(P)
    gradient(params)
    one = []
    for _ in range(3):
        start = perf_counter()
        gradient(params)
        one.append(perf_counter() - start)
    start = perf_counter()
    verdict = sg.classify(P, params)
    seconds = perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return median(one), seconds, verdict, memory


def main():
    """Print the tables: against p, against kinks, and of one long tie."""
    print(f"{'parameters':>10} {'layers':>6} {'kinks':>5} {'gradient':>9} {'verdict':>9} {'memory':>8}  what it is")
    for layers in (1, 3):
        for p in SIZES:
            line(p, 10, layers)
    for p in SIZES[1:]:
        for kinks in KINKS:
            line(p, kinks, 1)
    for n in EQUAL:
        start = perf_counter()
        verdict = sg.classify(lambda x: np.max(x), np.zeros(n))
        print(f"max of {n} equal entries: {perf_counter() - start:.2f}s, {verdict.kind}", flush=True)


def line(p, kinks, layers):
    """One line of a table."""
    one, seconds, verdict, memory = measured(p, kinks, layers)
    print(f"{p:10} {layers:6} {kinks:5} {one:8.4f}s {seconds:8.3f}s {memory:6.2f}GB  {verdict.kind}, AD's answer is "
          f"Clarke: {verdict.ad_is_clarke}", flush=True)


if __name__ == "__main__":
    main()
