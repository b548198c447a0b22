from fractions import Fraction

import numpy as np

import selgrad as sg
from selgrad.examples.paper import zero
from selgrad.notebook.exercises.chapter_04 import odd

EVERY = dict.fromkeys("abcde", True)

RIGHT = {
    "04-1": [(0, 2), [0.0, 2.0], sg.conservative(odd, 0.0), np.array([0, 2])],
    "04-2": [
        {"a": False, "b": True, "c": False, "d": True, "e": False},
        [False, True, False, True, False],
        np.array([0, 1, 0, 1, 0], dtype=bool),
    ],
    "04-3": [12, 12.0, np.int32(12), Fraction(24, 2)],
    "04-4": [
        (lambda t: 0, [lambda t: 0.0 * t, lambda t: 3 * t, lambda t: -2 * t]),
        sg.Selection(lambda t: t == 0, [lambda t: 0.0, lambda t: 3 * t, lambda t: -2 * t]),
        (lambda t: 0, [lambda t: 0.0, np.tanh, lambda t: 3 * t, lambda t: t * t - 2 * t]),
    ],
    "04-5": [
        (lambda x: 20 * zero(x[0]), (0, 0)),
        (lambda x: 100 * zero(x[0] - x[1]) + x[0] * x[1], [3, 3]),
        (lambda x: np.where(x[0] == 1, 50 * x[0] - 50, 0 * x[0]), np.array([1.0, 7.0])),
    ],
    "04-6": [
        [(0, 0), (5, 5), (5, 0), (0, 0)],
        np.array([[1, 0], [0, 0], [9, 9], [0, 9], [1, 0]]),
        [(0, 0), (6, 6), (0, 0)],
    ],
    "04-7": [
        ([(3, 4), (-3, -4)], [1, -1]),
        (np.array([[6, 8], [-1.5, -2]]), np.array([0.5, -2])),
        ([(1, 0), (-1, 0), (0, 1), (0, -1)], [3, -3, 4, -4]),
    ],
    "04-8": [(1, 1), [2.0, 3.0], np.array([1, 1.5])],
    "04-9": [(1, 2, 3), [0.5, 1, 1.5], np.array([2, 4, 6])],
    "04-10": [
        (np.abs, lambda t: -np.abs(t)),
        (sg.relu, lambda t: -sg.relu(t)),
        (lambda t: np.maximum(t, 0), lambda t: np.minimum(2 * t, 3 * t)),
    ],
}
WRONG = {
    "04-1": [
        ((1, 1), "that is Clarke's subdifferential", 0),
        ((0, 1), "choose independently of each other", 0),
        ((-1, 1), "mind the two signs", 0),
        ((0, 3), "the slope is a + b", 0),
        ((2, 0), "write the lower end first", 0),
        (2, "an interval", 0),
    ],
    "04-2": [
        (EVERY, "(c) is one kink with a gradient that is not 0", 0),
        (EVERY | {"a": False, "c": False}, "(e) has two kinks whose gradients", 0.75),
        (dict.fromkeys("abcde", False), "each relu is an instruction of its own", 0),
        ({"a": False, "b": True, "c": False, "d": False, "e": False}, "nothing makes AD do so", 0.75),
        ("bd", "True or False for each", 0),
    ],
    "04-3": [
        (120, "Only tied entries may change places", 0),
        (6, "one group of tied entries", 0.25),
        (8, "you added the orders", 0),
        (24, "combine them", 0),
        ((2, 6), "a whole number", 0),
        (11.5, "no whole number", 0),
    ],
    "04-4": [
        ((lambda t: 0, [lambda t: 0.0 * t, lambda t: 3 * t]), "the field at 0 is [0, 3]", 0.5),
        ((lambda t: 0, [lambda t: 0.0 * t, lambda t: 3 * t, lambda t: -t]), "the field at 0 is [-1, 3]", 0.5),
        ((lambda t: t > 0, [lambda t: -2 * t, lambda t: 3 * t]), "has the value 8, but the function is 0", 0),
        ((lambda t: 0, [lambda t: 0.0, lambda t: 3 * t + 1, lambda t: 1 - 2 * t]), "no other piece is active", 0),
        (0, "pair", 0),
        ((0, [lambda t: 0.0]), "pair", 0),
        ((lambda t: 5, [lambda t: 0.0 * t]), "numbered 0 to 0", 0),
        ((lambda t: 0, [lambda t: 0.0, sg.relu]), "has a kink", 0),
        ((lambda t: 1 / 0, [lambda t: 0.0 * t]), "division by zero", 0),
    ],
    "04-5": [
        ((lambda x: 20 * zero(x[0]), (1, 0)), "no active kink", 0),
        ((lambda x: 20 * np.abs(x[0]), (0, 0)), "the kinks that are active must depend on each other", 0),
        ((lambda x: zero(x[0]), (0, 0)), "only 1 away", 0.5),
        ((lambda x: 20 * zero(x[0]), (0, 1, 2)), "a point (x1, x2)", 0),
        ((lambda x: x[7], (0, 0)), "index 7", 0),
        ((lambda x: x, (0, 0)), "returns 2 numbers", 0),
        (zero, "a pair (f, x)", 0),
    ],
    "04-6": [
        ([(0, 1), (1, 0), (1, 1.5), (0, 1)], "only crosses the kink", 0),
        ([(0, 0), (1, 1), (1, 0), (0, 0)], "the largest integral is 1, the increment 0", 0.5),
        ([(0, 0), (5, 5)], "close it", 0),
        ([(0, 0), (0, 0)], "three corners or more", 0),
        ([(0, 0, 0), (1, 1, 1), (0, 0, 0)], "a corner (x1, x2)", 0),
        (3, "not a list of corners", 0),
        ("diagonal", "not a list of corners", 0),
    ],
    "04-7": [
        (([(3, 4)], [1]), "Where 3 x1 + 4 x2 is positive it is right", 0.25),
        (([(3, 4), (-3, -4)], [1, 1]), "Where 3 x1 + 4 x2 is positive it is right", 0.25),
        (([(1, 0), (0, 1)], [3, 4]), "your network has the value 0", 0),
        (([(3, 4), (-3, -4)], [1]), "one for each row of W", 0),
        (([1, 2], [3, 4]), "a row (w1, w2)", 0),
        (lambda x: 3 * x[0] + 4 * x[1], "a pair (W, v)", 0),
    ],
    "04-8": [
        ((1, 0), "v = (1, -2) lies in Clarke's subdifferential", 0),
        ((0, 1), "is not negative", 0),
        ((-1, -1), "Look the other way", 0.5),
        ((0, 0), "leads nowhere", 0),
        (1, "a direction (d1, d2)", 0),
        ((np.nan, 1), "not finite", 0),
    ],
    "04-9": [
        ((1, 1, 1), "the sum is (0, -1) times d", 0),
        ((-1, -2, -3), "a multiplier is negative", 0),
        ((0, 0, 0), "0 > 0 of no inequality", 0),
        ((1, 2), "three multipliers", 0),
    ],
    "04-10": [
        ((np.abs, np.abs), "let one be convex and the other concave", 0),
        ((np.sin, np.abs), "one of them is smooth at 0", 0),
        ((sg.relu, lambda t: sg.relu(-t)), "they are equal", 0),
        (np.abs, "a pair (f, g)", 0),
        ((np.abs, 3), "no function", 0),
        ((np.abs, lambda t: t[1]), "cannot be recorded", 0),
    ],
}
