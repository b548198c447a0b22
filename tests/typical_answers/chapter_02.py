import numpy as np

import selgrad as sg

RIGHT = {
    "02-1": [{1, 2}, [2, 1], (1, 2), np.array([1, 2])],
    "02-2": [(0, 1), [0.0, 1.0], np.array([0, 1])],
    "02-3": [
        (lambda t: t < 1, [lambda t: 0.0, lambda t: 1 - t]),
        sg.Selection(lambda t: t > 1, (lambda t: 1 - t, lambda t: 0.0 * t)),
    ],
}
WRONG = {
    "02-1": [
        ({1}, "missing", 0.5),
        ({0, 1, 2}, "is not the maximum", 0),
        ({2, 3}, "count from 0", 0),
    ],
    "02-2": [
        ((0, 0), "Clarke", 0),
        ((-1, 1), "another interval", 0),
        (0.5, "an interval", 0),
    ],
    "02-3": [
        ((lambda t: t < 0, [lambda t: 0.0, lambda t: 1 - t]), "your selection is 0", 0),
        (lambda t: t, "pair", 0),
        ((lambda t: 0, [lambda t: np.maximum(0.0, 1 - t)]), "has a kink", 0),
    ],
}
