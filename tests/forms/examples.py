"""The points at which the forms are tried, all away from ties and edges of domains."""

import numpy as np

S = np.float64(0.6)
V = np.array([0.7, -0.4, 0.2])
POSITIVE = np.array([0.9, 0.3, 0.6])
ABOVE_ONE = np.array([1.9, 1.3, 2.6])
A = np.array([[0.8, -1.2, 0.5], [-0.3, 1.7, -0.9]])
M = np.array([[2.1, 0.3, -0.4], [0.5, 1.8, 0.2], [-0.7, 0.6, 2.4]])
T = np.linspace(-1.0, 1.0, 24).reshape(2, 3, 4) ** 3 + np.sin(np.arange(24.0)).reshape(2, 3, 4)
COLUMN = np.array([[0.4], [-0.8], [1.1]])
LONG = np.array([0.31, -0.52, 1.73, 0.94, -1.15, 0.66, 2.07])

W = np.array([1.5, -0.5, 2.5])  # data, not traced
MASK = np.array([True, False, True])
MASK_A = np.array([[True, False, True], [False, True, True]])
B = np.array([[0.2, 1.0], [-0.6, 0.4], [0.9, -1.1]])
K = np.array([2, 0, 1])
WITH_NAN = np.array([1.0, np.nan, 2.0])
MASKED = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
