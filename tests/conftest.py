"""What several test modules share: a deterministic Hypothesis profile and two oracles."""

import math
from types import SimpleNamespace

import numpy as np
from hypothesis import settings

# the first is full of mistakes, for pyright to find; the others are read by tests that need their framework
collect_ignore = ["typed_user.py", "jax_cases.py", "torch_cases.py"]

settings.register_profile("selgrad", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("selgrad")


def pytest_collection_modifyitems(config, items):
    """What is marked slow is left out unless the marks asked for name it."""
    if "slow" not in config.option.markexpr:
        slow = [item for item in items if item.get_closest_marker("slow")]
        items[:] = [item for item in items if item not in slow]
        config.hook.pytest_deselected(items=slow)


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


def interpreted(source):
    """A generated module run by Python itself, line by line: what Numba should make of it, without Numba."""
    text = source.replace("from numba import njit, prange\n", "").replace("from math import", "from numpy import")
    text = text.replace(" erf,", "")  # which NumPy lacks
    plain = lambda *args, **options: args[0] if args else (lambda function: function)
    names = {"njit": plain, "prange": range, "erf": math.erf}
    exec(text, names)
    return SimpleNamespace(**names)


def harmonic(k):
    """A schedule that Theorem 4 covers."""
    return 1 / (k + 1)
