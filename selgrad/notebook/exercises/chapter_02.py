"""Chapter 2: elementary selections."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.notebook.exercises.answers import (
    GRID,
    called,
    ends,
    graded_order,
    graded_truths,
    indices,
    interval,
    number,
    numbers,
    selection,
    selection_value,
    shown,
    traced,
)
from selgrad.notebook.exercises.form import Exercise, Misshapen, require
from selgrad.selections.of_program import selection as selection_of
from selgrad.selections.selection import Selection
from selgrad.tracing.operations import kth_largest, relu

PAIR = "a pair `(index, pieces)`, or `sg.Selection(index, pieces)`"


def _second_largest(answer: Any) -> None:
    x = np.array([3.0, 2.0, 3.0, 1.0])
    value = kth_largest(x, 2)
    right, got = set(np.flatnonzero(x == value).tolist()), indices(answer)
    require(got != {1}, "2 is the second largest of the different values. With repetition the entries in descending "
                        "order are 3, 3, 2, 1, and the second of them is 3.")
    require(got != {2}, "that is the one piece an index may pick. I(x) is the set of all pieces with the value of "
                        "the function, whatever s picks.", 0.5)
    require(got != {1, 3}, "count from 0: the entries are x_0 to x_3.", 0.5)
    require(got == right, f"the second largest entry of (3, 2, 3, 1) is {value:g}: which coordinates have that value?")


def _field(answer: Any) -> None:
    pieces = [lambda t: 0.0 * t, lambda t: t, lambda t: -2 * t, lambda t: 4 * t + 1]
    right, got = ends(Selection(lambda t: 0, pieces).field(0.0)), interval(answer)
    require(got != (0.0, 0.0), "that is the slope of the piece that s uses. The field asks every listed piece that has "
                               "the value of the function.")
    require(got != (-2.0, 4.0), "4t + 1 has the value 1 at 0, not 0: it is not active.", 0.5)
    require(got == right, "which of the four pieces are 0 at 0? Take the hull of their slopes.")


def _which_are(answer: Any) -> None:
    graded_truths(answer, {"a": True, "b": False, "c": False, "d": True}, {
        "a": "Both pieces are elementary and they agree where s switches: a selection of |t|.",
        "b": "The function jumps at 0. Continuity is part of Definition 3.",
        "c": "The sine is smooth, but it is no log-exp expression on the whole line: no elementary function.",
        "d": "s need not be sensible: {t = 0} is the solution set of an equation, and the function is 0 throughout.",
    })


def _refined(answer: Any) -> None:
    f = Selection(lambda t: 2, [lambda t, a=a: a * (t - 1.0) for a in range(3)])
    g = Selection(lambda t: 1, [lambda t, a=a: a * (t - 1.0) for a in range(4)])
    total = f + g
    right = (len(total.pieces), total.s(1.0))
    got = tuple(int(v) for v in numbers(answer, 2, "a pair (number of pieces, index)"))
    require(got[0] != 7, "the pieces of f + g are all sums f_i + g_j: their number is a product.")
    require(got[0] == right[0], "each piece of f is added to each piece of g.")
    require(got[1] != 6, "the number of pieces is right. The index is s n + r with n = 4 pieces of g, not m s r or "
                         "s m + r.", 0.5)
    require(got == right, f"the number of pieces is right. The pair (s, r) = (2, 1) is written as one number, "
                          f"s n + r, where n is the number of pieces of g; it is not {got[1]}.", 0.5)


def _values(S: Selection, f: Any, said: str) -> None:
    for t in GRID:
        got, want = number(selection_value(S, t)), float(f(t))
        require(abs(got - want) < 1e-12, f"at t = {t:g} your selection is {got:g}, but {said} is {want:g} there.")


def _hinge(answer: Any) -> None:
    S = selection(answer)
    _values(S, lambda t: max(0.0, 1.0 - t), "max(0, 1 - t)")
    right = grad(lambda t: relu(1 - t))
    for t in GRID[GRID != 1.0]:
        got = float(S.derivative(t))
        require(abs(got - right(t)) < 1e-12, f"the values are right, but the derivative at {t:g} is {got:g}.", 0.5)
    require(len(S.active(1.0)) >= 2, "at t = 1 only one piece is active: the list needs both, 0 and 1 - t.", 0.5)


def _seven(answer: Any) -> None:
    S = selection(answer)
    _values(S, abs, "|t|")
    got = float(called(S.derivative, 0.0, said="the derivative of your selection"))
    require(abs(got) != 1, f"the function is right, but the derivative at 0 is {got:g}: with the pieces t and -t alone "
                           "the index has nothing else to choose from.", 0.5)
    require(got == 7, f"the function is right, but the derivative at 0 is {got:g}, not 7.", 0.5)
    for t in GRID[GRID != 0.0]:
        slope = float(S.derivative(t))
        require(abs(slope - np.sign(t)) < 1e-12, f"at t = {t:g} the derivative is {slope:g}: 7 was asked for at 0 "
                                                 "alone.", 0.5)


def _outside_at_ties(answer: Any) -> None:
    S = selection(answer, 2)
    rng = np.random.default_rng(0)
    for x in (*rng.integers(-8, 9, size=(30, 2)) / 4, *(np.full(2, a) for a in (-1.0, 0.0, 2.5))):
        got, want = number(selection_value(S, x)), float(x.max())
        require(got == want, f"at {shown(x.tolist())} your selection is {got:g}, but the maximum is {want:g}.")
        slope = np.ravel(S.derivative(x))
        wanted = np.array([2.0, -1.0]) if x[0] == x[1] else (x == want).astype(float)
        require(np.allclose(slope, wanted, atol=1e-12), f"the values are right, but at {shown(x.tolist())} the "
                f"derivative is ({slope[0]:g}, {slope[1]:g}), not ({wanted[0]:g}, {wanted[1]:g}).", 0.5)


def _own_program(answer: Any) -> None:
    if not (isinstance(answer, tuple | list) and len(answer) == 2):
        raise Misshapen(f"{shown(answer)} is not a pair (f, x).")
    f, x = answer[0], numbers(answer[1], 2, "a point, two numbers (x_0, x_1)")
    P = traced(f, x)
    require(P.kinked(), "your program has no kinked instruction: use sg.relu, np.abs, np.maximum, np.sort, ...")
    S = called(lambda x: selection_of(P, x), x, said="the selection of your program")
    slopes = {tuple(np.ravel(np.round(grad(S.piece(i))(x), 9)).tolist()) for i in S.active(x)}
    require(len(slopes) > 1, "at your x all active pieces have one gradient: is a kink met exactly there?", 0.25)
    require(len(slopes) > 2, "the active pieces at your x have 2 different gradients; one more is asked for: let two "
                             "instructions be at their kinks at once.", 0.5)


def _index(S: Selection, t: float) -> int:
    return called(S.s, t, said="the index of your selection")


def _jump(S: Selection) -> float | None:
    """A place in [-4, 4] where the function jumps, found at the points of GRID and at every switch between two."""
    places = [float(t) for t in GRID]
    for a, b in pairwise(GRID):
        low, high = float(a), float(b)
        if _index(S, low + 2.0**-20) != _index(S, high - 2.0**-20):
            low, high = low + 2.0**-20, high - 2.0**-20
            for _ in range(50):
                middle = (low + high) / 2
                low, high = (middle, high) if _index(S, middle) == _index(S, low) else (low, middle)
            places.append(high)
    for t in places:
        here = number(selection_value(S, t))
        for side in (t - 2.0**-30, t + 2.0**-30):
            if abs(number(selection_value(S, side)) - here) > 1e-6 * (1 + abs(here)):
                return t
    return None


def _used_beside(answer: Any) -> None:
    if not (isinstance(answer, tuple | list) and len(answer) == 2):
        raise Misshapen(f"{shown(answer)} is not a pair ((index, pieces), x).")
    S, x = selection(answer[0]), number(answer[1], "a point, one number")
    require(abs(x) < 4, "take a point between -4 and 4.")
    at = _jump(S)
    require(at is None, f"your function jumps near {at or 0:.4g}: a selection is continuous.")
    here, left, right = (float(called(S.derivative, t, said="the derivative of your selection"))
                         for t in (x, x - 2.0**-20, x + 2.0**-20))
    low, high = min(left, right) - 1e-4, max(left, right) + 1e-4
    require(not low <= here <= high, f"at your x the derivative is {here:.6g}, and the slopes on both sides are "
                                     f"{left:.6g} and {right:.6g}: it lies between them, as the claim says.")
    beside = [{_index(S, float(a) + k / 112) for k in range(1, 7)} for a in GRID[:-1]]
    used = {i for indices in beside if len(indices) == 1 for i in indices}
    idle = [i for i in range(len(S.pieces)) if i not in used]
    require(not idle, f"the derivative at your x is {here:.6g}, outside the slopes on both sides; but the claim is "
                      f"about pieces that are in use on whole intervals, and piece {(idle or [0])[0]} is used at "
                      "single points at most (between -4 and 4).", 0.5)


def _chain_rule(answer: Any) -> None:
    graded_order(answer, "cebda", {
        "a": "this concludes; one has to know first that the product holds for the pieces in use.",
        "b": "the derivative speaks of the refined index, which has to be introduced before.",
        "c": "this begins the proof.",
        "d": "which piece is differentiated has to be said before the chain rule is applied to it.",
        "e": "the representations of F and g have to be given first.",
    })


EXERCISES = (
    Exercise(
        "02-1", "recall",
        "$f(x)$ is the second largest entry of $x = (x_0, x_1, x_2, x_3)$; the pieces are the coordinates. Which "
        "pieces are active at $(3, 2, 3, 1)$?",
        "the set $I(x)$ of indices, counted from 0, as `answer = {0, 1, 2}`",
        ("Sort the four numbers, with repetition: which is the second?",
         "Compare each coordinate with that value, whatever s picks."),
        _second_largest,
    ),
    Exercise(
        "02-2", "recall",
        "The function 0 has the pieces $0$, $t$, $-2t$ and $4t + 1$, and $s$ is constantly the index of the first. "
        "Which interval is the field at 0?",
        "a pair `(low, high)`",
        ("Which pieces have the value of the function at 0?", "One of the four is not 0 at 0."),
        _field,
    ),
    Exercise(
        "02-3", "recall",
        "Is it an elementary selection (Definition 3)? True or false?\n\n"
        "* (a) $s(t) = [t > 0]$ with the pieces $-t$ and $t$\n"
        "* (b) $s(t) = [t > 0]$ with the pieces $0$ and $1$\n"
        "* (c) $s(t) = 0$ with the one piece $\\sin t$\n"
        "* (d) $s(t) = [t = 3]$ with the pieces $0$ and $t - 3$",
        "four times True or False, as `answer = [True, True, True, True]`",
        ("Check the three parts of Definition 3: the index, the pieces, continuity.",
         "One of them jumps, and one has a piece that is not log-exp."),
        _which_are,
    ),
    Exercise(
        "02-4", "recall",
        "$f$ has 3 pieces and $g$ has 4. At $x$ their indices are $s(x) = 2$ and $r(x) = 1$, counted from 0. How "
        "many pieces has $f + g$, and which index has it at $x$?",
        "a pair `(number of pieces, index)`",
        ("Proposition 1: the pieces of f + g are the f_i + g_j.", "The pair (s, r) is stored as s n + r."),
        _refined,
    ),
    Exercise(
        "02-5", "build",
        r"Write the hinge loss $\max(0, 1 - t)$ as an elementary selection.",
        PAIR,
        ("Two pieces are enough.", "index(t) is a function that returns 0 or 1, the place of the piece in the list."),
        _hinge,
    ),
    Exercise(
        "02-6", "build",
        r"Write a selection of $|t|$ whose selection derivative at 0 is 7, and $\pm 1$ elsewhere.",
        PAIR,
        ("A piece that is used at one point only need not be a piece of the function anywhere else.",
         "Three pieces: -t, t and 7t. Which index takes the third at 0 alone?"),
        _seven,
    ),
    Exercise(
        "02-7", "build",
        r"Write a selection of $\max(x_0, x_1)$ whose derivative at every tie is $(2, -1)$. (So a selection derivative "
        "need not lie between the gradients of the two sides.)",
        "a pair `(index, pieces)` of functions of `x`, or `sg.Selection(index, pieces, shape=2)`",
        ("Which elementary function has this gradient, and the value of the maximum wherever the two entries are "
         "equal?",
         "Three pieces: x[0], x[1] and 2 x[0] - x[1]. The index has to say three things."),
        _outside_at_ties,
    ),
    Exercise(
        "02-8", "build",
        "A program of your own, of two inputs: write one, and give a point at which its active pieces have at least "
        "three "
        "different gradients. (`sg.selection(f, x)` makes the selection of a program `f`; try `.active(x)` and "
        "`.field(x)` on it.)",
        "a pair `(f, x)`, as `answer = (lambda x: ..., (1.0, 2.0))`",
        ("Two kinked instructions with their kinks at the same point have four combinations.",
         "sg.relu(x[0] - 1) and np.abs(x[1] - 2) are both at their kinks at (1, 2)."),
        _own_program,
    ),
    Exercise(
        "02-9", "prove",
        "In Remark (a) a piece is used at one point only, and does harm there. Prove or find a counter-example: *if "
        "each piece of a selection of one variable is in use on a whole interval, then at every $x$ the selection "
        "derivative lies between the slopes on both sides of $x$.* If it is wrong, give a selection and a point (all "
        "between -4 and 4).",
        "a selection and a point, `answer = ((index, pieces), x)`",
        ("The interval on which a piece is in use need not be anywhere near x.",
         "Take a function that is 0 around 0, and further to the right coincides with the piece t."),
        _used_beside,
    ),
    Exercise(
        "02-10", "prove",
        "Put the proof of Proposition 4 in order. $F$ and $g$ are selections, and $x$ is a point.\n\n"
        "* (a) As $F_i(x) = F(x)$, this product is $\\widehat J_F(x)^T\\, \\widehat\\nabla g(F(x))$.\n"
        r"* (b) By Definition 4, the derivative of $g \circ F$ for that index is $\nabla (g_j \circ F_i)(x)$, with "
        "$i = s(x)$ and $j = r(F(x))$.\n"
        "* (c) Let $F$ have the index $s$ and the pieces $F_i$, and $g$ the index $r$ and the pieces $g_j$.\n"
        "* (d) $F_i$ and $g_j$ are smooth, so the chain rule of calculus gives $J_{F_i}(x)^T\\, \\nabla g_j(F_i(x))$.\n"
        r"* (e) The index $(r(F(x)), s(x))$ takes the piece $g_j \circ F_i$, so $g \circ F$ is a selection with "
        r"these pieces.",
        "the five letters in order, as `answer = \"abcde\"`",
        ("First the data, then the selection of the composition, then its derivative.",
         "The chain rule of calculus is used for one smooth piece; the last step returns to F."),
        _chain_rule,
    ),
)
