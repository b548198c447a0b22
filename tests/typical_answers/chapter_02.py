import numpy as np

import selgrad as sg

HINGE = (lambda t: t < 1, [lambda t: 0.0, lambda t: 1 - t])
MOVED = (lambda t: t < 0, [lambda t: 0.0, lambda t: 1 - t])
SEVEN = (lambda t: 2 if t == 0 else int(t > 0), [lambda t: -t, lambda t: t, lambda t: 7 * t])
OUTSIDE = (lambda x: 2 if x[0] == x[1] else int(x[1] > x[0]),
           [lambda x: x[0], lambda x: x[1], lambda x: 2 * x[0] - x[1]])
FAR = [lambda t: 0.0 * t, lambda t: 2 * (t - 1), lambda t: 1.0 * t]


def two_kinks(x):
    return sg.relu(x[0] - 1) + np.abs(x[1] - 2)


RIGHT = {
    "02-1": [{0, 2}, [2, 0], (0, 2), np.array([0, 2])],
    "02-2": [(-2, 1), [-2.0, 1.0], np.array([-2, 1]), sg.conservative(lambda t: sg.relu(t) - 2 * sg.relu(-t) * 0
                                                                      + 2 * sg.relu(t) - 2 * t, 0.0)],
    "02-3": [[True, False, False, True], {"a": True, "b": False, "c": False, "d": True}],
    "02-4": [(12, 9), [12, 9], np.array([12, 9])],
    "02-5": [HINGE, sg.Selection(lambda t: t > 1, (lambda t: 1 - t, lambda t: 0.0 * t))],
    "02-6": [SEVEN, sg.Selection(lambda t: 0 if t < 0 else 1 if t > 0 else 2, SEVEN[1]), [SEVEN[0], SEVEN[1]]],
    "02-7": [OUTSIDE, sg.Selection(*OUTSIDE, shape=2)],
    "02-8": [
        (two_kinks, (1, 2)),
        [lambda x: np.max(np.stack([x[0], x[1], 2 * x[0] - x[1]])), np.array([1.0, 1.0])],
        (sg.trace(two_kinks, np.zeros(2)), [1.0, 2.0]),
    ],
    "02-9": [
        ((lambda t: 2 if t == 0 or t >= 2 else int(t > 1), FAR), 0.0),
        [sg.Selection(lambda t: 1 if t == 1 or t <= 0 else 0, [lambda t: 2 * t * t, lambda t: t * t + t * t * t]), 1],
        (sg.Selection(lambda t: 2 if t >= 2 else int(t > 1) if t else 2, FAR), np.float64(0)),
    ],
    "02-10": ["cebda", list("cebda"), "C E B D A"],
}
WRONG = {
    "02-1": [
        ({1}, "with repetition".capitalize(), 0),
        ({2}, "whatever s picks", 0.5),
        ({1, 3}, "count from 0", 0.5),
        ({0, 1, 2}, "which coordinates have that value", 0),
        ("x0", "a set of indices", 0),
    ],
    "02-2": [
        ((0, 0), "the slope of the piece that s uses", 0),
        ((-2, 4), "4t + 1 has the value 1 at 0", 0.5),
        ((0, 1), "which of the four pieces are 0 at 0", 0),
        (0.5, "an interval", 0),
    ],
    "02-3": [
        ([True, True, False, True], "Continuity is part of Definition 3", 0.75),
        ([True, False, True, True], "no log-exp expression", 0.75),
        ([True, False, False, False], "s need not be sensible", 0.75),
        ([True] * 4, "2 of 4 are right", 0),
    ],
    "02-4": [
        ((7, 9), "their number is a product", 0),
        ((12, 6), "The index is s n + r", 0.5),
        ((12, 3), "it is not 3", 0.5),
        (12, "a pair", 0),
    ],
    "02-5": [
        (MOVED, "your selection is 0, but max(0, 1 - t)", 0),
        ((lambda t: 0, [lambda t: np.maximum(0.0, 1 - t)]), "has a kink", 0),
        ((lambda t: 0 if t > 1 else 2 if t == 1 else 1, [HINGE[1][0], HINGE[1][1], lambda t: t]),
         "at t = 1 your selection is 1", 0),
        ((lambda t: 2 if t == 0.5 else int(t < 1), [*HINGE[1], lambda t: t]), "the derivative at 0.5 is 1", 0.5),
        (lambda t: t, "pair", 0),
    ],
    "02-6": [
        ((lambda t: t > 0, [lambda t: -t, lambda t: t]), "nothing else to choose from", 0.5),
        ((lambda t: 0, [lambda t: 7 * t]), "but |t| is 4 there", 0),
        ((SEVEN[0], [*SEVEN[1][:2], lambda t: 6 * t]), "the derivative at 0 is 6, not 7", 0.5),
        ((lambda t: 2 if t in (0, 1) else int(t > 0), [*SEVEN[1][:2], lambda t: 7 * t + 0 * (t - 1)]),
         "at t = 1 your selection is 7", 0),
    ],
    "02-7": [
        ((lambda x: int(x[1] > x[0]), OUTSIDE[1][:2]), "the derivative is (1, 0), not (2, -1)", 0.5),
        ((lambda x: 0, [OUTSIDE[1][2]]), "but the maximum is", 0),
        ((OUTSIDE[0], [*OUTSIDE[1][:2], lambda x: (x[0] + x[1]) / 2]), "the derivative is (0.5, 0.5)", 0.5),
        ((OUTSIDE[0], [*OUTSIDE[1][:2], lambda x: 2 * x[1] - x[0]]), "the derivative is (-1, 2)", 0.5),
        (lambda x: max(x), "pair", 0),
    ],
    "02-8": [
        ((two_kinks, (0, 0)), "is a kink met exactly there", 0.25),
        ((two_kinks, (1, 0)), "one more is asked for", 0.5),
        ((lambda x: x[0] * x[1], (1, 2)), "no kinked instruction", 0),
        (two_kinks, "is not a pair (f, x)", 0),
        ((lambda x, y: x, (1, 2)), "cannot be recorded", 0),
    ],
    "02-9": [
        ((SEVEN, 0), "piece 2 is used at single points at most", 0.5),
        (((lambda t: t == 0, [lambda t: 0.0 * t, lambda t: 1.0 * t]), 0), "piece 1 is used at single points", 0.5),
        ((HINGE, 1), "it lies between them, as the claim says", 0),
        (((lambda t: 2 if t == 0 or t >= 3 else int(t > 1), FAR), 0), "your function jumps near 3", 0),
        (((lambda t: 1 if 0.3 <= t < 0.4 else 0, [lambda t: 0.0 * t, lambda t: 1.0 * t]), 0), "your function jumps", 0),
        (HINGE, "is not a pair (index, pieces)", 0),
        (0, "is not a pair ((index, pieces), x)", 0),
    ],
    "02-10": [
        ("ecbda", "(e) comes too early: the representations", 0.5),
        ("cebad", "this concludes", 0.5),
        ("cbeda", "which has to be introduced before", 0.5),
        ("abcde", "at the beginning (a) comes too early", 0),
    ],
}
