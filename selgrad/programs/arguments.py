"""The arguments of a program: finite real arrays, nested as the example was, with their batch axes."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from selgrad.errors import InputError, ShapeError
from selgrad.programs.program_data import ProgramData
from selgrad.programs.trees import flatten_like


def all_finite(*arrays: Any) -> bool:
    """Whether every entry is finite; a finite sum (of squares, for few entries), which is cheap, settles it."""
    total, many = 0.0, []
    for a in arrays:
        # not vdot for many: BLAS wakes its threads for them, which then spin beside whoever computes next
        if type(a) is not np.ndarray or a.size < 10_000:
            total += float(np.vdot(a, a))
        else:
            many.append(a)
    if many:
        with np.errstate(all="ignore"):  # that a sum leaves the format is no news
            for a in many:
                total += float(np.add.reduce(a, axis=None))
    return isfinite(total) or all(np.isfinite(a).all() for a in arrays)


FRAMEWORKS = {
    "torch": "x.detach().numpy()", "tensorflow": "x.numpy()", "jax": "np.asarray(x)", "jaxlib": "np.asarray(x)",
    "autograd": "x._value", "pandas": "x.to_numpy()", "cupy": "x.get()",
}


def kind_of(o: Any) -> str:
    """What a value is, with the package it comes from: "torch.Tensor"."""
    package = type(o).__module__.partition(".")[0]
    return type(o).__name__ if package in ("builtins", "numpy") else f"{package}.{type(o).__name__}"


def remedy(o: Any) -> str:
    """What to pass instead of a value that is no array of real numbers."""
    spelling = FRAMEWORKS.get(type(o).__module__.partition(".")[0])
    return f"pass {spelling}, a NumPy array" if spelling else "use real numbers, or NumPy arrays of them"


def as_real(x: Any, what: str, *names: Any) -> Any:
    """x as an array of finite reals; integers become floats. Raises InputError, naming what.format(*names)."""
    if isinstance(x, np.ma.MaskedArray):
        raise InputError(f"{what.format(*names)} is a masked array, whose mask a program would lose: pass its data, or "
                         "x.filled(0.0).")
    try:
        a = x if type(x) is np.ndarray else np.asarray(x)
    except ValueError:
        raise InputError(f"{what.format(*names)} is a ragged nesting of numbers: pass an array.") from None
    except (RuntimeError, TypeError) as problem:  # another package's array, on a device or in a tape of its own
        said = " ".join(str(problem).split()).rstrip(".")
        raise InputError(f"{what.format(*names)} is a {kind_of(x)}, which gives no numbers ({said}): {remedy(x)}."
                         ) from None
    kind = a.dtype.kind
    if kind in "iu":
        a = a.astype(float)
    elif kind != "f":
        holds = "complex numbers" if kind == "c" else f"{a.dtype} values"
        raise InputError(
            f"{what.format(*names)} holds {holds}; selgrad differentiates real numbers: pass floats or integers."
        )
    if not all_finite(a):
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(a))[0])
        index = f" at index {at}" if at else ""
        raise InputError(f"{what.format(*names)} is {a[at]}{index}; pass finite numbers.")
    return a[()]


def bind(P: ProgramData, args: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
    """The input leaves with a common number of batch axes, and the batch shape."""
    try:
        leaves = flatten_like(P.in_tree, args)
    except ValueError as problem:
        raise InputError(
            f"The arguments of {P.name} are not nested as the example it was traced on: {problem}."
        ) from None
    if all(
        type(a) is np.ndarray and a.shape == core != () and a.dtype.kind == "f"
        for a, core in zip(leaves, P.input_shapes, strict=True)
    ) and all_finite(*leaves):  # the usual case, and nothing to convert or to blame
        return [a[()] for a in leaves], ()
    arrays, leads = [], []
    for j, (leaf, core) in enumerate(zip(leaves, P.input_shapes, strict=True)):
        a = as_real(leaf, "Input x{} of {}", j, P.name)
        arrays.append(a)
        shape = a.shape
        if shape == core:
            leads.append(())
            continue
        n = len(shape) - len(core)
        if n < 0 or shape[n:] != core:
            raise ShapeError(
                f"Input x{j} of {P.name} has shape {shape}, but the program was traced on shape {core}: "
                f"its last {len(core)} axes must be {core}; axes in front of them are a batch."
            )
        leads.append(shape[:n])
    if not any(leads):
        return arrays, ()
    try:
        batch = np.broadcast_shapes(*leads)
    except ValueError:
        raise ShapeError(f"The batch axes of the inputs of {P.name}, {leads}, do not broadcast.") from None
    padded = [
        a.reshape((1,) * (len(batch) - len(lead)) + a.shape) for a, lead in zip(arrays, leads, strict=True)
    ]
    return padded, batch
