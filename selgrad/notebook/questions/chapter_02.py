"""Questions of chapter 2, elementary selections."""

from __future__ import annotations

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.examples.paper import zero
from selgrad.notebook.questions.form import Option, Question
from selgrad.selections.selection import Selection
from selgrad.tracing.operations import relu


def _field() -> tuple[float, float]:
    pieces = [lambda t: 0.0, lambda t: t, lambda t: 5 * t]
    slopes = np.ravel(Selection(lambda t: int(t > 0), pieces).field(0.0).vertices)
    return float(slopes.min()), float(slopes.max())


def _integral() -> float:
    """Of AD's derivative of relu(t) + 1000 zero(t) over [-1, 1]: by midpoints, exact where it is constant."""
    return float(sum(grad(lambda t: relu(t) + 1000 * zero(t))(t) / 4 for t in (-0.875, -0.625, -0.375, -0.125,
                                                                               0.125, 0.375, 0.625, 0.875)))


QUESTIONS = {
    "02-a": Question(
        "relu is represented by three pieces, 0, t and 5t, and an index s that takes piece 0 for t ≤ 0 and piece 1 for "
        "t > 0. Piece 2 is never used. The *field* at 0 is the convex hull of the slopes of all pieces that have "
        "relu's value there. Which interval is it?",
        (
            Option("[0, 0]", (0.0, 0.0), "That is the selection derivative, the slope of the one piece that s uses. "
                   "The field asks all pieces with the right value."),
            Option("[0, 1]", (0.0, 1.0), "That is the hull over the pieces that s uses somewhere. The definition asks "
                   "for the value only, and 5t has the value 0 at 0 too."),
            Option("[0, 5]", (0.0, 5.0), "All three pieces have the value 0 at 0, and s is not asked."),
            Option("it has none: s is undecided at 0", None, "s is a function: at 0 it says piece 0. The field does "
                   "not depend on what it says."),
        ),
        _field,
        "Definition 5 looks at the list of pieces, not at how s uses them: a field belongs to a representation.",
    ),
    "02-b": Question(
        "AD's derivative of the program `relu(t) + 1000 * zero(t)` is wrong by 1000 at t = 0: the function is relu. "
        "You integrate it from -1 to 1 and expect relu(1) - relu(-1) = 1. What do you get?",
        (
            Option("1", 1.0, "One point carries no length."),
            Option("1001", 1001.0, "That would need a jump of the function: the value at one point, however large, "
                   "adds nothing to an integral."),
            Option("it depends on the index at 0", None, "The index decides the value at 0 alone, and an integral "
                   "does not see single points."),
        ),
        _integral,
        "Selection derivatives may be wrong on a null set, and integrate back to the function: Proposition 2.",
    ),
}
