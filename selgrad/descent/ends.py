"""Where trajectories end: a verdict for every end point, and clusters of those that are critical (Section 5.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from selgrad.descent.engine import AT_ONCE
from selgrad.descent.runs import Run
from selgrad.differentiation.modes import pull
from selgrad.kinks.counts import touched
from selgrad.kinks.rounding import rounding
from selgrad.primitives import Convention
from selgrad.programs.evaluate import Mask, evaluate
from selgrad.programs.formats import cast
from selgrad.programs.program import Program
from selgrad.sets.verdicts import KINDS, Verdict, classify
from selgrad.tracing.tracer import trace_at

CRITICAL = ("artificial-critical", "clarke-critical", "undecided")
MORE = ("outside", "unclassified", "not finite")
SHOWN = 12


@dataclass(frozen=True, eq=False)
class Cluster:
    """Ends of one kind within tol of `centre`, itself an end: of `count` ends `exact` are the centre bit for bit.

    near counts the ends of other kinds within tol of the centre: they are close, and not there.
    distance is that of 0 to everything AD could return at the centre. For kinds that are not critical
    there is one Cluster each, of all ends, with the most frequent of them as centre.
    """

    kind: str
    centre: np.ndarray
    count: int
    exact: int
    near: int
    distance: float


@dataclass(frozen=True, eq=False)
class Ends:
    """The ends of N trajectories: kinds (N,), one word each, and clusters, artificial ones first.

    Beside the kinds of a Verdict there are "outside" (J is not defined at the end), "unclassified" (on a
    kink, beyond the number of points that were looked at) and "not finite".
    """

    kinds: np.ndarray
    clusters: tuple[Cluster, ...]
    tol: float
    program: Program = field(repr=False)
    options: dict[str, Any] = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many ends are of each kind."""
        words, numbers = np.unique(self.kinds, return_counts=True)
        found = dict(zip(words.tolist(), numbers.tolist()))
        return {kind: found[kind] for kind in (*CRITICAL, *KINDS, *MORE) if kind in found}

    @property
    def artificial(self) -> np.ndarray:
        """Which trajectories end at an artificial critical point, exactly: shape (N,)."""
        return self.kinds == "artificial-critical"

    def verdict(self, i: int) -> Verdict:
        """The Verdict of the centre of cluster i, with its certificates."""
        return classify(self.program, self.clusters[i].centre, **self.options)

    def __str__(self) -> str:
        rows = [("kind", "ends", "exactly at", "centre", "near, not there", "distance of 0 to D_P")]
        for c in self.clusters[:SHOWN]:
            one = c.kind in CRITICAL
            rows.append((c.kind, f"{c.count:,}", f"{c.exact:,}" if one else "", _shown(c.centre) if one else "",
                         f"{c.near:,}" if one else "", f"{c.distance:.3g}" if one else ""))
        widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(w) if j in (0, 3) else cell.rjust(w)
                           for j, (cell, w) in enumerate(zip(row, widths))).rstrip() for row in rows]
        if len(self.clusters) > SHOWN:
            lines.append(f"and {len(self.clusters) - SHOWN:,} more")
        return "\n".join(lines)


def _shown(point: np.ndarray) -> str:
    text = np.array2string(np.asarray(point, dtype=float), precision=6, separator=", ", threshold=6, edgeitems=2)
    return " ".join(text.split())


def ends(T: Run, *, tol: float = 1e-6, ulps: float = 0.0, most: int = 1000, refine: int = 0) -> Ends:
    """See `Trajectories.classify`."""
    good = T.finite
    P = cast(trace_at(T.J, (T.x[np.argmax(good)].astype(float),), check=False), T.dtype) if good.any() else T.terms.P
    kinds = np.full(len(T), "not finite", dtype="<U19")
    options = {"convention": T.convention, "tol": tol, "ulps": ulps, "refine": refine}
    if not good.any():
        return Ends(kinds, (), tol, P, options)
    core = T.x.shape[1:]
    points, inverse, count = _distinct(T.x[good].reshape(int(good.sum()), -1))
    length, on = _looked_at(P, points.reshape(-1, *core), T.convention, ulps)
    kind = np.where(np.isnan(length), "outside", np.where(length <= tol, "clarke-critical", "smooth")).astype("<U19")
    kind[on] = "unclassified"
    for i in [i for i in np.argsort(-count, kind="stable") if on[i]][:most]:
        f = T.J if P.guards else P
        verdict = classify(f, points[i].reshape(core)[()], **options)
        kind[i], length[i] = verdict.kind, verdict.zero_to_field
    kinds[good] = kind[inverse]
    clusters: list[Cluster] = []
    for word in (*CRITICAL, *KINDS, *MORE):
        of = np.flatnonzero(kind == word)
        if len(of) and not any(c.kind == word for c in clusters):
            clusters += _clusters(word, of, points, count, length, tol if word in CRITICAL else np.inf, core)
    return Ends(kinds, tuple(clusters), tol, P, options)


def _distinct(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct rows of x, which of them each row is, and how often each stands there; -0 is 0."""
    x = x + x.dtype.type(0)
    if x.shape[1] == 1:
        values, inverse, count = np.unique(x[:, 0], return_inverse=True, return_counts=True)
        return values[:, None], inverse, count
    points, inverse, count = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    return points, inverse.reshape(-1), count


def _looked_at(P: Program, x: np.ndarray, convention: Convention, ulps: float) -> tuple[np.ndarray, np.ndarray]:
    """|AD| at every point, nan where J is not defined, and which points sit on a kink: all at once.

    Off the kinks D_P and Clarke's subdifferential are AD's derivative alone, so |AD| decides.
    """
    length, on = np.empty(len(x)), np.zeros(len(x), dtype=bool)
    if P.guards:
        return np.zeros(len(x)), ~on
    size = max(1, AT_ONCE // P.m)
    with np.errstate(all="ignore"):
        for start in range(0, len(x), size):
            here = slice(start, start + size)
            batch = (len(x[here]),)
            mask = Mask(batch)
            ev = evaluate(P, (x[here],), convention, mask)
            ok = mask.ok
            v = pull(P, ev, {P.outputs[0]: np.ones((1,), x.dtype)})[0]
            g = np.broadcast_to(0.0 if v is None else v, x[here].shape).astype(float).reshape(*batch, -1)
            far = np.linalg.norm(g, axis=1)
            ok = np.broadcast_to(ok & np.isfinite(ev.values[P.outputs[0]]), batch) & np.isfinite(far)
            length[here] = np.where(ok, far, np.nan)
            scale = rounding(P, ev, ulps) if ulps and ok.all() else None
            at = np.zeros(batch, dtype=bool) if scale is not None or not ulps else np.ones(batch, dtype=bool)
            for hits in touched(P, ev, scale, batch).values():
                at = at | (hits > 0)
            on[here] = at & ok
    return length, on


def _clusters(word: str, of: Any, points: Any, count: Any, length: Any, tol: float, core: Any) -> list[Cluster]:
    """Points number `of`, gathered around the most frequent ones."""
    of = of[np.argsort(-count[of], kind="stable")]
    if tol == np.inf:
        return [_cluster(word, of[0], of, points, count, length, 0, core)]
    from scipy.spatial import KDTree

    place = points.astype(float)
    everything, mine = KDTree(place), KDTree(place[of])
    free, found = np.ones(len(of), dtype=bool), []
    for j, i in enumerate(of):
        if free[j]:
            members = np.array(mine.query_ball_point(place[i], tol))
            members = members[free[members]]
            free[members] = False
            around = everything.query_ball_point(place[i], tol)
            near = int(count[around].sum() - count[np.intersect1d(around, of)].sum())
            found.append(_cluster(word, i, of[members], points, count, length, near, core))
    return found


def _cluster(word: str, i: Any, of: Any, points: Any, count: Any, length: Any, near: int, core: Any) -> Cluster:
    return Cluster(word, points[i].reshape(core), int(count[of].sum()), int(count[i]), near, float(length[i]))
