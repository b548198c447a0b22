"""Chapter 7: pitfalls in practice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.errors import DomainError
from selgrad.examples.pitfalls import masked_max_gradient
from selgrad.notebook.exercises.answers import (
    GRID,
    derivative,
    graded_order,
    graded_truths,
    number,
    numbers,
    same_function,
)
from selgrad.notebook.exercises.form import Exercise, require
from selgrad.primitives import CONVENTIONS
from selgrad.sets.conservative import conservative


def _leaves_its_domain(f: Callable[[Any], Any], t: float) -> bool:
    try:
        grad(f)(t)
    except DomainError:
        return True
    return False


SUSPECTS: dict[str, Callable[[Any], Any]] = {
    "a": lambda t: np.where(t > 1, 1 / t, 0.0),
    "b": lambda t: np.where(t > 1, t * t, 0.0),
    "c": lambda t: np.log(np.maximum(t, 1.0)),
    "d": lambda t: np.sqrt(t * t * t * t),
    "e": lambda t: np.abs(t) * np.exp(t),
}
ABOUT_SUSPECTS = {
    "a": "1/t is computed at 0 although where throws it away.",
    "b": "t * t has a derivative everywhere; thrown away, it is multiplied by 0 and adds nothing.",
    "c": "the logarithm sees max(0, 1) = 1: its argument is guarded.",
    "d": "t⁴ is smooth and so is t², but the root of 0 stands in between.",
    "e": "abs has a kink at 0, and AD makes a choice there: a number, not nan.",
}


def _not_a_number(answer: Any) -> None:
    graded_truths(answer, {name: _leaves_its_domain(f, 0.0) for name, f in SUSPECTS.items()}, ABOUT_SUSPECTS)


def _empty_clip(answer: Any) -> None:
    right = float(grad(lambda t: np.minimum(np.maximum(t, 0.0), 0.0), convention="tensorflow")(0.0))
    got = number(answer)
    require(got != 0, "the function is the constant 0, but AD follows the lines: at each of them t is tied.")
    require(got != 0.5, "a half at a tie is the rule of PyTorch and JAX; here the first argument gets all of it.")
    require(got == right, f"multiply the derivatives of the two lines; {got:g} is not their product.")


CANDIDATES = {"a": (0.5, 0.5, 0), "b": (0, 0, 0), "c": (1, 1, 0), "d": (1 / 3, 1 / 3, 1 / 3), "e": (0.25, 0.75, 0)}
ABOUT_CANDIDATES = {
    "a": "the mean of the two active gradients is a mixture of them.",
    "b": "its entries add up to 0; those of every mixture of (1, 0, 0) and (0, 1, 0) add up to 1.",
    "c": "its entries add up to 2: each tied entry got a whole derivative.",
    "d": "the third entry is not tied: its piece is not active, and takes no part.",
    "e": "a mixture need not have equal shares.",
}


def _of_the_maximum(answer: Any) -> None:
    D = conservative(np.max, np.array([2.0, 2.0, 1.0]))
    graded_truths(answer, {name: D.contains(np.array(g)) for name, g in CANDIDATES.items()}, ABOUT_CANDIDATES)


def _entropy(t: float) -> float:
    return t * np.log(t) if t > 0 else 0.0


def _grade_entropy(answer: Any) -> None:
    same_function(answer, _entropy, "the function")
    got = {float(t): number(derivative(answer, float(t))) for t in GRID}
    for t, slope in got.items():
        want = 1 + np.log(t) if t > 0 else 0.0
        right = t == 0 or abs(slope - want) <= 1e-9
        require(right, f"the values are right, but AD returns {slope:g} at {t:g} instead of {want:g}.", 0.5)


def _grade_cross_entropy(answer: Any) -> None:
    same_function(answer, lambda t: np.logaddexp(0.0, -t), "log(1 + exp(-t))", [*GRID[::8], -1000.0, 1000.0])
    found = {name: number(derivative(answer, 0.0, name)) for name in CONVENTIONS}
    wrong = [f"{slope + 0.0:g} ({name})" for name, slope in found.items() if abs(slope + 0.5) > 1e-12]
    require(not wrong, f"the function is right, but at 0 AD returns {', '.join(wrong)}.", 0.5)


def _grade_hinge(answer: Any) -> None:
    same_function(answer, lambda m: max(0.0, 1.0 - m), "max(0, 1 - m)")
    slope = number(derivative(answer, 1.0))
    require(slope == -0.5, f"the function is right, but AD returns {slope + 0.0:g} at 1, not -1/2.", 0.5)


def _grade_mask(answer: Any) -> None:
    x = numbers(answer, said="a list of positive numbers")
    require(x.size >= 2 and len(set(x)) >= 2, "the list needs two different numbers at least.")
    require((x > 0).all(), f"{x.min():g} is not positive.")
    top = x.max()
    require(np.float16(top) == top, f"{top:g} itself is no float16: it is rounded before anything happens.")
    hit = np.isfinite(masked_max_gradient(x, recomputed="float32")).all()
    third = float(np.float16(top) / np.float16(3))
    require(hit, f"{top:g}/3 in float16 is {third:.9g}, and in float32 it is not: no entry equals the maximum.")


WHY_FIRST = {
    "a": "it speaks of the gradients of pieces that were not named yet.",
    "b": "it speaks of the whole hull, which was not introduced yet.",
    "c": "it is the conclusion.",
    "d": "it needs to be known which gradients the hull is made of.",
    "e": "the active pieces come first.",
}

STATEMENTS = {"a": False, "b": True, "c": False, "d": False, "e": False, "f": True}
ABOUT_STATEMENTS = {
    "a": "where(t > 0, log(t), 0) at t = -1 is nan, and the function is constant there.",
    "b": "every convention's answer lies in D_P: if that is one point, they agree.",
    "c": "celu at 0 has the derivative 1, and AD returns 2.",
    "d": "celu at 0: in PyTorch's convention 1, in TensorFlow's 2, and Clarke's set is {1}.",
    "e": "where(t == 0, 0, t) meets one kink at 0; AD returns 0, and the derivative is 1. A branch on equality can do "
         "it alone.",
    "f": "D_P holds every choice at every kink: what is outside comes from no choice at all.",
}


def _grade_root(answer: Any) -> None:
    t = number(answer)
    require(t != 0, "t = 0 is excluded: |t| has no derivative there, and the claim says nothing about it.")
    slope = float(grad(lambda t: np.sqrt(t * t + 1e-12))(t))
    gap = abs(slope - np.sign(t))
    require(gap > 1e-3, f"at t = {t:g} AD returns {slope:.9g}: off by {gap:.1e}, which is less than 0.001.")


EXERCISES = (
    Exercise(
        "07-1", "recall",
        "By the chain rule with $0 \\cdot \\infty$ = `nan`, which of these has the derivative `nan` at $t = 0$? "
        "(a) `where(t > 1, 1/t, 0)`, (b) `where(t > 1, t*t, 0)`, (c) `log(maximum(t, 1))`, (d) `sqrt(t*t*t*t)`, "
        "(e) `abs(t) * exp(t)`.",
        "True or False for each, as `{\"a\": True, \"b\": ...}` or in order",
        ("Look for a line outside its domain, used or not.", "sg.grad raises exactly there."),
        _not_a_number,
    ),
    Exercise(
        "07-2", "recall",
        "`minimum(maximum(t, 0), 0)` clips to the range from 0 to 0: the constant 0. By TensorFlow's rule the first "
        "argument wins a tie. Which number does AD return at $t = 0$?",
        "one number",
        ("Which argument comes first in each of the two lines?", "Multiply the two derivatives."),
        _empty_clip,
    ),
    Exercise(
        "07-3", "recall",
        r"$f(x) = \max(x_1, x_2, x_3)$ at $(2, 2, 1)$. Which of these can be the answer of *some* selection of the "
        r"maximum, that is, lie in $D_P$? (a) $(\frac12, \frac12, 0)$, (b) $(0, 0, 0)$, (c) $(1, 1, 0)$, "
        r"(d) $(\frac13, \frac13, \frac13)$, (e) $(\frac14, \frac34, 0)$.",
        "True or False for each, as `{\"a\": True, \"b\": ...}` or in order",
        ("Two pieces are active.", "D_P is the segment from (1, 0, 0) to (0, 1, 0)."),
        _of_the_maximum,
    ),
    Exercise(
        "07-4", "build",
        r"Write a program of $t \log t$ for $t > 0$, and $0$ for $t \le 0$ (a term of an entropy), for which AD "
        "returns a number everywhere: $1 + \\log t$ for $t > 0$, $0$ for $t < 0$, and what you like at 0.",
        "a function of one number, `answer = lambda t: ...`",
        ("The logarithm must never see a number that is not positive.", "Put a second where inside the logarithm."),
        _grade_entropy,
    ),
    Exercise(
        "07-5", "build",
        "TensorFlow's documentation gives the cross-entropy of a logit $t$ with the label $y$ as "
        "`maximum(t, 0) - t*y + log1p(exp(-abs(t)))`. For $y = 1$ this is $\\log(1 + e^{-t})$. Write a program of it "
        r"that has the right value from $t = -1000$ to $1000$ and for which AD returns $-\frac12$ at 0 under **every** "
        "convention of selgrad.",
        "a function of one number, `answer = lambda t: ...`",
        ("Which two kinks of this program cancel in the function?",
         "Of which instruction in selgrad is it a value, at -t or with a term more?"),
        _grade_cross_entropy,
    ),
    Exercise(
        "07-6", "build",
        r"Write a program of the hinge loss $\max(0, 1 - m)$ for which AD (in selgrad's own convention) returns "
        r"$-\frac12$ at the margin $m = 1$.",
        "a function of one number, `answer = lambda m: ...`",
        ("relu(1 - m) gives 0. Which program of the hinge gives -1?", "Take the mean of the two."),
        _grade_hinge,
    ),
    Exercise(
        "07-7", "build",
        "`pitfalls.masked_max_gradient(x, recomputed=\"float32\")` loses the maximum of $x/3$ for most $x$. Find a "
        "list of positive numbers, two different ones at least, for which the mask still finds it.",
        "a list of positive numbers",
        ("When does rounding to float16 change nothing?", "The largest number over 3 should be a float16."),
        _grade_mask,
    ),
    Exercise(
        "07-8", "prove",
        r"The gradient $0$ for a tied maximum is no derivative of any selection. Put the steps of the proof in order. "
        r"(a) The gradient of such a piece is $e_i$, whose entries add up to 1. (b) The sum of the entries is linear, "
        r"so it is 1 on the whole hull. (c) The entries of 0 add up to 0: it is not in $D_P(x)$. (d) $D_P(x)$ is the "
        r"convex hull of these $e_i$. (e) The pieces of $\max$ that are active at $x$ are the $x_i$ that equal it.",
        "the letters in order, as `\"abcde\"`",
        ("Begin with what is active.", "End with 0; before it, a property of every element of the hull."),
        lambda answer: graded_order(answer, "eadbc", WHY_FIRST),
    ),
    Exercise(
        "07-9", "prove",
        "True or false? Have a proof or a counter-example for each. (a) If AD returns `nan`, the function has no "
        "derivative there. (b) If $D_P(x)$ is one point, all conventions agree at $x$. (c) If $f$ is differentiable at "
        "$x$, AD returns its gradient. (d) If AD's answer is in Clarke's set under one convention, it is under all. "
        "(e) If AD's answer at $x$ is no subgradient, at least two kinks of the program are met there. "
        "(f) A gradient outside $D_P(x)$ is the answer of no choice at the kinks.",
        "True or False for each, as `{\"a\": True, \"b\": ...}` or in order",
        ("Two of them are true.", "celu at 0 answers two of them, a branch on equality a third."),
        lambda answer: graded_truths(answer, STATEMENTS, ABOUT_STATEMENTS),
    ),
    Exercise(
        "07-10", "prove",
        r"A colleague repairs $|t| = \sqrt{t^2}$ as $\sqrt{t^2 + 10^{-12}}$ and claims: for every $t \ne 0$ the "
        "derivative is within $0.001$ of the sign of $t$. Find a counter-example.",
        "one number, $t$",
        (r"The derivative is t / sqrt(t² + 1e-12).", "For which t is t² not much larger than 1e-12?"),
        _grade_root,
    ),
)
