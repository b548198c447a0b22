"""The exercises of chapter 6: what rounding does to traps, to kinks, and to programs that compensate each other."""

from __future__ import annotations

from fractions import Fraction
from math import log
from typing import Any

import numpy as np

from selgrad.descent.sgd import sgd
from selgrad.examples.paper import relu2, trap
from selgrad.experiments.precision import FORMATS, boustany
from selgrad.notebook.exercises import answers
from selgrad.notebook.exercises.form import Exercise, Misshapen, Wrong, require
from selgrad.notebook.exercises.programs import several
from selgrad.tracing.operations import relu

STEPS = 60
TIES = (5.0, 1.0, 2.0, 8.0)  # the x of 06-1
WANTED = 7.0  # what AD is to return in 06-7
BFLOAT16, RARE, SURE = 8, 1e-6, 0.95  # significant bits of 06-2; probability and confidence of 06-3
NAMES = ("w", "b", "v")


def _grade_ties(answer: Any) -> None:
    got, right = answers.number(answer), float(boustany(0.0, TIES, "float64"))
    require(got != 0, "at t = 0 all four entries of t x are tied, and max1 and max2 do not choose alike.")
    require(got != max(TIES) - np.mean(TIES), "at t = 0 the largest entry of x does not win: all entries of t x are 0, "
                                              "and max1 keeps the first of those that are equal.")
    require(got != TIES[0], "that is AD of max1 alone; max2 is subtracted.")
    require(got != -right, "the sign is wrong: it is max1 minus max2.")
    require(got == right, "max1 keeps the first entry, max2 takes the mean of all that are tied.")


def _grade_bfloat16(answer: Any) -> None:
    got = answers.number(answer)
    right = 2.0 ** (np.finfo(np.float32).nmant + 1 - BFLOAT16)
    require(got != 2.0**13, "that is the factor for float16, which has 11 significant bits; bfloat16 has 8.")
    require(got != 16, "that is how many bits more a float32 has. The size of a rounding halves with each bit.")
    require(got != 1 / right, "the other way round: bfloat16 is the coarser format, so its starts are trapped more "
                              "often.")
    require(got != 2.0**17, "count alike in both formats: 24 and 8 significant bits, or 23 and 7 stored ones.")
    require(got == right, "compare the roundings of 24 and of 8 significant bits.")


def _grade_confidence(answer: Any) -> None:
    got, right = answers.number(answer), log(1 - SURE) / log(1 - RARE)
    require(got >= 1, "a number of starts is asked for.")
    require(abs(got * RARE - 1) > 0.01, "if the probability were 1e-6, a million starts would all miss the trap with "
                                        "probability 1/e = 0.37. That is not rare enough.")
    require(abs(got * RARE - SURE) > 0.001, "the probability to see none is (1 - p)^n, not 1 - n p: it falls, and "
                                            "never reaches 0.")
    require(got > right * 0.99, f"with so few starts, none is seen with probability {np.exp(-got * RARE):.2f} "
                                "even where p is 1e-6.")
    require(got < right * 1.05, "so many are enough, but fewer are too. When is (1 - p)^n just 0.05?", 0.5)


def _grade_half(answer: Any) -> None:
    x0, c = answers.numbers(answer, 2, "a pair (x0, c)")
    require(0 < c <= 1, f"c = {c:g} is not in (0, 1].")
    ends = {dtype: float(sgd(trap, [x0], c=c, steps=STEPS, alpha=lambda k: 1 / (k + 1), dtype=dtype).x[0])
            for dtype in ("float16", "float64")}
    require(x0 != 0, "the start x0 = 0 is the trap itself, in every format.")
    require(ends["float16"] == 0, f"in float16 the run ends at {ends['float16']:.4g}, which is no trap.")
    require(ends["float64"] != 0, "in float16 it is trapped, but in float64 too.", 0.5)


def _grade_preactivation(answer: Any) -> None:
    w, x, b = answers.numbers(answer, 3, "three numbers (w, x, b)")
    require(w != 0 and x != 0, "w and x are not to be 0.")
    single = float(np.float32(w) * np.float32(x) + np.float32(b))
    require(w * x + b != 0, "in float64 w x + b is 0 too.", 0.5 if single == 0 else 0.0)
    require(single == 0, f"in float32 w x + b is {single:g}, not 0.")


def _grade_own_data(answer: Any) -> None:
    data, weights, bias = several(answer, 3, "a triple (X, w, b)")
    w, b = answers.numbers(weights, said="the weights w"), answers.number(bias, "the bias b")
    try:
        X = np.asarray(data, dtype=float)
    except (TypeError, ValueError):
        raise Misshapen("X is no table of numbers.") from None
    if X.ndim != 2 or X.shape[1] != w.size:
        raise Misshapen(f"X has the shape {X.shape}, but each row needs {w.size} numbers, as many as w has.")
    require(len(X) >= 10, f"bring ten rows or more, not {len(X)}.")
    require(X.size <= 10**7, "ten million numbers are enough.")
    require(np.all(np.isfinite(X)), "X holds nan or inf.")
    require(np.any(w), "all weights are 0: that is no neuron.")
    zeros = {dtype: int(np.sum(preactivations(X, w, b, dtype) == 0)) for dtype in ("float16", "float64")}
    half, double = zeros["float16"], zeros["float64"]
    require(half > 0, "no preactivation is exactly 0 in float16: bring more rows or weights that nearly cancel, and "
                      "a bias that is a short binary fraction, as 0.25.")
    require(half > double, f"{half} preactivations are exactly 0 in float16, and {double} in float64: your data tie "
                           "over the reals too.", 0.5)


def preactivations(X: np.ndarray, w: np.ndarray, b: float, dtype: str) -> np.ndarray:
    """X w + b, every product and every sum rounded to the format, in order."""
    kind = np.dtype(dtype).type
    total = np.zeros(len(X), dtype)
    for column, weight in zip(X.astype(dtype).T, w.astype(dtype)):
        total = total + column * weight
    return total + kind(b)


def _grade_inverse(answer: Any) -> None:
    x = answers.numbers(answer, 4, "four numbers")
    require(np.all(x != 0), "no entry is to be 0.")
    require(np.all(np.abs(x) <= 1000), "take entries of at most 1000: float16 ends at 65504.")
    got = {dtype: float(boustany(0.0, x, dtype)) for dtype in FORMATS}
    exact = got["float64"]
    require(abs(exact + WANTED) > 1e-9, "AD returns -7: the sign is wrong.", 0.5)
    require(abs(x[0] - WANTED) > 1e-9 or abs(exact - WANTED) <= 1e-9,
            f"max1 alone gives {WANTED:g}, and max2 is subtracted: AD returns {exact:g}.")
    require(abs(exact - WANTED) <= 1e-9, f"at t = 0 AD returns {exact:g}.")
    off = [dtype for dtype in FORMATS if abs(got[dtype] - WANTED) > 2.0**-6]
    require(not off, f"in {', '.join(off)} AD returns {[got[dtype] for dtype in off]}: take numbers with few "
                     f"digits.", 0.5)


def _grade_harmless(answer: Any) -> None:
    w, x, b, v = answers.numbers(answer, 4, "four numbers (w, x, b, v)")
    require(w * x + b == 0, f"the preactivation w x + b is {w * x + b:g}, not 0: neither program is asked what "
                            f"relu'(0) is.")
    one, other = (_derivatives(activation, w, x, b, v) for activation in (relu, relu2))
    differ = [name for name in NAMES if one[name] != other[name]]
    require(not differ, f"the two programs differ in the derivative in {' and '.join(differ)}: your point is in the "
                        f"zone.",
            0.25)


def _derivatives(activation: Any, w: float, x: float, b: float, v: float) -> dict[str, float]:
    found = answers.derivative(lambda p: p[2] * activation(p[0] * x + p[1]), np.array([w, b, v]))
    return dict(zip(NAMES, np.asarray(found).tolist()))


def _grade_order(answer: Any) -> None:
    values = answers.numbers(answer, 3, "three numbers (a, b, c)")
    a, b, c = (np.float32(value) for value in values)
    require(all(np.isfinite([a, b, c])), "a number is too large for float32.")
    left, right = (a + b) + c, a + (b + c)
    if left != 0 and right == 0:
        raise Wrong("you have it the other way round: a + (b + c) is 0, and (a + b) + c is not.", 0.5)
    require(left == 0, f"(a + b) + c is {float(left):g} in float32, not 0.")
    require(right != 0, "both orders give 0: no sum on the way is rounded. Let one number be much smaller than the "
                        "others.")


def _grade_false_kink(answer: Any) -> None:
    w, x, b = answers.numbers(answer, 3, "three numbers (w, x, b)")
    exact = Fraction(w) * Fraction(x) + Fraction(b)
    require(w * x + b == 0, f"in float64 w x + b is {w * x + b:g}, not 0.")
    require(exact != 0, "w x + b is 0 over the reals as well: these three floats multiply without rounding. "
                        "Take w that is no short binary fraction.")


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        "06-1", "recall",
        r"What does AD return for $\mathrm{max1}(t\,x) - \mathrm{max2}(t\,x)$ at $t = 0$ with $x = (5, 1, 2, 8)$?",
        "one number",
        ("What are the four entries of t x at t = 0?", "max1 keeps the first of them, max2 shares among all four."),
        _grade_ties,
    ),
    Exercise(
        "06-2", "recall",
        "The format bfloat16 keeps 8 significant bits, float32 keeps 24. By the rule of thumb of this chapter, how "
        "many times likelier is it in bfloat16 that a random start is trapped?",
        "one number, as `2**5`",
        ("The probability goes like the size of a rounding.", "Each bit less doubles a rounding."),
        _grade_bfloat16,
    ),
    Exercise(
        "06-3", "recall",
        "You run random starts in float64 and see none trapped. How many must you have run to say, with 95 percent "
        "confidence, that the probability of being trapped is below one in a million?",
        "one number, right to one percent",
        ("If the probability were 1e-6: what is the probability to see none in n independent runs?",
         "Solve (1 - 1e-6)^n = 0.05."),
        _grade_confidence,
    ),
    Exercise(
        "06-4", "build",
        r"$J(x) = \tfrac12 (x-1)^2 + \mathrm{zero}(x)$ and $\gamma_k = c/(k+1)$: find a start that is trapped at 0 in "
        r"float16 and not in float64.",
        "a pair `(x0, c)`",
        ("Begin on the curve c = x0/(x0 - 1), where all formats are trapped.",
         "Move c by less than float16 can tell: by less than about 2^-12 of it."),
        _grade_half,
    ),
    Exercise(
        "06-5", "build",
        "Find three numbers, $w$ and $x$ not 0, whose preactivation $w x + b$ is 0 in float32 and not in float64.",
        "three numbers `(w, x, b)`",
        ("Decimal fractions are rounded before anything is computed.", "In float64, 0.1 * 3 is not 0.3."),
        _grade_preactivation,
    ),
    Exercise(
        "06-6", "build",
        "Data and a neuron of your own: bring a table $X$ of ten rows or more, weights $w$ and a bias $b$ such that "
        "more of the preactivations $X w + b$ are exactly 0 in float16 than in float64. (Products and sums are "
        "rounded in order.)",
        "a triple `(X, w, b)`, as `(X, [0.5, -1.0], 0.25)` with an array `X` of two columns",
        ("The more rows, the better: tens of thousands of random rows will do.",
         "Let b be 0 or a short binary fraction: near 0 the sums form a coarse grid, which must hold -b."),
        _grade_own_data,
    ),
    Exercise(
        "06-7", "build",
        r"Find $x \in \mathbb{R}^4$, no entry 0, for which AD of $\mathrm{max1}(t\,x) - \mathrm{max2}(t\,x)$, a "
        r"program of the function 0, returns 7 at $t = 0$, in every format.",
        "four numbers",
        ("Write down what AD returns as a formula in x.", "x[0] minus the mean of x is to be 7."),
        _grade_inverse,
    ),
    Exercise(
        "06-8", "prove",
        "A colleague says: \"Wherever a preactivation is exactly 0, the parameters lie in the bifurcation zone.\" "
        r"Refute it with one neuron: the loss $v\,\mathrm{relu}(w x + b)$ and its derivatives in $w$, $b$ and $v$.",
        "four numbers `(w, x, b, v)`",
        ("Write down the three derivatives; where does relu'(0) occur?",
         "They are v s x, v s and relu(0), where s is relu'(0). When does s not matter?"),
        _grade_harmless,
    ),
    Exercise(
        "06-9", "prove",
        r"Whether a preactivation is 0 depends on the order in which its terms are added. Prove it: find three "
        r"numbers with $(a + b) + c = 0$ and $a + (b + c) \ne 0$ in float32.",
        "three numbers `(a, b, c)`",
        ("A sum of two floats of very different size is rounded to the larger one.",
         "Let b = 1 and c = -1; how small must a be?"),
        _grade_order,
    ),
    Exercise(
        "06-10", "prove",
        "A colleague says: \"float64 is as good as the reals. Where it finds a kink, there is one.\" Refute it: find "
        "three floats with $w x + b = 0$ in float64, but not in exact arithmetic on the same three floats.",
        "three numbers `(w, x, b)`",
        ("The product must be rounded, and rounded onto -b.", "`Fraction(0.1)` shows which number 0.1 is; try 10 of "
                                                              "them."),
        _grade_false_kink,
    ),
)
