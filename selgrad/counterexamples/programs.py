"""Counter-examples to Sections 1.1, 3 and 4: programs, both modes of AD, Theorems 1 and 2, Lemma 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from selgrad.counterexamples.form import Fact, against, back, kept, lost
from selgrad.counterexamples.functions import changes, refused
from selgrad.differentiation.grad import grad
from selgrad.differentiation.lemma1 import lemma1
from selgrad.errors import InputError, NotElementary
from selgrad.examples.paper import zero
from selgrad.programs.lowering import scalar_view
from selgrad.selections.of_program import selection
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.tracing import trace
from selgrad.tracing.operations import relu


@against(("Theorem 1", "(a): the outputs of AD for all programs"), whose="the paper, Section 5.1")
def clarke_operator() -> Iterator[Fact]:
    """Clarke's subdifferential is an operator on functions with (b), far from trivial; it leaves outputs of AD out."""
    yield kept("(b): 0 is in Clarke's set of relu at 0", clarke(relu, 0.0).inner.contains(0.0), True)
    yield lost("AD of zero at 0, and Clarke's set there", [float(grad(zero)(0.0)), str(clarke(zero, 0.0).inner)],
               [1.0, "conv{0}"])
    yield back("the trivial operator, all of R at every point, has (a) and (b)",
               [bool(np.isfinite(grad(f)(0.0))) for f in (relu, zero)], [True, True])


@against(("Theorem 1", "(b): relu is among the programs, with 0 at 0"), whose="the paper, equation (1)")
def smooth_programs() -> Iterator[Fact]:
    """Ask AD only of programs that combine smooth functions smoothly: then the gradient is such an operator."""
    programs = [lambda t: np.log(1 + np.exp(t)), lambda t: t + np.log(1 + np.exp(-t)), lambda t: np.log1p(np.exp(t))]
    yield kept("(a): AD of three programs of log(1 + exp(t)) at 0, the gradient each time",
               [round(float(grad(f)(0.0)), 15) for f in programs], [0.5, 0.5, 0.5])
    yield lost("they have no kinks, so relu is not among them", [len(trace(f, 0.0).kinked()) for f in programs],
               [0, 0, 0])
    shifted = [lambda t, c=c: programs[0](t) + c * zero(t) for c in (-2.0, 3.0)]
    yield back("with relu: AD of that function plus c zero(t) at 0, for c = -2, 3",
               [round(float(grad(f)(0.0)), 15) for f in shifted], [-1.5, 3.5])


@against(("Algorithm 1", "pr(k) holds earlier cells only"))
def reads_ahead() -> Iterator[Fact]:
    """x1 = x2 + x0 and x2 = x1: the value is whatever the memory held before. A Program of this form is refused."""
    def run(memory: list[float]) -> float:
        memory[1] = memory[2] + memory[0]
        memory[2] = memory[1]
        return memory[2]

    P = trace(lambda t: relu(t) + t, 1.0)
    yield kept("each cell is computed once, from others", P.m - P.p, 2)
    yield lost("x2 for x0 = 1, over memory that held 0 and 7", [run([1.0, 0.0, 0.0]), run([1.0, 0.0, 7.0])], [1.0, 8.0])
    ahead = replace(P.instructions[0], operands=(2,))
    yield back("such a Program is refused",
               refused(lambda: replace(P, instructions=(ahead, *P.instructions[1:])), InputError), True)


@against(("Algorithm 2", "the variables are those of Algorithm 1, none overwritten"))
def overwritten() -> Iterator[Fact]:
    """y = t · t, written into the cell of t: backward mode then reads y where it needs t (footnote 4 of the paper).

    PyTorch counts writes for this reason and refuses the backward pass.
    """
    def square_in_place(t: float) -> tuple[float, float]:
        memory = [t]
        memory[0] = memory[0] * memory[0]
        return memory[0], memory[0] + memory[0]  # v[0] := v[0] + v[1] d[j], twice

    yield kept("the value at 3", square_in_place(3.0)[0], 9.0)
    yield lost("the derivative at 3", square_in_place(3.0)[1], 18.0)
    yield back("without overwriting", float(grad(lambda t: t * t)(3.0)), 6.0)


def _products(d: list[Any], order: tuple[int, ...], projection: bool, p: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The two products of Lemma 1, over the cells in this order, with or without the projection."""
    m = len(d[0])
    left = right = np.diag((np.arange(m) < p).astype(float)) if projection else np.eye(m)
    for k, slope in zip(order, d, strict=True):
        e = np.eye(m)[k]
        left = left @ (np.eye(m) - np.outer(e, e) + np.outer(slope, e))
        right = right @ (np.eye(m) + np.outer(slope, e))
    return left, right


PROJECTED, ONCE = "the products are projected on the inputs", "each cell is written once"


@against(("Lemma 1", PROJECTED), ("Equation (6)", PROJECTED))
def without_projection() -> Iterator[Fact]:
    """Without P_p the products differ, already for two cells: by e_k e_k^T."""
    d = [[3.0, 0.0]]
    left, right = _products(d, (1,), projection=False)
    yield kept("the vector d of the one line", d[0], [3.0, 0.0])
    yield lost("right minus left", right - left, [[0.0, 0.0], [0.0, 1.0]])
    left, right = _products(d, (1,), projection=True)
    yield back("the same with P_p", right - left, [[0.0, 0.0], [0.0, 0.0]])


@against(("Lemma 1", ONCE), ("Equation (6)", ONCE))
def written_twice() -> Iterator[Fact]:
    """x1 = 2 x0, and then x1 = 5 x0 in the same cell: the right-hand side adds both slopes (footnote 4).

    The order of the lines would not matter: P_p e_k = 0 whatever stands between, as long as k comes once.
    """
    d = [[2.0, 0.0], [5.0, 0.0]]
    left, right = _products(d, (1, 1), projection=True)
    yield kept("it is projected: the second rows", [left[1], right[1]], [[0.0, 0.0], [0.0, 0.0]])
    yield lost("slope of x1 in x0, left and right", [left[0, 1], right[0, 1]], [5.0, 7.0])
    left, right = lemma1(trace(lambda t: 2 * t + 5 * t, 1.0), 1.0)
    yield back("two cells in place of one: equal", bool(np.array_equal(left, right)), True)


@against(("Theorem 2", "each d_k is a selection derivative of g_k"))
def ones_for_all_tied() -> Iterator[Fact]:
    """max(t, t) with the derivative (1, 1) at ties, as onnxruntime had it for a time: AD returns 2 for f(t) = t.

    No representation of t has derivative 2 on an interval: that would contradict Proposition 3.
    """
    P = trace(lambda t: np.maximum(t, t), 0.0)
    S = scalar_view(P)
    points = [-1.0, 0.0, 3.0]
    yield kept("values at -1, 0, 3", [float(P(t)) for t in points], points)
    def backward(t: float, d: tuple[float, float]) -> float:
        v = np.eye(S.m)[-1]
        for k in reversed(range(S.p, S.m)):
            for j, slope in zip(S.pr[k], d, strict=True):
                v[j] += v[k] * slope
        return float(v[0])

    yield lost("backward mode with d = (1, 1)", [backward(t, (1.0, 1.0)) for t in points], [2.0, 2.0, 2.0])
    yield back("backward mode with d = (1, 0)", [backward(t, (1.0, 0.0)) for t in points], [1.0, 1.0, 1.0])


@against(("Proposition 5", "each g_k is in S"))
def floor_program() -> Iterator[Fact]:
    """t - floor(t): a program by every other measure, but floor jumps; at a jump selgrad refuses it."""
    yield kept("values at 0.75, 1 and 1.25", [float(t - np.floor(t)) for t in (0.75, 1.0, 1.25)], [0.75, 0.0, 0.25])
    yield lost("at the jump it is refused, as no elementary selection",
               refused(lambda: grad(lambda t: t - np.floor(t))(1.0), NotElementary), True)
    yield back("the number of pieces of |t - 1|, a program of elementary selections",
               len(selection(lambda t: np.abs(t - 1), 0.0).pieces), 2)


@against(("Proposition 5", "m is fixed: finitely many instructions"))
def folding() -> Iterator[Fact]:
    """t := |t|, and while t > 1: t := |t - 2|. Each run is a program of +, - and abs; no program does for all t.

    The function is continuous, the distance of t from the even integers, and has kinks at all integers.
    """
    def f(t: Any) -> Any:
        t = np.abs(t)
        while t > 1:
            t = np.abs(t - 2)
        return t

    yield kept("f at 0.5, 7.25 and 100.5", [float(f(t)) for t in (0.5, 7.25, 100.5)], [0.5, 0.75, 0.5])
    yield lost("cells m of the program recorded at 0.5, 10.5 and 100.5",
               [trace(f, t).m for t in (0.5, 10.5, 100.5)], [3, 18, 153])
    t = np.arange(-160, 160) / 8 + 1 / 16
    slopes = [float(grad(f)(a)) for a in t]
    yield lost("kinks in [-20, 20]", changes(np.array(slopes) > 0), 39)
    twice = lambda t: np.abs(np.abs(np.abs(t) - 2) - 2)
    yield back("two rounds for all t are one program; its pieces", len(selection(twice, 0.0).pieces), 8)
    yield back("its field at 0", str(conservative(twice, 0.0)), "conv{-1, 1}")
