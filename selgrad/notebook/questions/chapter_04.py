"""Questions of chapter 4, conservative fields."""

from __future__ import annotations

import numpy as np

from selgrad.counterexamples.fields import added
from selgrad.examples.networks import three_neurons
from selgrad.examples.paper import zero
from selgrad.notebook.questions.form import Option, Question
from selgrad.sets.conservative import conservative
from selgrad.sets.theorem3 import check_conservative
from selgrad.sets.verdicts import classify


def _field() -> tuple[float, float]:
    slopes = np.ravel(conservative(zero, 0.0).vertices)
    return float(slopes.min()), float(slopes.max())


def _along_the_kink() -> str:
    """Do the elements of the field agree in the direction of the kink, or do those of Clarke's set alone?"""
    D = conservative(lambda x: np.abs(x[0]) + zero(x[1]), np.array([1.0, 0.0]))
    slopes = D.vertices.reshape(-1, 2) @ np.array([1.0, 0.0])
    return "every" if np.ptp(slopes) == 0 else "Clarke"


def _kind() -> str:
    return str(classify(three_neurons, np.zeros(2)).kind)


def _off_the_kink() -> str:
    """What is left of the gap of the added slopes when the middle of the curve leaves the diagonal by 1/16."""
    f = lambda x: np.abs(x[0]) + np.maximum(x[0], x[1])
    before, after = (float(check_conservative(f, added(f), [[-1.5, 0.5], [0.0, y], [1.25, 1.25]]).gap)
                     for y in (0.0, 0.0625))
    return "nothing" if after == 0 else "as much" if after >= before else "less"


QUESTIONS = {
    "04-a": Question(
        "The program `relu(-t) + t - relu(t)` is the constant 0. At t = 0 both relus sit on their kink. Let each of "
        "them have any derivative in [0, 1] there, independently: what is everything AD could return?",
        (
            Option("{0}: the function is constant", (0.0, 0.0), "That is Clarke's subdifferential, which sees the "
                   "function. The choices are made in the program, independently of each other."),
            Option("[0, 1]", (0.0, 1.0), "That is one relu's set, and the set of Remark (a)'s two pieces. Here there "
                   "are two relus, and their choices do not know of each other."),
            Option("[-1, 1]", (-1.0, 1.0), "1 - a - b, with a and b free in [0, 1]."),
            Option("all real numbers", None, "With multiples of zero added, every number can be had (Theorem 1), but "
                   "from another program. This one has two choices, each between 0 and 1."),
        ),
        _field,
        "With the choices a and b, AD returns 1 - a - b. The set belongs to the program: the function is constant.",
    ),
    "04-b": Question(
        "f(x) = |x₁| + zero(x₂), and a curve runs *along* the kink x₂ = 0 through (1, 0), in the direction (1, 0). The "
        "field there is the set of all (1, w) with w in [-1, 1]. For which of its elements v is ⟨v, (1, 0)⟩ the "
        "derivative of f along the curve?",
        (
            Option("for Clarke's (1, 0) only", "Clarke", "The others are no subgradients, true. But they differ from "
                   "it in the second entry, and the curve does not move that way."),
            Option("for every one of them", "every", "They differ only across the kink, where the curve does not go."),
            Option("for none: f has no derivative there", "none", "f has one along the curve: |x₁| is smooth near 1, "
                   "and zero(x₂) is constant."),
            Option("for those with w = 1, which AD returns", "AD", "AD's choice has no privilege: no element can be "
                   "told from another along this curve."),
        ),
        _along_the_kink,
        "This is Theorem 3: along almost every point of a curve, all elements of the field give f's derivative.",
    ),
    "04-c": Question(
        "The network `relu(-x1) + relu(-x2) - relu(x1 + x2)` has three neurons and no biases. At x = (0, 0) AD returns "
        "(0, 0). What kind of point is it?",
        (
            Option("a minimum", "minimum", "f(t, t) = -2t for t > 0 is negative, and f(0, 0) = 0."),
            Option("a critical point, since AD's derivative is 0", "Clarke-critical", "AD returned 0 because each "
                   "relu's rule says 0. Clarke's subdifferential, which depends on the function alone, does not "
                   "contain 0."),
            Option("not critical: AD makes it up", "artificial-critical", "0 is one of the things that AD could "
                   "return, and no subgradient."),
            Option("a regular point, where f is smooth", "regular", "Three kinks meet there; f is not differentiable."),
        ),
        _kind,
        "An artificial critical point. From it f decreases along (1, 1), and gradient descent does not move.",
    ),
    "04-d": Question(
        "A curve goes from A = (-1.5, 0.5) to B = (0, 0) and on to C = (1.25, 1.25), so its second half runs inside "
        "the kink x₁ = x₂ of |x₁| + max(x₁, x₂). The field that adds tied slopes misses the increment by 2.5. Now B "
        "moves up by 1/16, and the second half is no longer inside. What becomes of the 2.5?",
        (
            Option("it shrinks a little", "less", "That would be so if the gap depended on the distance to the kink. "
                   "The field is wrong on the kink and nowhere else, however near."),
            Option("it vanishes", "nothing", "Off the kink the field is the gradient, and one point of contact, at C, "
                   "has no length."),
            Option("it stays as it is", "as much", "The curve has hardly moved, true. But it has left the set on which "
                   "the field is wrong."),
        ),
        _off_the_kink,
        "A field that is wrong on a null set is seen by curves that run inside that set, and by no others.",
    ),
}
