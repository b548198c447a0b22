"""sg.audit: which kinks an input sits on, what was chosen there, whether it matters, and what the gradient is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from selgrad.audits.choices import Kink, Touched, kink_of
from selgrad.audits.masks import masks
from selgrad.audits.non_finite import births
from selgrad.audits.reach import judged
from selgrad.audits.report import Report
from selgrad.differentiation.asked import Argnums
from selgrad.errors import InputError, SelgradError, ShapeError
from selgrad.kinks.point import ULPS, Local, local
from selgrad.primitives import Convention
from selgrad.programs.evaluate import Audit, evaluate
from selgrad.programs.listing import right_side
from selgrad.programs.program import Program
from selgrad.programs.program_data import place
from selgrad.programs.trees import Branch, flatten, unflatten
from selgrad.sets.verdicts import Verdict, verdict_at
from selgrad.tracing import trace_at

MANY = 500  # ties, beyond which the verdict leaves out the trivial ones


def audit(
    f: Callable | Program, *args: Any, wrt: Argnums | None = None, convention: Convention = "paper", ulps: float = ULPS
) -> Report:
    """What f chose at its kinks at this input, whether that matters, and what AD's gradient is worth.

    wrt: the numbers of the arguments that are differentiated by (None: all). A tie is trivial where the derivative is
    the same whatever is chosen at it and at all others (almost surely: by random tangents); of the rest the report says
    whether its choice changes the derivative alone or only together with others, and its influence, |adjoint| times the
    jump of the slopes. The verdict is that of `classify`, and `sg.verify(report.verdict)` checks it; of more than 500
    ties it leaves out the trivial ones, and `verify` does not follow it then. Outside a domain nothing is said of
    kinks, but where NaN is born is. A Program carries its own rules; `convention` says the others. Raises ShapeError
    for a batch (one point at a time), InputError for wrt, and what tracing raises. Source: Sections 4 and 5; the audit
    is ours.

    >>> import selgrad as sg
    >>> zero = lambda t: sg.relu(-t) + t - sg.relu(t)
    >>> report = sg.audit(zero, 0.0)
    >>> [(k.line, k.takes, k.others, k.reach) for k in report.kinks]
    [('relu(x1)', 'slope 0', ('slope 1',), 'alone'), ('relu(x0)', 'slope 0', ('slope 1',), 'alone')]
    >>> report.verdict.ad_is_clarke, sg.verify(report.verdict), report.ok
    (False, True, False)
    """
    numbers = _numbers(wrt, len(args))
    P = f if isinstance(f, Program) else trace_at(f, args, check=False)
    leaves, here, seen, reason = _leaves(P, args, numbers), None, None, ""
    try:
        here = local(f, args, ulps=ulps, stops=True)
        P = here.P
        seen = Local(P, evaluate(P, args, convention), here.ties, here.unit, here.undefined, ulps)
    except (InputError, ShapeError):
        raise
    except SelgradError as problem:
        reason = str(problem)
    ev = evaluate(P, args, convention, Audit()) if seen is None else seen.ev
    touched, kinks = ((), ()) if seen is None else _kinks(seen, leaves)
    stops = tuple(f"x{k} = {right_side(P.line(k))}{place(P.line(k).where)}" for k in P.leaves_selections())
    verdict, left_out = None, 0
    if not reason:
        try:
            part = len(numbers) < len(args) or stops
            verdict, left_out = _verdict(_of(f, args, numbers), tuple(args[a] for a in numbers), convention, ulps,
                                         None if part else here)
        except SelgradError as problem:
            reason = str(problem)
    return Report(P, numbers, convention, touched, kinks, verdict, reason, left_out, stops,
                  births(P, args, leaves, convention), masks(P, args, ev, convention))


def _verdict(f: Callable | Program, x: tuple[Any, ...], convention: Convention, ulps: float, here: Local | None
             ) -> tuple[Verdict, int]:
    """The verdict, and how many trivial ties it does without (0 unless there are many); here: f at x, if known."""
    here = here or local(f, x, ulps=ulps)
    if sum(map(len, here.ties.values())) > MANY:
        kept = {id(step.tie) for step, _, why in judged(here, list(range(len(here.P.input_shapes)))) if not why}
        fewer = {k: some for k, every in here.ties.items() if (some := [tie for tie in every if id(tie) in kept])}
        left_out = sum(map(len, here.ties.values())) - len(kept)
        return verdict_at(replace(here, ties=fewer, made={}), x, convention), left_out
    return verdict_at(here, x, convention), 0


def _numbers(wrt: Argnums | None, n: int) -> tuple[int, ...]:
    """The arguments differentiated by."""
    if n == 0:
        raise InputError("sg.audit needs an input: sg.audit(f, x).")
    asked = range(n) if wrt is None else wrt if isinstance(wrt, Sequence) else (wrt,)
    found = [a for a in asked if type(a) is int and -n <= a < n]
    if not found or len(found) < len(asked):
        raise InputError(f"wrt={wrt!r} must be the number of an argument, counted from 0 to {n - 1}, or several.")
    return tuple(sorted({a % n for a in found}))


def _leaves(P: Program, args: tuple[Any, ...], numbers: tuple[int, ...]) -> list[int]:
    """The input nodes of these arguments."""
    if not isinstance(P.in_tree, Branch) or len(P.in_tree.children) != len(args):
        raise InputError(f"{P.name} takes other arguments than the {len(args)} given.")
    parts = unflatten(P.in_tree, list(range(len(P.input_shapes))))
    return flatten(tuple(parts[a] for a in numbers))[0]


def _of(f: Callable | Program, args: tuple[Any, ...], numbers: tuple[int, ...]) -> Callable | Program:
    """f as a function of these arguments only."""
    if len(numbers) == len(args):
        return f

    def of_these(*picked: Any) -> Any:
        every = list(args)
        for a, x in zip(numbers, picked, strict=True):
            every[a] = x
        return f(*every)

    return of_these


def _kinks(here: Local, leaves: list[int]) -> tuple[tuple[Touched, ...], tuple[Kink, ...]]:
    """The instructions touched, and the ties that are not trivial."""
    every = judged(here, leaves)
    adjoints = here.backward() if every else []
    kinks = [kink_of(here, step, scalars, adjoints[step.tie.node]) for step, scalars, why in every if not why]
    touched = []
    for k in here.ties:
        reasons = Counter(why for step, _, why in every if step.tie.node == k and why)
        touched.append(Touched(k, right_side(here.P.line(k)), here.P.line(k).where, len(here.ties[k]),
                               sum(reasons.values()), dict(reasons)))
    return tuple(touched), tuple(kinks)
