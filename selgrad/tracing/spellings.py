"""Which NumPy function or method records what: the tables that a trace is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.primitives import ROWS
from selgrad.programs.program import Program
from selgrad.tracing import choices, discrete, products, reductions, shapes
from selgrad.tracing import linear_algebra as algebra
from selgrad.tracing.arguments import Spelling, Ufunc
from selgrad.tracing.recorder import Traced, array, elementwise, record
from selgrad.tracing.refusals import refuse
from selgrad.tracing.replay import inline


def _elementwise(op: str) -> Any:
    return lambda *xs: elementwise(op, *xs)


def _scaled(factor: float) -> Any:
    return lambda x: x * factor


def _multiply(a: Any, b: Any) -> Any:
    if isinstance(b, choices.Comparison):
        return choices.where(b, a, 0.0)
    return elementwise("multiply", a, b)


def _logaddexp(a: Any, b: Any) -> Any:
    kind = (a if isinstance(a, Traced) else b).dtype  # a Python number takes the format of the traced value
    a, b = shapes.broadcast_arrays([np.asarray(x, dtype=kind) if isinstance(x, (int, float)) else x for x in (a, b)])
    return record("logsumexp", shapes.stack([a, b], axis=-1), axis=-1)


def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, axis: int = 0) -> Any:
    start, stop = array(start), array(stop)
    share = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    share = share.reshape((-1,) + (1,) * max(np.ndim(start), np.ndim(stop)))
    return np.moveaxis(start * (1.0 - share) + stop * share, 0, axis)


def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    powers = range(np.size(x) if N is None else N)
    columns = [x**i if i else 0.0 * x + 1.0 for i in powers]
    return shapes.stack(columns if increasing else columns[::-1], axis=-1)


def _over_axes(func: Any, a: Any, axes: Any) -> Any:
    for axis in (axes,) if np.ndim(axes) == 0 else axes:
        y = func(a, axis)
        a = y if np.ndim(y) == np.ndim(a) else np.expand_dims(y, axis)
    return a


def _along_axis(func1d: Any, axis: int, arr: Any, args: tuple = ()) -> Any:
    rows = np.moveaxis(arr, axis, -1)
    lead = np.shape(rows)[:-1]
    found = [func1d(rows[i], *args) for i in np.ndindex(*lead)]
    y = np.reshape(shapes.stack(found), lead + np.shape(found[0]))
    for k in range(np.ndim(found[0])):
        y = np.moveaxis(y, len(lead) + k, axis % np.ndim(arr) + k)
    return y


LOG2 = float(np.log(2.0))

UFUNC_RULES: dict[Any, Any] = {
    # a row that is called as NumPy calls it; those that take more than that stand below
    **{getattr(np, op): _elementwise(op) for op in ROWS if isinstance(getattr(np, op, None), np.ufunc)},
    np.multiply: _multiply, np.fabs: _elementwise("abs"), np.positive: lambda x: x,
    np.conjugate: lambda x: x, np.power: products.power, np.float_power: products.power, np.matmul: products.matmul,
    np.logaddexp: _logaddexp, np.logaddexp2: lambda a, b: _logaddexp(a * LOG2, b * LOG2) / LOG2,
    np.deg2rad: _scaled(np.pi / 180.0), np.radians: _scaled(np.pi / 180.0),
    np.rad2deg: _scaled(180.0 / np.pi), np.degrees: _scaled(180.0 / np.pi),
    np.greater: choices.compare(">"), np.greater_equal: choices.compare(">="), np.less: choices.compare("<"),
    np.less_equal: choices.compare("<="), np.equal: choices.compare("=="), np.not_equal: choices.compare("!="),
    np.logical_and: choices.logical("and"), np.logical_or: choices.logical("or"),
    np.logical_xor: choices.logical("xor"), np.logical_not: choices.logical("not"),
    np.isfinite: choices.isfinite, np.isnan: choices.isnan, np.isinf: choices.isinf,
    np.signbit: lambda x: x < 0, np.sign: choices.sign, np.heaviside: choices.heaviside, np.copysign: choices.copysign,
    np.floor: discrete.whole(np.floor), np.ceil: discrete.whole(np.ceil), np.rint: discrete.whole(np.rint),
    np.trunc: discrete.whole(np.trunc), np.floor_divide: discrete.floor_divide, np.remainder: discrete.mod,
    np.fmod: discrete.fmod, np.divmod: discrete.divmod_, np.modf: discrete.modf,
}

RULES: dict[Any, Any] = {
    np.sum: reductions.total("sum"), np.mean: reductions.total("mean"), np.var: reductions.var,
    np.std: reductions.std, np.prod: reductions.along_one("prod"), np.max: reductions.along_one("max"),
    np.min: reductions.along_one("min"), np.amax: reductions.along_one("max"), np.amin: reductions.along_one("min"),
    np.median: reductions.along_one("median"), np.sort: reductions.sort, np.partition: reductions.partition,
    np.ptp: reductions.ptp, np.average: reductions.average, np.quantile: reductions.quantile,
    np.percentile: reductions.percentile, np.cumsum: reductions.cumsum, np.cumprod: reductions.cumprod,
    np.diff: reductions.diff, np.ediff1d: reductions.ediff1d, np.gradient: reductions.gradient,
    np.trapezoid: reductions.trapezoid, np.trace: reductions.trace, np.cov: reductions.cov,
    np.corrcoef: reductions.corrcoef,
    np.clip: choices.clip, np.choose: choices.choose, np.interp: choices.interp, np.sinc: choices.sinc,
    np.nan_to_num: choices.nan_to_num, np.extract: choices.extract, np.compress: choices.compress,
    np.reshape: shapes.reshape, np.ravel: shapes.ravel, np.transpose: shapes.transpose,
    **{f: shapes.moved(f) for f in (np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose,
                                    np.linalg.matrix_transpose)},
    **{f: shapes.reshaped(f) for f in (np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d)},
    **{f: shapes.rearranged(f) for f in (
        np.take, np.flip, np.fliplr, np.flipud, np.roll, np.repeat, np.tile, np.diagonal, np.rot90, np.delete,
        np.resize, np.linalg.diagonal, np.lib.stride_tricks.sliding_window_view)},
    np.broadcast_to: shapes.broadcast_to, np.broadcast_arrays: lambda args, subok=False: shapes.broadcast_arrays(args),
    np.meshgrid: shapes.meshgrid, np.pad: shapes.pad, np.diag: shapes.diag, np.diagflat: shapes.diagflat,
    np.tril: shapes.triangle(np.tril), np.triu: shapes.triangle(np.triu), np.append: shapes.append,
    np.insert: shapes.insert, np.take_along_axis: shapes.take_along_axis, np.full_like: shapes.full_like,
    np.split: lambda ary, indices_or_sections, axis=0: shapes.split(ary, indices_or_sections, axis),
    np.array_split: shapes.array_split, np.hsplit: shapes.split_along(1, 1), np.vsplit: shapes.split_along(0, 2),
    np.dsplit: shapes.split_along(2, 3),
    **({np.unstack: lambda x, axis=0: tuple(np.moveaxis(x, axis, 0))} if hasattr(np, "unstack") else {}),  # NumPy 2.1
    np.dot: products.dot, np.inner: products.inner, np.vdot: products.vdot, np.outer: products.outer,
    np.tensordot: products.tensordot, np.einsum: products.einsum, np.kron: products.kron, np.cross: products.cross,
    np.convolve: products.convolve, np.correlate: products.correlate, np.polyval: products.polyval,
    np.linalg.norm: products.norm, np.linalg.matrix_power: products.matrix_power,
    np.linalg.multi_dot: products.multi_dot, np.linalg.matmul: lambda x1, x2: products.matmul(x1, x2),
    np.linalg.outer: lambda x1, x2: products.outer(x1, x2),
    np.linalg.tensordot: lambda x1, x2, axes=2: products.tensordot(x1, x2, axes),
    np.linalg.cross: lambda x1, x2, axis=-1: products.cross(x1, x2, axis=axis), np.linalg.vecdot: products.vecdot,
    np.linalg.trace: lambda x, offset=0: np.sum(np.linalg.diagonal(x, offset=offset), axis=-1),
    np.linalg.vector_norm: lambda x, axis=None, keepdims=False, ord=2: products.vector_norm(x, ord, axis, keepdims),
    np.linalg.matrix_norm: lambda x, keepdims=False, ord="fro": algebra.matrix_norm(x, ord, (-2, -1), keepdims),
    **algebra.DECOMPOSITIONS,
    np.round: discrete.round_, np.around: discrete.round_, np.fix: discrete.whole(np.fix),
    np.argmax: discrete.argextreme(np.argmax), np.argmin: discrete.argextreme(np.argmin),
    np.argsort: discrete.argsort, np.argpartition: discrete.argpartition, np.searchsorted: discrete.searchsorted,
    np.digitize: discrete.digitize, np.nonzero: discrete.nonzero, np.flatnonzero: discrete.flatnonzero,
    np.argwhere: discrete.argwhere, np.array_equal: discrete.array_equal,
    np.allclose: discrete.close(np.allclose), np.isclose: discrete.close(np.isclose),
    **{f: discrete.asked(f) for f in (
        np.zeros_like, np.ones_like, np.empty_like, np.result_type, np.iscomplexobj,
        np.isrealobj)},
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
    np.isreal: lambda x: np.ones(np.shape(x), dtype=bool), np.iscomplex: lambda x: np.zeros(np.shape(x), dtype=bool),
    np.shares_memory: lambda a, b: False,
    np.real: lambda val: val, np.imag: lambda val: np.zeros_like(val), np.real_if_close: lambda a, tol=100: a,
    np.copy: lambda a, subok=False: a, np.linspace: _linspace, np.vander: _vander,
    np.apply_over_axes: _over_axes, np.apply_along_axis: _along_axis,
}

# functions that take conditions, sequences of arrays, or what is no array: their arguments arrive as given
AS_GIVEN: dict[Any, Any] = {
    np.where: choices.where, np.select: choices.select, np.piecewise: choices.piecewise,
    np.all: choices.truth_of("all"), np.any: choices.truth_of("any"), np.count_nonzero: choices.count_nonzero,
    np.concatenate: shapes.concatenate, np.stack: shapes.stack, np.hstack: shapes.hstack, np.vstack: shapes.vstack,
    np.dstack: shapes.dstack, np.column_stack: shapes.column_stack, np.block: shapes.block,
}


def _title(function: Any) -> str:
    module = getattr(function, "__module__", "numpy").replace("numpy", "np", 1)
    return f"{module}.{function.__name__}"


UFUNCS: dict[Any, Ufunc] = {f: Ufunc(f"np.{f.__name__}", rule, f) for f, rule in UFUNC_RULES.items()}
FUNCTIONS: dict[Any, Any] = {
    Program: inline, np.shape: lambda a: a.shape, np.ndim: lambda a: a.ndim,
    **{f: Spelling(_title(f), rule, f) for f, rule in RULES.items()},
    **{f: Spelling(_title(f), rule, f, raw=True) for f, rule in AS_GIVEN.items()},
}


def _shape_of(given: tuple) -> Any:
    return given[0] if len(given) == 1 and not isinstance(given[0], int) else given


def _astype(self: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
            ) -> Any:
    if np.dtype(dtype) != self.dtype:
        raise refuse(f"x.astype({np.dtype(dtype)}) changes the format of numbers within a program",
                     "choose the format of the inputs instead, or use np.floor or np.where where numbers are cut")
    return self


def _dot(self: Any, other: Any) -> Any:
    if self.ndim == 0:
        raise AttributeError("a number has no method dot")
    return products.dot(self, array(other))


def _take(self: Any, indices: Any, axis: Any = None, mode: Any = "raise") -> Any:
    return np.take(self, indices, axis, mode=mode)


METHOD_RULES: dict[str, Any] = {
    "reshape": lambda self, shape, order="C", copy=None: shapes.reshape(self, _shape_of(shape), order),
    "transpose": lambda self, axes=(): shapes.transpose(self, (_shape_of(axes) if axes else None)),
    "ravel": lambda self, order="C": shapes.ravel(self, order),
    "flatten": lambda self, order="C": shapes.ravel(self, order),
    "copy": lambda self, order="C": self, "astype": _astype, "conj": lambda self: self, "conjugate": lambda self: self,
    "clip": lambda self, min=None, max=None: choices.clip(self, min, max),
    "view": lambda self, dtype=None: self if dtype is None else _astype(self, dtype),
    "dot": _dot,
    "swapaxes": lambda self, axis1, axis2: np.swapaxes(self, axis1, axis2),
    "repeat": lambda self, repeats, axis=None: np.repeat(self, repeats, axis),
    "take": _take,
    "squeeze": lambda self, axis=None: np.squeeze(self, axis),
    "round": lambda self, decimals=0: discrete.round_(self, decimals),
    "compress": lambda self, condition, axis=None: choices.compress(condition, self, axis),
    "searchsorted": lambda self, v, side="left": discrete.searchsorted(self, v, side),
    "__getitem__": shapes.getitem,
}
SHARED = (
    "sum", "mean", "var", "std", "prod", "max", "min", "cumsum", "cumprod", "diagonal", "trace", "argmax", "argmin",
    "argsort", "argpartition", "nonzero", "all", "any",
)


def _like(name: str) -> Any:
    return getattr(np.ndarray, name) if name not in ("__getitem__", "view") else METHOD_RULES[name]


METHODS: dict[str, Spelling] = {
    **{name: Spelling(f"x.{name}", rule, _like(name)) for name, rule in METHOD_RULES.items()},
    **{name: Spelling(f"x.{name}", FUNCTIONS[getattr(np, name)].rule, getattr(np, name), raw=True) for name in SHARED},
    # NumPy calls these on the entries of an array of objects, such as np.array([x[0], x[1]])
    **{f.__name__: spelling for f, spelling in UFUNCS.items() if f.nin == 1 and f not in (np.conjugate,)},
}
