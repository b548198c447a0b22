"""D_P(x): every value AD could have returned, the product over a program of all active pieces (Section 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward
from selgrad.errors import TooLarge
from selgrad.geometry.hulls import distinct
from selgrad.geometry.jacobians import LIMIT, JacobianSet
from selgrad.geometry.rationals import exactly
from selgrad.kinks.point import ULPS, Local, local
from selgrad.kinks.rounding import magnitudes
from selgrad.kinks.ties import index_of
from selgrad.primitives.comparisons import Tie
from selgrad.programs.program import Program

FEW = 2**12  # pieces of one instruction that are listed whatever the limit
WIDEST = 2e7  # entries of an array that says which tie feeds which entry


def conservative(
    f: Callable | Program, x: Any, *, limit: int = LIMIT, exact: bool = False, ulps: float = ULPS
) -> JacobianSet:
    """D_P(x): the hull of every derivative AD could return at x, one active piece at each instruction.

    The set is a value of a conservative field for f (Theorem 3 with Proposition 5). Kinks that do not
    feed each other add up: their set is a sum, listed only on demand. x is one point (a tuple: several
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
    """D_P at the point of `here`; the set knows its program."""
    D = _set_at(here, limit)
    D.program = here.P
    return D


def _set_at(here: Local, limit: int) -> JacobianSet:
    if here.undefined:
        return JacobianSet.unlisted((here.P.q, here.P.p), here.undefined)
    base = here.jacobian()
    parts = [base]
    alone, together = clusters(here)
    widest = max(alone, key=lambda tie: tie.count, default=None)
    if widest is not None and widest.count > max(limit, FEW):
        op = here.P.line(widest.node).op
        return JacobianSet.unlisted(base.shape[1:], (
            f"x{widest.node} = {op} has {widest.count} active pieces at this point, more than limit={limit}: give a "
            "larger limit=."))
    if alone:
        v, dx = here.backward(), here.forward()
        parts += [part for tie in alone if (part := _moves(here, tie, v, dx)) is not None]
    for group in together:
        found = _products(here, group, limit)
        if found is None:
            return JacobianSet.unlisted(base.shape[1:], (
                f"{len(group)} kinks of {here.P.name} feed each other at this point, and more than limit={limit} "
                "products of their pieces remain: give a larger limit=, or ask sg.clarke."))
        parts.append(found - base)
    return JacobianSet.total(parts, limit)


def clusters(here: Local) -> tuple[list[Tie], list[list[Tie]]]:
    """(ties that neither feed nor are fed by another one, groups of the others)."""
    every = [tie for k in sorted(here.ties) for tie in here.ties[k]]
    if not _feeds(here):
        return every, []
    widest = max(int(np.prod(shape)) for shape in here.P.shapes)
    pairs = _pairs(here, every) if len(every) * widest <= WIDEST else [(0, e) for e in range(len(every))]
    root = list(range(len(every)))

    def find(e: int) -> int:
        while root[e] != e:
            root[e] = root[root[e]]
            e = root[e]
        return e

    for a, b in pairs:
        root[find(a)] = find(b)
    groups: dict[int, list[Tie]] = {}
    for e, tie in enumerate(every):
        groups.setdefault(find(e), []).append(tie)
    return ([g[0] for g in groups.values() if len(g) == 1], [g for g in groups.values() if len(g) > 1])


def _feeds(here: Local) -> bool:
    """Whether an instruction with ties reads, through others, from another one with ties."""
    reach = [False] * len(here.P.input_shapes)
    for k, instruction in here.P.lines():
        fed = any(reach[j] for j in instruction.pr)
        if fed and k in here.ties:
            return True
        reach.append(fed or k in here.ties)
    return False


def _pairs(here: Local, every: list[Tie]) -> Iterator[tuple[int, int]]:
    """(a, b) where the outcome of tie a moves what tie b chooses between.

    Every tie sends out a random positive amount; sizes add and never cancel, so what receives
    nothing does not depend on it. (It may receive something and not depend: then a group is larger
    than it need be.)
    """
    rng = np.random.default_rng(0)
    numbers = {id(tie): e for e, tie in enumerate(every)}
    amounts: list[Any] = [np.zeros((len(every), *shape)) for shape in here.P.input_shapes]
    for k, instruction in here.P.lines():
        m = np.broadcast_to(np.zeros(()), (len(every), *instruction.shape)) + _amounts(here, k, amounts)
        flat = m.reshape(len(every), -1)
        read = [(i, amounts[j].reshape(len(every), -1)) for i, j in instruction.reads()]
        for tie in here.ties.get(k, ()):
            got = sum(r[:, tie.read(i)].sum(axis=1) for i, r in read)
            e = numbers[id(tie)]
            yield from ((int(a), e) for a in np.flatnonzero(got))
            flat[:, tie.outs] += np.asarray(got).reshape(-1, 1)
            flat[e, tie.outs] += rng.uniform(1, 2)
        amounts.append(flat.reshape(m.shape))


def _amounts(here: Local, k: int, amounts: list[Any]) -> Any:
    instruction = here.P.line(k)
    if here.exact:
        total: Any = 0.0
        for i, j in instruction.reads():
            d = here.partial(k, i, here.ev.indices[k])
            if d is not None:
                for e in _entries(amounts[j]):
                    total = total + np.abs(d.push(exactly(e))).astype(float)
        return total
    return magnitudes(k, instruction, here.ev, amounts)


def _entries(a: np.ndarray) -> Iterator[np.ndarray]:
    """a, one entry of its core at a time, so that nothing can cancel."""
    flat = a.reshape(len(a), -1)
    for i in range(flat.shape[1]):
        one = np.zeros_like(flat)
        one[:, i] = flat[:, i]
        yield one.reshape(a.shape)


def _moves(here: Local, tie: Tie, v: list[Any], dx: list[Any]) -> np.ndarray | None:
    """J(choice) - J(the choice taken) for every choice at a tie that stands alone: (choices, q, p)."""
    k = tie.node
    if v[k] is None:
        return None
    instruction = here.P.line(k)
    adjoint = np.zeros((here.P.q, 1, *instruction.shape), dtype=here.dtype)
    flat = adjoint.reshape(here.P.q, -1)
    flat[:, tie.outs] = np.broadcast_to(v[k], adjoint.shape).reshape(flat.shape)[:, tie.outs]
    if not np.any(flat != 0):
        return None  # whatever is chosen here, nothing of it reaches the output
    s = index_of(instruction, here.ev.indices[k], [tie], [[choice] for choice in tie.choices])
    taken = np.asarray(here.ev.indices[k])[None]
    total: Any = np.zeros((here.P.q, len(s), here.P.p), dtype=here.dtype)
    for i, j in instruction.reads():
        if dx[j] is not None:
            core = here.P.shapes[j]
            inputs = np.broadcast_to(dx[j], (here.P.p, 1, *core)).reshape(here.P.p, -1).T
            for sign, index in ((1, s), (-1, taken)):
                d = here.partial(k, i, index)
                if d is not None:
                    pulled = np.broadcast_to(d.pull(adjoint), (here.P.q, len(index), *core))
                    total = total + sign * (pulled.reshape(here.P.q, len(index), -1) @ inputs)
    return np.moveaxis(total, 0, 1)


def _products(here: Local, group: list[Tie], limit: int) -> np.ndarray | None:
    """The Jacobians of all choices at ties that feed each other: (n, q, p), equal ones merged."""
    by_node: dict[int, list[Tie]] = {}
    for tie in group:
        by_node.setdefault(tie.node, []).append(tie)
    try:
        v, n = _pull(here, by_node, limit)
    except TooLarge:
        return None
    q, blocks = here.P.q, []
    for j, shape in enumerate(here.P.input_shapes):
        size = int(np.prod(shape))
        a = np.zeros((q, n, size), dtype=here.dtype) if v[j] is None else np.broadcast_to(v[j], (q, n, *shape))
        blocks.append(np.moveaxis(a.reshape(q, n, size), 0, 1))
    J = np.concatenate(blocks, axis=-1)
    return exactly(J) if here.exact else J


def _pull(here: Local, branching: dict[int, list[Tie]], limit: int) -> tuple[list[Any], int]:
    """The backward mode of Algorithm 2 along all choices at once; equal partial products merge.

    Returns accumulators of shape (q, n, *core) and the number n of products. A tie whose adjoint is zero
    does not branch. Raises TooLarge above `limit` products.
    """
    n = 1

    def terms(t: int, v_t: Any, v: list[Any]) -> Iterator[tuple[int, Any]]:
        nonlocal n
        instruction, s = here.P.line(t), here.ev.indices[t]
        if t in branching:
            parents, choices = _branch(v_t, branching[t], n, limit)
            n = len(parents)
            v_t, *v[:] = (a if a is None or a.shape[1] == 1 else a[:, parents] for a in (v_t, *v))
            s = index_of(instruction, s, branching[t], choices)
        for i, j in instruction.reads():
            d = here.partial(t, i, s)
            if d is not None:
                yield j, d.pull(v_t)
        if t in branching:
            live = [a for a in v if a is not None and a.shape[1] > 1]
            lines = [np.moveaxis(a, 1, 0).reshape(n, -1) for a in live]
            keep = distinct(np.concatenate(lines, axis=1)) if live else [0]
            v[:] = [a if a is None or a.shape[1] == 1 else a[:, keep] for a in v]
            n = len(keep)

    return backward(here.P, here.outputs(), terms), n


def _branch(adjoint: np.ndarray, here: list[Tie], n: int, limit: int) -> tuple[np.ndarray, list[list[Any]]]:
    """(parents, choices): every product so far, once for every combination of choices that matters to it."""
    flat = np.broadcast_to(adjoint, (adjoint.shape[0], n, *adjoint.shape[2:])).reshape(adjoint.shape[0], n, -1)
    matters = np.stack([(flat[:, :, tie.outs] != 0).any(axis=(0, 2)) for tie in here], axis=1)
    parents, choices = [], []
    for row in range(n):
        options = [tie.choices if hit else tie.choices[:1] for tie, hit in zip(here, matters[row], strict=True)]
        many = np.prod([float(len(o)) for o in options])
        if len(parents) + many > limit:
            raise TooLarge("more products than asked for")
        for combination in product(*options):
            parents.append(row)
            choices.append(list(combination))
    return np.array(parents), choices
