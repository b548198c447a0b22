"""A function over a batch: every primitive acts on leading axes, so one run of its program does for all points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from selgrad.differentiation.asked import check_asked, is_traced
from selgrad.errors import InputError, ShapeError
from selgrad.programs.program import Program
from selgrad.programs.trees import flatten, unflatten
from selgrad.tracing.replay import inline
from selgrad.tracing.tracer import closed_over


def vmap(
    f: Callable[..., Any] | Program, in_axes: int | Sequence[int | None] | None = 0, out_axes: int = 0
) -> Callable[..., Any]:
    """The function that maps f over an axis of its arguments: (f(x_0), f(x_1), ...), in one run of one program.

    in_axes says which axis of each argument (of each of its arrays, where it is nested) counts the points, None for
    an argument that is the same for all, which passes through f untouched. The results stand along `out_axes`.
    It may be differentiated, and f may be what `grad` returned. Raises ShapeError for axes that are not there or
    differ in length, BranchChanged where a Python branch of f does not go one way for all points, InputError for
    what is no function. Source: leading axes are a batch (ours).

    >>> import selgrad as sg
    >>> sg.vmap(sg.grad(lambda t: sg.relu(-t) + t))(np.array([-1.0, 0.0, 1.0]))
    array([0., 1., 1.])
    >>> sg.vmap(lambda x, k: x[k], in_axes=(1, None))(np.array([[1.0, 2.0], [3.0, 4.0]]), 1)
    array([3., 4.])
    """
    check_asked(f, 0, "vmap")

    def run(*args: Any, **kwargs: Any) -> Any:
        axes = tuple(in_axes) if isinstance(in_axes, Sequence) else (in_axes,) * len(args)
        if len(axes) != len(args):
            raise InputError(f"in_axes={in_axes!r} must have one entry for each of the {len(args)} arguments.")
        mapped = [a for a, axis in enumerate(axes) if axis is not None]
        if not mapped:
            raise InputError("vmap needs an argument to map over: in_axes has None for all of them.")
        moved = tuple(_moved(args[a], axes[a], a) for a in mapped)
        lengths = {np.shape(leaf)[0] for leaf in flatten(moved)[0]}
        if len(lengths) != 1:
            raise ShapeError(f"The mapped axes have lengths {', '.join(map(str, sorted(lengths)))}: make them equal.")
        (n,) = lengths
        if n == 0:
            raise ShapeError("vmap needs at least one point, but the mapped axes have length 0.")

        def of_these(*points: Any) -> Any:
            every = list(args)
            for a, x in zip(mapped, points, strict=True):
                every[a] = x
            return f(*every, **kwargs)

        of_these.__name__ = f.name if isinstance(f, Program) else getattr(f, "__name__", "f")
        leaves, tree = flatten(moved)
        P, captured = closed_over(of_these, unflatten(tree, [leaf[0] for leaf in leaves]))
        among: list[Any] = list(captured)
        shared = [np.broadcast_to(c, (n, *c.shape)) for c in among]  # its derivative is summed over the points
        outs = inline(P, *moved, *shared) if shared or is_traced(moved) else P(*moved)
        found, nesting = flatten(outs)
        shapes = [P.shapes[k] for k in P.outputs]
        whole = [np.broadcast_to(y, (n, *s)) if np.shape(y) != (n, *s) else y for y, s in zip(found, shapes)]
        return unflatten(nesting, [np.moveaxis(y, 0, out_axes) if out_axes else y for y in whole])

    return run


def _moved(arg: Any, axis: int | None, number: int) -> Any:
    """The arrays of an argument with the mapped axis in front."""
    leaves, tree = flatten(arg)
    arrays = [leaf if is_traced(leaf) else np.asarray(leaf) for leaf in leaves]
    for a in arrays:
        if axis is None or not -a.ndim <= axis < a.ndim:
            raise ShapeError(f"Argument {number} of vmap holds an array of shape {a.shape}, which has no axis {axis}.")
    return unflatten(tree, [np.moveaxis(a, axis, 0) if axis else a for a in arrays])
