"""Chapter 3: algorithmic differentiation."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward_mode, partials
from selgrad.differentiation.products import jvp
from selgrad.examples.paper import relu2
from selgrad.notebook.exercises.answers import (
    called,
    derivative,
    failure,
    graded_truths,
    letters,
    number,
    numbers,
    shown,
    traced,
    whole,
)
from selgrad.notebook.exercises.form import Exercise, Misshapen, require
from selgrad.primitives import Convention
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.tracing import trace
from selgrad.tracing.operations import relu


def _length(answer: Any) -> None:
    right = trace(lambda t: relu(t) * relu(-t) + t / 2, 1.0).m
    got = whole(answer)
    require(got != right - 1, "one line is missing: the input is a line of memory too.", 0.5)
    require(got != 3, "those are the lines of the formula's three terms; each operation has a line of its own.")
    require(got == right, "write one operation a line: relu(t), -t, relu of that, the product, t / 2, the sum.")


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
    got = numbers(answer, len(right), f"v, which has {len(right)} entries, one for each line of memory,").tolist()
    require(got != [1.0, 1.0, 1.0, 1.0], "x2 = relu(x1) hands v[2] times relu'(0) = 0 to x1: v[1] stays 0.", 0.5)
    require(got != [0.0, 0.0, 1.0, 0.0], "v keeps what it has: an entry is not cleared when its line is done, and "
                                         "x3 = x2 + x0 hands its 1 to both.")
    wrong = [j for j in range(len(right)) if got[j] != right[j]]
    require(not wrong, f"v[{(wrong or [0])[0]}] is not {got[(wrong or [0])[0]]:g} after two steps.",
            0.5 if len(wrong) == 1 else 0.0)


def _claims(answer: Any) -> None:
    graded_truths(answer, {"a": True, "b": False, "c": True, "d": False}, {
        "a": "Lemma 1 does not ask where the d_k come from: both modes multiply the same numbers, at kinks too.",
        "b": "Forward mode multiplies the direction with the slopes the lines have by their rules: along 1 it gives 0 "
             "for relu at 0, and the derivative along 1 is 1.",
        "c": "The program's selection derivative is the gradient almost everywhere (Theorem 2 and Proposition 3).",
        "d": "Equation (1) is for smooth lines only: t - zero(t) has the gradient 1 at 0, and AD returns 0.",
    })


def _modes(answer: Any) -> None:
    if not (isinstance(answer, tuple | list) and len(answer) == 2 and isinstance(answer[0], str)):
        raise Misshapen(f"{shown(answer)} is not a pair of a mode and a number.")
    mode, passes = answer[0].strip().lower(), whole(answer[1])
    if mode not in ("forward", "backward"):
        raise Misshapen(f"{shown(answer[0])} is not one of the modes.")
    require((mode, passes) != ("backward", 200), "that is right for the backward mode, one pass for each output; but "
                                                 "the other mode is cheaper here.", 0.5)
    require(mode == "forward", "backward mode takes one pass for each of the 200 outputs.")
    require(passes != 200, "forward mode is the right choice; but its passes are one for each input.", 0.5)
    require(passes == 3, f"forward mode is the right choice; but it does not take {passes} passes.", 0.5)


def _passes(answer: Any) -> None:
    x = np.array([1.0, 2.0, 3.0])
    P = traced(answer, x)
    require(P.q == 1, f"backward mode costs one pass for each output, and your program has {P.q}.")
    slopes = np.ravel(called(lambda x: backward_mode(P, x), x))
    silent = [int(i) for i in np.flatnonzero(slopes == 0)]
    require(not silent, f"at (1, 2, 3) the derivative in input {silent} is 0: that pass would tell nothing.", 0.5)


def random_cells(rng: np.random.Generator, p: int, m: int, read_once: bool) -> tuple[list[tuple[int, ...]], dict]:
    """A random predecessor relation and slopes, small whole numbers so that sums are exact."""
    pr: list[tuple[int, ...]] = [() for _ in range(p)]
    for k in range(p, m):
        free = [j for j in range(k) if not (read_once and any(j in r for r in pr))]
        pr.append(tuple(sorted(rng.choice(free, size=min(2, len(free)), replace=False).tolist())))
    return pr, {(k, j): float(rng.integers(1, 4)) for k in range(p, m) for j in pr[k]}


def weighted(p: int, pr: list[tuple[int, ...]], d: dict, w: list[float]) -> list[float]:
    """The weights times the Jacobian of the last len(w) cells, by one backward pass (Algorithm 2)."""
    v = [0.0] * (len(pr) - len(w)) + list(w)
    for t in range(len(pr) - 1, p - 1, -1):
        for j in pr[t]:
            v[j] += v[t] * d[t, j]
    return v[:p]


def _own_backward(answer: Any) -> None:
    if not callable(answer):
        raise Misshapen(f"{shown(answer)} is no function.")
    stages = (("a cell is read by one later cell only and there is one output", True, 1, 0.0),
              ("there is one output, and some cells are read twice: their shares add up", False, 1, 0.25),
              ("there are two outputs, with weights", False, 2, 0.5))
    for said, once, q, credit in stages:
        for seed in range(8):
            rng = np.random.default_rng(seed)
            p, m = 2, 5 if once else 7
            pr, d = random_cells(rng, p, m, once)
            w = [float(a) for a in rng.integers(1, 4, size=q)]
            want = weighted(p, pr, d, w)
            try:
                got = answer(p, list(pr), dict(d), list(w))
            except Exception as problem:
                raise Misshapen(f"your function fails where {said} ({failure(problem)}).") from None
            got = numbers(got, p, f"what your function returned, {p} numbers").tolist()
            require(got == want, f"it goes wrong where {said}: for pr = {pr}, d = {d} and w = {w} it returns {got}, "
                                 f"not {want}.", credit)


def _own_kink(answer: Any) -> None:
    if not (isinstance(answer, tuple | list) and len(answer) == 2):
        raise Misshapen(f"{shown(answer)} is not a pair (f, x).")
    f, x, h = answer[0], number(answer[1]), 2.0**-20
    if not callable(f):
        raise Misshapen(f"{shown(f)} is no function.")
    right, left = ((number(called(f, x + s)) - number(called(f, x))) / s for s in (h, -h))
    ad = float(derivative(f, x))
    require(abs(right - left) > 1e-3, f"the slopes on both sides of your x are {left:.4g} and {right:.4g}: no kink of "
                                      "the function.")
    near = "right" if abs(ad - right) < 1e-3 else "left" if abs(ad - left) < 1e-3 else ""
    require(not near, f"the function has a kink, but AD returns {ad:g}, the slope on its {near}: add a multiple of "
                      "zero, or write the function with two relus.", 0.5)


def _directions(answer: Any) -> None:
    try:
        good, bad = answer
    except (TypeError, ValueError):
        raise Misshapen(f"{shown(answer)} is not a pair of directions.") from None
    x = np.array([1.0, 1.0])
    f = lambda x: np.maximum(x[0], x[1])
    for d, agree, said in ((good, True, "first"), (bad, False, "second")):
        d = numbers(d, 2, "a direction, two numbers")
        require(d.any(), "(0, 0) is no direction.")
        forward, true = float(jvp(f, x, d)[1]), float(d.max())
        ok = (forward == true) == agree
        require(ok, f"along your {said} direction forward mode returns {forward:g}, and the derivative of the maximum "
                    f"along it is {true:g}.", 0.0 if said == "first" else 0.5)


def _which_rules(answer: Any) -> None:
    got = set(letters(answer, "abcd"))
    require("b" not in got, "(0, 0): where x0 = x1 the maximum is x0, with slope 1 along (1, 1). A piece in use "
                            "there has this slope too, and (0, 0) has the slope 0.")
    require("c" not in got, "(1, 1): along (1, 1) it has the slope 2, and every piece that equals the maximum on the "
                            "tie set has the slope 1.")
    require("a" in got, "(1/2, 1/2) is the gradient of the piece (x0 + x1)/2, which equals the maximum at ties.",
            0.25 if got == {"d"} else 0.0)
    require("d" in got, "(a) is right, but there is one more: 2 x0 - x1 equals the maximum at ties too. A selection "
                        "derivative need not lie between the gradients of the two sides.", 0.5)


def _hypotheses(answer: Any) -> None:
    graded_truths(answer, {"a": True, "b": False, "c": True, "d": False}, {
        "a": "The proof of Lemma 1 multiplies matrices: any vectors d_k will do.",
        "b": "Without P_p the two products differ in the rows of the lines computed: their diagonals are not equal.",
        "c": "The proof uses A_i e_k = e_k for i different from k, which holds for any d_i: no zeros are asked for.",
        "d": "With the rule (0, 0) for max at a tie, what AD computes is no selection derivative (Proposition 2 "
             "fails).",
    })


EXERCISES = (
    Exercise(
        "03-1", "recall",
        "How long is the memory $m$ of the program `relu(t) * relu(-t) + t / 2`?",
        "one whole number",
        ("Write the listing: one operation a line.", "One line for the input and one for each instruction."),
        _length,
    ),
    Exercise(
        "03-2", "recall",
        "Backward mode runs on `relu2(t) = relu(-t) + t` at 0. What is $v$ after two of its three steps?",
        "a list of four numbers, `[v[0], v[1], v[2], v[3]]`",
        ("Start from v = [0, 0, 0, 1].", "The steps handle x3 = x2 + x0, then x2 = relu(x1)."),
        _backward,
    ),
    Exercise(
        "03-3", "recall",
        "True or false?\n\n"
        "* (a) At a kink, forward and backward mode return the same vector.\n"
        "* (b) Forward mode along $d$ returns the derivative of the function along $d$, if there is one.\n"
        "* (c) At almost every point AD returns the gradient of the function.\n"
        "* (d) Where the function is differentiable, AD returns its gradient.",
        "four times True or False, as `answer = [True, True, True, True]`",
        ("Try (b) with relu at 0, and (d) with t - zero(t).", "Two of the four are true."),
        _claims,
    ),
    Exercise(
        "03-4", "recall",
        "A program has 3 inputs and 200 outputs, and you want its whole Jacobian. Which mode takes fewer passes, and "
        "how many?",
        "a pair, as `answer = (\"backward\", 1)`",
        ("One mode makes a pass for each input, the other for each output.", "3 is less than 200."),
        _modes,
    ),
    Exercise(
        "03-5", "build",
        "Write a program of three inputs `x[0]`, `x[1]`, `x[2]` whose gradient at $(1, 2, 3)$ costs forward mode "
        "three passes and backward mode one, no partial derivative being 0.",
        "a function of one vector, `answer = lambda x: ...`",
        ("Forward mode makes one pass for each input, backward mode one for each output.",
         "Return one number that depends on all three entries."),
        _passes,
    ),
    Exercise(
        "03-6", "build",
        "Write backward mode for several outputs. `pr[k]` are the predecessors of cell `k`, `d[k, j]` is the slope "
        "of cell `k` in "
        "its predecessor `j`; the first `p` cells are inputs, the last `len(w)` cells outputs. Return the list of the "
        r"$\sum_i w_i\, \partial\,\mathrm{output}_i / \partial x_j$ for all inputs $j$, by *one* pass.",
        "a function of four arguments, `def answer(p, pr, d, w): ...`",
        ("Only the beginning of the algorithm changes: v starts with the weights at the outputs.",
         "v[j] += v[t] * d[t, j], for t from the last cell down to p: add, do not overwrite."),
        _own_backward,
    ),
    Exercise(
        "03-7", "build",
        "A program of your own: give one of one input, and a point where its function has a kink, such that AD returns "
        "neither the slope on the left nor the slope on the right.",
        "a pair `(f, x)`, as `answer = (lambda t: ..., 1.0)`",
        ("Write |t| with relus.", "In relu(t) + relu(-t) both lines have the slope 0 at 0."),
        _own_kink,
    ),
    Exercise(
        "03-8", "build",
        r"$\max(x_0, x_1)$ at $(1, 1)$, in the paper's convention. Find a direction along which forward mode returns "
        "the derivative of the function along that direction, and one along which it does not.",
        "a pair of directions, as `answer = ((1, 2), (3, 4))`",
        ("The derivative of the maximum along d is max(d_0, d_1), since both entries are tied.",
         "Forward mode takes one of the two pieces: which one, print(sg.grad(...)) says."),
        _directions,
    ),
    Exercise(
        "03-9", "prove",
        r"Four libraries have a rule each for the gradient of $\max(x_0, x_1)$ at ties, where $x_0 = x_1$; off the "
        "ties they return the gradient. Whose rule is a selection derivative? "
        r"(a) $(\tfrac12, \tfrac12)$; (b) $(0, 0)$; (c) $(1, 1)$; (d) $(2, -1)$.",
        "the letters of those that are, as `answer = \"bc\"`",
        ("Either there is an elementary piece with this gradient that equals the maximum on the whole tie set, or "
         "there is none. What is the slope of such a piece along (1, 1)?",
         "The entries of the gradient have to add up to 1."),
        _which_rules,
    ),
    Exercise(
        "03-10", "prove",
        "Which hypotheses are needed? True, if the statement stays true without it.\n\n"
        "* (a) Lemma 1 without asking that the $d_k$ are gradients of anything\n"
        "* (b) Lemma 1 without the projection $P_p$ on the first $p$ coordinates\n"
        "* (c) Lemma 1 without asking that $d_k$ is 0 outside $\\mathrm{pr}(k)$\n"
        "* (d) Theorem 2 without asking that each $d_k$ is a selection derivative of $g_k$",
        "four times True or False, as `answer = [True, True, True, True]`",
        ("Which property of the d_k does the proof of Lemma 1 use?",
         "For (b) write both products for p = 1, m = 2. For (d) think of a rule of exercise 03-9."),
        _hypotheses,
    ),
)
