"""Questions of chapter 3, algorithmic differentiation."""

from __future__ import annotations

import numpy as np

from selgrad.differentiation.modes import backward_mode, forward_mode
from selgrad.differentiation.products import jvp
from selgrad.examples.paper import zero
from selgrad.examples.random_programs import random_program
from selgrad.notebook.questions.form import Option, Question
from selgrad.programs.lowering import scalar_view
from selgrad.tracing import trace
from selgrad.tracing.operations import relu


def _passes() -> tuple[int, int]:
    """Forward mode asks one pass for each input, backward mode one for each output."""
    P = trace(lambda x: np.sum(relu(x)), np.zeros(1000))
    return P.p, P.q


def _along_one() -> float:
    return float(jvp(relu, 0.0, 1.0)[1])


def _agreement() -> str:
    """Do both modes agree on random programs at their kinks, under rules that look at no side?"""
    for seed in range(20):
        f, x = random_program(np.random.default_rng(seed), p=3, length=8)
        P = trace(f, x)
        if not np.array_equal(forward_mode(P, x, convention="jax"), backward_mode(P, x, convention="jax")):
            return "off the kinks"
    return "everywhere"


def _step_of_one() -> int:
    """In which step of backward mode on zero at 0 does v[0] become 1?"""
    S = scalar_view(trace(zero, 0.0))
    _, d = S.run(0.0)
    v = np.eye(S.m)[-1]
    for step, t in enumerate(range(S.m - 1, 0, -1), 1):
        for j in set(S.pr[t]):
            v[j] += v[t] * d[t, j]
        if v[0] == 1:
            return step
    return 0


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
    "03-c": Question(
        "A program has kinks, and at a point x several of its lines sit on them; each has a slope there by some rule. "
        "Forward mode multiplies the slopes of all lines from the inputs on, backward mode from the output back. Do "
        "the two return the same vector at x?",
        (
            Option("yes, always", "everywhere", "Both add up the same products of slopes over the same paths."),
            Option("only off the kinks", "off the kinks", "At a kink the slopes are numbers like any others, once the "
                   "rule has chosen them. Neither mode asks where a slope comes from."),
            Option("if each slope lies between those of both sides", "between", "That would matter if a mode looked at "
                   "the sides of a kink. It multiplies the numbers it is given, even 1000."),
        ),
        _agreement,
        "This is Lemma 1, and it holds for any numbers whatever in the place of the slopes.",
    ),
    "03-d": Question(
        "Backward mode runs on zero at t = 0. Its lines are x1 = -x0, x2 = relu(x1), x3 = x2 + x0, x4 = relu(x0), "
        "x5 = x3 - x4. It starts with v = 1 at x5, and its five steps handle x5, x4, x3, x2, x1 in this order. In "
        "which step does v[0] become 1, which is the result?",
        (
            Option("step 1, at x5 = x3 - x4", 1, "This step hands 1 to x3 and -1 to x4. It does not read x0."),
            Option("step 2, at x4 = relu(x0)", 2, "x4 reads x0, but relu'(0) = 0: it hands on -1 times 0."),
            Option("step 3, at x3 = x2 + x0", 3, "A sum hands its v[3] = 1 to both of its terms, and x0 is one."),
            Option("step 5, at x1 = -x0", 5, "v[1] is still 0 then: relu'(0) = 0 at x2 has handed nothing on."),
        ),
        _step_of_one,
        "The two relus hand nothing on, and the bare t between them everything: zero has derivative 1 at 0.",
    ),
}
