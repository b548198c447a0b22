"""Print a program: the listing x_k = g_k(x_pr(k)), as text, HTML and nested expressions."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from selgrad.programs.program_data import Instruction, ProgramData

LONGEST = 60
HIGHLIGHT = "background:rgba(230,159,0,0.25)"  # see-through: text keeps its colour, on light pages and on dark ones


def constant(value: Any) -> str:
    """A constant, short enough for one line."""
    if np.ndim(value) == 0:
        return f"{float(value):.6g}"
    text = np.array2string(np.asarray(value), precision=4, separator=", ", threshold=6).replace("\n", "")
    return text if len(text) <= 40 else f"array{np.shape(value)}"


def shown(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters a reader wants: numbers shortened, shapes already visible left out."""
    return {
        name: constant(value) if isinstance(value, (float, np.ndarray)) else value
        for name, value in params.items()
        if name not in ("core", "cores")
    }


def _parameters(params: dict[str, Any]) -> str:
    return "".join(f", {name}={value}" for name, value in shown(params).items())


def right_side(instruction: Instruction, names: list[str] | None = None) -> str:
    """g_k(x_pr(k)) as text, with x0, x1, ... (or the given names) for the nodes."""
    row = instruction.row
    texts = [
        (names[o] if names else f"x{o}") if instruction.is_node(i) else constant(o)
        for i, o in enumerate(instruction.operands)
    ]
    if row.prints.show:
        return row.prints.show(*texts, **shown(instruction.params))
    return f"{instruction.op}({', '.join(texts)}{_parameters(instruction.params)})"


def rows(P: ProgramData) -> list[tuple[str, str, str, str]]:
    """One row per node: its name, right-hand side, shape, and remark (kink, guard, not log-exp)."""
    table = [(f"x{j}", "input", _shape(s), "") for j, s in enumerate(P.input_shapes)]
    for k, instruction in P.lines():
        row = instruction.row
        remark = "kink" if row.kinked else "" if row.facts.log_exp else row.facts.theory
        table.append((f"x{k}", right_side(instruction), _shape(instruction.shape), remark))
    return table


def _shape(shape: tuple[int, ...]) -> str:
    return "" if shape == () else str(list(shape))


def _guards(P: ProgramData) -> list[str]:
    return [f"branch: x{g.node} {g.relation} 0 is {g.taken}, before x{g.at}" for g in P.guards]


def listing(P: ProgramData) -> str:
    """The listing of a program, one line an instruction.

    >>> import selgrad as sg
    >>> print(sg.trace(lambda t: sg.relu(-t) + t, 0.0))
    Program(p=1, q=1, m=4)
      x0 = input
      x1 = -x0
      x2 = relu(x1)          kink
      x3 = x2 + x0
      return x3
    """
    table = rows(P)
    width = min(LONGEST, max(len(f"{name} = {right}") for name, right, _, _ in table))
    lines = [repr(P)]
    for name, right, shape, remark in table:
        note = "  ".join(part for part in (shape, remark) if part)
        left = f"{name} = {right}"
        lines.append(f"  {left:<{width + 8}}  {note}".rstrip() if note else f"  {left}")
    lines += [f"  {guard}" for guard in _guards(P)]
    lines.append("  return " + ", ".join(f"x{k}" for k in P.outputs))
    return "\n".join(lines)


def html(P: ProgramData) -> str:
    """The listing as an HTML table, for notebooks."""
    kink = f" style='{HIGHLIGHT}'"
    body = "".join(
        f"<tr{kink if remark == 'kink' else ''}><td><code>{name}</code></td>"
        f"<td style='text-align:left'><code>{escape(right)}</code></td><td>{shape}</td><td>{remark}</td></tr>"
        for name, right, shape, remark in rows(P)
    )
    foot = "; ".join([*_guards(P), "returns " + ", ".join(f"x{k}" for k in P.outputs)])
    return (
        f"<table><caption>{P!r}</caption><tr><th>node</th><th>instruction</th><th>shape</th><th></th></tr>"
        f"{body}</table><p>{escape(foot)}</p>"
    )


def expression(P: ProgramData, tex: bool = False, names: tuple[str, ...] | None = None) -> str:
    """The output of a small program as one nested expression, in text or LaTeX.

    Every node is spelled out where it is used, so this is for pieces of a few instructions.
    """
    single = len(P.input_shapes) == 1
    inputs = names or tuple("x" if single else f"x_{j}" if tex else f"x{j}" for j in range(len(P.input_shapes)))
    texts: list[tuple[str, int]] = [(name, 9) for name in inputs]
    for _, instruction in P.lines():
        row = instruction.row
        parts = [texts[o] if instruction.is_node(i) else (constant(o), 9) for i, o in enumerate(instruction.operands)]
        neutral, form = row.prints.neutral, row.prints.tex if tex else row.prints.show
        if neutral is not None and repr(instruction.operands[-1]) == repr(neutral):  # an output copied from a node
            texts.append(parts[0])
        elif form:
            texts.append((form(*form.held(parts), **shown(instruction.params)), form.level))
        else:
            inside = ", ".join(text for text, _ in parts)
            op = instruction.op.replace("_", r"\_")
            texts.append((rf"\mathrm{{{op}}}({inside})" if tex
                          else f"{instruction.op}({inside}{_parameters(instruction.params)})", 9))
    return ", ".join(texts[k][0] for k in P.outputs)
