from fractions import Fraction

import numpy as np

import selgrad as sg
from selgrad.examples import pitfalls
from selgrad.tracing.operations import relu

RIGHT = {
    "07-1": [{"a": True, "b": False, "c": False, "d": True, "e": False}, (True, False, False, True, False)],
    "07-2": [1, np.float64(1.0)],
    "07-3": [{"a": True, "b": False, "c": False, "d": False, "e": True}, [True, False, False, False, True]],
    "07-4": [
        lambda t: np.where(t > 0, t * np.log(np.where(t > 0, t, 1.0)), 0.0),
        lambda t: np.maximum(t, 0.0) * np.log(np.maximum(t, 1e-9)),
        lambda t: t * np.log(t) if t > 0 else 0.0 * t,
    ],
    "07-5": [
        lambda t: sg.softplus(-t),
        lambda t: np.logaddexp(0.0, -t),
        lambda t: sg.softplus(t) - t,
        lambda t: np.where(t > 0, np.log1p(np.exp(-np.where(t > 0, t, 0.0))),
                           np.log1p(np.exp(np.where(t > 0, 0.0, t))) - t),
    ],
    "07-6": [
        lambda m: (relu(1 - m) + (1 - m) + relu(m - 1)) / 2,
        lambda m: (relu(1 - m) + np.maximum(1 - m, 0.0)) / 2,
    ],
    "07-7": [[1.5, 3], np.array([0.75, 6.0, 6.0]), (3, 2, 1)],
    "07-8": ["eadbc", list("EADBC")],
    "07-9": [
        {"a": False, "b": True, "c": False, "d": False, "e": False, "f": True},
        (False, True, False, False, False, True),
    ],
    "07-10": [1e-6, -1e-8, Fraction(1, 10**7)],
}
WRONG = {
    "07-1": [
        ((True, False, False, False, False), "the root of 0 stands in between", 0.75),
        ((False, False, False, True, False), "1/t is computed at 0 although", 0.75),
        ((True, False, True, True, True), "(c) the logarithm sees", 0.5),
        ((True, True), "5 times True or False", 0),
    ],
    "07-2": [
        (0, "the function is the constant 0", 0),
        (0.5, "the rule of PyTorch", 0),
        (2, "not their product", 0),
    ],
    "07-3": [
        ((True, True, False, False, True), "add up to 0", 0.75),
        ((True, False, True, False, False), "each tied entry got a whole derivative", 0.5),
        ((True, False, False, True, False), "the third entry is not tied", 0.5),
        ((False,) * 5, "(a) the mean", 0),
    ],
    "07-4": [
        (lambda t: np.where(t > 0, t * np.log(t), 0.0), "DomainError", 0),
        (lambda t: t * np.log(np.maximum(t, 1e-6)), "at t = -4 your program returns", 0),
        (lambda t: np.where(t > 0, t * np.log(np.maximum(t, 1.0)), 0.0), "at t = 0.0625 your program returns 0", 0),
    ],
    "07-5": [
        (lambda t: pitfalls.softplus(t) - t, "AD returns 0.5 (paper), 0 (tensorflow), -1 (jax)", 0.5),
        (lambda t: np.log(1 + np.exp(-t)), "at -1000 your function returns np.float64(inf)", 0),
        (sg.softplus, "but log(1 + exp(-t)) is", 0),
    ],
    "07-6": [
        (lambda m: relu(1 - m), "AD returns 0 at 1", 0.5),
        (lambda m: np.maximum(1 - m, 0.0), "AD returns -1 at 1", 0.5),
        (lambda m: 0.5 * relu(1 - m), "at t = -4 your program returns 2.5", 0),
    ],
    "07-7": [
        ([1, 2], "no entry equals the maximum", 0),
        ([3], "two different numbers", 0),
        ([3, -1], "-1 is not positive", 0),
        ([1, 0.3], "no entry equals", 0),
    ],
    "07-8": [
        ("eabdc", "2 steps are right, then (b)", 0.5),
        ("aedbc", "(a) comes too early", 0.5),
        ("ceadb", "it is the conclusion", 0.5),
        ("ead", "3 letters", 0),
    ],
    "07-9": [
        ((False, True, True, False, False, True), "celu at 0 has the derivative 1", 0.75),
        ((True, True, False, False, False, True), "the function is constant there", 0.75),
        ((False, True, False, False, True, True), "A branch on equality can do it alone", 0.75),
    ],
    "07-10": [
        (0, "t = 0 is excluded", 0),
        (1, "less than 0.001", 0),
        ("small", "a text", 0),
    ],
}
