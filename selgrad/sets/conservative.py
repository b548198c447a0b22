"""D_P(x): every value AD could have returned, the product over a program of all active pieces (Section 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.geometry.hulls import distinct
from selgrad.geometry.jacobians import LIMIT, JacobianSet
from selgrad.kinks.form import SHARED, Form, form_of, too_large
from selgrad.kinks.point import ULPS, Local, local
from selgrad.kinks.steps import Step
from selgrad.programs.program import Program

FEW = 2**12  # pieces of one instruction that are listed whatever the limit


def conservative(
    f: Callable | Program, x: Any, *, limit: int = LIMIT, exact: bool = False, ulps: float = ULPS
) -> JacobianSet:
    """D_P(x): the hull of every derivative AD could return at x, one active piece at each instruction.

    The set is a value of a conservative field for f (Theorem 3 with Proposition 5). Kinks that do not
    feed each other add up: their set is a sum, listed only on demand. A condition that several entries or
    instructions read is one number: it decides them together. x is one point (a tuple: several
    arguments); p counts all its entries, q those of the output. A kink is active within `ulps`
    roundings (0: equality); exact=True works over the rationals. Where kinks feed each other and more
    than `limit` products remain, the set says so, and asking it raises TooLarge. Raises DomainError where a
    Python branch sits on its switch and its other side has no value. Source: Section 5.1,
    Definition 5 applied to the composed representation of Proposition 5.

    >>> import selgrad as sg
    >>> zero = lambda t: sg.relu(-t) + t - sg.relu(t)
    >>> print(sg.conservative(zero, 0.0), sg.conservative(zero, 1.0))
    conv{-1, 1} conv{0}
    """
    return set_at(local(f, x, exact, ulps).known(), limit)


def set_at(here: Local, limit: int = LIMIT) -> JacobianSet:
    """D_P at the point of `here`, computed once; the set knows its program."""
    if ("field", limit) not in here.made:
        here.made["field", limit] = _set_at(here, limit)
        here.made["field", limit].program = here.P
    return here.made["field", limit]


def _set_at(here: Local, limit: int) -> JacobianSet:
    shape = (here.P.q, here.P.p)
    if here.undefined:
        return JacobianSet.unlisted(shape, here.undefined)
    if not here.ties:
        return JacobianSet(here.jacobian())
    if (why := too_large(here)):
        return JacobianSet.unlisted(shape, why)
    widest = max((tie for every in here.ties.values() for tie in every), key=lambda tie: tie.count)
    if widest.count > max(limit, FEW):
        op = here.P.line(widest.node).op
        return JacobianSet.unlisted(shape, (
            f"x{widest.node} = {op} has {widest.count} active pieces at this point, more than limit={limit}: give a "
            "larger limit=."))
    form = form_of(here)
    if form.settled is form:
        return field_of(form, limit)
    D = field_of(form.settled, limit)
    return JacobianSet.total([a.astype(float).reshape(-1, *shape) for a in D.summands], limit) if D.listed else D


def field_of(form: Form, limit: int = LIMIT) -> JacobianSet:
    """D_P from a form."""
    here, parts = form.here, [form.g0[None]]
    groups = clusters(form)
    parts += _alone(form, [g[0] for g in groups if len(g) == 1])
    for group in groups:
        found = pieces(form, group, limit) if len(group) > 1 else None
        if len(group) == 1:
            continue
        if found is None:
            return JacobianSet.unlisted((here.P.q, here.P.p), (
                f"{len(group)} kinks of {here.P.name} feed each other at this point, and more than limit={limit} "
                "products of their pieces remain: give a larger limit=, or ask sg.clarke."))
        parts.append(found)
    return JacobianSet.total(parts, limit, form.frame)


def _alone(form: Form, steps: list[Step]) -> list[np.ndarray]:
    """What ties add that stand alone, (choices, q, r) each: those with as many taps and pieces together."""
    found, alike = [], {}
    for step in steps:
        key = (len(step.reads), step.tie.count) if step.slopes is not None else id(step)
        alike.setdefault(key, []).append(step)
    for some in alike.values():
        M = np.stack([step.moves(step.tie.choices) for step in some])  # (ties, choices, outs, n)
        V = np.stack([form.v[:, step.outs] for step in some])[:, None]
        Y = np.stack([form.rows.Z[step.reads] for step in some])
        W = np.matmul(V, M)
        parts = np.matmul(W.reshape(len(some), -1, W.shape[-1]), Y).reshape(*W.shape[:3], -1)  # as few large products
        found += list(parts[(V != 0).any(axis=(1, 2, 3))])
    return found


def clusters(form: Form, tied: tuple[tuple[int, ...], ...] = ()) -> list[list[Step]]:
    """The ties, those together that feed each other, that one condition decides, or that are `tied` (numbers)."""
    root = list(range(len(form.steps)))

    def find(e: int) -> int:
        while root[e] != e:
            root[e] = root[root[e]]
            e = root[e]
        return e

    owner: dict[int, list[int]] = {}
    conditions: dict[Any, int] = {}
    for e, step in enumerate(form.steps):
        for o in step.outs:
            owner.setdefault(int(o), []).append(e)
        source = form.conditions.get(e)
        if source is not None:
            root[find(e)] = find(conditions.setdefault(source, e))
    for e, step in enumerate(form.steps):
        for o in form.rows.feeds(step)[0]:
            for other in owner[int(o)]:
                root[find(other)] = find(e)
    for some in tied:
        for e in some:
            root[find(e)] = find(some[0])
    groups: dict[int, list[Step]] = {}
    for e, step in enumerate(form.steps):
        groups.setdefault(find(e), []).append(step)
    return list(groups.values())


def _at_least(form: Form, group: list[Step]) -> float:
    """A number of products that there are: ties that no other one reads move sums by independent amounts."""
    read = {int(o) for step in group for o in form.rows.feeds(step)[0]}
    moves = []
    shared = {id(form.steps[e]) for e in form.conditions}
    for step in group:
        if id(step) not in shared and not read.intersection(map(int, step.outs)):
            a, b = step.moves(step.tie.choices[:2])
            w = form.v[:, step.outs] @ (b - a)
            moves.append(np.concatenate([(w @ part[step.reads]).ravel() for part in (form.rows.Z, form.rows.L)]))
    return 2.0 ** np.linalg.matrix_rank(np.array(moves).astype(float)) if moves else 1.0


def pieces(form: Form, group: list[Step], limit: int) -> np.ndarray | None:
    """What the choices at these ties add to AD's Jacobian: (n, q, r), equal ones merged; None beyond `limit`.

    Backwards, as the backward mode of Algorithm 2 along all choices at once: a tie whose adjoint is zero does not
    branch, and equal partial products merge.
    """
    rows, q = form.rows, form.v.shape[0]
    numbers = {id(step): e for e, step in enumerate(form.steps)}
    outs = sorted({int(o) for step in group for o in step.outs})
    at = {o: n for n, o in enumerate(outs)}
    if _at_least(form, group) > limit:
        return None
    J = np.zeros((1, q, rows.Z.shape[1]), dtype=rows.Z.dtype)
    v = np.array(form.v[None][:, :, outs])
    left: dict[int, set[int]] = {}  # the outs that ties before it decide too
    before: set[int] = set()
    for step in group:
        left[id(step)] = set(before)
        before.update(map(int, step.outs))
    sides: dict[Any, np.ndarray] = {}  # for every product, which side a condition was given: -1, 0, 1, or 2 for none
    for step in reversed(group):
        mine = [at[int(o)] for o in step.outs]
        hit = (v[:, :, mine] != 0).any(axis=(1, 2))
        source = form.conditions.get(numbers[id(step)])
        if source is None:
            choices, parents, picks = step.tie.choices, [], []
            many = len(choices)
        else:
            tie: Any = step.tie
            choices, parents, picks = [tie.truth(z) for z in SHARED], [], []
            known = sides.setdefault(source, np.full(len(J), 2))
            options = form.options[source]
            many = len(options)
        if int(hit.sum()) * many > limit + len(hit):
            return None
        for n in range(len(J)):
            if not hit[n]:
                some = [-1]
            elif source is None:
                some = list(range(many))
            else:
                some = options if known[n] == 2 else [int(known[n]) + 1]
            parents += [n] * len(some)
            picks += some
        if len(parents) > limit:
            return None
        if not np.any(np.array(picks) >= 0):
            continue
        at_parent, chosen_ = np.array(parents), np.array(picks)
        J, v = J[at_parent], v[at_parent]
        sides = {key: known[at_parent] for key, known in sides.items()}
        moved = chosen_ >= 0
        M = step.moves(choices)[chosen_[moved]]
        w = np.matmul(v[moved][:, :, mine], M)
        J[moved] += np.matmul(w, rows.Z[step.reads])
        fed, L = rows.feeds(step)
        back = np.array([at[int(o)] for o in fed], dtype=int)
        v[np.ix_(np.flatnonzero(moved), np.arange(q), back)] += np.matmul(w, L)
        if source is not None:
            sides[source][moved] = chosen_[moved] - 1
        v[:, :, [n for n in mine if outs[n] not in left[id(step)]]] = 0
        lines = [a.reshape(len(J), -1) for a in (J, v, *sides.values())]
        keep = distinct(np.concatenate(lines, axis=1))
        J, v, sides = J[keep], v[keep], {key: known[keep] for key, known in sides.items()}
    return J
