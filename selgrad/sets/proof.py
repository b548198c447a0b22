"""The record of a verdict, with the proof that `verification` checks: from the directions that were found (ours)."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from selgrad.geometry.cones import only_zero
from selgrad.geometry.hulls import nearest, weights
from selgrad.kinks.point import Local
from selgrad.programs.canonical import canonical, encoded
from selgrad.programs.program_data import ProgramData
from selgrad.programs.trees import flatten
from selgrad.sets.curves import curve_to
from selgrad.sets.rederived import Point, Refused
from selgrad.sets.verification import BOUNDS, DISTANCES, VERDICT, bends_away, distance_of, patterns, sets_of

WIDEST = 20_000  # patterns that are followed
NOTHING: dict[str, Any] = {"realised": [], "impossible": [], "open": [], "independent": False}


def at(here: Local, asked: dict[str, Any], many: int) -> Point:
    """The point of `here`, computed anew."""
    return Point(here.P, here.ev.values[: len(here.P.input_shapes)], asked, many)


def explored(here: Local, bounds: Any, curves: int) -> tuple[dict[str, Any], tuple[np.ndarray, np.ndarray] | None]:
    """A proof beyond first order, and the Jacobians that it realises and leaves open; from bounds to first order.

    Open patterns are looked for along so many curves, and excluded by curvature. None: nothing follows from it.
    """
    asked = {"convention": "paper", "exact": here.exact, "ulps": float(here.ulps)}
    point = at(here, asked, len(bounds.directions))
    proof: dict[str, Any] = {"realised": [], "impossible": [], "open": [], "independent": bounds.independent}
    if not (point.hidden or bounds.independent):
        _patterns(point, proof, bounds.directions, bounds.whole)
        _along_curves(point, proof, curves, bounds.whole)
    try:
        J, open_ones, complete = patterns(point, proof)
    except Refused:
        return proof, None
    if len(J) == 0 or not (complete or not bounds.whole):
        return proof, None
    found = tuple(a.reshape(-1, here.P.q, here.P.p) for a in (J, open_ones))
    return proof, (found[0], found[1]) if here.exact else (found[0].astype(float), found[1].astype(float))


def record(here: Local, asked: dict[str, Any], claims: dict[str, Any], bounds: Any) -> dict[str, Any]:
    """The record of what is claimed of a program at a point. Raises InputError where no file can carry it.

    bounds: its ClarkeBounds, whose proof is completed.
    """
    P, verdict = here.P, "kind" in claims
    said = {**claims, "ad": _flat(P, claims["ad"])} if verdict else claims
    known = bounds.proof
    if known is None:  # sums over groups of kinks have no directions of the whole, from which to list patterns
        listed = bounds.independent or len(bounds.directions)
        known = explored(here, bounds, 0)[0] if listed else dict(NOTHING)
    proof: dict[str, Any] = {**known, "hull": [], "nearest": {}}
    data = {
        "format": VERDICT if verdict else BOUNDS, "program": canonical(P),
        "point": [encoded(np.asarray(a)) for a in here.ev.values[: len(P.input_shapes)]],
        "asked": {name: encoded(value) for name, value in asked.items()},
        "claims": {name: encoded(value) for name, value in said.items()}, "proof": proof,
    }
    point = at(here, asked, len(proof["realised"]))
    if point.hidden:
        return data
    try:
        sets, open_ones, complete = sets_of(point, proof)
    except Refused:
        return data  # what was found cannot be proved: the record proves nothing
    inner, tol = sets["inner"], asked["tol"]
    if complete and inner is not None:
        proof["hull"] = [_nearest(inner, a) for a in open_ones]
        far = [distance_of(inner, a, near, tol) for a, near in zip(open_ones, proof["hull"], strict=True)]
        if all(d <= tol for d in far) and not claims["exact"]:  # more can be proved than was claimed
            proof["impossible"], proof["open"], proof["hull"] = [], [], []
            sets, open_ones, complete = sets_of(point, proof)
    ad = point.along([[]], s=point.ev.indices)[1][0]
    for name in DISTANCES if verdict else ():
        which, _, of = name.split("_")
        if sets[of] is not None:
            proof["nearest"][name] = _nearest(sets[of], ad if which == "ad" else 0 * ad)
    for name in () if verdict else ("inner", "outer"):
        parts, vertices = sets[name], claims[name]
        if parts is None or len(parts) > 1:
            data["claims"][name] = None
        else:
            proof[name] = [_nearest([point.numbers(vertices)], a) for a in parts[0]]
    return data


def _along_curves(here: Point, proof: dict[str, Any], tries: int, whole: bool) -> None:
    """Realise open patterns along curves: of those that are not whole, any pattern that is new."""
    open_ones = {tuple(one["pattern"]) for one in proof["open"]}
    rng = np.random.default_rng(0)
    known = {tuple(one["pattern"]) for one in proof["realised"]}
    for _ in range(tries if open_ones or not whole else 0):
        try:
            pattern, curve = curve_to(here, rng)
        except Refused:
            continue
        if tuple(pattern) in known or (whole and tuple(pattern) not in open_ones):
            continue
        known.add(tuple(pattern))
        open_ones.discard(tuple(pattern))
        proof["realised"].append({"pattern": pattern, "curve": encoded(np.array(curve))})
        if whole and not open_ones:
            break
    proof["open"] = [one for one in proof["open"] if tuple(one["pattern"]) not in known]


def _flat(P: ProgramData, ad: Any) -> np.ndarray:
    """AD's answer, nested as outputs and inputs are, as numbers in a row: (q*p,)."""
    blocks, n = [np.asarray(a, dtype=float) for a in flatten(ad)[0]], len(P.input_shapes)
    rows = [np.concatenate([a.reshape(prod(P.shapes[k]), -1) for a in blocks[n * i : n * (i + 1)]], axis=1)
            for i, k in enumerate(P.outputs)]
    return np.concatenate(rows).ravel()


def _patterns(here: Point, proof: dict[str, Any], directions: np.ndarray, whole: bool) -> None:
    """Follow the directions through all questions; where none goes, ask why, if they are claimed to be all."""
    everything = [here.numbers(d) for d in directions]
    # patterns, the directions that take them, their signed rows in inputs and in atoms, whether what is equal stays so
    frontier: list[tuple[list[int], list[int], list, list, bool]] = [([], [*range(len(everything))], [], [], True)]
    while frontier:
        told = [here.replay(pattern) for pattern, *_ in frontier]
        asked: list[Any] = [[(*open_one, 1)] if open_one else [] for _, _, open_one in told]
        choices = [c for _, c, _ in told]
        rows, _ = here.along(choices, asked)
        lifted = _lifted(here, told) if here.curved else rows
        size = max((float(np.abs(a[0]).max()) for a in rows if a), default=0.0)
        following = []
        for (pattern, along, R, L, same), (_, _, open_one), a, wide in zip(frontier, told, rows, lifted, strict=True):
            if open_one is None:
                if along:
                    proof["realised"].append({"pattern": pattern, "direction": encoded(everything[along[0]])})
                else:
                    proof["open"].append({"pattern": pattern})
                continue
            row, more, zero = a[0], wide[-1], 0 if here.rational else 1e-12 * size
            if np.all(np.abs(row) <= zero) and (open_one[0].alike or np.all(np.abs(more) <= zero)):
                following.append(([*pattern, 0], along, [*R, 0 * row], [*L, 0 * more],
                                  same and bool(np.all(np.abs(more) <= zero))))
                continue
            for sign in (-1, 1) if open_one[0].free or np.any(np.abs(row) > zero) else (-1, 0, 1):
                with_me = [i for i in along if sign * (row @ everything[i]) > 0]
                stays = same and sign != 0
                rest, wider = [*R, sign * row], [*L, sign * more]
                asks = whole and sign != 0 and not with_me
                why = _why_not(here, [*pattern, sign], rest, wider, stays) if asks else None
                if why is None and (with_me or whole):
                    following.append(([*pattern, sign], with_me, rest, wider, stays))
                elif why is not None:
                    proof["impossible"].append({"pattern": [*pattern, sign], **why})
        frontier = following
        if len(frontier) + len(proof["realised"]) > WIDEST:
            proof["impossible"], proof["open"] = [], []
            return


def _lifted(here: Point, told: list[tuple]) -> list[list[np.ndarray]]:
    asked = [[*before, (*open_one, 1)] if open_one else [*before] for before, _, open_one in told]
    return here.along([c for _, c, _ in told], asked, atoms=True)[0]


def _why_not(here: Point, pattern: list[int], rows: list[np.ndarray], wide: list[np.ndarray],
             same: bool) -> dict[str, Any] | None:
    """y >= 0 that makes a sum of signed rows vanish, and in which space; None where none is found."""
    for space, of in (("atoms", wide) if here.curved else ("inputs", rows),):
        told_apart = [n for n, a in enumerate(of) if np.any(a != 0)]
        last = len(of) - 1
        y = here.numbers(np.zeros(len(of)))
        if last not in told_apart:
            y[last] = y[last] + 1
            return {"space": space, "y": encoded(y)}
        R = np.array([of[n] for n in told_apart])
        lengths = np.ones(len(R), dtype=R.dtype) if here.rational else 1 / np.linalg.norm(R, axis=1)
        w = weights(R * lengths[:, None])
        w = w * lengths if here.rational else np.where(w > 1e-8 * w.max(), w, 0.0) * lengths
        if here.vanishes(w, R):
            y[told_apart] = w
            return {"space": space, "y": encoded(y)}
    if here.curved:
        told_apart = [n for n, a in enumerate(rows) if np.any(a != 0)]
        R = np.array([rows[n] for n in told_apart]) if told_apart else np.zeros((0, here.P.p))
        w = only_zero(R)
        if w is not None and here.vanishes(w, R):
            y = here.numbers(np.zeros(len(rows)))
            y[told_apart] = w
            return {"space": "cone", "y": encoded(y)}
        if same:
            for y in _dependences(here, rows, told_apart):
                try:
                    if bends_away(here, pattern, y, np.array(rows)):
                        return {"space": "curved", "y": encoded(y)}
                except Refused:
                    break
    return None


def _dependences(here: Point, rows: list[np.ndarray], told_apart: list[int]) -> Iterator[np.ndarray]:
    """Some y >= 0 with sum y_i rows_i = 0: of opposite rows, the last one with an earlier one first, and of all."""
    for i, j in [(i, len(rows) - 1) for i in told_apart[:-1]] if len(told_apart) else []:
        a, b = rows[i], rows[j]
        y = here.numbers(np.zeros(len(rows)))
        y[i], y[j] = y[i] + b @ b, y[j] - a @ b
        if y[j] > 0 and here.vanishes(y[[i, j]], np.array([a, b])):
            yield y
    R = np.array([rows[n] for n in told_apart])
    w = weights(R) if len(R) else R
    w = w if here.rational or len(R) == 0 else np.where(w > 1e-8 * w.max(), w, 0.0)
    if len(R) and here.vanishes(w, R):
        y = here.numbers(np.zeros(len(rows)))
        y[told_apart] = w
        yield y


def _nearest(parts: list[np.ndarray], target: np.ndarray) -> dict[str, Any]:
    """The weights of the point of a sum of sets that is nearest to `target`."""
    known: dict[tuple, list[int]] = {}

    def farthest(d: np.ndarray) -> np.ndarray:
        picks = [int(np.argmax(part @ d)) for part in parts]
        point = np.asarray(sum(part[i] for i, part in zip(picks, parts, strict=True)))
        known[tuple(point)] = picks
        return point

    points, w = nearest(farthest, target)
    return {"picks": [known[tuple(point)] for point in points], "weights": encoded(w)}
