"""The exercises of chapter 4, on the sets behind AD's answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from selgrad.counterexamples.fields import added
from selgrad.notebook.exercises import answers
from selgrad.notebook.exercises.form import Exercise, Misshapen, Wrong, require
from selgrad.notebook.exercises.programs import judged, scalar_at, several, vector
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.sets.theorem3 import check_conservative
from selgrad.tracing.operations import relu, sort

WANTED = (-2.0, 3.0)  # the field of 04-4
TIED = np.array([2.0, 1.0, 2.0, 1.0, 1.0])  # the point of 04-3
SLOPE = np.array([3.0, 4.0])  # of the linear function of 04-7
ROWS = np.array([[1.0, -2.0], [-2.0, 1.0], [1.0, 0.0]])  # the neurons of 04-8 and 04-9
FAR, GAP = 10.0, 5.0  # the distance of 04-5, the gap of 04-6
GRID = np.stack(np.meshgrid(np.arange(-2.0, 2.25, 0.25), np.arange(-2.0, 2.25, 0.25)), axis=-1).reshape(-1, 2)

FIVE: Mapping[str, tuple[Callable, Any]] = MappingProxyType({  # program and point of 04-2
    "a": (lambda t: relu(t) + relu(-t), 0.0),
    "b": (lambda t: relu(t) - relu(t), 0.0),
    "c": (lambda x: np.maximum(x[0], x[1]), np.ones(2)),
    "d": (lambda t: relu(2 * t) - 2 * relu(t), 0.0),
    "e": (lambda x: relu(x[0]) - relu(x[0] + x[1]), np.zeros(2)),
})
WHY: Mapping[str, str] = MappingProxyType({
    "a": "is |t|: the slopes are a - b with a, b in {0, 1}, and t > 0 and t < 0 realise both ends of their hull.",
    "b": "is the function 0, but each relu is an instruction of its own and chooses for itself at 0.",
    "c": "is one kink with a gradient that is not 0: points near (1, 1) realise either side.",
    "d": "is the function 0: the two relus always choose alike near 0, and nothing makes AD do so.",
    "e": "has two kinks whose gradients (1, 0) and (1, 1) are linearly independent: "
         "all four combinations of sides are met near 0.",
})


def odd(t: Any) -> Any:
    return relu(t) - relu(-t)


def corner(x: Any) -> Any:
    return np.maximum(x[0], x[1])


def three(x: Any) -> Any:
    """The network of 04-8."""
    z = [w[0] * x[0] + w[1] * x[1] for w in ROWS.tolist()]
    return relu(z[0]) + relu(z[1]) - 2 * relu(z[2])


def _grade_all_of_ad(answer: Any) -> None:
    right, function = (answers.ends(D) for D in (conservative(odd, 0.0), clarke(odd, 0.0).inner))
    got = answers.interval(answer)
    require(got != function, "that is Clarke's subdifferential, a set of the function t. D_P is a set of the program.")
    require(got != (0.0, 1.0), "that is what one relu could return. The two relus choose independently of each other.")
    require(got != (-1.0, 1.0), "mind the two signs: the inner one of relu(-t) and the minus in front of it cancel.")
    require(got == right, "the slope is a + b, where a and b are what the two relus choose.")


def _grade_where_larger(answer: Any) -> None:
    right = {}
    for name, (f, x) in FIVE.items():
        D, bounds = conservative(f, x), clarke(f, x)
        right[name] = not all(bounds.outer.contains(v) for v in D.vertices)
    answers.graded_truths(answer, right, WHY)


def _grade_sorting(answer: Any) -> None:
    right = len(conservative(lambda x: sort(x, descending=True), TIED).vertices)
    got = answers.whole(answer)
    require(got != 120, "that counts all permutations of five numbers. Only tied entries may change places.")
    require(got not in (8, 5), "you added the orders of the two groups. Each order of one goes with each of the other.")
    require(got not in (2, 6), "that counts one group of tied entries; the other can be reordered too.", 0.25)
    require(got == right, "count the orders within each group of tied entries, and combine them.")


def _grade_wide_field(answer: Any) -> None:
    S = answers.selection(answer)
    for t in answers.GRID:
        got = answers.number(answers.selection_value(S, float(t)))
        require(got == 0, f"at t = {t:g} your selection has the value {got:g}, but the function is 0. "
                          "A piece other than 0 may be listed, and be taken at most where its value is 0.")
    field = answers.called(S.field, 0.0, said="the field of your selection")
    low, high = answers.ends(field)
    half = 0.5 if (low == WANTED[0]) != (high == WANTED[1]) else 0.0
    require(low < high, f"the function is right, but its field at 0 is the one point {low:g}: no other piece is "
                        "active there. What counts is which pieces have the value 0 at 0.")
    require((low, high) == WANTED, f"the function is right, but the field at 0 is [{low:g}, {high:g}].", half)


def _grade_far_from_clarke(answer: Any) -> None:
    f, point = several(answer, 2, "a pair (f, x)")
    x = answers.numbers(point, 2, "a point (x1, x2)")
    v = judged(scalar_at(f, x), x)
    require(v.kinks, "your program has no active kink at this point: AD's answer is the gradient there.")
    require(v.ad_is_clarke is not True,
            f"AD returns {vector(v.ad)} there, which lies in Clarke's subdifferential. A kink alone is not enough: "
            "the kinks that are active must depend on each other.")
    require(v.ad_is_clarke is False, "whether AD's answer lies in Clarke's subdifferential is not decided there.")
    away = v.ad_to_outer
    require(away > FAR, f"AD's answer is no subgradient there, but it is only {away:.3g} away. What is 0 can be "
                        "multiplied by any number.", 0.5)


def _grade_closed_curve(answer: Any) -> None:
    if callable(answer) or isinstance(answer, str):
        raise Misshapen(f"{answers.shown(answer)} is not a list of corners.")
    try:
        corners = np.array([answers.numbers(point, 2, "a corner (x1, x2)") for point in answer])
    except TypeError:
        raise Misshapen(f"{answers.shown(answer)} is not a list of corners.") from None
    if len(corners) == 0:
        raise Misshapen(f"{answers.shown(answer)} is an empty list.")
    require(np.array_equal(corners[0], corners[-1]),
            f"the curve ends at {vector(corners[-1])} and begins at {vector(corners[0])}: close it.")
    require(len(corners) >= 3, "a closed curve needs three corners or more, the last equal to the first.")
    require(np.abs(corners).max() <= 1e6, "take corners of ordinary size, at most 1e6.")
    found = check_conservative(corner, added(corner), corners)
    gap = float(found.largest - found.increment)
    require(found.gap > 1e-9, "both integrals are 0. Your curve only crosses the kink x1 = x2, at single times, which "
                              "no integral sees. It must run inside the kink for a while.")
    require(gap >= GAP, f"the rule is refuted: the largest integral is {gap:.4g}, the increment 0. "
                        f"Make it at least {GAP:g}.", 0.5)


def _grade_hidden_slope(answer: Any) -> None:
    W, v = several(answer, 2, "a pair (W, v)")
    try:
        W = np.array([answers.numbers(row, 2, "a row (w1, w2)") for row in W])
    except TypeError:
        raise Misshapen("W is not a list of rows (w1, w2).") from None
    v = answers.numbers(v, len(W), f"{len(W)} numbers v, one for each row of W")

    def f(x: Any) -> Any:
        return np.sum(v * relu(W @ x))

    values, wanted = np.maximum(GRID @ W.T, 0) @ v, GRID @ SLOPE
    wrong = np.flatnonzero(np.abs(values - wanted) > 1e-9 * (1 + np.abs(wanted)))
    if len(wrong):
        k = wrong[np.argmax(np.abs(wanted[wrong]))]
        one_side = np.abs(values - wanted)[wanted > 0].max() <= 1e-9 * 15
        said = f"at {vector(GRID[k])} your network has the value {values[k]:g}, and 3 x1 + 4 x2 is {wanted[k]:g}."
        require(not one_side, f"{said} Where 3 x1 + 4 x2 is positive it is right.", 0.25)
        raise Wrong(said)
    verdict = judged(scalar_at(f, np.zeros(2)), np.zeros(2))
    require(not np.any(verdict.ad), f"the function is right, but AD returns {vector(verdict.ad)} at 0, not 0.", 0.5)


def _grade_descent_direction(answer: Any) -> None:
    d = answers.numbers(answer, 2, "a direction (d1, d2)")
    require(np.any(d), "the direction (0, 0) leads nowhere.")
    vertices = clarke(three, np.zeros(2)).outer.vertices.reshape(-1, 2)
    products = vertices @ d
    if np.all(products > 0):
        raise Wrong("<v, d> is positive for every v: f rises along d. Look the other way.", 0.5)
    worst = vertices[np.argmax(products)]
    require(products.max() < 0, f"v = {vector(worst)} lies in Clarke's subdifferential, and <v, d> = "
                                f"{products.max():g} is not negative.")


def _grade_multipliers(answer: Any) -> None:
    y = answers.numbers(answer, 3, "three multipliers (y1, y2, y3)")
    require(np.all(y >= 0), "a multiplier is negative: an inequality may be multiplied by positive numbers only.")
    require(np.any(y > 0), "all multipliers are 0: that says 0 > 0 of no inequality.")
    total = y @ ROWS
    require(np.all(np.abs(total) <= 1e-9 * y.max()),
            f"the sum is {vector(total)} times d, which is not 0 for every d: nothing is contradicted yet.")


def _grade_sum_rule(answer: Any) -> None:
    f, g = several(answer, 2, "a pair (f, g)")
    sets = []
    for name, h in (("f", f), ("g", g), ("f + g", lambda t: f(t) + g(t))):
        bounds = judged(scalar_at(h, np.asarray(0.0)), 0.0).clarke
        require(bounds.exact, f"Clarke's subdifferential of {name} at 0 is not known exactly: {bounds.reason}.")
        sets.append(answers.ends(bounds.inner))
    (a, b), (c, d), both = sets
    total = (a + c, b + d)
    said = f"∂ᶜf(0) + ∂ᶜg(0) = [{total[0]:g}, {total[1]:g}] and ∂ᶜ(f + g)(0) = [{both[0]:g}, {both[1]:g}]"
    smooth = "one of them is smooth at 0, and then the rule holds" if a == b or c == d else (
        "both kinks open the same way: let one be convex and the other concave")
    require(max(abs(both[0] - total[0]), abs(both[1] - total[1])) > 1e-9, f"{said}: they are equal; {smooth}.")


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        "04-1", "recall",
        r"`relu(t) - relu(-t)` is a program of the function $t$. Which interval is $D_P(0)$?",
        "an interval, a pair `(low, high)`",
        ("How many instructions of the program have a kink at 0, and what may each of them choose?",
         "The slope is a + b with a, b in {0, 1}; take the hull of all four values."),
        _grade_all_of_ad,
    ),
    Exercise(
        "04-2", "recall",
        r"For which programs does Clarke's subdifferential miss a part of $D_P$, at the point given?"
        "\n\n"
        "* (a) `relu(t) + relu(-t)` at 0\n"
        "* (b) `relu(t) - relu(t)` at 0\n"
        "* (c) `np.maximum(x[0], x[1])` at (1, 1)\n"
        "* (d) `relu(2 * t) - 2 * relu(t)` at 0\n"
        "* (e) `relu(x[0]) - relu(x[0] + x[1])` at (0, 0)",
        "five truth values: True where $\\partial^c f(x)$ is smaller than $D_P(x)$, as "
        '`{"a": True, "b": True, "c": True, "d": True, "e": True}`',
        ("Ask of each program which combinations of choices some point near the kink makes.",
         "Two of the five are programs of a smooth function."),
        _grade_where_larger,
    ),
    Exercise(
        "04-3", "recall",
        r"$F$ sorts five numbers in descending order. Of how many permutation matrices is $D_F(2, 1, 2, 1, 1)$ the "
        r"hull?",
        "a whole number",
        ("Which entries may change places without changing Px?",
         "There are two groups of tied entries, of two and of three."),
        _grade_sorting,
    ),
    Exercise(
        "04-4", "build",
        r"Write a selection of the function 0 whose field at 0 (Definition 5) is $[-2, 3]$.",
        "a pair `(index, pieces)`: a function and a list of functions of one number, as `(lambda t: 0, [lambda t: 0.0 "
        "* t])`",
        ("The field depends on the pieces that are listed, whether the index ever takes them or not.",
         "Two more pieces, with the slopes at the ends of the interval, are enough."),
        _grade_wide_field,
    ),
    Exercise(
        "04-5", "build",
        "A program of your own. Write a function of an array `x` of two numbers, and name a point at which AD's "
        "answer has a distance of more than 10 to Clarke's subdifferential.",
        "a pair `(f, x)`: a function of an array of two numbers, and the point, as `(lambda x: x[0] * x[1], (1, 2))`",
        ("Find a program for which AD's answer is not Clarke at all; `sg.classify(f, x)` tells.",
         "zero(x[0]) is a program of the function 0, for which AD returns (1, 0) at 0."),
        _grade_far_from_clarke,
    ),
    Exercise(
        "04-6", "build",
        r"The field that adds tied slopes, for $f(x) = \max(x_1, x_2)$, is $\{\nabla f(x)\}$ off the kink and "
        r"$\operatorname{conv}\{(1, 0), (0, 1), (1, 1)\}$ where $x_1 = x_2$. Refute it: find a *closed* polygonal "
        r"curve along which its largest integral is 5 or more. (For a conservative field it would be 0.)",
        "a list of corners, the last equal to the first, as `[(0, 0), (2, 0), (0, 1), (0, 0)]`",
        ("Where must a curve run so that the wrong element (1, 1) counts for more than single times?",
         "Go along the diagonal x1 = x2, and come back beside it. How much is gained for each unit of length?"),
        _grade_closed_curve,
    ),
    Exercise(
        "04-7", "build",
        r"A network of your own: $f(x) = \sum_i v_i \, \mathrm{relu}(\langle w_i, x \rangle)$, without biases. Choose "
        r"the weights so that the function is the linear function $3 x_1 + 4 x_2$, and AD returns $(0, 0)$ at 0.",
        "a pair `(W, v)`: a list of rows `(w1, w2)` and a list of as many numbers, as `([(1, 0), (0, 1)], [1, 1])`",
        ("Which two neurons make the function t of relu alone?",
         "t = relu(t) - relu(-t), and t may be 3 x1 + 4 x2."),
        _grade_hidden_slope,
    ),
    Exercise(
        "04-8", "prove",
        r"$f(x) = \mathrm{relu}(x_1 - 2 x_2) + \mathrm{relu}(x_2 - 2 x_1) - 2\, \mathrm{relu}(x_1)$, and AD returns 0 "
        r"at 0. Prove that 0 is artificial: give a direction $d$ with $\langle v, d \rangle < 0$ for every $v \in "
        r"\partial^c f(0)$. (By hand: which patterns of the three neurons are there around 0, and which slope has "
        r"each?)",
        "a direction, a pair `(d1, d2)`",
        ("The open cells around 0 give the limits of gradients; it is enough to check those.",
         "The four extreme ones are (-4, 1), (-2, 1), (-1, -2) and (1, -2)."),
        _grade_descent_direction,
    ),
    Exercise(
        "04-9", "prove",
        r"The same network. Prove that no direction $d$ turns all three neurons on, $d_1 - 2 d_2 > 0$, $d_2 - 2 d_1 > "
        r"0$ and $d_1 > 0$: give multipliers $y_i \ge 0$, not all 0, with which the three left sides sum to 0 for "
        r"every $d$.",
        "three numbers `(y1, y2, y3)`",
        ("The sum has two coefficients, one of d1 and one of d2, and both must vanish.",
         "The coefficient of d2 is -2 y1 + y2: so y2 = 2 y1."),
        _grade_multipliers,
    ),
    Exercise(
        "04-10", "prove",
        r"A colleague claims that $\partial^c (f + g)(0) = \partial^c f(0) + \partial^c g(0)$ for all programs $f, g$ "
        r"of one number. Find a counter-example.",
        "a pair of functions of one number, as `(lambda t: t, np.abs)`",
        ("One inclusion always holds. Which one can be strict?",
         "Let the kinks of f and g cancel each other."),
        _grade_sum_rule,
    ),
)
