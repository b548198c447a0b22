"""What can be checked of Definitions 1 to 3 for a selection, and what cannot: exactly, by sampling, or on trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.errors import DomainError, SelgradError
from selgrad.programs.program import Program
from selgrad.tracing import Comparison, trace_at

EXACTLY, SAMPLED, TRUSTED = "exactly", "by sampling", "on trust"


@dataclass(frozen=True)
class Checked:
    """One hypothesis: whether it holds (None where nothing can be said), how that was found, and what was seen."""

    statement: str
    hypothesis: str
    holds: bool | None
    how: str
    seen: str

    def __str__(self) -> str:
        answer = {True: "holds", False: "FAILS", None: "unknown"}[self.holds]
        return f"{self.statement}  {self.hypothesis:<42} {answer:<8} {self.how:<12} {self.seen}"


@dataclass(frozen=True)
class Hypotheses:
    """What `Selection.hypotheses` found, one line a hypothesis."""

    checked: tuple[Checked, ...]

    @property
    def fails(self) -> tuple[Checked, ...]:
        """The hypotheses that were seen to fail."""
        return tuple(c for c in self.checked if c.holds is False)

    def __str__(self) -> str:
        return "\n".join(map(str, self.checked))


def check(S: Any, points: Any) -> Hypotheses:
    """The hypotheses of Definitions 1 to 3 for a selection S, at these points where sampling is all there is."""
    points = _points(S.shape) if points is None else [np.asarray(x, dtype=float)[()] for x in points]
    indices, stray = _indices(S, points)
    lazy = not isinstance(S.pieces, tuple)
    numbers = sorted(set(indices.values())) if lazy else range(len(S.pieces))
    pieces = {i: S.piece(i) for i in numbers}
    which = f"{len(pieces)} of {len(S.pieces)} pieces, those met" if lazy else f"{len(pieces)} piece(s)"
    outside = [f"piece {i}: {P.instructions[k - len(P.input_shapes)].op}"
               for i, P in pieces.items() for k in P.leaves_log_exp()]
    undefined = _undefined(pieces, points)
    return Hypotheses((
        Checked("Definition 1", "pieces: finite expressions, smooth", True, SAMPLED if lazy else EXACTLY, which),
        Checked("Definition 1", "pieces: +, -, *, /, affine, exp, log only", not outside,
                SAMPLED if lazy else EXACTLY, ", ".join(outside) or which),
        Checked("Definition 1", "pieces: defined on all of R^p", not undefined, SAMPLED,
                undefined or f"at {len(points)} points"),
        Checked("Definition 2", f"index: a number from 0 to {len(S.pieces) - 1}", not stray, SAMPLED,
                stray or f"at {len(points)} points"),
        _cells(S, points),
        Checked("Definition 3", "finitely many pieces", True, EXACTLY, f"{len(S.pieces)}"),
        _continuous(S, points),
    ))


def _points(shape: tuple[int, ...]) -> list[Any]:
    """0, both senses of every axis at 1 and 2, all ones, and 48 random points."""
    p = int(np.prod(shape, dtype=int))
    axes = [sign * size * e for e in np.eye(p) for size in (1.0, 2.0) for sign in (1.0, -1.0)]
    random = np.random.default_rng(0).normal(scale=2.0, size=(48, p))
    return [np.reshape(x, shape)[()] for x in [np.zeros(p), np.ones(p), -np.ones(p), *axes, *random]]


def _key(x: Any) -> bytes:
    return np.asarray(x, dtype=float).tobytes()


def _indices(S: Any, points: list[Any]) -> tuple[dict[bytes, int], str]:
    found = {}
    for x in points:
        try:
            found[_key(x)] = S.s(x)
        except SelgradError as problem:
            return found, str(problem)
    return found, ""


def _undefined(pieces: dict[int, Program], points: list[Any]) -> str:
    for i, P in pieces.items():
        for x in points:
            try:
                P(x)
            except DomainError:
                return f"piece {i} has no value at {x}"
    return ""


def _cells(S: Any, points: list[Any]) -> Checked:
    """Definition 2: the comparisons that the index makes on its way, recorded at each point."""
    said = "index: comparisons of elementary functions"

    def path(x: Any) -> Any:
        i = S.index(x)
        return 0.0 * np.sum(x) + (int(bool(i)) if isinstance(i, Comparison) else int(i))

    paths, outside = set(), []
    for x in points:
        try:
            P = trace_at(path, (x,), check=False)
        except (SelgradError, TypeError, ValueError, AttributeError, IndexError) as problem:
            seen = f"the index cannot be recorded: {type(problem).__name__}"
            return Checked("Definition 2", said, None, TRUSTED, seen)
        paths.add(tuple((g.node, g.relation, np.asarray(g.taken).tobytes()) for g in P.guards))
        outside += [P.instructions[k - len(P.input_shapes)].op for k in P.leaves_log_exp()]
    if outside:
        return Checked("Definition 2", said, False, SAMPLED, f"it uses {', '.join(dict.fromkeys(outside))}")
    most = max(len(p) for p in paths)
    return Checked("Definition 2", said, True, SAMPLED, f"{len(paths)} path(s), at most {most} comparison(s) on one")


def _continuous(S: Any, points: list[Any]) -> Checked:
    for x in points:
        try:
            jumps = jump(S, x)
        except SelgradError as problem:
            return Checked("Definition 3", "f is continuous", None, SAMPLED, f"{type(problem).__name__} near {x}")
        if jumps:
            return Checked("Definition 3", "f is continuous", False, SAMPLED, f"it jumps at {x}")
    return Checked("Definition 3", "f is continuous", True, SAMPLED, f"at {len(points)} points, and near them")


def jump(S: Any, x: Any, tol: float = 1e-9, samples: int = 64) -> str:
    """What piece, taken arbitrarily near x, has another value at x; "" if none was met among the neighbours sampled."""
    x = np.asarray(x)
    rng = np.random.default_rng(0)
    axes = np.concatenate([np.eye(x.size), -np.eye(x.size), rng.normal(size=(samples, x.size))])
    value, radius = S(x), 2.0**-30 * (1.0 + np.abs(x).max())
    near = {S.s(x + radius * d.reshape(x.shape)) for d in axes}
    for i in sorted(near):
        other = S.piece(i)(x)
        if np.any(np.abs(other - value) > tol * (1.0 + np.abs(value))):
            return (f"The selection is not continuous at x = {x}: f(x) = {value}, but piece {i}, taken arbitrarily "
                    f"near, has the value {other} there.")
    return ""
