from fractions import Fraction

import numpy as np

import selgrad as sg
from selgrad.examples.paper import zero

RIGHT = {
    "01-1": [0, 0.0, Fraction(0), np.float32(0), [0]],
    "01-2": [
        lambda t: t * t + 3 * zero(t - 1),
        lambda t: 5 if t == 1 and isinstance(t, int) else t**2 + 3 * zero(t - 1),
        sg.trace(lambda t: t * t + 3 * zero(t - 1), 0.0),
        sg.Selection(lambda t: t == 1, [lambda t: t * t, lambda t: 1 + 5 * (t - 1)]),
    ],
    "01-3": [lambda t: t - zero(t - 2), lambda t: 2.0 + 0.0 * t if t == 2 else t],
}
WRONG = {
    "01-1": [
        (1, "the derivative of the function", 0),
        (0.5, "the chain rule", 0),
        (lambda t: t, "to be called, not one number", 0),
    ],
    "01-2": [
        (lambda t: t * t, "AD returns 2 at 1, not 5", 0.5),
        (lambda t: 5 * t, "at t = -4 your program returns -20", 0),
        (5, "no function", 0),
    ],
    "01-3": [
        (lambda t: t - zero(t), "AD returns 1 at 2", 0.5),
        (lambda t: t + zero(t - 2), "AD returns 2 at 2", 0.5),
        (lambda t: (t - 2) ** 2, "but t is -4 there", 0),
    ],
}
