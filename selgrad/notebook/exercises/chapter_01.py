"""Chapter 1: programs are not functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.notebook.exercises.answers import (
    called,
    derivative,
    graded_order,
    graded_truths,
    letters,
    number,
    numbers,
    same_function,
    shown,
    traced,
)
from selgrad.notebook.exercises.form import Exercise, Misshapen, Wrong, require
from selgrad.primitives import CONVENTIONS
from selgrad.selections.of_program import selection
from selgrad.tracing.operations import relu

FUNCTION = "a function of one number, `answer = lambda t: ...`"
WANTED: Mapping[float, float] = MappingProxyType({1.0: 5.0, -2.0: -1.0})  # 01-5: place -> AD derivative
PLACE, VECTOR = np.array([1.0, -2.0]), np.array([7.0, -7.0])  # 01-6: where AD returns what


def _odd(answer: Any) -> None:
    right = float(grad(lambda t: relu(t) - relu(-t))(0.0))
    got = number(answer)
    require(got != 1, "1 is the derivative of the function, which is t. AD sees two terms, and each is at its kink.")
    require(got == right, "add what the chain rule gives for each of the two terms, with relu'(0) = 0 in both.")


def _three_moduli(answer: Any) -> None:
    programs = (lambda t: relu(t) + relu(-t), lambda t: 2 * relu(t) - t, lambda t: 2 * relu(-t) + t)
    right = [float(grad(f)(0.0)) for f in programs]
    got = numbers(answer, 3, "three numbers, one for each program").tolist()
    require(len(set(got)) > 1 or got == right, "you answer the same for all three, as if AD saw the function |t|.")
    good = sum(a == b for a, b in zip(got, right))
    said = "put relu'(0) = 0 into each program; a plain t contributes its slope 1 with its sign."
    require(good == 3, f"{good} of 3 are right; {said}", 0.5 if good == 2 else 0.0)


def _claims(answer: Any) -> None:
    right = {"a": False, "b": True, "c": False, "d": False}
    graded_truths(answer, right, {
        "a": "zero(t) and the constant 0 are one function, differentiable at 0, and AD returns 1 and 0 there.",
        "b": "Where every line is smooth, the chain rule is a theorem about the function: AD returns its derivative.",
        "c": "At t = 0 nothing is rounded: the two programs differ over the real numbers too.",
        "d": "AD returns 0 at 0 for t - zero(t), whose function t has the slope 1 everywhere: an artificial "
             "critical point.",
    })


def _where_it_differs(answer: Any) -> None:
    got = letters(answer, "abcd", 1)
    require(got != "a", "zero(x_0 - 1) does not look at x_1: it is at its kink whatever x_1 is.")
    require(got != "c", "the kink is where the argument of zero is 0, and x_1 does not occur in it.")
    require(got == "b", "away from the kink of zero AD returns the gradient of the function.")


def _two_places(answer: Any) -> None:
    same_function(answer, lambda t: t * t, "t²")
    got = {a: float(derivative(answer, a)) for a in WANTED}
    wrong = [a for a, v in WANTED.items() if abs(got[a] - v) > 1e-9]
    said = "; ".join(f"AD returns {got[a]:g} at {a:g}, not {WANTED[a]:g}" for a in wrong)
    require(not wrong, f"the function is right, but {said}.", 0.5 if len(wrong) == 1 else 0.25)
    for t in (-1.0, 0.0, 0.5, 2.0):
        slope = float(derivative(answer, t))
        require(abs(slope - 2 * t) < 1e-9, f"both places are right, but AD returns {slope:g} at {t:g}, where "
                                           f"nothing was to change: the slope of t² is {2 * t:g}.", 0.5)


def _any_vector(answer: Any) -> None:
    P = traced(answer, PLACE)
    for x in (PLACE, *np.random.default_rng(0).integers(-8, 9, size=(20, 2)) / 4):
        got, want = number(called(answer, x)), float(x[0] ** 2 + x[1] ** 2)
        require(abs(got - want) < 1e-9, f"at x = {shown(x.tolist())} your program returns {got:g}, but x0² + x1² is "
                                        f"{want:g} there.")
    got = np.ravel(derivative(P, PLACE))
    good = int((np.abs(got - VECTOR) < 1e-9).sum())
    require(good == 2, f"the function is right, but at (1, -2) AD returns ({got[0]:g}, {got[1]:g}), not (7, -7).",
            0.5 if good == 1 else 0.25)


def _eighth(answer: Any) -> None:
    same_function(answer, lambda t: max(0.0, t), "relu(t)")
    got = float(derivative(answer, 0.0, "torch"))
    require(got != 0.5, "the function is right, but one maximum gives 1/2: each further one halves it.", 0.25)
    require(got != 0.25, "the function is right, but two maxima give 1/4: one is missing.", 0.5)
    require(got == 0.125, f"the function is right, but AD returns {got:g} at 0 under the convention torch.", 0.25)


def loss(data: np.ndarray) -> Callable[[Any], Any]:
    """The mean of (relu(w t) - y)² over the pairs (t, y), a program of the weight w."""
    return lambda w: np.mean(np.square(relu(w * data[:, 0]) - data[:, 1]))


def _own_data(answer: Any) -> None:
    try:
        pairs, w = answer
    except (TypeError, ValueError):
        raise Misshapen(f"{shown(answer)} is not (data, w).") from None
    data, w = numbers(pairs, said="the pairs of numbers"), number(w)
    require(data.size >= 6 and data.size % 2 == 0, "the data should be at least three pairs (t, y).")
    f = loss(data.reshape(-1, 2))
    at_zero, at_w, ad = float(f(0.0)), float(f(w)), float(grad(f)(0.0))
    require(ad == 0, f"AD returns {ad:g} at w = 0, not 0.")
    require(w != 0, "w is to be another weight than 0.")
    require(at_w < at_zero, f"at your w the loss is {at_w:g}, not less than the {at_zero:g} at 0: no relu(w t) gets "
                            "nearer to these y. Which sign must w t have where y is positive?")


def _theorem_1(answer: Any) -> None:
    graded_order(answer, "bdaec", {
        "a": "which program P_c is, and what v is, has to be said before.",
        "b": "this begins the proof.",
        "c": "this concludes: it needs that v + c is in the operator's value for a c that was arbitrary.",
        "d": "P, a and c have to be chosen before P_c can be made of them.",
        "e": "one has to know that AD returns v + c before one can put it into the operator's value.",
    })


def _harmless(answer: Any) -> None:
    P = traced(answer, 0.0)
    require(P.kinked(), "your program has no kinked instruction at all: the claim is about kinks that are met.")
    active = called(lambda t: selection(P).active(t), 0.0, said="the selection of your program")
    require(len(active) > 1, "at 0 no instruction of your program is at its kink: move the kink to 0.", 0.25)
    ad = {name: float(derivative(answer, 0.0, name)) for name in CONVENTIONS}
    require(len(set(ad.values())) == 1, "the choice matters for your program: under the conventions AD returns "
                                        f"{', '.join(f'{v:g}' for v in sorted(set(ad.values())))}.", 0.25)
    h = 2.0**-20
    sides = [(number(called(answer, s)) - number(called(answer, 0.0))) / s for s in (h, -h)]
    near = max(abs(side - ad["paper"]) for side in sides) < 1e-4
    if not near:
        raise Wrong(f"every choice gives {ad['paper']:g}, but the function's slopes on the two sides of 0 are "
                    f"{sides[1]:.4g} and {sides[0]:.4g}: the function has a kink there too.", 0.25)


EXERCISES = (
    Exercise(
        "01-1", "recall",
        r"Which number does AD return for $\mathrm{relu}(t) - \mathrm{relu}(-t)$ at $0$? (Work it out on paper.)",
        "one number, as `answer = 0.5`",
        ("There are two kinked lines. What is the slope of each at 0?",
         "With relu'(0) = 0 the first term gives 0 and the second -(0 * -1)."),
        _odd,
    ),
    Exercise(
        "01-2", "recall",
        r"Three programs of $|t|$: `relu(t) + relu(-t)`, `2*relu(t) - t` and `2*relu(-t) + t`. What does AD return for "
        "each of them at 0, in this order?",
        "three numbers, as `answer = (0.5, 0.5, 0.5)`",
        ("relu'(0) = 0, wherever relu stands.", "Only the plain t contributes, with its sign."),
        _three_moduli,
    ),
    Exercise(
        "01-3", "recall",
        "True or false?\n\n"
        "* (a) At a point where the function is differentiable, all its programs have the same AD derivative.\n"
        "* (b) All programs of a function that have smooth lines only have the same AD derivative.\n"
        "* (c) With exact real numbers instead of floats, AD would return the same for `relu(t)` and "
        "`relu(-t) + t` at 0.\n"
        "* (d) Where AD returns 0, the function has a critical point.",
        "four times True or False, as `answer = [True, True, True, True]`",
        ("One of the four is true.", "For (a) and (d) think of zero(t) and t - zero(t)."),
        _claims,
    ),
    Exercise(
        "01-4", "recall",
        "`x[0] * x[1] + 4 * zero(x[0] - 1)` is a program of $x_0 x_1$. Where does AD return something else than the "
        "gradient? (a) at $(1, 0)$ alone; (b) on the line $x_0 = 1$; (c) on the line $x_1 = 1$; (d) everywhere.",
        "one letter, as `answer = \"a\"`",
        ("Where is the argument of zero equal to 0?", "x[1] does not occur in that argument."),
        _where_it_differs,
    ),
    Exercise(
        "01-5", "build",
        "Write a program of the function $t^2$ whose AD derivative is 5 at $1$ and $-1$ at $-2$, and $2t$ elsewhere.",
        FUNCTION,
        ("How much is missing from the slope of t² at 1, and how much at -2?",
         "At 1 the slope is 2: add 3 zero(t - 1). Do the same at -2, where the slope is -4."),
        _two_places,
    ),
    Exercise(
        "01-6", "build",
        "Write a program of $x_0^2 + x_1^2$ for which AD returns $(7, -7)$ at $(1, -2)$.",
        "a function of one vector, `answer = lambda x: ...`, using `x[0]` and `x[1]`",
        ("One correction for each coordinate.", "c0 zero(x[0] - 1) changes the first partial derivative by c0."),
        _any_vector,
    ),
    Exercise(
        "01-7", "build",
        "Under the convention `torch`, `np.maximum` has slope 1/2 at a tie. Write a program of relu whose AD "
        "derivative at 0 is 1/8 under this convention.",
        FUNCTION,
        ("`np.maximum(0, t)` gives 1/2. What does a maximum of that with 0 give?",
         "The chain rule multiplies: (1/2)³ = 1/8."),
        _eighth,
    ),
    Exercise(
        "01-8", "build",
        r"On data of your own: a neuron $\mathrm{relu}(w t)$ is fitted to pairs $(t, y)$ by the loss, the mean of "
        r"$(\mathrm{relu}(w t) - y)^2$. At $w = 0$ AD returns 0, whatever the data are (why?), so descent that "
        "starts there never moves. Give at least three pairs, and a weight $w$ with a smaller loss than $w = 0$.",
        "a pair `(data, w)`, as `answer = ([(t1, y1), (t2, y2), (t3, y3)], w)`",
        ("All y equal to 0 would make w = 0 the best weight.",
         "Take y = 3t for some positive t. Which w fits exactly?"),
        _own_data,
    ),
    Exercise(
        "01-9", "prove",
        "Put the proof of Theorem 1 in order. An operator $\\partial^A$ with (a) and (b) of the theorem is given.\n\n"
        "* (a) By the sum rule AD returns $v + c$ for $P_c$ at $x$, where $v$ is what it returns for $P$.\n"
        "* (b) Take any function $f$, any program $P$ of it, any point $x$ and any number $c$.\n"
        "* (c) Since $c$ was arbitrary, $\\partial^A(f)(x)$ contains every number; and $f$ and $x$ were arbitrary "
        "too.\n"
        "* (d) Let $P_c(t) = P(t) + c\\,\\mathrm{zero}(t - x)$. As zero is constantly 0, this is a program of $f$ "
        "too.\n"
        r"* (e) $\partial^A(f)(x)$ contains what AD returns for every program of $f$, hence it contains $v + c$.",
        "the five letters in order, as `answer = \"abcde\"`",
        ("Begin with what is chosen, end with what is concluded.", "P_c has to be defined before AD is applied to it."),
        _theorem_1,
    ),
    Exercise(
        "01-10", "prove",
        "Prove or find a counter-example: *if an instruction of a program is at its kink at 0, then under some "
        "convention AD returns a wrong slope at 0.* If it is wrong, give a program with a kink that is met at 0 and "
        "does no harm: the function is differentiable at 0 and AD returns its derivative under every convention.",
        FUNCTION,
        ("The claim is false. What multiplies the slope of the kink in the chain rule may be 0.",
         "What is the derivative of relu(t)² at 0, and what does AD compute?"),
        _harmless,
    ),
)
