import numpy as np

RIGHT = {
    "03-1": [7, 7.0, np.int64(7)],
    "03-2": [[1, 0, 1, 1], (1.0, 0.0, 1.0, 1.0), np.array([1, 0, 1, 1])],
    "03-3": [lambda x: x[0] * x[1] * x[2], lambda x: np.sum(x**2), lambda x: x @ x],
}
WRONG = {
    "03-1": [
        (6, "one line is missing", 0.5),
        (9, "listing", 0),
        ("seven", "is a text", 0),
    ],
    "03-2": [
        ([1, 1, 1, 1], "v[1] is not 1", 0.5),
        ([0, 0, 0, 1], "v[0] is not 0", 0),
        (1, "4 entries", 0),
    ],
    "03-3": [
        (lambda x: x[0] * x[1], "derivative in input [2] is 0", 0.5),
        (lambda x: x * x, "your program has 3", 0),
        (lambda x: x[7], "index 7 is out of bounds", 0),
        (lambda a, b, c: a * b * c, "cannot be recorded as a program", 0),
    ],
}
