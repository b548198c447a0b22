"""The exercises of chapter 5: starts that are trapped, traps one makes, and what Theorem 4 does not say."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np

from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.schedules import warn_outside
from selgrad.descent.sgd import sgd
from selgrad.errors import OutsideTheorem4
from selgrad.examples.paper import trap, zero
from selgrad.notebook.exercises import answers
from selgrad.notebook.exercises.form import Exercise, Wrong, require
from selgrad.notebook.exercises.programs import judged, several

STEPS, NEAR = 60, 1e-9
TERMS = 4  # of 05-3

SCHEDULES: Mapping[str, Callable[[float], float]] = MappingProxyType({
    "a": lambda k: (k + 1) ** -0.5,
    "b": lambda k: 1 / np.log(k + 3),
    "c": lambda k: 0.001,
    "d": lambda k: 1 / np.log(k + 3) ** 2,
    "e": lambda k: 5 / (k + 1),
})
WHY: Mapping[str, str] = MappingProxyType({
    "a": "log k / sqrt(k + 1) tends to 0: every power of k beats the logarithm.",
    "b": "log k / log(k + 3) tends to 1, not to 0: little o asks for less than any multiple of 1/log k.",
    "c": "a constant times log k grows without bound, however small the constant is.",
    "d": "log k / log(k + 3)² tends to 0, as 1/log k does.",
    "e": "5 log k / (k + 1) tends to 0; constant factors do not matter.",
})


def harmonic(k: Any) -> Any:
    return 1 / (k + 1)


def wider(x: Any) -> Any:
    """(x - 2)²/2 + 2 zero(x), the program of 05-1 and 05-4: minimum at 2, trap at 0."""
    return np.square(x - 2) / 2 + 2 * zero(x)


def path(f: Callable, x0: float, c: float, steps: int = STEPS) -> np.ndarray:
    """The iterates of the run with c/(k + 1)."""
    require(0 < c <= 1, f"c = {c:g} is not in (0, 1].")
    T = sgd(f, [x0], c=c, steps=steps, alpha=harmonic, record="all")
    assert T.iterates is not None
    return T.iterates[0]


def _grade_first_step(answer: Any) -> None:
    c = answers.number(answer, "one number, c")
    require(abs(c - 6 / 7) > 1e-3, "c = x0/(x0 - 1) belongs to the program of this chapter, whose minimum is at 1.")
    require(c > 0, "a step size is positive: the step is minus c times what AD returns.")
    require(c != 1, "you gave zero its slope everywhere. AD of 2 zero(x) is 2 at 0 alone, and 0 at -6.")
    x = path(wider, -6.0, c)
    require(abs(x[1]) < NEAR, f"the first step goes from -6 to {x[1]:.6g}, not to 0.")


def _grade_schedules(answer: Any) -> None:
    right = {name: not outside(alpha) for name, alpha in SCHEDULES.items()}
    answers.graded_truths(answer, right, WHY)


def outside(alpha: Callable) -> bool:
    """Does the engine warn that alpha does not look like o(1/log k)?"""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_outside(alpha, np.array([alpha(k) for k in range(64)]), np.ones(1))
    return any(issubclass(w.category, OutsideTheorem4) for w in caught)


def _grade_share(answer: Any) -> None:
    subsets = [I for n in range(1, TERMS + 1) for I in combinations(range(TERMS), n)]
    right = Fraction(sum(0 in I for I in subsets), len(subsets))
    got = answers.number(answer, "a probability")
    require(0 <= got <= 1, f"{got:g} is no probability.")
    require(abs(got - 1 / 2) > 1e-6, "one half would be right if the empty set could be drawn too; it cannot.")
    require(abs(got - 1 / TERMS) > 1e-6, "that is the probability for minibatches of one. Here any nonempty set of "
                                         "indices may come up, and larger ones hold more indices.")
    require(abs(got - 1 / len(subsets)) > 1e-3, "that is the probability of one subset; several hold the index 0.")
    require(abs(got - float(right)) < 5e-4, f"{got:g} is not the share of the nonempty subsets of four indices that "
                                            "hold the index 0.")


def _grade_second_step(answer: Any) -> None:
    x0, c = answers.numbers(answer, 2, "a pair (x0, c)")
    x = path(wider, x0, c)
    require(x[0] != 0 and x[1] != 0, "the iterate is at 0 too early: x_2 is to be the first.")
    close = 0.5 if abs(x[2]) < 1e-6 else 0.0
    require(x[2] == 0, f"x_2 is {x[2]:.3g}, not 0." + (" Over the reals you may be right; one of the floats beside it "
            "hits exactly." if close else ""), close)


def _grade_own_trap(answer: Any) -> None:
    answers.same_function(answer, lambda t: (t - 3) ** 2, "(t - 3)²")
    ad = float(answers.derivative(answer, 2.0))
    v = judged(answer, 2.0)
    if v.kind != "artificial-critical":
        raise Wrong(f"the function is right, but 2 is {v.kind.replace('-', ' ')}: AD returns {ad:g} there, and nothing "
                    "else is possible." if v.kind == "smooth" else f"the function is right, but 2 is {v.kind}.", 0.25)
    require(ad == 0, f"0 is a mixture of what AD could return at 2, but what AD does return is {ad:g}: a run that "
                     "comes to 2 moves on.", 0.5)


def _grade_noise(answer: Any) -> None:
    b = answers.numbers(answer, 2, "a pair (b_0, b_1)")
    ad = zero_slope() - b  # of each term at 0
    mean = ad.mean()
    slack = 4 * np.finfo(float).eps * (1 + np.abs(b).max())  # 0.9 and 1.1 have the mean 1 over the reals, not in floats
    stay = [f"b_{i}" for i in (0, 1) if abs(ad[i]) <= slack]
    half = 0.5 if not stay else 0.0
    require(abs(mean) <= slack, f"AD of the full batch at 0 is {mean:g}, not 0: it leaves.", half)
    require(not stay, f"the full batch stays at 0, and so does the minibatch of {' and that of '.join(stay)}: "
                      "AD of that term is 0 there too.", 0.5)


def zero_slope() -> float:
    """What AD adds at 0 for zero(x)."""
    return float(answers.derivative(zero, 0.0))


def _grade_absolute(answer: Any) -> None:
    data, point = several(answer, 2, "a pair (b, x)")
    b, x = answers.numbers(data, said="your data"), answers.number(point, "the point x")
    require(b.size >= 5, f"bring five numbers or more, not {b.size}.")
    require(b.size <= 10_000, "ten thousand numbers are enough.")
    J = FiniteSum(lambda x, b: np.abs(x - b), b)
    require(judged(J, float(b.mean())).kind != "clarke-critical",
            "the mean of your data is a minimum of J as well: bring data for which mean and median differ.")
    require(abs(x - b.mean()) > 1e-9 * (1 + abs(x)), "that is the mean of your data, the minimum of a sum of squares. "
                                                     "Here every datum pulls with the same force, however far it is.")
    v = judged(J, x)
    left, right = int(np.sum(b < x)), int(np.sum(b > x))
    require(v.kind == "clarke-critical", f"x = {x:g} is no Clarke critical point of J: of your {b.size} data {left} "
                                         f"lie to the left of it and {right} to the right.")


def _grade_near_miss(answer: Any) -> None:
    x0, c = answers.numbers(answer, 2, "a pair (x0, c)")
    require(x0 <= -0.5, "start at -1/2 or to the left of it.")
    x = path(trap, x0, c, 2000)
    gap = float(np.abs(x[1:]).min())
    require(gap > 0, "an iterate is 0, and the run stays there: you found a start of the exceptional set.", 0.25)
    require(gap < NEAR, f"the run comes no closer to 0 than {gap:.2g}.", 0.5 if gap < 1e-3 else 0.0)
    require(x[-1] > 0.5, f"the run comes near 0, but after 2000 steps it is at {x[-1]:.3g} only.", 0.5)


def _grade_two_scales(answer: Any) -> None:
    one, other = answers.numbers(answer, 2, "a pair (c, c')")
    require(abs(one - other) > 1e-6, "the two values of c are equal.")
    closest = [float(np.abs(path(trap, -1.0, c)).min()) for c in (one, other)]
    hits = [gap < NEAR for gap in closest]
    missed = [f"with c = {c:.6g} the iterates come no closer to 0 than {gap:.3g}"
              for c, gap, hit in zip((one, other), closest, hits) if not hit]
    require(all(hits), f"{' and '.join(missed)}.", 0.5 if any(hits) else 0.0)


def _grade_no_minimum(answer: Any) -> None:
    program, start = several(answer, 2, "a pair (f, x0)")
    f, x0 = answers.function(program), answers.number(start, "the start x0")
    T = sgd(answers.traced(program, 1.0), [x0], steps=2000, c=0.5, alpha=harmonic)
    x = float(T.x[0])
    require(T.finite[0], "your run does not stay finite, and Theorem 4 asks for bounded runs.")
    v = judged(program, x)
    require(v.kind != "artificial-critical", f"your run ends at {x:g}, an artificial critical point: that is what the "
                                             "second statement excludes for almost all starts.", 0.25)
    require(v.kind == "clarke-critical", f"after 2000 steps your run is at {x:.6g}, which is not Clarke critical: "
                                        "it must arrive.")
    lower = [h for h in 2.0 ** -np.arange(1, 21.0) for s in (-h, h) if f(x + s) < f(x)]
    require(len(lower) >= 20, f"your run ends at {x:g}, a Clarke critical point and a local minimum.")


J = r"$J(x) = \tfrac12 (x - 1)^2 + \mathrm{zero}(x)$"
K = r"$\tfrac12 (x - 2)^2 + 2\,\mathrm{zero}(x)$"

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        "05-1", "recall",
        rf"The program {K} has its minimum at 2 and a trap at 0; $\gamma_k = c/(k+1)$. For which $c$ does the first "
        "step from $x_0 = -6$ reach 0?",
        "one number",
        ("What does AD return at -6? The program `zero` has the slope 0 there.", "Solve -6 - c (-6 - 2) = 0."),
        _grade_first_step,
    ),
    Exercise(
        "05-2", "recall",
        r"Which schedules satisfy the condition $\alpha_k = o(1/\log k)$ of Theorem 4? (a) $1/\sqrt{k+1}$, (b) "
        r"$1/\log(k+3)$, (c) $0.001$, (d) $1/\log(k+3)^2$, (e) $5/(k+1)$.",
        'five truth values, as `{"a": True, "b": True, "c": True, "d": True, "e": True}`',
        ("Multiply by log k and let k grow.", "The product must tend to 0; to stay bounded is not enough."),
        _grade_schedules,
    ),
    Exercise(
        "05-3", "recall",
        r"A sum of four terms, and $I_k$ as in (8). With which probability does a step use the term $f_0$?",
        "a probability, as `3/7`",
        ("How many nonempty subsets do four indices have?", "How many of them hold the index 0?"),
        _grade_share,
    ),
    Exercise(
        "05-4", "build",
        rf"The program {K} of 05-1 again: find a start from which $x_2$ is the first iterate that is *exactly* 0, in "
        "float64.",
        "a pair `(x0, c)`",
        ("Run the map backwards: which x_1 leads to 0 at the second step, and which x_0 leads there?",
         "`sg.find_traps` does it, and looks among the floats nearby; a trap it returns says how many steps it takes."),
        _grade_second_step,
    ),
    Exercise(
        "05-5", "build",
        "Write a program of the function $(t - 3)^2$ that has an artificial critical point at 2, where AD returns 0.",
        "a function of one number, as `lambda t: ...`",
        ("Which slope has the function at 2?", "Add a multiple of zero(t - 2) that cancels this slope."),
        _grade_own_trap,
    ),
    Exercise(
        "05-6", "build",
        r"$f(x, b) = \tfrac12 (x - b)^2 + \mathrm{zero}(x)$ with two data: choose them such that, from $x_0 = 0$, the "
        r"full batch stays at 0 and every minibatch of one leaves.",
        "a pair `(b_0, b_1)`",
        ("What does AD return at 0 for one term?", "AD of term i at 0 is 1 - b_i: the mean is to be 0, the terms are "
                                                   "not."),
        _grade_noise,
    ),
    Exercise(
        "05-7", "build",
        r"Data of your own: bring five numbers $b_i$ or more (temperatures, ages, prices) and say at which point $x$ "
        r"algorithm (8) with $f_i(x) = |x - b_i|$ ends.",
        "a pair `(b, x)`: your numbers and the point, as `([3, 1, 4, 1, 5], 2.8)`",
        ("At a minimum of J, 0 is a mixture of the slopes: how many data must lie on either side?",
         "Sort your data."),
        _grade_absolute,
    ),
    Exercise(
        "05-8", "prove",
        rf'{J} and $\gamma_k = c/(k+1)$. A colleague says: "Almost no run ends in the trap, so it repels: runs keep a '
        r'distance from it." Refute it: find $x_0 \le -\tfrac12$ and $c$ from which a later iterate is nearer to 0 '
        "than $10^{-9}$ without being 0, and the run goes on towards 1.",
        "a pair `(x0, c)`",
        ("From which pairs does the first step reach 0 exactly?", "Take such a pair, and move c by very little."),
        _grade_near_miss,
    ),
    Exercise(
        "05-9", "prove",
        rf'{J} and $\gamma_k = c/(k+1)$. A colleague says: "For each start there is at most one bad $c$." Refute it: '
        rf'give two '
        r"values of $c$ with which the run from $x_0 = -1$ arrives at 0.",
        "a pair `(c, c')`, right to nine digits",
        ("The chapter has a formula for the c with which x_k = 0.",
         "For k = 2 it is a quadratic equation: 2 (1 - c)(1 - c/2) = 1. Or ask `sg.find_traps` with x0=-1.0."),
        _grade_two_scales,
    ),
    Exercise(
        "05-10", "prove",
        "A colleague reads Theorem 4 so: \"SGD converges to local minima.\" Refute it: find a function and a start "
        r"from which the run, with $\gamma_k = \tfrac12/(k+1)$, ends at a Clarke critical point that is no local "
        "minimum.",
        "a pair `(f, x0)`, as `(np.abs, 1.0)`",
        ("Critical points of smooth functions are not all minima.", "You may start at the point itself."),
        _grade_no_minimum,
    ),
)
