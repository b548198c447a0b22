"""What several test modules share: a deterministic Hypothesis profile and two oracles."""

import numpy as np
from hypothesis import settings

settings.register_profile("selgrad", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("selgrad")


def central(f, x, step=1e-6):
    """Central differences of f at x: shape output + input. Only right where f is smooth."""
    x = np.asarray(x, dtype=float)
    columns = []
    for i in range(x.size):
        d = np.zeros(x.size)
        d[i] = step
        d = d.reshape(x.shape)
        columns.append((np.asarray(f(x + d)) - np.asarray(f(x - d))) / (2 * step))
    return np.stack(columns, axis=-1).reshape(np.shape(f(x)) + x.shape)
