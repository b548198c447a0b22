"""What is near a point: pieces taken along curves x + r d + r^2 e, r -> 0, and the nearest other kink (ours)."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import SelgradError
from selgrad.kinks.gradients import difference, gradients
from selgrad.kinks.point import Local
from selgrad.kinks.rounding import rounding, size_compared
from selgrad.kinks.ties import deciding, ties, whole
from selgrad.primitives.comparisons import Tie
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, place
from selgrad.programs.trees import unflatten

RADII = 2.0 ** -np.arange(5.0, 12.0)


def patterns_nearby(here: Local, curves: int, seed: int = 0) -> np.ndarray:
    """Jacobians at x along the pieces that random curves through x keep taking: (n, q, p).

    A curve counts when it takes the same pieces at every radius, and is not within rounding of a
    kink at the smallest. The directions d lie in kernels of some of the active gradients, since first order
    decides everywhere else. Sampled: it can find a piece, never exclude one.
    """
    P, rng = here.P, np.random.default_rng(seed)
    rows = _rows(here)
    base = [np.asarray(here.ev.values[j]).astype(float) for j in range(len(P.input_shapes))]
    found: dict[tuple, dict[int, np.ndarray]] = {}
    for _ in range(curves):
        d, e = rng.normal(size=P.p), rng.normal(size=P.p) * 2.0 ** rng.uniform(-2, 3)
        chosen = rows[rng.permutation(len(rows))[: rng.integers(0, P.p)]]
        if len(chosen):
            d = d - np.linalg.pinv(chosen) @ (chosen @ d)
        evaluations = [_near(here, base, r * d + r * r * e) for r in RADII]
        taken = [None if ev is None else _taken(here, ev) for ev in evaluations]
        if any(t is None for t in taken) or len({_key(t) for t in taken}) > 1:
            continue
        last = evaluations[-1]
        # a switching function that vanishes at a point drawn at random vanishes around it
        if last is not None and _ids(ties(P, last, rounding(P, last, 64.0))) == _ids(ties(P, last)):
            found.setdefault(_key(taken[-1]), taken[-1] or {})
    J = [here.jacobians(here.forward(indices)) for indices in found.values()]
    return np.concatenate(J) if J else np.zeros((0, P.q, P.p), dtype=here.dtype)


def _rows(here: Local) -> np.ndarray:
    """The gradients of all compared scalars, along the pieces taken at x: (n, p)."""
    dx, rows = here.forward(), []
    for k, every in here.ties.items():
        g = gradients(here, k, dx, here.P.p)[0].astype(float)
        rows += [difference(g, pair) for tie in every for pair in tie.pairs]
    return np.array(rows)


def _near(here: Local, base: list[np.ndarray], step: np.ndarray) -> Evaluation | None:
    parts, start = [], 0
    for a in base:
        parts.append((a + step[start : start + a.size].reshape(a.shape))[()])
        start += a.size
    try:
        return evaluate(here.P, unflatten(here.P.in_tree, parts))
    except SelgradError:
        return None  # outside a domain, or across a Python branch: this curve tells nothing


def _taken(here: Local, ev: Evaluation) -> dict[int, np.ndarray]:
    """The index at every instruction with ties: as at x, but with the pieces taken at the ties."""
    indices = {}
    for k, found in here.ties.items():
        line = here.P.line(k)
        s, near = whole(line, here.ev.indices[k]), whole(line, ev.indices[k])
        flat = np.array(s).reshape(-1)
        for tie in found:
            flat[list(tie.slots)] = near.reshape(-1)[list(tie.slots)]
        indices[k] = flat.reshape(s.shape)
    return indices


def _ids(found: dict[int, list[Tie]]) -> list[tuple]:
    return [tie.ids for every in found.values() for tie in every]


def _key(indices: Any) -> tuple:
    return tuple(tuple(int(i) for i in s.ravel()) for s in indices.values())


def nearest_kink(P: Program, ev: Evaluation, unit: list[Any] | None, ulps: float) -> tuple[float, str]:
    """(distance in roundings, instruction) of the kink nearest to the point among those not active.

    The distance of a switching value z is |z| over one rounding on the scale of its operands
    (`rounding`); infinity where there is no other kink. Over the rationals |z| itself is returned.
    """
    best, where = np.inf, ""
    for k, instruction in deciding(P):
        row: Any = instruction.row
        size = 1.0 if unit is None else row.compares.beside(size_compared(instruction, unit))
        for z in row.switches(*map(np.asarray, instruction.of(ev.values)), **instruction.params):
            gaps, scale = (np.ravel(a) for a in np.broadcast_arrays(np.abs(np.asarray(z).astype(float)), size))
            counted = (scale > 0) & (gaps > (0.0 if unit is None else ulps * scale))  # an exact zero has no rounding
            away = gaps[counted] / scale[counted]
            if away.size and away.min() < best:
                best, where = float(away.min()), f"x{k} = {instruction.op}{place(instruction.where)}"
    return best, where
