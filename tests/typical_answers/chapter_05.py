from fractions import Fraction

import numpy as np

import selgrad as sg
from selgrad.examples.paper import trap, zero
from selgrad.notebook.exercises.chapter_05 import harmonic, wider

FOUND = next(t for t in sg.find_traps(wider, harmonic, 60, at=0.0, hits=2) if t.hit == 2)
GOLDEN = (3 - 5**0.5) / 2  # the smaller root of 2 (1 - c)(1 - c/2) = 1
SCHEDULES = {"a": True, "b": False, "c": False, "d": True, "e": True}
MARKS = [2.0, 1.3, 3.7, 1.7, 2.3, 5.0]

RIGHT = {
    "05-1": [0.75, Fraction(3, 4), np.float64(0.75), [0.75]],
    "05-2": [SCHEDULES, list(SCHEDULES.values())],
    "05-3": [8 / 15, Fraction(8, 15), 0.5333],
    "05-4": [(float(FOUND.x0), FOUND.c), np.array([float(FOUND.x0), FOUND.c])],
    "05-5": [
        lambda t: (t - 3) ** 2 + 2 * zero(t - 2),
        lambda t: t * t - 6 * t + 9 + 2 * zero(t - 2),
        lambda t: np.where(t == 2, 1.0 + 0 * t, np.square(t - 3)),
    ],
    "05-6": [(0.5, 1.5), (0.9, 1.1), (1.1, 0.9), [0.3, 1.7], np.array([-3, 5])],
    "05-7": [
        ([12.5, 14.1, 9.8, 17.3, 11.0], 12.5),
        (MARKS, 2.1),
        (np.array(MARKS), 2.3),
        ([1, 2, 3, 4, 100], 3),
    ],
    "05-8": [(-1.0, 0.5 + 1e-10), [-3, 0.75 + 1e-11], (-1, 0.5 - 1e-10)],
    "05-9": [(0.5, GOLDEN), [GOLDEN, 0.5], (0.5, 0.381966011)],
    "05-10": [
        (lambda t: -sg.relu(t) - sg.relu(-t), 0.0),
        (lambda t: t * t * t, 0),
        (lambda t: -t * t, 0.0),
    ],
}
WRONG = {
    "05-1": [
        (6 / 7, "belongs to the program of this chapter", 0),
        (1, "2 at 0 alone", 0),
        (-0.75, "a step size is positive", 0),
        (0.5, "goes from -6 to -2, not to 0", 0),
        (1.5, "not in (0, 1]", 0),
        ((-6, 0.75), "one number", 0),
    ],
    "05-2": [
        (SCHEDULES | {"b": True}, "(b) log k / log(k + 3) tends to 1", 0.75),
        (SCHEDULES | {"c": True, "d": False}, "(c) a constant times log k grows", 0.5),
        (dict.fromkeys("abcde", True), "(c) a constant", 0),
        ("ade", "True or False for each", 0),
    ],
    "05-3": [
        (0.5, "if the empty set could be drawn", 0),
        (0.25, "minibatches of one", 0),
        (Fraction(1, 15), "probability of one subset", 0),
        (7 / 15, "share of the nonempty subsets", 0),
        (8, "no probability", 0),
        ("8/15", "leave out the quotes", 0),
    ],
    "05-4": [
        ((-6, 0.75), "too early", 0),
        ((-1, 0.5), "x_2 is", 0),
        ((float(FOUND.x0) * (1 + 1e-12), FOUND.c), "one of the floats beside it", 0.5),
        (0.5, "a pair (x0, c)", 0),
        ((-1, 2), "not in (0, 1]", 0),
    ],
    "05-5": [
        (lambda t: (t - 3) ** 2, "2 is smooth: AD returns -2", 0.25),
        (lambda t: (t - 3) ** 2 - 2 * zero(t - 2), "what AD does return is -4", 0.5),
        (lambda t: (t - 3) ** 2 + 2 * zero(t), "2 is smooth", 0.25),
        (lambda t: (t - 3) ** 2 + 2 * zero(t) + 2 * t, "but (t - 3)² is", 0),
        (2, "no function", 0),
    ],
    "05-6": [
        ((1, 1), "so does the minibatch of b_0 and that of b_1", 0.5),
        ((0, 1), "it leaves", 0),
        ((0, 3), "AD of the full batch at 0 is -0.5", 0.5),
        ((0.9, 1.2), "it leaves", 0.5),
        (1, "a pair (b_0, b_1)", 0),
        ((np.inf, 0), "not finite", 0),
    ],
    "05-7": [
        (([1, 2, 3, 4, 100], 22), "the mean of your data", 0),
        (([1, 2, 3, 4, 100], 4), "3 lie to the left of it and 1 to the right", 0),
        (([1, 2, 3, 4, 5], 3), "bring data for which mean and median differ", 0),
        (([1, 2, 9], 2), "five numbers or more", 0),
        (3, "a pair (b, x)", 0),
        ((["cold", 1, 2, 3, 4], 2), "real numbers", 0),
    ],
    "05-8": [
        ((-1, 0.5), "a start of the exceptional set", 0.25),
        ((-1, 0.5001), "no closer to 0 than 0.0002", 0.5),
        ((-1, 0.6), "no closer to 0 than 0.2", 0),
        ((-1e-10, 0.5), "to the left of it", 0),
        ((-1, 0), "not in (0, 1]", 0),
        (0.5, "a pair (x0, c)", 0),
    ],
    "05-9": [
        ((0.5, 0.5), "are equal", 0),
        ((0.5, 0.25), "with c = 0.25 the iterates come no closer", 0.5),
        ((0.3, 0.7), "and with c = 0.7", 0),
        ((0.5, (3 + 5**0.5) / 2), "not in (0, 1]", 0),
        (0.5, "a pair", 0),
    ],
    "05-10": [
        ((trap, 0.0), "an artificial critical point", 0.25),
        ((lambda t: t * t, 1.0), "a local minimum", 0),
        ((np.abs, 1.0), "it must arrive", 0),
        ((lambda t: -t * t, 0.5), "is not Clarke critical", 0),
        ((lambda t: 1.0 + 0 * t, 0.0), "a local minimum", 0),
        ((np.abs,), "a pair (f, x0)", 0),
        ((lambda t: -np.exp(t * t), 5.0), "stay finite", 0),
    ],
}
