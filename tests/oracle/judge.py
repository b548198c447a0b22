"""What selgrad says of a program, beside what is true: wrong verdicts, wrong exact flags, what stays undecided."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

import selgrad as sg

from .cells import Unknown
from .hulls import distance

NEAR = 1e-9  # a distance below this, relative to the largest gradient, may count as 0: classify says so
MOST = 7  # kinks: their choices are listed


@dataclass
class Judged:
    """kind: what selgrad said (None: the oracle does not know the truth); wrong: every false claim in words."""

    kind: str | None = None
    true: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def undecided(self):
        return self.kind == "undecided"


def kind_of(D, C):
    """(kind, how far it is from being another one relative to the largest gradient)."""
    size = max([max(map(abs, g)) for g in D]) or Fraction(1)
    unit = lambda points: [tuple(c / size for c in g) for g in points]
    zero = (Fraction(0),) * len(D[0])
    to_clarke, to_field = distance(unit(C), zero), distance(unit(D), zero)
    if to_clarke == 0:
        return "clarke-critical", 1.0
    if to_field == 0:
        return "artificial-critical", to_clarke
    return ("smooth" if len(set(D)) == 1 else "regular"), min(to_clarke, to_field)


def judge(source, **options):
    """The verdict on a Source, judged."""
    try:
        D, C = source.returned(), source.clarke()
    except Unknown:
        return Judged()
    if source.kinks() > MOST:
        return Judged()
    true, gap = kind_of(D, C)
    found = Judged("", true)
    try:
        verdict = sg.classify(source.function(), source.point, **options)
    except Exception as error:
        found.kind = "raised"
        found.wrong.append(f"raised {type(error).__name__}: {error}")
        return found
    found.kind = verdict.kind
    size = float(max(max(map(abs, g)) for g in D)) or 1.0
    if verdict.kind not in ("undecided", true) and gap > NEAR:
        found.wrong.append(f"{verdict.kind}, truly {true}")
    found.wrong += _set("clarke.inner", verdict.clarke.inner, C, C if verdict.clarke.exact else None, size)
    found.wrong += _set("field", verdict.field, D, D, size)
    if verdict.clarke.outer.listed:
        found.wrong += _set("clarke.outer", verdict.clarke.outer, D, C, size)
    found.wrong += _ad(verdict, D, C, size)
    if not sg.verify(verdict):
        found.wrong.append("the verdict does not verify")
    return found


def _rows(D):
    return [tuple(map(Fraction, np.ravel(v).tolist())) for v in D.vertices]


def _set(name, said, most, least, size):
    """A set of selgrad's lies in conv(most) and holds `least` (None: need not)."""
    if not said.listed:
        return []
    rows, wrong = _rows(said), []
    if any(distance(most, g) > NEAR * size for g in rows):
        wrong.append(f"{name} has an element that is none")
    if least is not None and any(distance(rows, g) > NEAR * size for g in least):
        wrong.append(f"{name} lacks an element" + (" though exact" if name == "clarke.inner" else ""))
    return wrong


def _ad(verdict, D, C, size):
    ad = tuple(map(Fraction, np.ravel(np.asarray(verdict.ad, dtype=float)).tolist()))
    apart = distance(C, ad)
    if verdict.ad_is_clarke is True and apart > NEAR * size:
        return ["AD's answer is called Clarke"]
    if verdict.ad_is_clarke is False and apart == 0:
        return ["AD's answer is called not Clarke"]
    return []
