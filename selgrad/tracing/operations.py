"""The functions NumPy has no name for: relu and its relatives, sort orders, pooling, softmax.

Each works on plain arrays and inside a traced function alike; names and axis= follow NumPy, SciPy
and JAX. Their kinks and tie conventions stand in `selgrad/primitives/kinked.py` and `order.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import ShapeError
from selgrad.tracing.functions import axes_of, reshape
from selgrad.tracing.recorder import Traced, elementwise, record


def relu(t: Any) -> Any:
    """max(0, t), coordinate by coordinate; pieces 0 and t, s = [t > 0] (Definition 4, example).

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return elementwise("relu", t)


def leaky_relu(t: Any, negative_slope: float = 0.01) -> Any:
    """t for t > 0, negative_slope * t otherwise.

    >>> print(leaky_relu(-1.0, 0.5))
    -0.5
    """
    return elementwise("leaky_relu", t, negative_slope=float(negative_slope))


def relu6(t: Any) -> Any:
    """min(max(0, t), 6).

    >>> print(relu6(7.0))
    6.0
    """
    return elementwise("relu6", t)


def elu(t: Any, alpha: float = 1.0) -> Any:
    """t for t > 0, alpha (exp(t) - 1) otherwise; a kink at 0 unless alpha = 1.

    >>> print(elu(2.0))
    2.0
    """
    return elementwise("elu", t, alpha=float(alpha))


def selu(t: Any) -> Any:
    """The scaled elu with its two fixed constants.

    >>> print(selu(0.0))
    0.0
    """
    return elementwise("selu", t)


def hard_sigmoid(t: Any) -> Any:
    """relu6(t + 3) / 6.

    >>> print(hard_sigmoid(0.0))
    0.5
    """
    return elementwise("hard_sigmoid", t)


def hard_tanh(t: Any) -> Any:
    """min(max(-1, t), 1).

    >>> print(hard_tanh(-4.0))
    -1.0
    """
    return elementwise("hard_tanh", t)


def sigmoid(t: Any) -> Any:
    """1 / (1 + exp(-t)).

    >>> print(sigmoid(0.0))
    0.5
    """
    return elementwise("sigmoid", t)


def softplus(t: Any) -> Any:
    """log(1 + exp(t)), smooth everywhere.

    >>> print(softplus(0.0) == np.log(2.0))
    True
    """
    return elementwise("softplus", t)


def logsumexp(x: Any, axis: int | None = None) -> Any:
    """log(sum(exp(x))) over an axis (all entries for None); smooth even where entries tie.

    >>> print(logsumexp(np.zeros(4)) == np.log(4.0))
    True
    """
    x = reshape(_array(x), -1) if axis is None else _array(x)
    return record("logsumexp", x, axis=axes_of(-1 if axis is None else axis, np.ndim(x))[0])


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / sum(exp(x)) over an axis.

    >>> softmax(np.zeros(2))
    array([0.5, 0.5])
    """
    return record("softmax", _array(x), axis=axes_of(axis, np.ndim(x))[0])


def sort(x: Any, axis: int = -1, descending: bool = False) -> Any:
    """The entries of x in order along an axis; pieces Px, P a permutation (Section 5.1).

    >>> sort(np.array([2.0, 3.0, 1.0]), descending=True)
    array([3., 2., 1.])
    """
    return record("sort", _array(x), axis=axes_of(axis, np.ndim(x))[0], descending=bool(descending))


def kth_largest(x: Any, k: int, axis: int = -1) -> Any:
    """The k-th largest entry along an axis, k = 1 for the largest (Definition 2, examples).

    Raises ShapeError unless 1 <= k <= n.

    >>> print(kth_largest(np.array([2.0, 3.0, 1.0]), 2))
    2.0
    """
    n = np.shape(x)[axis]
    if not 1 <= k <= n:
        raise ShapeError(f"kth_largest: k={k} must lie between 1 and {n}, the length of axis {axis}.")
    key: list[Any] = [slice(None)] * np.ndim(x)
    key[axis] = k - 1
    return sort(x, axis, descending=True)[tuple(key)]


def top_k(x: Any, k: int) -> Any:
    """The k largest entries along the last axis, largest first; tied entries in their order.

    Raises ShapeError unless 1 <= k <= n.

    >>> top_k(np.array([2.0, 3.0, 1.0]), 2)
    array([3., 2.])
    """
    n = np.shape(x)[-1]
    if not 1 <= k <= n:
        raise ShapeError(f"top_k: k={k} must lie between 1 and {n}, the length of the last axis.")
    return sort(x, -1, descending=True)[..., :k]


def median(x: Any, axis: int | None = None) -> Any:
    """The median along an axis (of all entries for None).

    >>> print(median(np.array([1.0, 5.0, 2.0])))
    2.0
    """
    x = reshape(_array(x), -1) if axis is None else _array(x)
    return record("median", x, axis=axes_of(-1 if axis is None else axis, np.ndim(x))[0])


def max_pool(x: Any, window: int | tuple[int, ...], strides: int | tuple[int, ...] | None = None) -> Any:
    """The largest entry of each window over the last axes, without padding.

    window and strides: one number per pooled axis (strides default to the window). Raises
    ShapeError when the window does not fit.

    >>> max_pool(np.array([1.0, 2.0, 4.0, 3.0]), 2)
    array([2., 4.])
    """
    size = (window,) if isinstance(window, int) else tuple(window)
    step = size if strides is None else (strides,) * len(size) if isinstance(strides, int) else tuple(strides)
    core = np.shape(x)
    fits = len(step) == len(size) <= len(core) and all(
        w <= n for w, n in zip(size, core[len(core) - len(size) :], strict=True)
    )
    if not fits:
        raise ShapeError(f"max_pool: a window {size} with strides {step} does not fit an array of shape {core}.")
    return record("max_pool", _array(x), core=core, window=size, strides=step)


def _array(x: Any) -> Any:
    return x if isinstance(x, Traced) else np.asarray(x)
