"""Which ties at a point can change the derivative of an output at all, over all choices at all ties (ours).

Influence along AD's own pieces does not tell: in relu(relu(t)) at 0 the inner adjoint is 0, yet the inner choice
matters as soon as the outer one is made otherwise. So two passes follow what any choices can do. Forwards, random
tangents at the inputs, with a random amount added to every entry that a tie decides, are a random point of all that can
come to be: ties whose pieces do the same to it have one derivative whatever is chosen elsewhere (almost surely).
Backwards, what reaches an output through any piece that may be taken is marked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.kinks.gradients import sizes
from selgrad.kinks.point import Local
from selgrad.kinks.rounding import squares_pulled
from selgrad.kinks.steps import Step, steps_of

TANGENTS = 3
SAME = 1e-11  # of the terms that it is a sum of: what rounding leaves
STILL = "nothing that they compare moves with the inputs"
ALIKE = "their pieces have one derivative"
UNREAD = "no output reads them"


def judged(here: Local, inputs: list[int]) -> list[tuple[Step, tuple[tuple[int, int], ...], str]]:
    """(step, the scalars that it reads as (node, entry), why it is trivial) of every tie; "": it is not.

    inputs: the leaves that are differentiated by.
    """
    if not here.ties:
        return []
    rng = np.random.default_rng(0)
    reached = _reached(here, rng)
    size, dx, found = sizes(here), _tangents(here, inputs, rng), []
    for k, line in here.P.lines():
        dx.append(here.step(k, here.ev.indices[k], dx))
        if k not in here.ties:
            continue
        taps: dict[tuple[int, int], int] = {}
        decided: dict[tuple[int, int], int] = {}
        steps = steps_of(here, k, taps, decided)
        scalars, outs = list(taps), [entry for _, entry in decided]
        wide_dx = {j: _flat(dx[j], here.P.shapes[j]) for j in {j for j, _ in scalars}}
        wide_size = {j: np.ravel(size[j]) for j in wide_dx}
        moves = np.array([wide_dx[j][:, e] for j, e in scalars])
        terms = np.array([wide_size[j][e] for j, e in scalars])
        wide = np.zeros((TANGENTS, 1, *line.shape))
        if dx[k] is not None:
            wide += dx[k]
        flat, read = wide.reshape(TANGENTS, -1), reached[k].ravel()
        for step in steps:
            entries = [outs[o] for o in step.outs]
            why = _why(step, moves[step.reads], terms[step.reads])
            if not why:
                flat[:, entries] += rng.normal(size=(TANGENTS, len(entries)))
            found.append((step, tuple(scalars[r] for r in step.reads), why or ("" if read[entries].any() else UNREAD)))
        dx[k] = wide
    return found


def _tangents(here: Local, inputs: list[int], rng: np.random.Generator) -> list[Any]:
    return [rng.normal(size=(TANGENTS, 1, *shape)) if j in inputs else None
            for j, shape in enumerate(here.P.input_shapes)]


def _flat(d: Any, shape: tuple[int, ...]) -> np.ndarray:
    wide = (TANGENTS, 1, *shape)
    return (np.zeros(wide) if d is None else np.broadcast_to(d, wide)).reshape(TANGENTS, -1)


def _why(step: Step, moves: np.ndarray, terms: np.ndarray) -> str:
    """Why no choice at this tie changes anything, by how what it reads moves: (n, tangents)."""
    if not (np.abs(moves) > SAME * terms[:, None]).any():
        return STILL
    M = step.moves([step.tie.variant(n) for n in range(len(step.tie.ids) + 1)]).astype(float)
    changes, slack = np.abs(M @ moves), SAME * (np.abs(M) @ terms)[..., None]
    return "" if (changes > slack).any() else ALIKE


def _reached(here: Local, rng: np.random.Generator) -> list[np.ndarray]:
    """Which entries of every node reach an output through pieces that may be taken."""
    P = here.P
    reached = [np.zeros(shape, dtype=bool) for shape in P.shapes]
    for k in P.outputs:
        reached[k][...] = True
    for k, line in reversed(list(P.lines())):
        if not reached[k].any():
            continue
        v = np.where(reached[k], rng.uniform(1.0, 2.0, size=line.shape), 0.0)[None]
        with np.errstate(all="ignore"):
            for j, term in squares_pulled(k, line, here.ev, v):
                reached[j] |= np.broadcast_to(np.not_equal(term, 0), (1, *P.shapes[j]))[0]
        flat = reached[k].ravel()
        for tie in here.ties.get(k, ()):
            if flat[list(tie.outs)].any():
                for i, j in line.reads():
                    reached[j].reshape(-1)[list(tie.read(i))] = True
    return reached
