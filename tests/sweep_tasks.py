"""Tasks of test_sweeps.py, in a module of their own, which worker processes import."""

import os
import time

import numpy as np

COUNT = iter(range(10**6))


def note(chunk):
    """One line a chunk in the file SWEEP_LOG: the chunk's first point and the process."""
    if "SWEEP_LOG" in os.environ:
        with open(os.environ["SWEEP_LOG"], "a") as log:
            log.write(f"{chunk.index[0]} {os.getpid()}\n")
    time.sleep(float(os.environ.get("SWEEP_PAUSE", 0)))


def walk(chunk, steps=8):
    """A random walk from each x, in float32, and three outputs of other kinds and shapes."""
    note(chunk)
    moves = np.stack([rng.normal(size=steps) for rng in chunk.generators()])
    ends = (chunk["x"] + chunk["c"] * moves.sum(axis=1)).astype("float32")
    return {"end": ends, "moves": moves, "right": ends > 0, "index": chunk.index}


def other(chunk, steps=8):
    return walk(chunk, steps)


def by_process(chunk):
    return {"pid": np.full(len(chunk), os.getpid())}


def by_order(chunk):
    return {"count": np.full(len(chunk), next(COUNT))}


def dies(chunk):
    if chunk.index[0] >= 6:
        os._exit(1)
    return {"index": chunk.index}


def fails(chunk):
    if 7 in chunk.index:
        raise ZeroDivisionError("no such\n point")
    return {"index": chunk.index}


def changes(chunk):
    return {"x": chunk["x"].astype("float32" if chunk.index[0] else "float64")}


def returns(chunk, what="nothing"):
    n = len(chunk)
    return {
        "nothing": None, "an empty dict": {}, "text": {"a": ["x"] * n}, "objects": {"a": [None] * n},
        "too few": {"a": np.zeros(n - 1)}, "a number": {"a": 1.0}, "a bad name": {"a b": np.zeros(n)},
        "no width": {"a": np.zeros((n, 0))},
    }[what]
