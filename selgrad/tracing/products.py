"""How products of arrays are recorded: matmul, einsum and what is made of them; norms."""

from __future__ import annotations

import operator
import string
from typing import Any

import numpy as np

from selgrad.tracing.arguments import axes_of
from selgrad.tracing.linear_algebra import fits, matrix_norm
from selgrad.tracing.recorder import array, elementwise, fixed, record
from selgrad.tracing.refusals import refuse
from selgrad.tracing.shapes import concatenate, ravel


def power(a: Any, b: Any) -> Any:
    a, b = array(a), array(b)
    if not isinstance(b, (int, float, np.ndarray, np.generic)):
        return np.exp(b * np.log(a))  # x**y = exp(y log x), which is how it is log-exp elementary
    if np.ndim(b) == 0 and b == 2:
        return elementwise("square", a)
    return elementwise("power", a, b)


def matmul(a: Any, b: Any) -> Any:
    a, b = array(a), array(b)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        raise refuse("matmul of a scalar", "use * for scalars")
    sa, sb = np.shape(a), np.shape(b)
    if sa[-1] != sb[max(len(sb) - 2, 0)]:
        raise ValueError(f"arrays of shapes {sa} and {sb} do not fit: {sa[-1]} columns meet "
                         f"{sb[max(len(sb) - 2, 0)]} rows")
    if min(np.ndim(a), np.ndim(b)) == 1 and max(np.ndim(a), np.ndim(b)) > 2:
        return tensordot(a, b, axes=(-1, max(np.ndim(b) - 2, 0)))  # one vector meets a stack of matrices
    lead = np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2])
    if lead and min(np.ndim(a), np.ndim(b)) > 1:
        a, b = (np.broadcast_to(x, lead + np.shape(x)[-2:]) for x in (a, b))
    return record("matmul", a, b, vectors=(np.ndim(a) == 1, np.ndim(b) == 1))


def dot(a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    return matmul(a, b) if np.ndim(b) <= 2 else tensordot(a, b, axes=(-1, -2))


def inner(a: Any, b: Any) -> Any:
    return tensordot(a, b, axes=(-1, -1)) if np.ndim(a) and np.ndim(b) else a * b


def vdot(a: Any, b: Any) -> Any:
    return matmul(ravel(a), ravel(b))


def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    if np.shape(x1)[axis] != np.shape(x2)[axis]:
        raise ValueError(f"axis {axis} has {np.shape(x1)[axis]} and {np.shape(x2)[axis]} entries in the two operands")
    return np.sum(x1 * x2, axis=axis)


def outer(a: Any, b: Any) -> Any:
    return ravel(a)[:, None] * ravel(b)[None, :]


def kron(a: Any, b: Any) -> Any:
    ndim = max(np.ndim(a), np.ndim(b))
    sa, sb = ((1,) * (ndim - np.ndim(x)) + np.shape(x) for x in (a, b))
    left = np.reshape(a, [n for s in sa for n in (s, 1)])
    right = np.reshape(b, [n for s in sb for n in (1, s)])
    return np.reshape(left * right, [m * n for m, n in zip(sa, sb, strict=True)])


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if np.shape(a)[-1] != 3 or np.shape(b)[-1] != 3:
        raise ValueError("both vectors must have three entries (those of two have none for a cross product)")
    ahead, behind = [1, 2, 0], [2, 0, 1]
    y = a[..., ahead] * b[..., behind] - a[..., behind] * b[..., ahead]
    return np.moveaxis(y, -1, axisc)


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """A convolution is a product with a matrix of shifts; one operand is traced or both are."""
    a, v = np.atleast_1d(a), np.atleast_1d(v)
    if np.ndim(a) != 1 or np.ndim(v) != 1:
        raise ValueError("object too deep for desired array")
    if np.size(v) > np.size(a):
        a, v = v, a
    n, k = np.size(a), np.size(v)
    starts = {"full": (0, n + k - 1), "same": ((k - 1) // 2, n), "valid": (k - 1, n - k + 1)}
    if mode not in starts:
        raise ValueError(f"mode must be one of 'valid', 'same', or 'full' (got {mode!r})")
    first, length = starts[mode]
    zeros = np.zeros(k - 1, dtype=getattr(a, "dtype", float))
    wide = concatenate([zeros, a, zeros]) if k > 1 else a
    windows = np.take(wide, np.arange(first, first + length)[:, None] + np.arange(k)[None, :])
    return windows @ v[::-1]


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    if np.size(v) > np.size(a):  # NumPy swaps them, and turns the result round
        return convolve(v, a[::-1], mode)[::-1]
    return convolve(a, v[::-1], mode)


def polyval(p: Any, x: Any) -> Any:
    y: Any = p[0] + 0.0 * x
    for i in range(1, np.size(p)):
        y = y * x + p[i]
    return y


def einsum(operands: tuple, optimize: Any = False) -> Any:
    subscripts, *xs = operands if isinstance(operands[0], str) else _subscripts(operands)
    xs = [array(x) if not isinstance(x, (int, float)) else fixed(x) for x in xs]
    left, arrow, out = subscripts.replace(" ", "").partition("->")
    if left.count(",") + 1 != len(xs):
        raise ValueError(f"the subscripts {left!r} are for {left.count(',') + 1} operands, not for {len(xs)}")
    spare = [c for c in string.ascii_letters if c not in left]
    pairs = list(zip(xs, left.split(","), strict=True))
    hidden = [np.ndim(x) - len(t.replace("...", "")) if "..." in t else 0 for x, t in pairs]
    dots = "".join(spare[: max(hidden)])  # the letters that "..." stands for
    terms = [t.replace("...", dots[len(dots) - n :]) for n, (_, t) in zip(hidden, pairs, strict=True)]
    if not arrow:
        letters = left.replace("...", "").replace(",", "")
        out = "..." + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    out = out.replace("...", dots)
    sizes: dict[str, int] = {}
    for i, term in enumerate(terms):
        if len(term) != np.ndim(xs[i]):
            raise ValueError(f"the subscripts {term!r} are for {len(term)} axes, not for shape {np.shape(xs[i])}")
        xs[i], terms[i] = _distinct(xs[i], term)
        for letter, n in zip(terms[i], np.shape(xs[i]), strict=True):
            if 1 not in (n, sizes.get(letter, 1)) and n != sizes[letter]:
                raise ValueError(f"the subscript {letter!r} stands for {sizes[letter]} and for {n} entries")
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    if len(set(out)) < len(out) or not set(out) <= set(sizes):
        raise ValueError(f"the result {out!r} must name subscripts of the operands, each once")
    xs = [np.broadcast_to(x, [sizes[c] for c in t]) for x, t in zip(xs, terms, strict=True)]
    return record("einsum", *xs, terms=tuple(terms), out=out)


def _subscripts(operands: tuple) -> list[Any]:
    """NumPy's other way to call einsum: x, [0, 1], y, [1, 2], [0, 2] says "ab,bc->ac"."""
    letters = string.ascii_uppercase + string.ascii_lowercase  # in this order the letters of a default output stand

    def term(axes: Any) -> str:
        return "".join("..." if a is Ellipsis else letters[operator.index(a)] for a in axes)

    n = len(operands) // 2 * 2
    out = [f"->{term(axes)}" for axes in operands[n:]]
    return [",".join(term(axes) for axes in operands[1:n:2]) + "".join(out), *operands[:n:2]]


def _distinct(x: Any, term: str) -> tuple[Any, str]:
    """An operand whose subscripts are all different: a repeated one means the diagonal."""
    for letter in sorted(set(term)):
        while term.count(letter) > 1:
            i = term.index(letter)
            j = term.index(letter, i + 1)
            if np.shape(x)[i] != np.shape(x)[j]:
                raise ValueError(f"the repeated subscript {letter!r} stands for axes of different lengths")
            x = np.diagonal(x, axis1=i, axis2=j)
            term = term[:i] + term[i + 1 : j] + term[j + 1 :] + letter
    return x, term


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = array(a), array(b)
    letters = string.ascii_letters
    if np.ndim(axes) == 0:
        n = operator.index(axes)
        axes = (list(range(np.ndim(a) - n, np.ndim(a))), list(range(n)))
    left, right = ([x] if np.ndim(x) == 0 else list(x) for x in axes)
    ta = list(letters[: np.ndim(a)])
    tb = list(letters[np.ndim(a) : np.ndim(a) + np.ndim(b)])
    if len(left) != len(right):
        raise ValueError(f"{len(left)} axes of one array meet {len(right)} of the other")
    for i, j in zip(left, right, strict=True):
        if np.shape(a)[i] != np.shape(b)[j]:
            raise ValueError(f"axis {i} of shape {np.shape(a)} does not fit axis {j} of shape {np.shape(b)}")
        tb[j] = ta[i]
    out = [c for k, c in enumerate(ta) if k not in [i % len(ta) for i in left]]
    out += [c for k, c in enumerate(tb) if k not in [j % len(tb) for j in right]]
    return einsum((f"{''.join(ta)},{''.join(tb)}->{''.join(out)}", a, b))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    ndim = np.ndim(x)
    axes = axes_of(axis, ndim)
    if ord is None:
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    if len(axes) == 1:
        return vector_norm(x, ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ValueError("Improper number of dimensions to norm.")
    return matrix_norm(x, ord, axis if axis is not None else (0, 1), keepdims)


def vector_norm(x: Any, ord: Any, axis: Any, keepdims: bool = False) -> Any:
    if isinstance(ord, str) or ord is None:
        raise ValueError(f"Invalid norm order {ord!r} for vectors")
    size = np.abs(x)
    if ord in (np.inf, -np.inf):
        return (np.max if ord > 0 else np.min)(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum((x != 0).number, axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    if ord == 2:
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    return np.sum(size ** float(ord), axis=axis, keepdims=keepdims) ** (1.0 / float(ord))


def matrix_power(a: Any, n: int) -> Any:
    n = operator.index(n)
    fits("matrix_power", a)
    if n == 0:
        return np.broadcast_to(np.eye(np.shape(a)[-1], dtype=a.dtype), np.shape(a))
    base = np.linalg.inv(a) if n < 0 else a
    y = base
    for _ in range(abs(n) - 1):
        y = y @ base
    return y


def multi_dot(arrays: Any) -> Any:
    y, *rest = [array(a) for a in arrays]
    for a in rest:
        y = y @ a
    return y
