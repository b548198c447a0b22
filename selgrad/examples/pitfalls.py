"""Programs that fail in practice, and their repairs; what they are programs of stands in each docstring (ours).

The failures are reported in the issue trackers that chapter 7 links.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.tracing.operations import relu


def norm(x: Any) -> Any:
    """|x|, by the formula: at 0 the chain rule reads 0 times inf."""
    return np.sqrt(np.sum(x * x))


def norm_twice_guarded(x: Any) -> Any:
    """|x|, with the square root kept away from 0 by the "double where".

    >>> import selgrad as sg
    >>> sg.grad(norm_twice_guarded)(np.zeros(2))
    array([0., 0.])
    """
    s = np.sum(x * x)
    return np.where(s > 0, np.sqrt(np.where(s > 0, s, 1.0)), 0.0)


def norm_clipped(x: Any, least: float = 1e-12) -> Any:
    """max(|x|, sqrt(least)): continuous in every instruction, and constant near 0.

    >>> float(norm_clipped(np.zeros(2))), float(norm_clipped(np.array([3.0, 4.0])))
    (1e-06, 5.0)
    """
    return np.sqrt(np.maximum(np.sum(x * x), least))


def root_of_square(t: Any) -> Any:
    """|t|, as the root of a square."""
    return np.sqrt(t * t)


def masked_log(t: Any) -> Any:
    """log t for t > 0 and 0 elsewhere: the logarithm is computed everywhere, and thrown away for t <= 0."""
    return np.where(t > 0, np.log(t), 0.0)


def guarded_log(t: Any) -> Any:
    """log(max(t, 1e-6)): the argument is guarded, not the result.

    >>> float(guarded_log(1.0)), round(float(guarded_log(0.0)), 3)
    (0.0, -13.816)
    """
    return np.log(np.maximum(t, 1e-6))


def overflowing(t: Any) -> Any:
    """exp(t) for t < 0 and t + 1 elsewhere (ELU + 1): exp(1000) overflows where it is not wanted."""
    return np.where(t < 0, np.exp(t), t + 1)


def overflowing_guarded(t: Any) -> Any:
    """The same function: the exponential never sees a positive number.

    >>> float(overflowing_guarded(1000.0))
    1001.0
    """
    return np.where(t < 0, np.exp(np.where(t < 0, t, 0.0)), t + 1)


def celu(t: Any) -> Any:
    """t for t >= 0 and exp(t) - 1 for t <= 0, smooth to first order; as Keras writes it."""
    return np.maximum(t, 0.0) + np.expm1(np.minimum(t, 0.0))


def celu_one_switch(t: Any) -> Any:
    """The same function: at 0 both wheres take the side t <= 0, whatever the convention.

    >>> import selgrad as sg
    >>> [float(sg.grad(celu_one_switch, convention=c)(0.0)) for c in sg.CONVENTIONS]
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    return np.where(t > 0, t, np.expm1(np.where(t > 0, 0.0, t)))


def softplus(t: Any) -> Any:
    """log(1 + exp(t)), smooth; written so that nothing overflows, with two kinks that cancel."""
    return np.maximum(t, 0.0) + np.log1p(np.exp(-np.abs(t)))


def log_sigmoid(t: Any) -> Any:
    """log(1 / (1 + exp(-t))), smooth, whose derivative at 0 is 1/2."""
    return -softplus(-t)


def sigmoid(t: Any) -> Any:
    """1 / (1 + exp(-t)), smooth; by exp(-|t|), which never overflows."""
    small = np.exp(-np.abs(t))
    return np.where(t >= 0, 1.0, small) / (1.0 + small)


def hinge_relu(margin: Any) -> Any:
    """max(0, 1 - margin), with relu."""
    return relu(1.0 - margin)


def hinge_maximum(margin: Any) -> Any:
    """max(0, 1 - margin), with the maximum of two."""
    return np.maximum(1.0 - margin, 0.0)


def masked_max_gradient(x: Any, dtype: Any = "float16", recomputed: Any = None) -> np.ndarray:
    """The gradient of max(x / 3) by an equality mask, as a fused kernel computes it: 1/n for each of n hits.

    x / 3 is rounded to the dtype in the forward pass; the backward pass compares its maximum with x / 3 computed
    again, in the dtype `recomputed`. No hit at all divides 0 by 0.

    >>> masked_max_gradient([0.25, 1.0, 1.0]).tolist()
    [0.0, 0.5, 0.5]
    >>> masked_max_gradient([0.25, 1.0, 1.0], recomputed="float32").tolist()
    [nan, nan, nan]
    """
    stored = np.asarray(x, dtype=dtype)
    largest = (stored / stored.dtype.type(3)).max()
    again = stored.astype(recomputed or dtype)
    hits = again / again.dtype.type(3) == largest
    with np.errstate(invalid="ignore"):
        return hits.astype(float) / hits.sum()
