import numpy as np

import selgrad as sg
from selgrad.examples.paper import zero


def own_backward(p, pr, d, w):
    v = [0.0] * (len(pr) - len(w)) + list(w)
    for t in range(len(pr) - 1, p - 1, -1):
        for j in pr[t]:
            v[j] = v[j] + v[t] * d[t, j]
    return v[:p]


def in_numpy(p, pr, d, w):
    m = len(pr)
    J = np.eye(p)
    for k in range(p, m):
        J = np.vstack([J, sum(d[k, j] * J[j] for j in pr[k])])
    return np.asarray(w) @ J[m - len(w):]


def overwriting(p, pr, d, w):
    v = [0.0] * (len(pr) - len(w)) + list(w)
    for t in range(len(pr) - 1, p - 1, -1):
        for j in pr[t]:
            v[j] = v[t] * d[t, j]
    return v[:p]


def one_output(p, pr, d, w):
    return own_backward(p, pr, d, [0.0] * (len(w) - 1) + [w[-1]])


def forgetting_the_slope(p, pr, d, w):
    return own_backward(p, pr, dict.fromkeys(d, 1.0), w)


RIGHT = {
    "03-1": [7, 7.0, np.int64(7)],
    "03-2": [[3, 2, 1, 1], (3.0, 2.0, 1.0, 1.0), np.array([3, 2, 1, 1])],
    "03-3": [[True, False, True, False], {"a": True, "b": False, "c": True, "d": False}],
    "03-4": [("forward", 3), ["Forward", 3.0]],
    "03-5": [lambda x: np.array([1.0, 2.0, 3.0]) * (x[0] * x[1] * x[2]),
             lambda x: np.stack([np.sum(x**2), np.exp(np.sum(x**2) / 9), x @ x])],
    "03-6": [own_backward, in_numpy],
    "03-7": [
        (lambda t: np.max(np.stack([t, -t, 2 * t])), 0),
        (lambda t: np.min(np.stack([2 - t, 3 * t - 6, 4 - 2 * t])), 2.0),
        [sg.trace(lambda t: np.sort(np.stack([2 * t, -t, t]))[2] + t, 0.0), np.float64(0)],
    ],
    "03-8": [((1, 0), (0, 1)), [[2, 2], [-1, 0]], np.array([[3.0, -1.0], [1.0, 1.5]])],
    "03-9": [
        (lambda t: zero(t) * zero(t), lambda t: 0.0 * t),
        [lambda t: t + 3 * zero(t) ** 2, lambda t: 1.0 * t],
        (lambda t: 0.0 * t, sg.trace(lambda t: zero(t - 1) ** 2, 0.0)),
    ],
    "03-10": [(10, 10, 1, 10, 10), [3.0, 3, 1, 3, 3], np.array([5, 7, 2, 9, 6])],
}
WRONG = {
    "03-1": [
        (6, "one line is missing", 0.5),
        (3, "each operation has a line of its own", 0),
        (9, "write one operation a line", 0),
        ("seven", "is a text", 0),
    ],
    "03-2": [
        ([2, 2, 1, 1], "v[0] is added to", 0.5),
        ([3, 2, 0, 0], "is not cleared", 0.5),
        ([5, 2, 1, 1], "after all three steps", 0.5),
        ([1, 0, 1, 1], "v[0] is not 1", 0),
        (1, "4 entries", 0),
    ],
    "03-3": [
        ([True, True, True, False], "along 1 it gives 0", 0.75),
        ([True, False, True, True], "smooth lines only", 0.75),
        ([False, False, True, False], "does not ask where the d_k come from", 0.75),
        ([True] * 4, "2 of 4 are right", 0),
    ],
    "03-4": [
        (("backward", 200), "the other mode is cheaper", 0.5),
        (("backward", 3), "one pass for each of the 200 outputs", 0),
        (("forward", 200), "one for each input", 0.5),
        (("forward", 1), "it does not take 1 passes", 0.5),
        (3, "a pair of a mode and a number", 0),
    ],
    "03-5": [
        (lambda x: x[0] * x[1] * x[2], "your program has 1", 0),
        (lambda x: x * x, "output 0 does not depend on input 1", 0),
        (lambda x: np.array([[1.0, 2, 3], [2, 1, 3], [1, 1, 1]]) @ x, "the Jacobian has rank 3", 0.5),
        (lambda x: x[7], "index 7 is out of bounds", 0),
        (lambda a, b, c: a * b * c, "cannot be recorded as a program", 0),
    ],
    "03-6": [
        (overwriting, "their shares add up", 0.25),
        (one_output, "there are two outputs", 0.5),
        (forgetting_the_slope, "read by one later cell only", 0),
        (lambda v: v, "your function fails", 0),
    ],
    "03-7": [
        ((sg.relu, 0), "the slope on its left", 0.25),
        ((lambda t: sg.relu(-t) + t, 0), "the slope on its right", 0.25),
        ((lambda t: sg.relu(t) + sg.relu(-t), 0), "has 2 kinked instructions", 0.5),
        ((lambda t: t - zero(t), 0), "no kink of the function", 0),
        (sg.relu, "is not a pair (f, x)", 0),
    ],
    "03-8": [
        (((0, 1), (1, 0)), "along your first direction forward mode returns 0", 0),
        (((1, 0), (2, 1)), "along your second direction forward mode returns 2", 0.5),
        (((0, 0), (0, 1)), "no direction", 0),
        ((1, 0), "a direction, two numbers", 0),
    ],
    "03-9": [
        ((zero, lambda t: 0.0 * t), "at t = 0 AD returns 1 and 0", 0.25),
        ((lambda t: t * t, lambda t: t**2), "agrees too", 0.5),
        ((lambda t: zero(t) ** 3, lambda t: 0.0 * t), "agrees too", 0.5),
        ((sg.relu, np.abs), "but the other is", 0),
        (zero, "is not a pair of functions", 0),
    ],
    "03-10": [
        ((5, 5, 5, 5, 5), "with equal sizes", 0),
        ((10, 5, 5, 5, 1), "not fewer than the better of the two", 0),
        ((1, 9, 2, 9, 9), "not fewer than the better of the two", 0.25),
        ((10, 10, 0, 10, 10), "whole numbers from 1", 0),
        ((10, 1, 10), "3 numbers", 0),
    ],
}
