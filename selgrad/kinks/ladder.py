"""What settles many kinks at once: the rank of their gradients, groups that depend on each other, AD's own pieces."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.kinks.form import Form
from selgrad.kinks.steps import Step


def independent(form: Form, steps: list[Step]) -> bool:
    """Whether the gradients of all comparisons of these ties are linearly independent, along AD's own pieces.

    Then every pattern of signs has a direction: other choices add to a gradient multiples of those of ties before it
    only, for pieces that differ by multiples of what is compared, so that the gradients stay independent. (Ours.)
    """
    if sum(len(step.tie.pairs) for step in steps) > form.rows.Z.shape[1]:
        return False
    rows = _compared(form, steps)
    fed = form.rows.L.size and any(len(form.rows.feeds(step)[0]) for step in steps)
    if not all(step.tie.free and (step.tie.alike or not fed) for step in steps):
        return False
    return bool(np.linalg.svd(rows, compute_uv=False)[-1] > 1e-9 * len(rows))


def own_pieces(form: Form) -> bool:
    """Whether AD's own pieces are taken together near x: then its answer is an element of Clarke's set.

    A linear program, that of Park, Chun and Lee's Algorithm 1: max c with s_e a_e.d >= c for all comparisons that AD's
    choices answer. A positive c counts beyond rounding only.
    """
    from scipy.optimize import linprog

    rows = []
    for step in form.steps:
        own = step.own
        if own is None:
            return False
        G, terms = step.scalars(form.rows.Z[step.reads].astype(float)), step.terms(form.sizes)
        for i, j, sign in step.tie.asks(own):
            a, size = sign * step.row(G, (i, j)), step.size(terms, (i, j))
            large = np.abs(a).max(initial=0.0)
            if large <= 1e-9 * size:
                return False
            rows.append(a / large)
    A = np.array(rows)
    n, r = A.shape
    found = linprog(np.r_[np.zeros(r), -1.0], A_ub=np.column_stack([-A, np.ones(n)]), b_ub=np.zeros(n),
                    bounds=[(-1, 1)] * r + [(None, 1)])
    return bool(found.status == 0 and (A @ found.x[:r] > 1e-9).all())


def _compared(form: Form, steps: list[Step]) -> np.ndarray:
    """The gradients of the pairs of these ties along AD's pieces, at length 1; 0 where rounding may have made one."""
    rows = []
    for step in steps:
        G, terms = step.scalars(form.rows.Z[step.reads].astype(float)), step.terms(form.sizes)
        for pair in step.tie.pairs:
            a = step.row(G, pair)
            large = np.linalg.norm(a)
            rows.append(a / large if large > 1e-9 * step.size(terms, pair) else 0 * a)
    return np.array(rows)


def circuits(form: Form) -> tuple[tuple[int, ...], ...]:
    """Groups of ties (by number) with dependent gradients, such that those of different groups are independent."""
    from scipy.linalg import qr

    rows = _compared(form, form.steps)
    tie = np.repeat(np.arange(len(form.steps)), [len(step.tie.pairs) for step in form.steps])
    found: Any = qr(rows.T, mode="economic", pivoting=True)
    _, R, order = found
    size = np.abs(np.diag(R))
    rank = int(np.sum(size > 1e-9 * max(size[0], 1e-300)))
    C = np.linalg.lstsq(R[:rank, :rank], R[:rank, rank:], rcond=None)[0]
    tied = []
    for n in range(C.shape[1]):
        used = np.flatnonzero(np.abs(C[:, n]) > 1e-10)
        tied.append(tuple(int(tie[order[e]]) for e in (rank + n, *used)))
    return tuple(tied)
