"""One case a row of matrix functions, as in tests/test_primitives.py: parameters, operands, the same in plain NumPy."""

import numpy as np

SQUARE = np.array([[2.5, -1.25, 0.5], [1.5, 3.0, -0.5], [0.25, -0.75, 1.75]])
DEFINITE = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.5], [0.5, -0.5, 1.5]])
RIGHT = np.array([[1.25, 0.5], [-0.75, -2.0], [0.25, 1.75]])
WIDE = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])


def eigh(a, UPLO):
    w, V = np.linalg.eigh(a, UPLO)
    return np.concatenate([w[None], V])


def svd(a):
    U, s, Vt = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([s[None], U, Vt.T])


MATRIX_CASES = [
    ("solve", {}, (SQUARE, RIGHT), np.linalg.solve),
    ("inv", {}, (SQUARE,), np.linalg.inv),
    ("det", {}, (SQUARE,), np.linalg.det),
    ("logabsdet", {}, (SQUARE,), lambda a: np.linalg.slogdet(a)[1]),
    ("signdet", {}, (-SQUARE,), lambda a: np.linalg.slogdet(a)[0]),
    ("cholesky", {}, (DEFINITE,), np.linalg.cholesky),
    ("eigh", {"UPLO": "U"}, (DEFINITE,), eigh),
    ("svd", {}, (WIDE,), svd),
    ("pinv", {}, (WIDE,), np.linalg.pinv),
    ("spectral_norm", {}, (WIDE,), lambda a: np.linalg.norm(a, 2)),
    ("smallest_singular_value", {}, (WIDE,), lambda a: np.linalg.norm(a, -2)),
    ("nuclear_norm", {}, (WIDE,), lambda a: np.linalg.norm(a, "nuc")),
]
