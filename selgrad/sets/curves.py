"""Curves x + t d + t^2 e + t^3 g, t > 0 small: what a program chooses along them, by germs instead of radii (ours)."""

from __future__ import annotations

from math import prod
from typing import Any, cast

import numpy as np

from selgrad.errors import SelgradError
from selgrad.geometry.germs import Doubt, Germ, germs
from selgrad.geometry.rationals import exactly
from selgrad.kinks.ties import index_of
from selgrad.primitives.comparisons import NOTHING
from selgrad.sets.rederived import Point, Refused, must

FAILURES = (SelgradError, ArithmeticError, AttributeError, TypeError, ValueError)  # of what has no series here


def follow(here: Point, curve: list[np.ndarray], pattern: list[int] | None = None) -> tuple[list[int], list[Germ]]:
    """(what is answered along a curve, the germ of every difference that is asked for).

    With a pattern its pieces are taken, whatever the curve itself would take. Raises Refused where germs do not tell.
    """
    try:
        with np.errstate(all="ignore"):  # what overflows in a germ is refused by it
            return _follow(here, curve, pattern)
    except FAILURES as problem:
        raise Refused(f"a curve tells nothing: {problem}") from None


def _follow(here: Point, curve: list[np.ndarray], pattern: list[int] | None) -> tuple[list[int], list[Germ]]:
    P, nodes, start = here.P, [], 0
    for j, shape in enumerate(P.input_shapes):
        size = prod(shape)
        at = np.ravel(np.asarray(here.ev.values[j], dtype=object))
        each = [Germ([at[i], *(c[start + i] for c in curve)]) for i in range(size)]
        nodes.append(germs(np.array(each, dtype=object).reshape(shape)))
        start += size
    answers = None if pattern is None else iter(pattern)
    told: list[int] = []
    found: list[Germ] = []
    for k, line in P.lines():
        xs = [nodes[o] if line.is_node(i) else germs(o) for i, o in enumerate(line.operands)]
        s, row = here.ev.indices[k], cast(Any, line.row)
        if k in here.ties:
            values, choices = row.compares.values(line, xs), []
            for tie in here.ties[k]:
                state = tie.start
                while (pair := tie.ask(state)) is not None:
                    i, j = pair
                    gap = Germ.of(values[i]) if j == NOTHING else Germ.of(values[i]) - Germ.of(values[j])
                    if gap.c[0]:
                        raise Doubt("a tie that is one up to rounding only")
                    answer = gap.sign() if answers is None else next(answers, 0)
                    told.append(answer)
                    found.append(gap)
                    state = tie.told(state, answer > 0) if answer else tie.still(state)
                choices.append(tie.choice(state))
            s = index_of(line, s, here.ties[k], [choices])[0]
        # not row.select, which need not read s
        value = row.frozen(s, *xs, **line.params) if row.kinked else row.value(*xs, **line.params)
        nodes.append(germs(np.broadcast_to(np.asarray(value, dtype=object), line.shape)))
    return told, found


def curvature(here: Point, pattern: list[int], y: np.ndarray, basis: np.ndarray) -> tuple[np.ndarray, float]:
    """(W, size of its terms): W = B^T (sum y_i s_i H_i) B for the columns of B; H_i: Hessians along a pattern's pieces.

    The coefficient of t^2 along x + t d is d^T H d / 2; polarisation gives the rest. The size is that of the H_i
    themselves, of which directions to every side tell: on a kernel that is rounded what is 0 is noise beside noise.
    """
    size = 0.0

    def half(d: np.ndarray) -> Any:
        nonlocal size
        _, found = follow(here, [d], pattern)
        terms = [w * a * gap.c[2] for w, a, gap in zip(y, pattern, found[: len(pattern)], strict=True)]
        size = max(size, *(float(abs(term)) for term in terms))
        return sum(terms, 0 * y[0])

    n = basis.shape[1]
    for d in () if here.rational else np.random.default_rng(0).normal(size=(3, here.P.p)):
        half(d / np.linalg.norm(d))
    W = here.numbers(np.zeros((n, n)))
    for i in range(n):
        W[i, i] = 2 * half(basis[:, i])
    for i in range(n):
        for j in range(i):
            W[i, j] = W[j, i] = half(basis[:, i] + basis[:, j]) - (W[i, i] + W[j, j]) / 2
    return W, size


def curve_to(here: Point, rng: np.random.Generator) -> tuple[list[int], list[np.ndarray]]:
    """(pattern, curve) of a random curve that stays where switching functions touch, order by order.

    d lies in the kernel of some of the gradients; e, and then g, between the surfaces of two of the switching
    functions that vanish to the order before, or on one of them. Raises Refused where germs do not tell, and where
    something vanishes along the curve that need not vanish around it.
    """
    numbers = lambda a: exactly(np.asarray(a, dtype=object))
    rows = _rows(here)
    d = numbers(rng.integers(-8, 9, here.P.p) / 8)
    orthogonal: list[np.ndarray] = []
    most = here.P.p - 1
    for n in rng.permutation(len(rows))[: rng.integers(min(1, most), most + 1) if rng.random() < 0.9 else 0]:
        a = numbers(rows[n])
        for b in orthogonal:
            a = a - b * ((a @ b) / (b @ b))
        if np.abs(a).max() > (0 if here.rational else 1e-9 * np.abs(rows[n]).max()):
            orthogonal.append(a)
            d = d - a * ((a @ d) / (a @ a))
    curve = [d]
    for power in (2, 3):
        pattern, gaps = follow(here, curve)
        asked, choices, _ = here.replay(pattern)
        tied = [n for n, gap in enumerate(gaps) if not any(gap.c[:power])]
        a = here.along([choices], [asked])[0][0]
        flat = [numbers(a[n]) * (-gaps[n].c[power] / (numbers(a[n]) @ numbers(a[n])))
                for n in tied if np.any(a[n] != 0)]
        if not flat:
            curve.append(0 * d)
            continue
        one, other = (flat[i] for i in rng.permutation(len(flat))[[0, -1]])
        share = numbers([rng.choice([0.5, 0.5, 0.5, 1.0, 1.0, 0.25, 0.75, 2.0])])[0]
        step = one * share + other * (1 - share)
        if rng.random() < 0.15:
            step = step + numbers(rng.integers(-8, 9, here.P.p)) * (1 + max(abs(v) for v in step))
        curve.append(step)
    pattern, gaps = follow(here, curve)
    if 0 in pattern:
        asked, choices, _ = here.replay(pattern)
        wide = here.along([choices], [asked], atoms=True)[0][0]
        must(not any(np.any(v != 0) for v, answer in zip(wide, pattern, strict=True) if answer == 0),
             "what vanishes along a curve need not vanish around it")
    return pattern, curve


def _rows(here: Point) -> list[np.ndarray]:
    """The gradients of all that ties, along the first pieces."""
    pairs = [(tie, pair, 1) for tie in here.every for pair in tie.pairs]
    rows = here.along([here.replay([])[1]], [pairs])[0][0]
    return [a for a in rows if np.any(a != 0)]
