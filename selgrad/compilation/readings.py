"""Further readings of a program with scalar nodes, as lines: forward mode, indices, and its slopes for given indices.

They are made of what `emit.py` is made of: the rows and the forms. The forward column of Algorithm 2 needs no third
entry in a form, for row c of a derivative is what the unit accumulator e_c is pulled to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.compilation.elementwise import FAULTS, Elementwise, refused
from selgrad.compilation.emit import Sheet
from selgrad.compilation.expressions import Expression, key, name, times, total
from selgrad.compilation.forms import Form, form_of
from selgrad.errors import NotElementary
from selgrad.programs.program import Program
from selgrad.programs.program_data import Instruction, place


class Once(Sheet):
    """Lines of which each is put down once, however often it is asked for; another one of its name is numbered."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, list[Any]] = {}

    def put(self, label: str, value: Any) -> Any:
        said = self.said.setdefault(label, [])
        if key(value) not in said:
            said.append(key(value))
            super().put(self._numbered(label, len(said) - 1), value)
        return name(self._numbered(label, said.index(key(value))))

    def _numbered(self, label: str, n: int) -> str:
        return f"{label}_again{n}" if n else label


def forward(P: Program, p: int, rows: Elementwise, nodes: list[Any]) -> tuple[Sheet, Any]:
    """The forward column of Algorithm 2 along dx0, ..., dx(p - 1): its lines, and dx of the output."""
    lines = Once()
    dx: list[Any] = [name(f"dx{j}") if j < p else None for j in range(len(P.input_shapes))]
    for k, i in P.lines():
        weights = _weights(lines, k, i, rows, nodes)
        changes = i.of(dx) if i.operands else []
        changes = [change if i.is_node(n) else None for n, change in enumerate(changes)]
        sums = []
        for weight in weights:
            terms = [times(w, d) for w, d in _pairs(weight, changes) if w is not None and d is not None]
            sums.append(total(terms) if terms else None)
        alone = not isinstance(nodes[k], list)
        label = f"dx{k}" if alone else f"dx{k}_"
        put = [None if s is None else lines.put(label if alone else f"{label}{c}", s) for c, s in enumerate(sums)]
        dx.append(put[0] if alone else put)
    end = dx[P.outputs[0]]
    return lines, 0.0 if end is None else end


def _pairs(weight: list[Any], changes: list[Any]) -> list[tuple[Any, Any]]:
    """Weights beside changes, entry by entry."""
    found: list[tuple[Any, Any]] = []
    for w, d in zip(weight, changes, strict=True):
        if w is None or d is None:
            continue
        ws, ds = (w, d) if isinstance(w, list) else ([w], d if isinstance(d, list) else [d])
        found += zip(ws, ds, strict=True)
    return found


def _weights(lines: Sheet, k: int, i: Instruction, rows: Elementwise, nodes: list[Any]) -> list[list[Any]]:
    """For each entry of x_k its derivative in every operand: a number, or a list for a vector."""
    xs, form = i.of(nodes), form_of(i)
    try:
        if form is None:
            return [rows.slopes(lines.put, k, i, xs, nodes[k])]
        y = nodes[k]
        if not isinstance(y, list):
            return [_pulled(form, lines, k, i, rows, xs, y, 1.0)]
        units = [[1.0 if e == c else None for e in range(len(y))] for c in range(len(y))]
        return [_pulled(form, lines, k, i, rows, xs, y, unit) for unit in units]
    except FAULTS as problem:
        raise refused(k, i, problem) from problem


def _pulled(form: Form, lines: Sheet, k: int, i: Instruction, rows: Elementwise, xs: list[Any], y: Any, v: Any
            ) -> list[Any]:
    pulled = form.pull(lines.put, k, xs, y, v, i.params, i.tie(rows.convention))
    return [None if w is None else [None if e is None or _nothing(e) else e for e in w] if isinstance(w, list) else w
            for w in pulled]


def _nothing(e: Any) -> bool:
    return not isinstance(e, Expression) and e == 0.0


def indices(P: Program, rows: Elementwise, nodes: list[Any]) -> tuple[Sheet, list[Any]]:
    """The index s of every kinked line, in order: the lines that find them, and an expression or a list for each."""
    lines, found = Once(), []
    for k in P.kinked():
        i = P.line(k)
        xs, form = i.of(nodes), form_of(i)
        found.append(lines.put(f"s{k}", rows.index(i, xs)) if form is None or form.index is None else
                     form.index(lines.put, k, xs, nodes[k], i.params, i.tie(rows.convention)))
    return lines, found


class Given(Sheet):
    """Lines in which the indices are not found: they have been given."""

    def put(self, label: str, value: Any) -> Any:
        return name(label) if label.startswith("s") else super().put(label, value)


def slopes(P: Program, rows: Elementwise, nodes: list[Any]) -> tuple[Sheet, dict[int, list[tuple[int, Any]]]]:
    """For given indices s_k the numbers d_k[j] of Algorithm 2: lines, and (j, d_k[j]) by line k, one an operand.

    A line that only hands names on has none. Raises NotElementary for a line with several results.
    """
    lines, found = Given(), {}
    for k, i in P.lines():
        if not is_line(nodes, k):
            if isinstance(nodes[k], list) and any(e.args[0].startswith(f"x{k}_") for e in nodes[k] if _named(e)):
                raise NotElementary(f"x{k} = {i.op}(...){place(i.where)} has several results, so its choices are not "
                                    "numbered one by one.")
            continue
        entries: list[tuple[int, Any]] = []
        for x, w in zip(i.of(nodes), _weights(lines, k, i, rows, nodes)[0], strict=True):
            pairs = [] if w is None else zip(x, w, strict=True) if isinstance(w, list) else [(x, w)]
            entries += [(int(e.args[0][1:]), 0.0 if d is None else d) for e, d in pairs if _named(e)]
        found[k] = entries
    return lines, found


def is_line(nodes: list[Any], k: int) -> bool:
    """Whether node k is a number with a name of its own, not other names handed on."""
    at = nodes[k][0] if isinstance(nodes[k], list) and len(nodes[k]) == 1 else nodes[k]
    return _named(at) and at.args[0] == f"x{k}"


def _named(e: Any) -> bool:
    return isinstance(e, Expression) and e.head is None


def compared(P: Program, rows: Elementwise, nodes: list[Any]) -> dict[int, list[Any]]:
    """What every kinked line compares, in the order of its column `compares`: switching functions, or entries."""
    found: dict[int, list[Any]] = {}
    for k in P.kinked():
        i = P.line(k)
        row: Any = i.row
        xs = i.of(nodes)
        vector = [x for x in xs if isinstance(x, list)]
        found[k] = [e for x in vector for e in x] if vector else list(row.switches(*xs, **i.params))
    return {k: [np.float64(z) if not isinstance(z, Expression) else z for z in zs] for k, zs in found.items()}
