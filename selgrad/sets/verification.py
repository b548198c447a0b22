"""Checking a verdict anew, from the program that its record carries: nothing here knows how it was found.

A record (`Verdict.to_json`) holds the program, the point, what was asked, what is claimed, and its proof:

    realised    a pattern and a direction d: along x + t d, t > 0 small, every comparison comes out as in the pattern
                (or a curve d, e, g: along x + t d + t^2 e + t^3 g, by the leading coefficients of what is compared)
    impossible  the beginning of a pattern and y >= 0, y != 0 with sum y_i s_i a_i = 0: no point near x has s_i a_i > 0
    open        patterns of which neither is known
    independent the gradients of all that ties are linearly independent: every pattern is realised
    nearest     convex weights of the point of a set nearest to 0, or to AD's answer

Every a_i (the gradient of what is compared, along the pieces chosen so far) and every Jacobian is computed anew.
`space` says of what the a_i are the coefficients: "inputs" (the a_i must then be affine in x), "atoms" (the inputs and
the results of what is not affine), "cone" (y > 0 and rank p: s_i a_i.d >= 0 leaves d = 0 only), or "curved": then with
the Hessians H_i of what is compared W = sum y_i s_i H_i is negative definite on the d with a_i.d = 0 where y_i > 0
(but for a linear space of d on which nothing that is compared depends: x_k may be moved along it). Such a pattern is
not taken near x: if it were at x_k = x + r_k d_k, |d_k| = 1, r_k -> 0, d_k -> d, then s_i a_i.d >= 0, their sum with
weights y is 0, so each with y_i > 0 is; and 0 < sum y_i s_i z_i(x_k) = r_k^2 (d.W d + o(1)) / 2, so d.W d >= 0.
(The converse, ours: where a_i.d > 0 for the other i and d.W d > 0 for every extremal such y, some e makes
x + t d + t^2 e realise the pattern: the system a_i.e + s_i d.H_i d / 2 > 0 has Farkas vectors y only.)
Realised and impossible patterns must together be all; where one is missing, all of D_P may be Clarke's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import SelgradError
from selgrad.geometry.rationals import exactly
from selgrad.programs.canonical import decoded, program
from selgrad.sets.curves import curvature, follow
from selgrad.sets.rederived import ROUNDING, Point, Refused, must

VERDICT, BOUNDS = "selgrad verdict 1", "selgrad bounds 1"
DISTANCES = ("ad_to_inner", "ad_to_outer", "zero_to_field", "zero_to_inner", "zero_to_outer")


def patterns(here: Point, proof: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, bool]:
    """(Jacobians of the realised patterns, of the open ones, whether these and the impossible ones are all)."""
    full = [one["pattern"] for one in proof["realised"] + proof["open"]]
    ends = full + [one["pattern"] for one in proof["impossible"]]
    must(ends and len(set(map(tuple, ends))) == len(ends), "no pattern, or one that stands twice")
    told = [here.replay(pattern) for pattern in ends]
    must(all(open_one is None for _, _, open_one in told[: len(full)]), "a pattern stops before its end")
    asked, choices = [a for a, _, _ in told], [c for _, c, _ in told]
    rows, J = here.along(choices, asked)
    wide = here.along(choices, asked, atoms=True)[0] if here.curved else rows
    size = max((float(np.abs(a).max()) for every in rows for a in every), default=0.0)
    flat = lambda a: bool(np.all(np.abs(a) <= (0 if here.rational else 1e-12 * size)))
    still = lambda r, n: flat(rows[r][n]) and (asked[r][n][0].alike or flat(wide[r][n]))
    same = lambda r: all(flat(wide[r][n]) for n, a in enumerate(ends[r]) if a == 0)  # all around, not at x only
    signed = lambda r, of: here.numbers([one[2] * a for one, a in zip(asked[r], of[r], strict=True)])
    for r, one in enumerate(proof["realised"]):
        must(all(still(r, n) for n, a in enumerate(ends[r]) if a == 0), "what counts as equal is not")
        told_apart = [n for n, a in enumerate(ends[r]) if a]
        if "curve" in one:
            must(same(r) and follow(here, list(exactly(decoded(one["curve"]))))[0] == ends[r], "a curve goes elsewhere")
            continue
        d = here.numbers(decoded(one["direction"]))
        must(d.shape == (here.P.p,) and np.any(d != 0), "a direction does not fit")
        must(not told_apart or here.positive(signed(r, rows)[told_apart], d), "a direction lies in no such cell")
    for r, one in enumerate(proof["impossible"], len(full)):
        y, space = here.numbers(decoded(one["y"])), one["space"]
        must(space in ("atoms", "cone", "curved") or (space == "inputs" and not here.curved), "rows that prove nothing")
        of = signed(r, wide if space == "atoms" else rows)
        told_apart = [n for n, a in enumerate(ends[r]) if a]
        if not here.rational and y.shape == (len(of),):  # what is no more than rounding counts for nothing
            terms = np.abs(y) * np.abs(of).max(axis=1, initial=0.0)
            y = np.where(terms > 1e-9 * terms.max(initial=0.0), y, 0.0)
        must(y.shape == (len(of),) and np.all(y >= 0) and np.any(y[told_apart] > 0) and here.vanishes(y, of),
             "a vector y excludes no pattern")
        must(space != "cone" or (np.all(y[told_apart] > 0) and rank(of) == here.P.p), "directions remain")
        must(space != "curved" or (same(r) and bends_away(here, ends[r], y, of)), "second order does not exclude")
    known, found = {}, set(map(tuple, ends))
    # where first order tells nothing, what compares with == may come out equal on an open set
    both = lambda r, n: (-1, 1) if asked[r][n][0].free or not flat(rows[r][n]) else (-1, 0, 1)
    next_ones = lambda r, n: (0,) if still(r, n) else both(r, n)
    for r, pattern in enumerate(ends):
        known.update({tuple(pattern[:n]): next_ones(r, n) for n in range(len(pattern))})
    must(not found & set(known), "one pattern begins another")
    return J[: len(proof["realised"])], J[len(proof["realised"]): len(full)], all(
        (*pattern, a) in found or (*pattern, a) in known
        for pattern, answers in known.items() for a in answers)


def bends_away(here: Point, pattern: list[int], y: np.ndarray, rows: np.ndarray) -> bool:
    """Whether sum y_i s_i H_i is negative definite on the common kernel of the rows with y_i > 0."""
    asked, choices, _ = here.replay(pattern)
    used: list[np.ndarray] = []
    wide = here.along([choices], [asked], atoms=True, used=used)[0][0]
    unread = kernel(np.vstack([*used, here.numbers(wide)[:, : here.P.p]]))  # nothing that is compared moves with these
    B = kernel(np.vstack([rows[np.flatnonzero(y != 0)], unread.T]))
    if B.shape[1] == 0:
        return True
    W, size = curvature(here, pattern, y, B)
    W, least = -W, 0 if here.rational else 1e-9 * size
    for n in range(len(W)):  # the pivots of elimination, all positive
        if W[n, n] <= least:
            return False
        W[n + 1 :] -= np.outer(W[n + 1 :, n] / W[n, n], W[n])
    return True


def kernel(rows: np.ndarray) -> np.ndarray:
    """A basis of {d : rows d = 0}, as columns."""
    n, m = rows.shape
    if rows.dtype != object:
        _, spread, V = np.linalg.svd(rows)
        return V[int(np.sum(spread > 1e-10 * spread.max(initial=0.0))) :].T
    rows, pivots = rows.copy(), []
    for j in range(m):
        i = next((i for i in range(len(pivots), n) if rows[i, j] != 0), None)
        if i is not None:
            k = len(pivots)
            rows[[k, i]] = rows[[i, k]]
            rows[k] = rows[k] / rows[k, j]
            for r in range(n):
                if r != k:
                    rows[r] = rows[r] - rows[r, j] * rows[k]
            pivots.append(j)
    B = exactly(np.zeros((m, m - len(pivots))))
    for c, j in enumerate(j for j in range(m) if j not in pivots):
        B[j, c] += 1
        B[pivots, c] = -rows[: len(pivots), j]
    return B


def rank(rows: np.ndarray) -> int:
    """The rank of a matrix, by elimination; floats below rounding count as zero."""
    rows, count = rows.copy(), 0
    least = 0 if rows.dtype == object else 1e-10 * np.abs(rows).max(initial=0.0)
    for j in range(rows.shape[1] if len(rows) else 0):
        i = count + int(np.argmax(np.abs(rows[count:, j]))) if count < len(rows) else 0
        if count < len(rows) and abs(rows[i, j]) > least:
            rows[[count, i]] = rows[[i, count]]
            rows[count + 1:] -= np.outer(rows[count + 1:, j] / rows[count, j], rows[count])
            count += 1
    return count


def distance_of(parts: list[np.ndarray], target: np.ndarray, near: dict[str, Any], tol: float = 0.0) -> float:
    """The distance of `target` to a sum of sets, from the weights of its nearest point. Raises Refused."""
    w, picks = np.array(decoded(near["weights"]), dtype=target.dtype), np.array(near["picks"], dtype=int)
    must(len(w) and np.all(w >= 0) and w.sum() > 0 and picks.shape == (len(w), len(parts)), "these are no weights")
    must(all(np.all((0 <= i) & (i < len(part))) for i, part in zip(picks.T, parts, strict=True)), "no such element")
    largest = max(float(np.abs(a).max(initial=0.0)) for a in (*parts, target))
    unit = np.ldexp(1.0, int(np.frexp(largest)[1]) - 1) if largest else 1.0  # so that no square overflows or vanishes
    gap = (sum(w @ part[i] for i, part in zip(picks.T, parts, strict=True)) / w.sum() - target) / unit
    size, least = gap @ gap, (sum((part @ gap).min() for part in parts) - target @ gap) / unit
    far, slack = float(size) ** 0.5, 0.0 if gap.dtype == object else 1e-12 * float(size) ** 0.5
    must(far <= tol / unit or least >= size * (1 - 1e-6) - slack, "another point of the set is nearer")
    return far * float(unit)


def sets_of(here: Point, proof: dict[str, Any]) -> tuple[dict[str, Any], np.ndarray, bool]:
    """(inner, outer and field as sums of sets, the open Jacobians, whether nothing is missing)."""
    field = here.field()
    if proof["independent"]:
        pairs = [(tie, pair, 1) for tie in here.every for pair in tie.pairs]
        rows = here.along([here.replay([])[1]], [pairs])[0][0]
        must(rows and all(tie.free for tie in here.every) and rank(here.numbers(rows)) == len(rows), "kinks depend")
        return {"inner": field, "outer": field, "field": field}, here.numbers(np.zeros((0, len(rows[0])))), True
    J, open_ones, complete = patterns(here, proof)
    outer = [np.concatenate([J, open_ones])] if complete else field
    return {"inner": [J] if len(J) else None, "outer": outer, "field": field}, open_ones, complete


def known(here: Point, proof: dict[str, Any], tol: float) -> tuple[dict[str, Any], bool]:
    """(inner, outer and field, whether Clarke's set is inner)."""
    if here.hidden:
        return {"inner": None, "outer": None, "field": None}, False
    sets, open_ones, complete = sets_of(here, proof)
    return sets, complete and sets["inner"] is not None and all(
        distance_of(sets["inner"], a, near, tol) <= tol for a, near in zip(open_ones, proof["hull"], strict=True))


def _bounds(here: Point, claims: dict[str, Any], proof: dict[str, Any], tol: float) -> None:
    """What `check` asks of Clarke bounds: every vertex of theirs is an element that was computed here."""
    sets, exact = known(here, proof, tol)
    must(claims["exact"] == exact and set(claims) == {"exact", "inner", "outer"}, f"exact is {exact}")
    for name in ("inner", "outer"):
        parts = sets[name]
        if parts is None or len(parts) > 1:
            must(claims[name] is None, f"{name} is not listed")
            continue
        vertices = here.numbers(decoded(claims[name]))
        size = 1e-12 * float(np.abs(parts[0]).max())
        must(all(np.abs(parts[0] - v).max(axis=1).min() <= size for v in vertices), f"{name} has another vertex")
        must(all(distance_of([vertices], a, near, max(tol, size)) <= max(tol, size)
                 for a, near in zip(parts[0], proof[name], strict=True)), f"{name} lacks a vertex")


def check(record: dict[str, Any]) -> None:
    """Raise Refused (or another error, for what is no record) unless the record proves all that it claims."""
    claims, proof, tol = record["claims"], record["proof"], record["asked"]["tol"]
    asked = {name: decoded(value) for name, value in record["asked"].items()}
    here = Point(program(record["program"]), [decoded(a) for a in record["point"]], asked, len(proof["realised"]))
    if record["format"] == BOUNDS:
        return _bounds(here, claims, proof, tol)
    must(record["format"] == VERDICT, "this is no record of a verdict")
    must(set(claims) == {"kind", "ad", "ad_is_clarke", "exact", *DISTANCES} and tol >= 0, "claims are missing")
    ad, said = here.along([[]], s=here.ev.indices)[1][0], here.numbers(decoded(claims["ad"]))
    sets, exact = known(here, proof, tol)
    size = max(float(np.abs(a).max(initial=0.0)) for a in (ad, *(sets["field"] or ())))
    must(said.shape == ad.shape and np.all(np.abs(said - ad) <= max(1e-12 * size, ROUNDING * here.terms())),
         "AD returns something else")
    far = {}
    for name in DISTANCES:
        point, _, of = name.split("_")
        far[name] = (np.inf if of == "inner" else 0.0) if sets[of] is None else distance_of(
            sets[of], ad if point == "ad" else 0 * ad, proof["nearest"][name], tol)
        value = decoded(claims[name])
        close = np.isfinite(far[name]) and abs(value - far[name]) <= 1e-6 * far[name] + tol
        must(value == far[name] or close, f"{name} is another")
    hit = {name: d <= tol for name, d in far.items()}
    is_clarke = True if hit["ad_to_inner"] else None if sets["outer"] is None or hit["ad_to_outer"] else False
    if hit["zero_to_inner"]:
        kind = "clarke-critical"
    elif sets["field"] is None:
        kind = "undecided"
    elif hit["zero_to_field"]:
        kind = "undecided" if hit["zero_to_outer"] else "artificial-critical"
    else:
        one = 0 if here.rational else 1e-12 * size
        kind = "smooth" if all(np.all(np.abs(part - part[0]) <= one) for part in sets["field"]) else "regular"
    must((claims["kind"], claims["ad_is_clarke"], claims["exact"]) == (kind, is_clarke, exact),
         f"what follows is {kind}, {is_clarke}, {exact}")


def proves(record: Any) -> bool:
    """Whether a record proves what it claims; what is no record proves nothing."""
    try:
        check(record)
    except (Refused, SelgradError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False
    return True
