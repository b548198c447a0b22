"""What an audit says of one tie: the choice made there, the others, and whether it matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.kinks.gradients import difference
from selgrad.kinks.point import Local
from selgrad.kinks.steps import MANY, Step
from selgrad.programs.listing import right_side
from selgrad.programs.program_data import place

FEW = 4  # alternatives that are named
SMALL = 1e-12  # of an adjoint times a jump


@dataclass(frozen=True, eq=False)
class Touched:
    """A kinked instruction with ties: how many, how many of them are trivial, and why, by reason."""

    node: int
    line: str
    where: tuple[str, int] | None
    ties: int
    trivial: int
    why: dict[str, int]


@dataclass(frozen=True, eq=False)
class Kink:
    """A tie that can change the derivative.

    node, line, where: its instruction. entry: of the result (the first it decides). value: how far what is compared is
    from equal. takes, others: the choice made, and up to four others of `count`. reach: "alone" or "with others",
    whether changing this choice alone changes the derivative. influence: |adjoint| times the jump of the slopes.
    """

    node: int
    line: str
    where: tuple[str, int] | None
    entry: tuple[int, ...]
    value: float
    takes: str
    others: tuple[str, ...]
    count: int
    reach: str
    influence: float

    def __str__(self) -> str:
        at = f"[{', '.join(map(str, self.entry))}]" if self.entry else ""
        more = f" or {self.count - len(self.others)} more" if self.count > len(self.others) else ""
        return (f"x{self.node}{at} = {self.line}{place(self.where)}: {self.value:.3g} from its kink; takes "
                f"{self.takes}, could take {', '.join(self.others)}{more}; matters {self.reach}, influence "
                f"{self.influence:.6g}")


def kink_of(here: Local, step: Step, scalars: tuple[tuple[int, int], ...], adjoint: Any) -> Kink:
    """What is said of one tie; adjoint: that of its instruction, (q, 1, *core), or None."""
    P, tie = here.P, step.tie
    k, line = tie.node, P.line(tie.node)
    row: Any = line.row
    values = row.compares.values(line, here.operands(k))
    value = max(abs(float(difference(values, pair))) for pair in tie.pairs)
    choices = tie.choices if tie.count <= MANY else [tie.variant(n) for n in range(len(tie.ids))]
    jumps = step.moves(choices).astype(float)
    others = [c for c, M in zip(choices, jumps, strict=True) if np.any(M)]
    q = P.q
    v = np.zeros((q, len(tie.outs))) if adjoint is None else np.broadcast_to(
        adjoint, (q, 1, *line.shape)).reshape(q, -1)[:, list(tie.outs)].astype(float)
    influence = float(np.abs(v @ jumps).max(initial=0.0))
    taken = step.taken.astype(float)
    named = [_choice(here, step, scalars, taken + step.moves([c]).astype(float)[0]) for c in others[:FEW]]
    count = tie.count - (len(choices) - len(others))
    return Kink(k, right_side(line), line.where, tuple(map(int, np.unravel_index(tie.outs[0], line.shape))), value,
                _choice(here, step, scalars, taken), tuple(named), count,
                "alone" if influence > SMALL * np.abs(jumps).max(initial=0.0) else "with others", influence)


def _choice(here: Local, step: Step, scalars: tuple[tuple[int, int], ...], weights: np.ndarray) -> str:
    """A choice, by the derivatives of the outs in the scalars that are read: (outs, n)."""
    if step.slopes is not None:
        texts = [f"{w:.6g}" for w in weights[0]]
        return f"slope {texts[0]}" if len(texts) == 1 else f"slopes ({', '.join(texts)})"
    names = [_name(here, scalar) for scalar in scalars]
    rows = [" and ".join(n for n, w in zip(names, row, strict=True) if w) for row in weights]
    mean = "the mean of " if len(rows) == 1 and " and " in rows[0] else ""
    return mean + ", ".join(rows)


def _name(here: Local, scalar: tuple[int, int]) -> str:
    j, entry = scalar
    at = np.unravel_index(entry, here.P.shapes[j])
    return f"x{j}[{', '.join(str(int(i)) for i in at)}]" if at else f"x{j}"
