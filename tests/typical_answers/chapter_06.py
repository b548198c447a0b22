from fractions import Fraction

import numpy as np

import selgrad as sg
from selgrad.experiments.precision import boustany

RANDOM = np.random.default_rng(0).normal(size=(50_000, 3))
NEARLY = np.array([[k, k + 1e-5] for k in range(1, 21)])  # float16 does not tell k from k + 1e-5
WHOLE = np.array([[k, k] for k in range(1, 21)])

RIGHT = {
    "06-1": [1, 1.0, float(boustany(0.0, [5, 1, 2, 8]))],
    "06-2": [2**16, 65536.0, Fraction(2) ** 16],
    "06-3": [3_000_000, np.log(0.05) / np.log(1 - 1e-6), 2995732],
    "06-4": [(-1.5, 0.6001), (-1.0, 0.50001), np.array([-1.5, 0.6001])],
    "06-5": [(0.1, 3, -0.3), [3, 0.1, -0.3], (1.0, 1 + 1e-12, -1.0)],
    "06-6": [(RANDOM, [1.0, -0.7, 0.4], 0.0), (NEARLY.tolist(), (1, -1), 0), (NEARLY, np.array([-2.0, 2.0]), 0.0)],
    "06-7": [(8, 1, -3, -2), [9.0, 1.0, -1.0, -1.0], np.array([-1, -8, -11, -12])],
    "06-8": [(1, 2, -2, 0), [0.5, 4.0, -2.0, 0.0], (0, 1, 0, 0)],
    "06-9": [(1e-9, 1, -1), [1e-10, -2.0, 2.0], np.array([1.0, 1e10, -1e10])],
    "06-10": [(0.1, 10, -1), (3, 1 / 3, -1.0), [0.7, 10, -7]],
}
WRONG = {
    "06-1": [
        (0, "max1 and max2 do not choose alike", 0),
        (4, "the largest entry of x does not win", 0),
        (5, "max2 is subtracted", 0),
        (-1, "the sign is wrong", 0),
        (2, "the mean of all that are tied", 0),
        ((1, 0), "one number", 0),
    ],
    "06-2": [
        (2**13, "the factor for float16", 0),
        (16, "halves with each bit", 0),
        (2.0**-16, "the other way round", 0),
        (2**17, "count alike in both formats", 0),
        (3, "compare the roundings", 0),
        ("2**16", "leave out the quotes", 0),
    ],
    "06-3": [
        (1e6, "with probability 1/e", 0),
        (950_000, "not 1 - n p", 0),
        (2e6, "none is seen with probability 0.14", 0),
        (1e8, "fewer are too", 0.5),
        (0, "a number of starts", 0),
        (np.inf, "not finite", 0),
    ],
    "06-4": [
        ((-1, 0.5), "in float64 too", 0.5),
        ((-1.5, 0.5), "which is no trap", 0),
        ((0, 0.3), "the trap itself", 0),
        ((-1, 0), "not in (0, 1]", 0),
        (0.5, "a pair (x0, c)", 0),
    ],
    "06-5": [
        ((0.5, 2, -1), "in float64 w x + b is 0 too", 0.5),
        ((1, 2, 3), "w x + b is 5", 0),
        ((0, 1, 0), "not to be 0", 0),
        ((1, 2), "three numbers", 0),
    ],
    "06-6": [
        ((WHOLE, [1, -1], 0), "your data tie over the reals too", 0.5),
        ((NEARLY, [1, 1], 0), "no preactivation is exactly 0 in float16", 0),
        ((NEARLY[:5], [1, -1], 0), "ten rows or more", 0),
        ((NEARLY, [1, -1, 1], 0), "each row needs 3 numbers", 0),
        ((NEARLY, [0, 0], 0), "no neuron", 0),
        (NEARLY, "a triple (X, w, b)", 0),
        (([["a"]], [1], 0), "no table of numbers", 0),
        ((np.full((10, 2), np.nan), [1, -1], 0), "nan or inf", 0),
    ],
    "06-7": [
        ((7, 1, 2, 3), "max1 alone gives 7", 0),
        ((-8, -1, 3, 2), "the sign is wrong", 0.5),
        ((1, 2, 3, 4), "AD returns -1.5", 0),
        ((7, 0, 0, 0), "no entry is to be 0", 0),
        ((1, 2, 3), "four numbers", 0),
        ((900.3, 890.9, 890.9, 891.1), "take numbers with few digits", 0.5),
    ],
    "06-8": [
        ((1, 2, -2, 1), "in the derivative in w and b", 0.25),
        ((1, 0, 0, 1), "in the derivative in b:", 0.25),
        ((1, 2, 3, 0), "the preactivation w x + b is 5", 0),
        ((1, 2, 3), "four numbers", 0),
    ],
    "06-9": [
        ((1, -1, 1e-9), "the other way round", 0.5),
        ((1, 2, 3), "(a + b) + c is 6", 0),
        ((1, -1, 0), "no sum on the way is rounded", 0),
        ((1e300, 1, -1), "too large for float32", 0),
        ((1, 2), "three numbers", 0),
    ],
    "06-10": [
        ((0.5, 2, -1), "multiply without rounding", 0),
        ((0.1, 3, -0.3), "in float64 w x + b is 5.55112e-17", 0),
        ((0, 1, 0), "multiply without rounding", 0),
        (sg.relu, "three numbers", 0),
    ],
}
