"""A ReLU network trained on scikit-learn's digits by every tie convention: losses, kinks touched, partings.

relu is written sg.relu (derivative 0 at 0 in every convention) and np.maximum(z, 0) (1 or 1/2). All sides
see the same minibatches from the same start; in exact arithmetic they would agree for almost every start.
"""

from __future__ import annotations

from typing import Any

from selgrad.examples.networks import digits
from selgrad.experiments.training import SIDES, Run, train

SIZES, BATCH, RATE = (64, 256, 256, 10), 32, 0.5
EPOCHS = {"float16": 5, "float32": 40, "float64": 40}  # float16 has no fast matrix product
SEEDS = {"float16": 1, "float32": 10, "float64": 10}


def one(dtype: str, seed: int, epochs: int) -> Run:
    """The run of one format and seed."""
    X, Y, _ = digits()
    return train(X, Y, SIZES, epochs=epochs, rate=RATE, batch=BATCH, seed=seed, dtype=dtype)


def parting(run: Run, side: str) -> list | None:
    """[step, instructions, preactivations at 0], or None."""
    p = run.partings[side]
    return None if p is None else [p.step, list(p.instructions), p.ties]


def compute(store: str | None = None) -> dict[str, Any]:
    """Losses, touches and distances of seed 0 in every format, and the partings of all seeds."""
    result: dict[str, Any] = {"sizes": SIZES, "batch": BATCH, "rate": RATE, "sides": list(SIDES)}
    for dtype, epochs in EPOCHS.items():
        runs = [one(dtype, seed, epochs) for seed in range(SEEDS[dtype])]
        result[dtype] = {
            "evaluated": runs[0].evaluated,
            "losses": {side: [round(v, 6) for v in runs[0].losses[side].tolist()] for side in SIDES},
            "touches": {side: runs[0].touches[side].tolist() for side in SIDES},
            "apart": {side: [float(f"{v:.6g}") for v in runs[0].apart[side]] for side in SIDES},
            "partings": [{side: parting(run, side) for side in SIDES} for run in runs],
            "touched": [int(run.touches["relu"].sum()) for run in runs],
        }
    return result
