"""A primitive of the user's own: an elementary selection given by pieces and switching functions (Definition 3)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from selgrad.differentiation.derivative_program import differentiate
from selgrad.errors import InputError, NotElementary
from selgrad.primitives import CONVENTIONS, ROWS, Kinked
from selgrad.primitives.facts import ALL, CALL, ENTRYWISE, LIBRARY, LOG_EXP, NONE, SAME, SLOPES, Facts
from selgrad.primitives.kinked import Piece, piecewise
from selgrad.primitives.rows import column
from selgrad.programs.program import Program
from selgrad.tracing.recorder import spread
from selgrad.tracing.traced import Traced
from selgrad.tracing.tracer import trace_at


def primitive(
    name: str, pieces: Sequence[Callable], switches: Callable | Sequence[Callable], rule: str | None = None
) -> Callable[..., Any]:
    """A function of one's own that is one kinked instruction, f(x) = f_s(x) with s = #{e : z_e(x) > 0}.

    pieces are the elementary functions f_0, ..., f_K of the same real numbers, switches z_1, ..., z_K, with
    z_1 >= ... >= z_K; where z_e = 0 the pieces e - 1 and e must agree, or f is not continuous and no selection. The
    result acts entry by entry on arrays, and in every meaning of a program. rule has one sign per switch: at
    z_e = 0 the piece before (<, the default), behind (>), or their mean (=); a convention may name another.
    Nothing is registered: the row travels with the instructions. Raises NotElementary for a piece with kinks or
    branches, InputError for what does not fit. Source: Definition 3, equation (2).

    >>> import selgrad as sg
    >>> huber = primitive("my_huber", [lambda t: -t - 0.5, lambda t: t * t / 2, lambda t: t - 0.5],
    ...                   [lambda t: t + 1, lambda t: t - 1])
    >>> print(huber(np.array([-2.0, 0.5, 3.0])), sg.grad(huber)(1.0), sg.trace(huber, 0.0))
    [1.5   0.125 2.5  ] 1.0 Program(p=1, q=1, m=2)
      x0 = input
      x1 = my_huber(x0)          kink
      return x1
    """
    functions = [switches] if callable(switches) else list(switches)
    if not (isinstance(name, str) and name.isidentifier()) or name in ROWS:
        raise InputError(f"The name {name!r} of a primitive must be an identifier that no primitive has yet.")
    if len(pieces) < 2 or len(functions) != len(pieces) - 1 or not all(map(callable, [*pieces, *functions])):
        raise InputError(f"{name} needs two or more pieces and one switching function between neighbours, as "
                         f"functions, not {len(pieces)} and {len(functions)}.")
    arity = _arity(pieces[0])
    programs = [_smooth(f, arity, f"Piece {i} of {name}") for i, f in enumerate(pieces)]
    switching = [_smooth(z, arity, f"Switching function {e} of {name}") for e, z in enumerate(functions)]
    # the switching functions of a row are affine in its operands: the value of any other is an operand of its own
    bent = [e for e, P in enumerate(switching) if _facts([P]).affine != ALL]

    def switched(*xs: Any, **params: Any) -> tuple[Any, ...]:
        return tuple(xs[arity + bent.index(e)] if e in bent else z(*xs[:arity]) for e, z in enumerate(functions))

    row: Kinked = piecewise(
        name, column(*[rule or "<" * len(functions)] * len(CONVENTIONS)),
        tuple(Piece(_value(P, arity), _slopes(P, arity) + (_nothing,) * len(bent)) for P in programs),
        switched, facts=_facts(programs), prints=CALL,
    )

    def f(*xs: Any) -> Any:
        if len(xs) != arity:
            raise InputError(f"{name} takes {arity} argument(s), not {len(xs)}.")
        xs = tuple(x if isinstance(x, Traced) else np.asarray(x) for x in xs) if bent else xs
        return spread(name, (*xs, *(functions[e](*xs) for e in bent)), {}, row)

    f.__name__, f.__doc__ = name, f"The primitive {name}, of {len(pieces)} pieces."
    return f


def _arity(f: Callable) -> int:
    """How many numbers f takes: what has a default is an option, not an argument."""
    if isinstance(f, np.ufunc):
        return f.nin
    needed = [q for q in inspect.signature(f).parameters.values() if q.default is q.empty]
    return len([q for q in needed if q.kind in (q.POSITIONAL_ONLY, q.POSITIONAL_OR_KEYWORD)])


def _smooth(f: Callable, arity: int, what: str) -> Program:
    """A piece as a program of real numbers."""
    P = trace_at(f, (1.0,) * arity, check=False)
    if len(P.outputs) != 1 or P.shapes[P.outputs[0]] != ():
        raise InputError(f"{what} must return one number for {arity} number(s).")
    if P.kinked() or P.guards or not all(i.row.elementwise or not i.row.partials[0] for i in P.instructions):
        raise NotElementary(f"{what} must be an elementary function: give kinks and branches as pieces of their own.")
    return P


def _run(P: Program, xs: tuple[Any, ...]) -> list[Any]:
    """Algorithm 1 on whatever numbers these are: a piece that is not taken may lie outside its domain."""
    values = list(xs)
    for _, i in P.lines():
        values.append(i.row.value(*i.of(values), **i.params))
    return [values[k] for k in P.outputs]


def _value(P: Program, arity: int) -> Callable:
    return lambda *xs, **params: _run(P, xs[:arity])[0]


def _nothing(*xs: Any, **params: Any) -> float:
    return 0.0


def _slopes(P: Program, arity: int) -> tuple[Callable, ...]:
    A = differentiate(P)
    return tuple(lambda *xs, j=j, **params: _run(A, xs[:arity])[j] for j in range(arity))


def _facts(programs: list[Program]) -> Facts:
    """What is known of the pieces from their instructions."""
    lines = [i for P in programs for i in P.instructions]
    affine = all(i.row.facts.affine_in([n for n, _ in i.reads()]) for i in lines)
    reasons = [i.row.facts.irrational(*(None if i.is_node(n) else o for n, o in enumerate(i.operands))) for i in lines]
    same = all(i.row.facts.bits == SAME for i in lines)
    return Facts(ALL if affine else NONE, next(filter(None, reasons), ""), SAME if same else LIBRARY, SLOPES, None,
                 next((i.row.facts.theory for i in lines if not i.row.facts.log_exp), LOG_EXP), ENTRYWISE)
