"""Clarke's bounds: cells found per second, beside enumerating all 2^k branches, flat and nested kinks.

    python benchmarks/clarke.py
"""

from itertools import product
from statistics import median
from time import perf_counter

import numpy as np

import selgrad as sg

CASES = ((2, 1000), (3, 40), (5, 20), (5, 30))
GROWTH = ((4, (8, 12, 16, 24, 32)),)


def timed(run, repeats):
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        result = run()
        seconds.append(perf_counter() - start)
    return median(seconds), result


def flat(p, k, seed=0):
    """sum c_i relu(a_i . x): k kinks at 0 that do not feed each other."""
    rng = np.random.default_rng(seed)
    A, c = rng.normal(size=(k, p)), rng.normal(size=k)
    return lambda x: c @ sg.relu(A @ x)


def nested(p, width, depth, seed=0):
    """A ReLU network without biases: all width * depth kinks sit at 0."""
    rng = np.random.default_rng(seed)
    layers = [rng.normal(size=(width, p)), *(rng.normal(size=(width, width)) for _ in range(depth - 1))]
    c = rng.normal(size=width)

    def net(x):
        for W in layers:
            x = sg.relu(W @ x)
        return c @ x

    return net


def report(name, p, k, f, repeats=3):
    P = sg.trace(f, np.zeros(p))
    seconds, C = timed(lambda: sg.clarke(P, np.zeros(p)), repeats)
    cells = len(C.directions)
    print(f"{name:<22} p={p:<3} k={k:<5} {cells:>7} cells {seconds:8.3f} s {1e6 * seconds / cells:8.1f} us/cell  "
          f"exact={C.exact}")
    return seconds / cells


def enumerate_all(p, k, seed=0):
    """Every one of the 2^k patterns gives a Jacobian: D_P, not Clarke's set."""
    rng = np.random.default_rng(seed)
    A, c = rng.normal(size=(k, p)), rng.normal(size=k)
    return np.array([(np.array(s) * c) @ A for s in product((0.0, 1.0), repeat=k)])


def main():
    sg.clarke(np.abs, 0.0)
    sg.clarke(flat(3, 4), np.zeros(3))  # SciPy is imported before the clock starts
    per_cell = {}
    for p, k in CASES:
        per_cell[p] = report("flat", p, k, flat(p, k), 1 if k == 30 else 3)
    print("\ngrowth with the number of cells, beside all 2^k patterns")
    for p, ks in GROWTH:
        for k in ks:
            report("flat", p, k, flat(p, k))
            if k <= 16:
                seconds, J = timed(lambda p=p, k=k: enumerate_all(p, k), 1)
                print(f"{'  all patterns':<22} p={p:<3} k={k:<5} {len(J):>7} patterns {seconds:5.3f} s")
    print("\nnested: all kinks of a ReLU network at the point, beside flat ones in the same dimension")
    for p, width, depth in ((3, 10, 2), (3, 10, 4), (4, 8, 3)):
        slow = report(f"network {depth} x {width}", p, width * depth, nested(p, width, depth))
        same = report("flat", p, width * depth, flat(p, width * depth))
        print(f"  per cell: {slow / same:.2f} times the flat kinks")
    print("\nkinks beyond any limit: a work budget ends the walk, outer is D_P")
    report("flat", 10, 10_000, flat(10, 10_000), 1)


if __name__ == "__main__":
    main()
