"""The exercises: what each asks, a hint, and a grader that computes the right answer with the engine.

A grader returns nothing when the answer is right and raises `Wrong` with the reason otherwise.
Indices count from 0, as everywhere in the code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.differentiation.modes import backward_mode, partials
from selgrad.examples.paper import relu2, relu3, remark_a
from selgrad.primitives import Convention
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.selections.selection import Selection
from selgrad.tracing import trace
from selgrad.tracing.operations import relu

# Dyadic points, so that kinks at halves and integers are hit exactly.
POINTS = np.arange(-4.0, 4.0625, 0.0625)


class Wrong(Exception):
    """The answer is not right; the message says how one can see that."""


@dataclass(frozen=True)
class Exercise:
    """One exercise; `task` in words, `hint` for an empty answer, `grade` for any other."""

    task: str
    hint: str
    grade: Callable[[Any], None]


def require(condition: Any, message: str) -> None:
    if not condition:
        raise Wrong(message)


def _number(answer: Any) -> float:
    require(np.ndim(answer) == 0, "the answer is one number.")
    return float(answer)


def _same_function(answer: Any, f: Callable, said: str) -> None:
    """`answer` is a program of f, checked at POINTS."""
    require(callable(answer), "the answer is a function: answer = lambda t: ...")
    for t in POINTS:
        got = float(answer(t))
        same = abs(got - f(t)) <= 1e-9 * (1 + abs(f(t)))
        require(same, f"at t = {t:g} your program returns {got:g}, but {said} is {f(t):g} there.")


def _program_with_derivative(f: Callable, said: str, a: float, v: float) -> Callable[[Any], None]:
    """Grader: a program of f for which AD returns v at a."""

    def grade(answer: Any) -> None:
        _same_function(answer, f, said)
        got = float(grad(answer)(a))
        require(abs(got - v) <= 1e-9, f"the function is right, but AD returns {got:g} at {a:g}, not {v:g}.")

    return grade


def _grade_odd(answer: Any) -> None:
    right = float(grad(lambda t: relu(t) - relu(-t))(0.0))
    got = _number(answer)
    function = "The function is t, so 1 would be the derivative of the function."
    require(got == right, f"AD returns something else. {function}" if got == 1 else "AD returns something else.")


def _grade_hinge(answer: Any) -> None:
    if isinstance(answer, tuple) and len(answer) == 2:
        answer = Selection(*answer)
    if not isinstance(answer, Selection):
        raise Wrong("the answer is a pair (index, pieces) or sg.Selection(index, pieces).")
    _same_function(answer, lambda t: float(np.maximum(0.0, 1.0 - t)), "max(0, 1 - t)")
    right = grad(lambda t: relu(1 - t))
    for t in POINTS[POINTS != 1.0]:
        got = float(answer.derivative(t))
        require(abs(got - right(t)) < 1e-12, f"the values are right, but the derivative at {t:g} is {got:g}.")
    require(len(answer.active(1.0)) >= 2, "at t = 1 only one piece is active: the list needs both, 0 and 1 - t.")


def _maximum() -> Selection:
    return Selection(lambda x: int(np.argmax(np.asarray(x))), [lambda x, i=i: x[i] for i in range(3)], shape=3)


def _grade_active(answer: Any) -> None:
    right = set(_maximum().active(np.array([1.0, 2.0, 2.0])))
    try:
        got = {int(i) for i in answer}
    except TypeError:
        raise Wrong("the answer is a set of indices, as {0, 1}.") from None
    extra, missing = sorted(got - right), sorted(right - got)
    require(not extra, f"piece {extra} is in your set, but its value there is not the maximum (count from 0).")
    require(not missing, "a piece with the value of the maximum is missing, whatever s picks.")


def _grade_zero_field(answer: Any) -> None:
    slopes = np.ravel(remark_a().field(0.0).vertices)
    right = (float(slopes.min()), float(slopes.max()))
    require(np.shape(answer) == (2,), "the answer is an interval, a pair (low, high).")
    got = (float(answer[0]), float(answer[1]))
    clarke = "; [0, 0] is Clarke's subdifferential of the function" if got == (0.0, 0.0) else ""
    require(got == right, f"the hull of the slopes of the active pieces is another interval{clarke}.")


def _grade_length(answer: Any) -> None:
    right = trace(relu3, 1.0).m
    got = _number(answer)
    require(got != right - 1, "one line is missing: the input is a line of memory too.")
    require(got == right, "print(sg.trace(relu3, 1.0)) shows the listing; count its lines.")


def accumulators(P: Program, steps: int, *args: Any, convention: Convention = "paper") -> list[float]:
    """v after some steps of the backward loop, for a program of scalars."""
    ev = evaluate(P, args, convention)
    v = [0.0] * len(P.shapes)
    for k in P.outputs:
        v[k] += 1.0
    first = len(P.input_shapes)
    for t in range(len(v) - 1, max(first, len(v) - steps) - 1, -1):
        for j, d in partials(t, P.line(t), ev):
            v[j] += float(np.asarray(d.pull(np.asarray(v[t]))))
    return v


def _grade_backward(answer: Any) -> None:
    right = accumulators(trace(relu2, 0.0), 2, 0.0)
    require(np.shape(answer) == (len(right),), f"v has {len(right)} entries, one for each line of memory.")
    for j, (got, want) in enumerate(zip(np.asarray(answer, dtype=float), right)):
        require(got == want, f"v[{j}] is not {got:g} after two steps.")


def _grade_passes(answer: Any) -> None:
    x = np.array([1.0, 2.0, 3.0])
    P = answer if isinstance(answer, Program) else trace(answer, x)
    require(P.p == 3, f"your program has p = {P.p} inputs, not 3.")
    require(P.q == 1, f"backward mode costs one pass for each output, and your program has {P.q}.")
    slopes = np.ravel(np.concatenate([np.ravel(g) for g in np.atleast_1d(backward_mode(P, x))]))
    silent = [int(i) for i in np.flatnonzero(slopes == 0)]
    require(not silent, f"at (1, 2, 3) the derivative in input {silent} is 0: that pass would tell nothing.")


EXERCISES: dict[str, Exercise] = {
    "01-1": Exercise(
        "Write a program of the function t² whose AD derivative at 1 is 5.",
        "add a multiple of zero(t - 1) to t * t; how much is missing from the slope 2?",
        _program_with_derivative(lambda t: t * t, "t²", 1.0, 5.0),
    ),
    "01-2": Exercise(
        "Which number does AD return for relu(t) - relu(-t) at 0?",
        "trace it on paper first; at 0, relu'(0) = 0 for both terms.",
        _grade_odd,
    ),
    "01-3": Exercise(
        "Write a program of the identity t for which 2 is an (artificial) critical point.",
        "t - zero(t) does it at 0; move the kink.",
        _program_with_derivative(lambda t: t, "t", 2.0, 0.0),
    ),
    "02-1": Exercise(
        "Write the hinge loss max(0, 1 - t) as an elementary selection: answer = (index, pieces).",
        "two pieces, and a function index(t) that returns 0 or 1.",
        _grade_hinge,
    ),
    "02-2": Exercise(
        "Which pieces are active for max(x_0, x_1, x_2) at (1, 2, 2)? The answer is the set I(x).",
        "the pieces are x_0, x_1 and x_2; compare each with the maximum, whatever s picks.",
        _grade_active,
    ),
    "02-3": Exercise(
        "With s(t) = [t = 0] and the pieces 0 and t (Remark (a)), which interval is the field at 0? (low, high)",
        "both pieces are active at 0; take the hull of their slopes.",
        _grade_zero_field,
    ),
    "03-1": Exercise(
        "How long is the memory m of relu3(t) = (relu(t) + (relu(-t) + t)) / 2?",
        "one line for the input and one for each instruction.",
        _grade_length,
    ),
    "03-2": Exercise(
        "Backward mode runs on relu2(t) = relu(-t) + t at 0. What is v = [v[0], v[1], v[2], v[3]] after two steps?",
        "start from v = [0, 0, 0, 1]; the steps handle x3 = x2 + x0, then x2 = relu(x1).",
        _grade_backward,
    ),
    "03-3": Exercise(
        "Write a program of three inputs x[0], x[1], x[2] whose gradient at (1, 2, 3) costs forward mode "
        "three passes and backward mode one, no partial derivative being 0.",
        "forward mode makes one pass for each input, backward mode one for each output.",
        _grade_passes,
    ),
}
