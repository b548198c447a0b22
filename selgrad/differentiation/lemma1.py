"""Lemma 1: the two products of matrices behind forward and backward mode are equal."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.primitives import Convention
from selgrad.programs.arguments import bind
from selgrad.programs.lowering import scalar_view
from selgrad.programs.program import Program


def lemma1(P: Program, x: Any, convention: Convention = "paper") -> tuple[np.ndarray, np.ndarray]:
    """Both matrix products of Lemma 1 for a traced program at x, each of shape (m, m).

    P_p prod (I - e_k e_k^T + d_k e_k^T)  and  P_p prod (I + d_k e_k^T), k = p, ..., m-1. They are
    equal; their last column starts with the derivative that backward mode returns.

    >>> import selgrad as sg
    >>> left, right = lemma1(sg.trace(lambda t: sg.relu(-t) + t, 0.0), 0.0)
    >>> print(np.array_equal(left, right), left[0, -1])
    True 1.0
    """
    S = scalar_view(P)
    leaves, _ = bind(P, (x,) if len(P.input_shapes) == 1 else tuple(x))
    _, d = S.run(np.concatenate([np.reshape(leaf, -1) for leaf in leaves]), convention)
    identity = np.eye(S.m)
    left, right = np.diag((np.arange(S.m) < S.p).astype(float)), np.diag((np.arange(S.m) < S.p).astype(float))
    for k in range(S.p, S.m):
        e = identity[k]
        left = left @ (identity - np.outer(e, e) + np.outer(d[k], e))
        right = right @ (identity + np.outer(d[k], e))
    return left, right
