"""Questions of chapter 1, programs are not functions."""

from __future__ import annotations

import math

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.examples.paper import relu2, zero
from selgrad.notebook.questions.form import Option, Question


def _constant() -> float | None:
    """The c among those offered for which AD returns 0 at 1 for exp(t) + c zero(t - 1)."""
    for c in (-math.e, -1.0, math.e):
        if abs(grad(lambda t, c: np.exp(t) + c * zero(t - 1.0))(1.0, c)) < 1e-12:
            return c
    return None


QUESTIONS = {
    "01-a": Question(
        "relu(t) = max(0, t) can also be written `relu(-t) + t`: the same function. At 0 it has a kink, and the rule "
        "here and in TensorFlow is relu'(0) = 0. What does AD return at 0 for the program `relu(-t) + t`?",
        (
            Option("0", 0.0, "That would hold if AD saw the function: it is relu, and relu'(0) = 0. AD sees the lines "
                   "of the program, and there is a second term."),
            Option("1/2", 0.5, "That is the mean of the two slopes, as if AD looked at both sides. It applies the "
                   "chain rule line by line, and at the kink takes the one value of the rule."),
            Option("1", 1.0, "The chain rule, line by line, gives it."),
            Option("nothing: an error, or nan", None, "The function has no derivative at 0, but each line has one by "
                   "its rule, and AD multiplies and adds those."),
        ),
        lambda: float(grad(relu2)(0.0)),
        "-relu'(0) + 1 = -0 + 1 = 1. The same function written as `relu(t)` gives 0: AD differentiates programs.",
    ),
    "01-b": Question(
        "`zero(t)` is the constant 0, and AD gives it the derivative 1 at 0. The exponential has no critical point. "
        "For which number c does AD return 0 at t = 1 for the program `exp(t) + c * zero(t - 1)`?",
        (
            Option("for none: its derivative is e at 1", None, "The function's derivative is e, whatever c is. But "
                   "the program's second term has an AD derivative of its own at 1."),
            Option("c = -e", -math.e, "The second term adds c at t = 1, and nothing elsewhere."),
            Option("c = -1", -1.0, "That takes 1 away from the slope; the slope of exp at 1 is e."),
            Option("c = e", math.e, "The size is right, but the two slopes add up to 2e."),
        ),
        _constant,
        "AD returns e + c. So any number can be had, at any point, for any function: the idea of Theorem 1.",
    ),
}
