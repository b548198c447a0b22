"""Questions of chapter 3, algorithmic differentiation."""

from __future__ import annotations

import numpy as np

from selgrad.differentiation.products import jvp
from selgrad.notebook.questions.form import Option, Question
from selgrad.tracing import trace
from selgrad.tracing.operations import relu


def _passes() -> tuple[int, int]:
    """Forward mode asks one pass for each input, backward mode one for each output."""
    P = trace(lambda x: np.sum(relu(x)), np.zeros(1000))
    return P.p, P.q


def _along_one() -> float:
    return float(jvp(relu, 0.0, 1.0)[1])


QUESTIONS = {
    "03-a": Question(
        "A program has 1000 inputs and one output, a loss. You want its whole derivative. How many passes does each "
        "mode need?",
        (
            Option("forward 1, backward 1000", (1, 1000), "Just the other way. A forward pass follows *one* input's "
                   "direction through the program."),
            Option("forward 1000, backward 1", (1000, 1), "A forward pass answers one direction, a backward pass one "
                   "output."),
            Option("1000 each: there are 1000 numbers", (1000, 1000), "A backward pass collects all 1000 numbers: "
                   "each line hands its share to everything it was computed from."),
            Option("1 each", (1, 1), "One forward pass gives the derivative along one direction, which is one number."),
        ),
        _passes,
        "Forward mode makes p passes and backward mode q. Losses have q = 1, hence backpropagation.",
    ),
    "03-b": Question(
        "The function relu has a derivative at 0 *along the direction 1*: the limit of (relu(h) - relu(0)) / h for "
        "h > 0, which is 1. Forward mode is run on relu at 0 along the direction 1. What does it return?",
        (
            Option("1, that directional derivative", 1.0, "Forward mode does not step anywhere: it multiplies the "
                   "direction with the derivative of each line, and relu's is 0 at 0 by its rule."),
            Option("0", 0.0, "It multiplies the direction with relu'(0) = 0."),
            Option("1/2", 0.5, "The mean of both sides is the rule of other operations in other libraries; relu'(0) is "
                   "0."),
        ),
        _along_one,
        "Forward mode returns the selection derivative times the direction, as backward mode does (Lemma 1, "
        "Theorem 2). At a kink this need not be the derivative along the direction.",
    ),
}
