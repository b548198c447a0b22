import numpy as np

RIGHT = {
    "06-1": [-3, -3.0, np.float32(-3)],
    "06-2": [(-1.5, 0.6001), [-1.5, 0.60005]],
    "06-3": [(0.1, 3, -0.3), np.array([0.1, 3, -0.3])],
}
WRONG = {
    "06-1": [
        (0, "do not choose alike", 0),
        (6, "the mean of all that are tied", 0),
        ((1, 4), "one number", 0),
    ],
    "06-2": [
        ((-1, 0.5), "in float64 it is trapped too", 0.5),
        ((-1.5, 0.5), "which is no trap", 0),
        (0.6, "a pair", 0),
    ],
    "06-3": [
        ((0.5, 2, -1), "0 too", 0.5),
        ((1, 2, 3), "w x + b is 5", 0),
        ((0, 1, 0), "not to be 0", 0),
    ],
}
