"""Chapter 3: algorithmic differentiation."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward_mode, partials
from selgrad.examples.paper import relu2, relu3
from selgrad.notebook.exercises.answers import called, number, numbers, traced
from selgrad.notebook.exercises.form import Exercise, require
from selgrad.primitives import Convention
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.tracing import trace


def _length(answer: Any) -> None:
    right = trace(relu3, 1.0).m
    got = number(answer)
    require(got != right - 1, "one line is missing: the input is a line of memory too.", 0.5)
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


def _backward(answer: Any) -> None:
    right = accumulators(trace(relu2, 0.0), 2, 0.0)
    got = numbers(answer, len(right), f"v has {len(right)} entries, one for each line of memory")
    wrong = [j for j in range(len(right)) if got[j] != right[j]]
    right_ones = f"{len(right) - len(wrong)} of {len(right)} entries are right, but " if len(wrong) == 1 else ""
    require(not wrong, f"{right_ones}v[{(wrong or [0])[0]}] is not {got[(wrong or [0])[0]]:g} after two steps.",
            0.5 if len(wrong) == 1 else 0.0)


def _passes(answer: Any) -> None:
    x = np.array([1.0, 2.0, 3.0])
    P = traced(answer, x)
    require(P.p == 3, f"your program has p = {P.p} inputs, not 3.")
    require(P.q == 1, f"backward mode costs one pass for each output, and your program has {P.q}.")
    slopes = np.ravel(np.concatenate([np.ravel(g) for g in np.atleast_1d(called(lambda x: backward_mode(P, x), x))]))
    silent = [int(i) for i in np.flatnonzero(slopes == 0)]
    require(not silent, f"at (1, 2, 3) the derivative in input {silent} is 0: that pass would tell nothing.", 0.5)


EXERCISES = (
    Exercise(
        "03-1", "recall",
        "How long is the memory $m$ of `relu3(t) = (relu(t) + (relu(-t) + t)) / 2`?",
        "one whole number",
        ("Write the listing: one operation a line.", "One line for the input and one for each instruction."),
        _length,
    ),
    Exercise(
        "03-2", "recall",
        "Backward mode runs on `relu2(t) = relu(-t) + t` at 0. What is $v$ after two steps?",
        "a list of four numbers, `[v[0], v[1], v[2], v[3]]`",
        ("Start from v = [0, 0, 0, 1].", "The steps handle x3 = x2 + x0, then x2 = relu(x1)."),
        _backward,
    ),
    Exercise(
        "03-3", "build",
        "Write a program of three inputs `x[0]`, `x[1]`, `x[2]` whose gradient at $(1, 2, 3)$ costs forward mode "
        "three passes and backward mode one, no partial derivative being 0.",
        "a function of one vector, `answer = lambda x: ...`",
        ("Forward mode makes one pass for each input, backward mode one for each output.",
         "Return one number that depends on all three entries."),
        _passes,
    ),
)
