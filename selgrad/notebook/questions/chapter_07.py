"""Questions of chapter 7, pitfalls in practice."""

from __future__ import annotations

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.notebook.questions.form import Option, Question


def _masked() -> str:
    """The chain rule for where(t > 0, log(t), 0) at 0: the slope of log times what where hands back."""
    handed_back = grad(lambda y: np.where(np.array(0.0) > 0, y, 0.0))(1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return f"{handed_back * np.divide(1.0, np.array(0.0)):g}"


def _celu() -> float:
    """As Keras writes CELU, by TensorFlow's rules; the chapter asks the live Keras."""
    return float(grad(lambda t: np.maximum(t, 0.0) + np.expm1(np.minimum(t, 0.0)), convention="tensorflow")(0.0))


QUESTIONS = {
    "07-a": Question(
        "`where(t > 0, log(t), 0)` is 0 at t = 0: the condition is false and the logarithm is thrown away. What does "
        "reverse mode in TensorFlow, PyTorch or JAX return for its derivative at t = 0?",
        (
            Option("0: the logarithm is thrown away", "0", "Its *value* is thrown away. In the backward pass where "
                   "hands 0 to the logarithm, and the logarithm multiplies that by its slope, 1/0 = inf."),
            Option("nan", "nan", "0 times inf."),
            Option("inf", "inf", "That is the slope of log at 0; it is multiplied by the 0 that where hands back."),
            Option("an error that names log", "error", "That is what selgrad does. The frameworks compute on."),
        ),
        _masked,
        "0 * inf is nan. A where does not protect what stands inside it; guard the argument, log(where(t > 0, t, 1)).",
    ),
    "07-b": Question(
        "CELU is t for t ≥ 0 and exp(t) - 1 for t ≤ 0. It is continuously differentiable: its derivative at 0 is 1. "
        "A library computes it as `maximum(t, 0) + expm1(minimum(t, 0))`, and at a tie gives the whole derivative to "
        "the first argument. What does AD return at 0? (a number)",
        (
            Option("1", 1.0, "So it would be if AD differentiated the function. But both kinks of the program sit at "
                   "0, and each hands on a derivative of its own."),
            Option("2", 2.0, "Both ties give 1, and 1 + 1 = 2."),
            Option("0", 0.0, "That would be the rule of relu at both kinks; here the tie goes to t, the first "
                   "argument, each time."),
            Option("1.5", 1.5, "That would need one of the ties to be shared."),
        ),
        _celu,
        "The kinks of maximum and minimum cancel in the function, and not in the program. A smooth function gets a "
        "wrong derivative: 2 at a point where every subgradient is 1.",
        number=True,
        other="At the tie maximum(t, 0) gives t the derivative 1. What does minimum(t, 0) give, and what is the sum?",
    ),
}
