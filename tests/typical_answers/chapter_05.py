from fractions import Fraction

import numpy as np

from selgrad.examples.paper import zero

RIGHT = {
    "05-1": [0.75, Fraction(3, 4), np.float64(0.75)],
    "05-2": [(-1.2755555555555556, 0.4375), np.array([-1.2755555555555556, 0.4375])],
    "05-3": [lambda t: (t - 3) ** 2 + 2 * zero(t - 2), lambda t: t * t - 6 * t + 9 - 2 * zero(2 - t)],
    "05-4": [(0.5, 1.5), (0.9, 1.1), [0, 2], np.array([1.25, 0.75])],
}
WRONG = {
    "05-1": [
        (0.5, "goes from -3 to -1, not to 0", 0),
        (1.5, "not in (0, 1]", 0),
        ((-3, 0.75), "one number", 0),
    ],
    "05-2": [
        ((-1, 0.5), "too early", 0),
        ((-0.25, 0.125), "x_2 is -0.025", 0),
        (0.5, "a pair", 0),
    ],
    "05-3": [
        (lambda t: (t - 3) ** 2, "2 is smooth: AD returns -2", 0.5),
        (lambda t: (t - 3) ** 2 - 2 * zero(t - 2), "AD returns -4: that moves on", 0.5),
        (lambda t: t - zero(t), "but (t - 3)² is", 0),
    ],
    "05-4": [
        ((1, 1), "100 of 100 trajectories are still at 0", 0.5),
        ((0, 1), "the full batch leaves 0", 0),
        (1, "a pair", 0),
    ],
}
