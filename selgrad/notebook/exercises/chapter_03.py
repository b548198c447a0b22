"""Chapter 3: algorithmic differentiation."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad, jacobian
from selgrad.differentiation.products import jvp
from selgrad.notebook.exercises.answers import (
    GRID,
    called,
    derivative,
    failure,
    function,
    graded_truths,
    number,
    numbers,
    same_function,
    shown,
    traced,
    whole,
)
from selgrad.notebook.exercises.form import Exercise, Misshapen, require
from selgrad.notebook.exercises.memory import accumulators, random_cells, weighted
from selgrad.tracing import trace
from selgrad.tracing.operations import relu


def _length(answer: Any) -> None:
    right = trace(lambda t: relu(t) * relu(-t) + t / 2, 1.0).m
    got = whole(answer)
    require(got != right - 1, "one line is missing: the input is a line of memory too.", 0.5)
    require(got != 3, "those are the lines of the formula's three terms; each operation has a line of its own.")
    require(got == right, "write one operation a line: relu(t), -t, relu of that, the product, t / 2, the sum.")


def _backward(answer: Any) -> None:
    right = accumulators(trace(lambda t: relu(t) * t + t, 2.0), 2, 2.0)
    got = numbers(answer, len(right), f"v, which has {len(right)} entries, one for each line of memory,").tolist()
    require(got != [5.0, 2.0, 1.0, 1.0], "this is v after all three steps.", 0.5)
    require(got != [2.0, 2.0, 1.0, 1.0], "v[0] is added to: x3 hands it 1, and x2 = x1 * x0 hands it v[2] x1 = 2.", 0.5)
    require(got != [3.0, 2.0, 0.0, 0.0], "v keeps what it has: an entry is not cleared when its line is done.", 0.5)
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


def _through_the_middle(answer: Any) -> None:
    x = np.array([1.0, 2.0, 3.0])
    P = traced(answer, x)
    require(P.q == 3, f"three outputs are asked for, and your program has {P.q}.")
    J = np.reshape(called(lambda x: jacobian(P)(x), x), (3, 3))
    i, j = (int(k) for k in np.argwhere(J == 0)[0]) if (J == 0).any() else (0, 0)
    require(J.all(), f"at (1, 2, 3) output {i} does not depend on input {j}: that entry of the Jacobian is 0.")
    rank = int(np.linalg.matrix_rank(J, tol=1e-9 * np.abs(J).max()))
    require(rank == 1, f"no entry is 0, but the Jacobian has rank {rank}: it is no column times a row. Let everything "
                       "pass through one number in the middle.", 0.5)


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
    ad, kinked = float(derivative(f, x)), len(traced(f, x).kinked())
    require(abs(right - left) > 1e-3, f"the slopes on both sides of your x are {left:.4g} and {right:.4g}: no kink of "
                                      "the function.")
    near = "right" if abs(ad - right) < 1e-3 else "left" if abs(ad - left) < 1e-3 else ""
    require(not near, f"the function has a kink, but AD returns {ad:g}, the slope on its {near}. A kink of two pieces "
                      "has a side for each of them. Which instruction has more pieces than sides?", 0.25)
    require(kinked == 1, f"AD returns {ad:g}, which is neither slope; but your program has {kinked} kinked "
                         "instructions, and one is to do it alone.", 0.5)


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


def _twice(answer: Any) -> None:
    if not (isinstance(answer, tuple | list) and len(answer) == 2 and all(callable(f) for f in answer)):
        raise Misshapen(f"{shown(answer)} is not a pair of functions.")
    f, g = answer
    same_function(f, function(g), "the other")
    first = np.array([[number(derivative(h, t)) for h in (f, g)] for t in map(float, GRID)])
    far = np.abs(first[:, 0] - first[:, 1]) > 1e-9 * (1 + np.abs(first).max(axis=1))
    k = int(np.argmax(far))
    require(not far.any(), f"the functions are equal, but the claim asks for equal AD derivatives too: at t = "
                           f"{GRID[k]:g} AD returns {first[k, 0]:g} and {first[k, 1]:g}.", 0.25)
    second = np.array([[number(derivative(grad(h), t)) for h in (f, g)] for t in map(float, GRID)])
    apart = np.abs(second[:, 0] - second[:, 1]) > 1e-6 * (1 + np.abs(second).max(axis=1))
    require(apart.any(), "functions and AD derivatives are equal, as asked; but AD of the derivative programs agrees "
                         "too, at every multiple of 1/16 from -4 to 4.", 0.5)


def _orders(answer: Any) -> None:
    a, b, c, d, e = (int(n) for n in numbers(answer, 5, "five sizes (n0, n1, n2, n3, n4)"))
    require(numbers(answer).tolist() == [a, b, c, d, e] and 1 <= min(a, b, c, d, e) <= max(a, b, c, d, e) <= 10**6,
            "sizes are whole numbers from 1 to a million.")
    forward, backward = a * b * c + a * c * d + a * d * e, c * d * e + b * c * e + a * b * e
    others = {"(J4 J3)(J2 J1)": c * d * e + a * b * c + a * c * e, "J4 ((J3 J2) J1)": b * c * d + a * b * d + a * d * e,
              "(J4 (J3 J2)) J1": b * c * d + b * d * e + a * b * e}
    best = min(others, key=lambda order: others[order])
    said = f"forward mode needs {forward} multiplications, backward mode {backward}"
    require(len({a, b, c, d, e}) > 1, f"with equal sizes all orders cost the same: {said}.")
    require(others[best] < min(forward, backward), f"{said}, and the best other order, {best}, {others[best]}: not "
            "fewer than the better of the two.", 0.25 if c < min(b, d) else 0.0)


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
        "Backward mode runs on `relu(t) * t + t` at $t = 2$. What is $v$ after two of its three steps?",
        "a list of four numbers, `[v[0], v[1], v[2], v[3]]`",
        ("The lines are x1 = relu(x0), x2 = x1 * x0, x3 = x2 + x0. Start from v = [0, 0, 0, 1].",
         "The steps handle x3, then x2. The slopes of a product are the other factors."),
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
        "Each mode needs three passes for the Jacobian of a program of three inputs and three outputs. Write one for "
        "which one forward and one backward pass, from a cell in the middle, would do: at $(1, 2, 3)$ its Jacobian "
        "has no entry 0, and is a column times a row.",
        "a function of one vector `x` that returns three numbers, `answer = lambda x: np.stack([..., ..., ...])`",
        ("Let the three inputs make one number first.", "The outputs may be multiples of that number."),
        _through_the_middle,
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
        "A program of your own, of one input and with *one* kinked instruction: give it, and a point where its "
        "function has a kink, such that AD returns neither the slope on the left nor the slope on the right.",
        "a pair `(f, x)`, as `answer = (lambda t: ..., 1.0)`",
        ("relu and abs have two pieces, one for each side. Is there an instruction with three?",
         "np.max(np.stack([...])) of three lines through one point: the index takes the first of the largest."),
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
        "Prove or find a counter-example: *if two programs of one function have the same AD derivative at every point, "
        "then AD of the derivative programs $\\mathcal{A}(P)$ and $\\mathcal{A}(Q)$ agrees at every point too.* (Try "
        "`sg.grad(sg.grad(f))(0.0)`.)",
        "two functions of one number, as `answer = (lambda t: ..., lambda t: ...)`",
        ("zero has AD derivative 1 at 0. Make a program of the constant 0 from it whose AD derivative is 0 everywhere.",
         "What does the product rule give for zero(t)², once and twice?"),
        _twice,
    ),
    Exercise(
        "03-10", "prove",
        "A program is a chain $\\mathbb{R}^{n_0} \\to \\mathbb{R}^{n_1} \\to \\dots \\to \\mathbb{R}^{n_4}$ with "
        "the Jacobians $J_1, \\dots, J_4$, full matrices. Forward mode computes $J_4(J_3(J_2 J_1))$, backward mode "
        "$((J_4 J_3) J_2) J_1$; to multiply an $a \\times b$ by a $b \\times c$ matrix takes $abc$ multiplications. "
        "Prove or find a counter-example: *one of the two modes always needs the fewest multiplications.*",
        "five sizes, as `answer = (n0, n1, n2, n3, n4)`",
        ("There are five ways to bracket four matrices; three of them are neither mode.",
         "Let everything pass through a narrow cell in the middle, and multiply towards it from both sides."),
        _orders,
    ),
)
