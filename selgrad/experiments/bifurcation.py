"""How many random networks lie in the bifurcation zone, by format, depth and width, on scikit-learn's digits.

The protocol is that of Bertoin, Bolte, Gerchinovitz and Pauwels (NeurIPS 2021): two copies of one random
ReLU network, with relu'(0) = 0 and = 1, are in the zone when the derivatives in the first layer's weights
differ in any bit on some minibatch. Theirs sweeps MNIST, ours the 1,792 digits in 14 minibatches of 128,
so our counts are not theirs; their order and their growth with depth and width are what is compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.examples.networks import digits
from selgrad.experiments.precision import TwoPrograms
from selgrad.sweeps import Chunk, sweep

BATCH = 128
DEPTHS, WIDTHS = (1, 2, 3, 4, 6), (32, 64, 128, 256, 512)
SHAPES = [(depth, 256) for depth in DEPTHS] + [(3, width) for width in WIDTHS if width != 256]


def tried(dtype: str, depth: int, width: int) -> int:
    """How many networks are drawn; float16 has no fast matrix product."""
    if dtype == "float16":
        return 100 if depth * width <= 1024 else 20
    return {"float32": 2000, "float64": 500}[dtype]


def zone(chunk: Chunk) -> dict[str, np.ndarray]:
    """Whether network number `net` of a shape is in the zone: a task of `sg.sweep`. Output: inside, shape (n,)."""
    inside = np.zeros(len(chunk), dtype=bool)
    keys = [tuple(key) for key in zip(chunk["dtype"], chunk["depth"], chunk["width"])]
    for dtype, depth, width in dict.fromkeys(keys):
        X, Y, _ = digits(dtype)
        pair = TwoPrograms((64, *[int(width)] * int(depth), 10), BATCH, dtype)
        for i in [i for i, key in enumerate(keys) if key == (dtype, depth, width)]:
            inside[i] = pair.in_zone(int(chunk["net"][i]), X, Y)
    return {"inside": inside}


def compute(store: str | None = None) -> dict[str, Any]:
    """For every format and shape: [format, depth, width, networks in the zone, networks drawn]."""
    points = [
        {"dtype": dtype, "depth": depth, "width": width, "net": net}
        for dtype in ("float32", "float64", "float16") for depth, width in SHAPES
        for net in range(tried(dtype, depth, width))
    ]
    inside = sweep(zone, points, store=store, chunk=20)["inside"]
    counts: dict[tuple, int] = {}
    for point, hit in zip(points, inside, strict=True):
        key = (point["dtype"], point["depth"], point["width"])
        counts[key] = counts.get(key, 0) + int(hit)
    return {"batch": BATCH, "counts": [[*key, n, tried(*key)] for key, n in counts.items()]}
