"""Minibatch stochastic gradient descent with AD's derivatives: algorithm (8) and Theorem 4."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from selgrad import draws
from selgrad.compilation import Compiled, available, compile
from selgrad.descent import schedules
from selgrad.descent.engine import Terms, run, table
from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.trajectories import Trajectories
from selgrad.errors import InputError, NonFinite, NotElementary, ShapeError, TooLarge
from selgrad.primitives import Convention
from selgrad.primitives.facts import SAME
from selgrad.programs.arguments import as_real
from selgrad.programs.evaluate import check_rules
from selgrad.programs.formats import cast, float_format
from selgrad.programs.lowering import lower
from selgrad.programs.program import Program
from selgrad.tracing.tracer import trace_at

SCALAR = 128  # scalars in memory up to which the NumPy engine, too, runs the scalar program
SHORT = 10**6  # terms to differentiate in a run, below which the compiler is not worth its while
Alpha = Callable[[Any], Any] | ArrayLike
ENGINES = ("auto", "numpy", "numba")
DTYPES = ("float16", "float32", "float64")


def sgd(
    J: FiniteSum | Callable | Program, x0: ArrayLike, *, steps: int, c: ArrayLike = 1.0, alpha: Alpha,
    batch: int | str = 1, seed: int = 0, first: int = 0, dtype: DTypeLike = float, convention: Convention = "paper",
    record: int | str | None = None, engine: str = "auto",
) -> Trajectories:
    """x_(k+1) = x_k - c alpha_k AD[f_(I_k)](x_k) for k < steps: algorithm (8), N trajectories at once.

    J is a FiniteSum, or a function or Program (n = 1). x0 has shape (N, *core): its first axis counts
    trajectories, so write x0[None] for a single point; a plain number, or a point with exactly the
    shape a Program takes, is one trajectory. c is a number or has shape (N,), alpha a function of k
    or an array. I_k is a uniform subset with `batch` elements drawn without replacement, a uniform
    nonempty subset for batch="subsets" (the paper's), or everything for "full". Iterates, data and
    steps are in the dtype (float16, float32 or float64) and every operation rounds to it. record
    keeps the iterates: "all", or a stride r for number 0, r, 2r, ... and the last.

    Trajectory j depends on x0[j], c[j] and (seed, first + j) only: not on the others, and not on the
    engine, "numpy" or "numba" ("auto" takes Numba where it is installed and can run the program).
    Both do the same operations in the same order: equal bit for bit, but for exp, log, tanh and the
    like, which Numba takes from another library, and for programs of more than 128 scalars, where
    NumPy sums in an order of its own.

    Warns with OutsideTheorem4 of step sizes Theorem 4 does not cover, and with NonFinite of
    trajectories that were stopped. Raises InputError and ShapeError for arguments that do not fit,
    BranchChanged where a Python branch would go another way. Source: algorithm (8), Theorem 4.

    >>> import selgrad as sg
    >>> def J(t):                                        # 0 is an artificial critical point
    ...     return np.square(t - 1) / 2 + sg.relu(-t) + t - sg.relu(t)
    >>> T = sg.sgd(J, [-1.0, -1.0], steps=50, c=[0.5, 0.501], alpha=lambda k: 1 / (k + 1))
    >>> print(T.x[0], T.x[1] > 0.5, T.finite.all())
    0.0 True True
    """
    kind = float_format(dtype, DTYPES)
    steps, seed, first = (_whole(v, name) for v, name in ((steps, "steps"), (seed, "seed"), (first, "first")))
    if engine not in ENGINES:
        raise InputError(f"Unknown engine {engine!r}: choose one of {', '.join(ENGINES)}.")
    if max(seed, first) >= draws.WORD:
        raise InputError(f"seed={seed} and first={first} must lie below 2^64.")
    x, P = _start(J, x0)
    check_rules(P, convention)
    c_ = np.asarray(as_real(c, "c"), dtype=float)
    if c_.shape not in ((), (len(x),)):
        raise ShapeError(f"c has shape {c_.shape}: pass a number, or one for each of the {len(x)} trajectories.")
    if (c_ < 0).any():
        raise InputError(f"c = {c_.min():g} is negative: step sizes are positive.")
    values = schedules.alphas(alpha, steps)
    marks = _marks(record, steps)
    n = J.n if isinstance(J, FiniteSum) else 1
    terms = _terms(J, P, _batch(batch, n), kind, convention)
    schedules.warn_outside(alpha, values, c_.reshape(-1))

    with np.errstate(all="ignore"):  # what leaves the range of the dtype is reported below
        start, scale, sizes = (a.astype(kind) for a in (x, np.broadcast_to(c_, len(x)), values))
    kernel = _kernel(P, terms, engine, len(x) * steps * terms.width)
    if kernel is None:
        out, broke = run(terms, start, scale, sizes, marks, seed, first)
    else:
        data = table(terms)
        out, broke = kernel.trajectories(start, scale, sizes, marks, data, terms.width, seed, first)
    if (broke >= 0).any():
        j = int(np.argmax(broke >= 0))
        warnings.warn(
            f"{int((broke >= 0).sum())} of {len(x)} trajectories left the real numbers or the domain of an "
            f"instruction, number {first + j} first, at step {broke[j]}; they are nan from there on. "
            "See .finite and .broke.", NonFinite, stacklevel=2,
        )
    return Trajectories(
        J=J, x=out[:, -1], start=start, iterates=None if record is None else out, recorded=marks, broke=broke, c=scale,
        alpha=sizes, batch=batch, seed=seed, first=first, dtype=kind, convention=convention,
        engine="numpy" if kernel is None else "numba", terms=terms,
    )


def _kernel(P: Program, terms: Terms, engine: str, work: int) -> Compiled | None:
    """The compiled program, or None for NumPy; with engine="numba" it is compiled or an error says why not."""
    if engine == "numpy" or (engine == "auto" and (terms.dtype == np.float16 or not available())):
        return None
    if engine == "auto" and work < SHORT and terms.scalar and all(
            i.row.facts.bits == SAME for i in P.instructions):
        return None  # both engines give the same bits, and NumPy is there before the compiler is
    if engine == "numba" and terms.dtype == np.float16:
        raise InputError("float16 runs on NumPy only: choose engine='numpy' or 'auto'.")
    try:
        kernel = compile(P, convention=terms.convention, dtype=terms.dtype, batch=terms.batch)
    except (NotElementary, TooLarge):
        if engine == "numba":
            raise
        return None
    if engine == "numba":
        _ = kernel.module  # says so where there is no Numba
    return kernel


def _whole(value: Any, name: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if number < 0:
        raise InputError(f"{name}={value!r} must be a whole number >= 0.")
    return number


def _batch(batch: int | str, n: int) -> int | str:
    """The batch as the engines know it: "full", "subsets", or a number below n."""
    if isinstance(batch, str):
        if batch not in ("subsets", "full"):
            raise InputError(f"Unknown batch {batch!r}: choose 'subsets', 'full' or a number of terms.")
        return "full" if n == 1 else batch
    b = _whole(batch, "batch")
    if not 1 <= b <= n:
        raise InputError(f"batch={b} must lie between 1 and n={n}, the number of terms.")
    return "full" if b == n else b


def _marks(record: int | str | None, steps: int) -> np.ndarray:
    """The numbers of the iterates that are kept."""
    if record is None:
        return np.array([steps])
    if isinstance(record, str) and record != "all":
        raise InputError(f"Unknown record {record!r}: choose None, 'all' or a stride.")
    stride = 1 if record == "all" else _whole(record, "record")
    if stride == 0:
        raise InputError("record=0 is no stride: choose None, 'all' or a whole number >= 1.")
    return np.union1d(np.arange(0, steps + 1, stride), [steps])


def _start(J: Any, x0: Any) -> tuple[np.ndarray, Program]:
    """The starting points, shape (N, *core), and the program of one term, traced at the first of them."""
    x = np.asarray(as_real(x0, "x0"), dtype=float)
    known = J if isinstance(J, Program) else J.f if isinstance(J, FiniteSum) and isinstance(J.f, Program) else None
    if x.ndim == 0 or (known is not None and x.shape == known.input_shapes[0]):
        x = x[None]
    if len(x) == 0:
        raise ShapeError(f"x0 has shape {x.shape}: it holds no starting point.")
    if not callable(J):
        raise InputError(f"J is a {type(J).__name__}: pass a FiniteSum, a function or a Program.")
    try:
        P = J.program(x[0]) if isinstance(J, FiniteSum) else trace_at(J, (x[0],), check=False)
    except IndexError as problem:
        raise ShapeError(
            f"J cannot be traced at x0[0], of shape {x[0].shape} ({problem}). The first axis of x0 counts "
            "trajectories: write x0[None] for a single starting point."
        ) from None
    if len(P.outputs) != 1 or P.shapes[P.outputs[0]] != ():
        raise ShapeError(f"sgd needs J to be one number, but {P.name} returns "
                         f"shape(s) {', '.join(str(P.shapes[k]) for k in P.outputs)}.")
    inputs = len(J.leaves) + 1 if isinstance(J, FiniteSum) else 1
    if len(P.input_shapes) != inputs or P.input_shapes[0] != x.shape[1:]:
        shown = ", ".join(str(s) for s in P.input_shapes)
        raise ShapeError(f"x0 has shape {x.shape}, but {P.name} was traced on input shape(s) {shown}: "
                         f"x0 needs a leading axis for the trajectories, and J one array to descend in.")
    return x, P


def _terms(J: Any, P: Program, batch: int | str, dtype: np.dtype, convention: Convention) -> Terms:
    """The program and the data in the dtype, scalar by scalar when they are small."""
    core = P.input_shapes[0]
    leaves = J.leaves if isinstance(J, FiniteSum) else ()
    n = J.n if isinstance(J, FiniteSum) else 1
    with np.errstate(all="ignore"):
        data = tuple(a.astype(dtype) for a in leaves)
    small = _lowered(P)
    scalar = small is not None and small.m <= SCALAR
    if scalar:
        data = tuple(np.ascontiguousarray(column) for a in data for column in a.reshape(n, -1).T)
    return Terms(P=cast(small if small is not None and scalar else P, dtype), core=core, data=data, n=n, batch=batch,
                 dtype=dtype, convention=convention, scalar=scalar)


def _lowered(P: Program) -> Program | None:
    """The scalar program, where there is one. Python branches, which only the array program watches, have none."""
    if P.guards:
        return None
    try:
        return lower(P)
    except (NotElementary, TooLarge):
        return None
