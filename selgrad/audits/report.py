"""The report of an audit, and how it speaks: as text, as HTML and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from selgrad.audits.choices import Kink, Touched
from selgrad.audits.masks import Mask
from selgrad.audits.non_finite import Birth
from selgrad.displays import paragraphs, table
from selgrad.primitives import Convention
from selgrad.programs.program import Program
from selgrad.programs.program_data import place
from selgrad.programs.trees import flatten
from selgrad.sets.verdicts import Verdict

SHOWN = 20  # kinks that a text shows


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """What `audit` found at one input.

    touched: the kinked instructions that the input sits on, with how many of their ties are trivial, and why. kinks:
    the ties that are not, each with its line, switching value, choice, alternatives, reach and influence. verdict: what
    `classify` says of AD's gradient there (None: nothing, and `reason` says why); left_out: how many trivial ties it
    does without, so that no verification follows it (0: it is checked by `sg.verify`). stops: the instructions that AD
    takes for constants. non_finite: what is born NaN or infinite. masks: what compares floats for equality. Everything
    speaks of the program, of the derivative by wrt (numbers of arguments), and of the rules of `convention`.
    """

    program: Program
    wrt: tuple[int, ...]
    convention: Convention
    touched: tuple[Touched, ...]
    kinks: tuple[Kink, ...]
    verdict: Verdict | None
    reason: str
    left_out: int
    stops: tuple[str, ...]
    non_finite: tuple[Birth, ...]
    masks: tuple[Mask, ...]

    @property
    def trivial(self) -> int:
        """How many ties have one gradient whatever is chosen."""
        return sum(one.trivial for one in self.touched)

    @property
    def ok(self) -> bool:
        """Whether AD's gradient is a Clarke gradient for certain, finite, and nothing stops it."""
        sick = self.stops or any(birth.reaches for birth in self.non_finite)
        return not sick and self.verdict is not None and self.verdict.ad_is_clarke is True

    def to_json(self) -> str:
        """The report as JSON; the verdict with the record of its proof, which `python -m selgrad.verify` reads."""
        return as_json(self)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def touched_text(report: Report) -> str:
    """One sentence on all ties."""
    ties, n = sum(one.ties for one in report.touched), len(report.touched)
    if not ties:
        return "No kink is touched." if report.verdict or not report.reason else ""
    why: Counter[str] = sum((Counter(one.why) for one in report.touched), Counter())
    harmless = f"; {report.trivial} trivial, with one derivative whatever is chosen ({_listed(why)})" if why else ""
    return f"{n} kinked instruction{'s' * (n > 1)} touched, {ties} tie{'s' * (ties > 1)}{harmless}."


def _listed(why: Counter[str]) -> str:
    return "; ".join(f"{count}: {reason}" for reason, count in why.items())


def verdict_text(report: Report) -> str:
    """What AD's derivative is worth."""
    v = report.verdict
    if v is None:
        return f"none: {report.reason}"
    said = {True: "lies in Clarke's subdifferential", False: "lies outside Clarke's subdifferential",
            None: "may or may not lie in Clarke's subdifferential"}[v.ad_is_clarke]
    shown = np.array2string(np.concatenate([np.ravel(a) for a in flatten(v.ad)[0]]), precision=6,
                            separator=", ", threshold=8, edgeitems=3).replace("\n", "")
    away = f", at distance {v.ad_to_outer:.3g}" if v.ad_is_clarke is False else ""
    checked = (f"{report.left_out} trivial ties are left out, so sg.verify cannot follow it" if report.left_out else
               "sg.verify(report.verdict) checks it")
    return f"AD returns {shown}, which {said}{away} ({v.kind}; {v.clarke.reason}). {checked}."


def sections(report: Report) -> list[tuple[str, list[str]]]:
    """The report in parts: a title and its lines; empty parts are left out."""
    shown = [f"{kink}." for kink in report.kinks[:SHOWN]]
    if len(report.kinks) > SHOWN:
        shown.append(f"... and {len(report.kinks) - SHOWN} more.")
    births = [line for birth in report.non_finite for line in repr(birth).split("\n")]
    parts = [
        ("kinks", [touched_text(report), *shown]),
        ("verdict", [verdict_text(report)]),
        ("stopped", [f"{stop} is a constant for AD, whose derivative is then no selection derivative." for stop in
                     report.stops]),
        ("not finite", births),
        ("equality", [repr(mask) for mask in report.masks]),
    ]
    return [(title, [line for line in lines if line]) for title, lines in parts if any(lines)]


def head(report: Report) -> str:
    """What was looked at."""
    P = report.program
    rules = report.convention if isinstance(report.convention, str) else "given"
    rules = f"its own, then {rules}" if any(line.rule is not None for line in P.instructions) else rules
    return (f"audit of {P.name}: {P.p} input{'s' * (P.p > 1)}, {P.q} output{'s' * (P.q > 1)}, "
            f"{len(P.instructions)} instructions; by argument {', '.join(map(str, report.wrt))}; rules: {rules}")


def as_text(report: Report) -> str:
    """The report as text."""
    lines = [head(report)]
    for title, said in sections(report):
        lines += [f"{title}: {said[0]}", *(f"  {line}" for line in said[1:])]
    return "\n".join(lines)


def as_html(report: Report) -> str:
    """The report for a notebook: a table of the kinks that matter, sentences for the rest."""
    rows = [[f"x{k.node}{list(k.entry) if k.entry else ''}", k.line, place(k.where).strip(" ()"), f"{k.value:.3g}",
             k.takes, ", ".join(k.others), k.reach, f"{k.influence:.4g}"] for k in report.kinks[:SHOWN]]
    titles = ["node", "instruction", "line", "from its kink", "takes", "could take", "matters", "influence"]
    text = paragraphs(head(report))
    for title, said in sections(report):
        shown = said[:1] + said[1 + len(rows):] if title == "kinks" else said
        text += paragraphs(f"{title}: " + "\n".join(shown)) + (table(titles, rows) if title == "kinks" and rows else "")
    return text


def as_json(report: Report) -> str:
    """The report as JSON, with the verdict's own record in it."""
    P = report.program
    record: Any = None
    if report.verdict is not None:
        record = {"kind": report.verdict.kind, "ad_is_clarke": report.verdict.ad_is_clarke,
                  "proof": None if report.left_out else json.loads(report.verdict.to_json())}
    data = {
        "format": "selgrad audit 1", "name": P.name, "p": P.p, "q": P.q, "wrt": list(report.wrt),
        "ok": report.ok, "touched": [asdict(one) for one in report.touched],
        "kinks": [asdict(kink) for kink in report.kinks], "verdict": record, "reason": report.reason,
        "left_out": report.left_out,
        "stops": list(report.stops), "non_finite": [asdict(birth) for birth in report.non_finite],
        "masks": [asdict(mask) for mask in report.masks],
    }
    return json.dumps(data, sort_keys=True, allow_nan=False)
