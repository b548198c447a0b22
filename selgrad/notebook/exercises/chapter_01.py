"""Chapter 1: programs are not functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selgrad.differentiation.grad import grad
from selgrad.notebook.exercises.answers import derivative, number, same_function
from selgrad.notebook.exercises.form import Exercise, require
from selgrad.tracing.operations import relu

FUNCTION = "a function of one number, `answer = lambda t: ...`"


def _odd(answer: Any) -> None:
    right = float(grad(lambda t: relu(t) - relu(-t))(0.0))
    got = number(answer)
    require(got != 1, "AD returns something else. The function is t, so 1 would be the derivative of the function.")
    require(got == right, "AD returns something else: add what the chain rule gives for each of the two terms.")


def _slope(f: Callable, said: str, a: float, v: float) -> Callable[[Any], None]:
    def grade(answer: Any) -> None:
        same_function(answer, f, said)
        got = float(derivative(answer, a))
        require(abs(got - v) <= 1e-9, f"the function is right, but AD returns {got:g} at {a:g}, not {v:g}.", 0.5)

    return grade


EXERCISES = (
    Exercise(
        "01-1", "recall",
        r"Which number does AD return for $\mathrm{relu}(t) - \mathrm{relu}(-t)$ at $0$?",
        "one number, as `answer = 0.5`",
        ("Trace it on paper first: two instructions are kinked.", "At 0, relu'(0) = 0 for both terms."),
        _odd,
    ),
    Exercise(
        "01-2", "build",
        "Write a program of the function $t^2$ whose AD derivative at $1$ is $5$.",
        FUNCTION,
        ("Which slope does AD return for `t * t` at 1, and how much is missing?",
         "Add a multiple of zero(t - 1) to t * t."),
        _slope(lambda t: t * t, "t²", 1.0, 5.0),
    ),
    Exercise(
        "01-3", "build",
        "Write a program of the identity $t$ for which $2$ is an artificial critical point.",
        FUNCTION,
        ("`t - zero(t)` does it at 0.", "Move the kink: zero(t - 2)."),
        _slope(lambda t: t, "t", 2.0, 0.0),
    ),
)
