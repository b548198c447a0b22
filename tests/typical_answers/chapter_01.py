from fractions import Fraction

import numpy as np

import selgrad as sg
from selgrad.examples.paper import zero

relu = sg.relu


def two_places(t):
    return t * t + 3 * zero(t - 1) + 3 * zero(t + 2)


RIGHT = {
    "01-1": [0, 0.0, Fraction(0), np.float32(0), [0]],
    "01-2": [(0, -1, 1), [0.0, -1.0, 1.0], np.array([0, -1, 1])],
    "01-3": [[False, True, False, False], {"a": False, "b": True, "c": False, "d": False},
             np.array([False, True, False, False])],
    "01-4": ["b", "(B)", ["b"]],
    "01-5": [
        two_places,
        sg.trace(two_places, 0.0),
        lambda t: 1 + 5 * (t - 1) if t == 1 else 4 - 1 * (t + 2) if t == -2 else t**2,
        sg.Selection(lambda t: 1 if t == 1 else 2 if t == -2 else 0,
                     [lambda t: t * t, lambda t: 1 + 5 * (t - 1), lambda t: 4 - (t + 2)]),
    ],
    "01-6": [
        lambda x: x[0] ** 2 + x[1] ** 2 + 5 * zero(x[0] - 1) - 3 * zero(x[1] + 2),
        lambda x: np.sum(x * x) + 5 * zero(x[0] - 1) + 3 * zero(-2 - x[1]),
        sg.trace(lambda x: x @ x + 5 * zero(x[0] - 1) - 3 * zero(x[1] + 2), np.zeros(2)),
    ],
    "01-7": [
        lambda t: np.maximum(0, np.maximum(0, np.maximum(0, t))),
        lambda t: np.maximum(np.maximum(np.maximum(t, 0.0), 0.0), 0.0),
    ],
    "01-8": [
        ([(1, 3), (2, 6), (-1, 0)], 3),
        (np.array([[1.0, 1.0], [2.0, 0.5], [3.0, -0.25], [-1.0, 1.0]]), 0.125),
        [[(-1, 2), (-2, 5), (-3, 7)], Fraction(-2)],
    ],
    "01-9": ["bdaec", list("bdaec"), "b, d, a, e, c", "BDAEC"],
    "01-10": [
        lambda t: relu(t) ** 2,
        lambda t: np.sin(t) + relu(t) - relu(t),
        lambda t: np.abs(t) * t * t,
        sg.trace(lambda t: relu(t) * relu(-t), 0.0),
    ],
}
WRONG = {
    "01-1": [
        (1, "1 is the derivative of the function", 0),
        (0.5, "relu'(0) = 0 in both", 0),
        (lambda t: t, "to be called, not one number", 0),
    ],
    "01-2": [
        ((0, 0, 0), "as if AD saw the function", 0),
        ((0, 1, 1), "2 of 3 are right", 0.5),
        ((0, 1, -1), "contributes its slope 1 with its sign", 0),
        (0, "three numbers", 0),
    ],
    "01-3": [
        ([True, True, False, False], "zero(t) and the constant 0 are one function", 0.75),
        ([False, True, True, True], "over the real numbers too", 0.5),
        ([False, False, False, True], "a theorem about the function", 0.5),
        ([True] * 4, "an artificial critical point", 0),
    ],
    "01-4": [
        ("a", "does not look at x_1", 0),
        ("c", "x_1 does not occur in it", 0),
        ("d", "away from the kink", 0),
        ("e", "the letters a, b, c, d", 0),
    ],
    "01-5": [
        (lambda t: t * t, "AD returns 2 at 1, not 5; AD returns -4 at -2", 0.25),
        (lambda t: t * t + 3 * zero(t - 1) + 3 * zero(t - 2), "AD returns -4 at -2, not -1", 0.5),
        (lambda t: t * t + 5 * zero(t - 1) - zero(t + 2), "AD returns 7 at 1", 0.25),
        (lambda t: two_places(t) + zero(t), "AD returns 1 at 0, where nothing was to change", 0.5),
        (lambda t: 5 * t, "at t = -4 your program returns -20", 0),
        (5, "no function", 0),
    ],
    "01-6": [
        (lambda x: x[0] ** 2 + x[1] ** 2, "AD returns (2, -4), not (7, -7)", 0.25),
        (lambda x: x[0] ** 2 + x[1] ** 2 + 5 * zero(x[0] - 1), "AD returns (7, -4)", 0.5),
        (lambda x: 7 * x[0] - 7 * x[1], "at x = [1.0, -2.0] your program returns 21", 0),
        (lambda a, b: a * a + b * b, "cannot be recorded as a program", 0),
    ],
    "01-7": [
        (lambda t: np.maximum(0, t), "each further one halves it", 0.25),
        (lambda t: np.maximum(0, np.maximum(0, t)), "one is missing", 0.5),
        (lambda t: np.maximum(0, t) / 4, "relu(t) is 0.0625 there", 0),
        (relu, "AD returns 0 at 0 under the convention torch", 0.25),
    ],
    "01-8": [
        (([(1, 3), (2, 6), (-1, 0)], -1), "no relu(w t) gets nearer", 0),
        (([(1, 0), (2, 0), (3, 0)], 1), "not less than the 0 at 0", 0),
        (([(1, 3), (2, 6)], 3), "at least three pairs", 0),
        (([(1, 3), (2, 6), (-1, 0)], 0), "another weight than 0", 0),
        (3, "is not (data, w)", 0),
    ],
    "01-9": [
        ("dbaec", "have to be chosen before P_c", 0.5),
        ("abdec", "(a) comes too early: which program P_c is", 0.5),
        ("bdeac", "that AD returns v + c before", 0.5),
        ("cbdae", "this concludes", 0.5),
        ("abcde", "at the beginning (a) comes too early", 0),
        ("bda", "3 letters, not 5", 0),
    ],
    "01-10": [
        (relu, "the function has a kink there too", 0.25),
        (lambda t: relu(t - 1), "no instruction of your program is at its kink", 0.25),
        (lambda t: t * t, "no kinked instruction at all", 0),
        (lambda t: np.maximum(0, t), "the choice matters for your program: under the conventions AD returns", 0.25),
        ("it is true", "no function", 0),
    ],
}
