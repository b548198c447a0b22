import numpy as np

import selgrad as sg

RIGHT = {
    "04-1": [(0, 2), [0.0, 2.0], sg.conservative(lambda t: sg.relu(t) - sg.relu(-t), 0.0)],
    "04-2": [12, np.int32(12)],
    "04-3": [
        (lambda t: 0, [lambda t: 0.0 * t, lambda t: 3 * t, lambda t: -2 * t]),
        sg.Selection(lambda t: t == 0, [lambda t: 0.0, lambda t: 3 * t, lambda t: -2 * t]),
    ],
    "04-4": [(1, 2), [1.0, 1.0], np.array([2, 1])],
}
WRONG = {
    "04-1": [
        ((1, 1), "that is Clarke's subdifferential", 0),
        ((0, 1), "take all four together", 0),
        (2, "interval", 0),
    ],
    "04-2": [
        (120, "only tied entries", 0),
        (6, "multiply", 0),
        ((2, 6), "one number", 0),
    ],
    "04-3": [
        ((lambda t: 0, [lambda t: 0.0 * t, lambda t: 3 * t]), "the field at 0 is [0, 3]", 0.5),
        ((lambda t: 1, [lambda t: -2 * t, lambda t: 3 * t]), "at t = -4 your selection has the value -12", 0),
        (0, "pair", 0),
        ((lambda t: 1 / 0, [lambda t: 0.0 * t]), "division by zero", 0),
    ],
    "04-4": [
        ((1, -1), "which is not negative", 0),
        ((0, 0), "<v, d> = 0", 0),
        (1, "two numbers", 0),
    ],
}
