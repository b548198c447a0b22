"""Programs as compiled code: sg.compile(P) writes straight-line source and hands it to Numba."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any, Literal, overload

import numpy as np

from selgrad.compilation import javascript
from selgrad.compilation.cache import load
from selgrad.compilation.kernels import kind_of, source
from selgrad.differentiation.modes import backward_mode
from selgrad.errors import InputError, NotElementary, ShapeError, TooLarge
from selgrad.primitives import Convention
from selgrad.programs.arguments import bind
from selgrad.programs.evaluate import check_rules, evaluate
from selgrad.programs.formats import cast, float_format
from selgrad.programs.lowering import lower
from selgrad.programs.program import Program
from selgrad.programs.trees import Branch, count
from selgrad.tracing.tracer import trace_at

LARGEST = 1000  # scalars: a few seconds of compilation, once
DTYPES = {"python": ("float32", "float64"), "javascript": ("float16", "float32", "float64")}


@dataclass(frozen=True, eq=False)
class Compiled:
    """A program compiled by Numba: `F(x, ...)` is its value, `F.derivative(x, ...)` that in its first argument.

    Arguments are nested as the program's and may have leading batch axes, over which both run in
    parallel. `source` is the module that was compiled; print it. Outside the domain of an instruction
    both raise DomainError, as the program does.
    """

    program: Program
    source: str
    p: int
    dtype: np.dtype
    convention: Convention

    @cached_property
    def module(self) -> ModuleType:
        """The imported module; Numba compiles a function of it at its first call. Raises InputError without Numba."""
        if not available():
            raise InputError("Numba is not installed, so nothing can be compiled: pip install 'selgrad[fast]'.")
        return load(self.source)

    def trajectories(
        self, x: np.ndarray, c: np.ndarray, alpha: np.ndarray, marks: np.ndarray, data: np.ndarray, b: int,
        seed: int, first: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Iterates number marks of algorithm (8), shape (N, len(marks), *core), and the steps at which they broke.

        x of shape (N, *core), c (N,), alpha (steps,) and data (n, entries of a datum) in the dtype.
        """
        out = np.empty((len(x), len(marks), self.p), dtype=self.dtype)
        broke = np.empty(len(x), dtype=np.int64)
        flat = np.ascontiguousarray(x.reshape(len(x), self.p))
        self.module.trajectories(
            flat, np.ascontiguousarray(c), alpha, marks, data, b, np.uint64(seed), np.uint64(first), out, broke
        )
        return out.reshape(len(x), len(marks), *x.shape[1:]), broke

    def __call__(self, *args: Any) -> Any:
        x, data, batch = self._columns(args)
        out = np.empty(len(x), dtype=self.dtype)
        self.module.values(x, data, out)
        if not np.isfinite(out).all():
            evaluate(self.program, args, self.convention)  # raises, and names the instruction
        return out.reshape(batch)[()]

    def derivative(self, *args: Any) -> Any:
        """The derivative AD gives (backward mode) in the first argument: shape batch + core."""
        x, data, batch = self._columns(args)
        out = np.empty((len(x), self.p), dtype=self.dtype)
        self.module.derivatives(x, data, out)
        if not np.isfinite(out).all():
            backward_mode(self.program, *args, convention=self.convention)
        return out.reshape(batch + self.program.input_shapes[0])[()]

    def _columns(self, args: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
        """The arguments as scalars, one row a point of the batch: x and the datum."""
        leaves, batch = bind(self.program, args)
        rows = [
            np.broadcast_to(a, batch + shape).reshape(int(np.prod(batch)), -1)
            for a, shape in zip(leaves, self.program.input_shapes, strict=True)
        ]
        table = np.concatenate(rows, axis=1).astype(self.dtype)
        return np.ascontiguousarray(table[:, : self.p]), np.ascontiguousarray(table[:, self.p :]), batch

    def __repr__(self) -> str:
        return f"Compiled({self.program!r}, {self.dtype.name}, convention={self.convention!r})"


@dataclass(frozen=True, eq=False)
class Script:
    """A program as JavaScript: `source` is an expression whose value is an object of functions.

    The functions, and what they return, are listed in `selgrad/compilation/javascript.py`.
    """

    program: Program
    source: str
    p: int
    dtype: np.dtype
    convention: Convention

    def __repr__(self) -> str:
        return f"Script({self.program!r}, {self.dtype.name}, convention={self.convention!r})"


@overload
def compile(
    f: Callable | Program, *example: Any, convention: Convention = "paper", dtype: Any = float,
    batch: int | str = "full", language: Literal["python"] = "python",
) -> Compiled: ...


@overload
def compile(
    f: Callable | Program, *example: Any, convention: Convention = "paper", dtype: Any = float,
    batch: int | str = "full", language: Literal["javascript"],
) -> Script: ...


def compile(
    f: Callable | Program, *example: Any, convention: Convention = "paper", dtype: Any = float,
    batch: int | str = "full", language: str = "python",
) -> Compiled | Script:
    """f as straight-line source, compiled by Numba: value, derivative in the first argument, trajectories.

    f is a Program with one number as output, or a function and an example of its arguments. The
    first argument is one array x, the further ones a datum. Every node is one local variable, the
    choice at every kink is spelled out by the tie convention, or by a line's own rule. batch says how the module's
    `trajectories`, which `sg.sgd` runs, draws its terms. Nothing is compiled before the first call,
    and what is compiled stays on disk. Raises NotElementary for what cannot be spelled or has
    Python branches, TooLarge above 1,000 scalars, ShapeError unless the output is one number,
    InputError for options that do not exist. Source: Algorithms 1 and 2.

    >>> import selgrad as sg
    >>> F = sg.compile(lambda t: sg.relu(-t) + t, 0.0)
    >>> print(F.source.split("def derivative")[1].split("@njit")[0].strip())
    (x0):
        x1 = -x0
        x2 = relu(x1)
        x3 = x2 + x0
        outside = False
        # backward
        s2 = relu_s(x1)
        v1 = 0.0 if s2 == 0 else 1.0
        v0 = 1.0 + (-v1)
        return x3, outside, v0
    """
    P = trace_at(f, example) if not isinstance(f, Program) else f
    if language not in DTYPES:
        raise InputError(f"language={language!r} is not known: choose among {', '.join(DTYPES)}.")
    kind = float_format(dtype, DTYPES[language])
    check_rules(P, convention)
    convention = convention if isinstance(convention, str) else dict(convention)
    if len(P.outputs) != 1 or P.shapes[P.outputs[0]] != ():
        raise ShapeError(f"compile needs one number as output, but {P.name} returns "
                         f"shape(s) {', '.join(str(P.shapes[k]) for k in P.outputs)}.")
    assert isinstance(P.in_tree, Branch)
    if count(P.in_tree.children[0]) != 1:
        raise InputError(f"compile needs the first argument of {P.name} to be one array, not a nested structure.")
    if P.guards:
        raise NotElementary(f"{P.name} has a Python branch, which compiled code does not follow: "
                            "write it with np.where.")
    small = lower(P)
    if small.m > LARGEST:
        raise TooLarge(f"{P.name} has {small.m} scalars in memory, and straight-line code is for at most {LARGEST}.")
    p = int(np.prod(P.input_shapes[0]))
    if language == "javascript":
        return Script(P, javascript.source(cast(small, kind), p, kind, convention, str(P)), p, kind, convention)
    drawn = kind_of(batch, len(small.input_shapes) - p)
    text = source(cast(small, kind), p, drawn, kind.name, convention, _versions(), str(P))
    return Compiled(P, text, p, kind, convention)


def available() -> bool:
    """Whether Numba can be imported."""
    from importlib.util import find_spec

    return find_spec("numba") is not None


def _versions() -> str:
    """What the text depends on besides the program; part of it, and so of its hash."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    try:
        numba = f"Numba {version('numba')}"
    except PackageNotFoundError:
        numba = "no Numba"
    return f"NumPy {np.__version__}, {numba}, Python {platform.python_version()}"
