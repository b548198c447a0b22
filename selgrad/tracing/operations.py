"""The functions NumPy has no name for: relu and its relatives, sort orders, pooling, softmax.

Each works on plain arrays and inside a traced function alike; names and axis= follow NumPy, SciPy
and JAX. Their kinks and tie conventions stand in `selgrad/primitives/kinked.py` and `order.py`.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from selgrad.errors import InputError, ShapeError
from selgrad.tracing.arguments import axes_of, one_axis, sentences
from selgrad.tracing.recorder import Traced, array, elementwise, plain, record
from selgrad.tracing.reductions import keeping, together
from selgrad.tracing.shapes import reshape


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


def huber(t: Any, delta: float = 1.0) -> Any:
    """t^2/2 for |t| <= delta, delta (|t| - delta/2) beyond: Huber's loss, continuously differentiable.

    Raises InputError unless delta is positive.

    >>> print(huber(0.5), huber(-3.0, delta=2.0))
    0.125 4.0
    """
    if not delta > 0:
        raise InputError(f"huber: delta={delta} must be positive.")
    return elementwise("huber", t, delta=float(delta))


def sigmoid(t: Any) -> Any:
    """1 / (1 + exp(-t)).

    >>> print(sigmoid(0.0))
    0.5
    """
    return elementwise("sigmoid", t)


def erf(t: Any) -> Any:
    """The error function, 2/sqrt(pi) times the integral of exp(-s^2) from 0 to t; not log-exp elementary.

    >>> print(erf(0.5))
    0.5204998778130465
    """
    return elementwise("erf", t)


def softplus(t: Any) -> Any:
    """log(1 + exp(t)), smooth everywhere.

    >>> print(softplus(0.0) == np.log(2.0))
    True
    """
    return elementwise("softplus", t)


def logsumexp(x: Any, axis: int | tuple[int, ...] | None = None) -> Any:
    """log(sum(exp(x))) over an axis (all entries for None); smooth even where entries tie.

    >>> print(logsumexp(np.zeros(4)) == np.log(4.0))
    True
    """
    return _along("logsumexp", x, axis)


def softmax(x: Any, axis: int | tuple[int, ...] = -1) -> Any:
    """exp(x) / sum(exp(x)) over an axis, or over several.

    >>> softmax(np.zeros(2))
    array([0.5, 0.5])
    """
    x = _array(x)
    with sentences("sg.softmax"):
        axes = axes_of(axis, np.ndim(x))
        flat, at = together(x, axes)
    y = record("softmax", flat, axis=at)
    if len(axes) == 1:
        return y
    rest = [a for a in range(-np.ndim(x), 0) if a not in axes]
    back = np.argsort([a + np.ndim(x) for a in (*rest, *axes)])
    return np.transpose(reshape(y, [np.shape(x)[a] for a in (*rest, *axes)]), back)


def stop_gradient(x: Any) -> Any:
    """x, which AD takes for a constant: its derivative counts as 0.

    This leaves the theory: the derivative of a program with it is no selection derivative (Definition 4), and what
    AD could return no conservative field. `P.leaves_selections()` lists such instructions; the sets refuse them.

    >>> import selgrad as sg
    >>> print(stop_gradient(3.0), sg.grad(lambda t: t * stop_gradient(t))(3.0))
    3.0 3.0
    """
    return elementwise("stop", x)


def sort(x: Any, axis: int = -1, descending: bool = False) -> Any:
    """The entries of x in order along an axis; pieces Px, P a permutation (Section 5.1).

    >>> sort(np.array([2.0, 3.0, 1.0]), descending=True)
    array([3., 2., 1.])
    """
    x = _array(x)
    with sentences("sg.sort"):
        return record("sort", x, axis=one_axis(axis, np.ndim(x)), descending=bool(descending))


def kth_largest(x: Any, k: int, axis: int = -1) -> Any:
    """The k-th largest entry along an axis, k = 1 for the largest; the first of tied ones (Definition 2, examples).

    Raises ShapeError unless 1 <= k <= n.

    >>> print(kth_largest(np.array([2.0, 3.0, 1.0]), 2))
    2.0
    """
    x = _array(x)
    with sentences("sg.kth_largest"):
        axis = one_axis(axis, np.ndim(x))
        n, k = np.shape(x)[axis], index(k)
    if not 1 <= k <= n:
        raise ShapeError(f"kth_largest: k={k} must lie between 1 and {n}, the length of axis {axis}.")
    key: list[Any] = [slice(None)] * np.ndim(x)
    key[axis] = k - 1
    return _largest_first(x, axis)[tuple(key)]


def top_k(x: Any, k: int) -> Any:
    """The k largest entries along the last axis, largest first; tied entries in their order.

    Raises ShapeError unless 1 <= k <= n.

    >>> top_k(np.array([2.0, 3.0, 1.0]), 2)
    array([3., 2.])
    """
    x = _array(x)
    with sentences("sg.top_k"):
        n, k = np.shape(x)[one_axis(-1, np.ndim(x))], index(k)
    if not 1 <= k <= n:
        raise ShapeError(f"top_k: k={k} must lie between 1 and {n}, the length of the last axis.")
    return _largest_first(x, -1)[..., :k]


def _largest_first(x: Any, axis: int) -> Any:
    """A descending sort that keeps tied entries in their order, whatever a convention says of other sorts."""
    return record("sort", _array(x), rule="first", axis=one_axis(axis, np.ndim(x)), descending=True)


def median(x: Any, axis: int | tuple[int, ...] | None = None) -> Any:
    """The median along an axis (of all entries for None).

    >>> print(median(np.array([1.0, 5.0, 2.0])))
    2.0
    """
    return _along("median", x, axis)


def _whole(numbers: Any, times: int = 1) -> tuple[int, ...]:
    """One whole number, `times` times, or several."""
    return (index(numbers),) * times if np.ndim(numbers) == 0 else tuple(index(w) for w in numbers)


def max_pool(x: Any, window: int | tuple[int, ...], strides: int | tuple[int, ...] | None = None) -> Any:
    """The largest entry of each window over the last axes, without padding.

    window and strides: one number per pooled axis (strides default to the window). Raises
    ShapeError when the window does not fit.

    >>> max_pool(np.array([1.0, 2.0, 4.0, 3.0]), 2)
    array([2., 4.])
    """
    x = _array(x)
    with sentences("sg.max_pool"):
        size = _whole(window)
        step = size if strides is None else _whole(strides, len(size))
    core = np.shape(x)
    fits = 0 < len(step) == len(size) <= len(core) and all(w > 0 for w in step) and all(
        0 < w <= n for w, n in zip(size, core[len(core) - len(size) :], strict=True)
    )
    if not fits:
        raise ShapeError(f"max_pool: a window {size} with strides {step} does not fit an array of shape {core}: "
                         "give one whole number from 1 on per pooled axis.")
    return record("max_pool", x, core=core, window=size, strides=step)


def _along(op: str, x: Any, axis: Any) -> Any:
    """A reduction over an axis, over several as one, or over all of them."""
    x = _array(x)
    with sentences(f"sg.{op}"):
        axes = axes_of(axis, np.ndim(x))
        return record(op, *together(x, axes)[:1], axis=together(x, axes)[1]) if axes else reshape(
            record(op, reshape(x, (1,)), axis=-1), keeping((), ()))


def _array(x: Any) -> Any:
    x = array(x)
    return x if isinstance(x, Traced) else plain(x)
