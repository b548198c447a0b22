"""A compiled program as the text of a JavaScript expression, from the rows and the emitter that Numba's source is from.

The expression is an object of functions. Its numbers are JavaScript's, which are float64; in a narrower format each
operation is rounded, which gives that format's bits. +, -, *, / and comparisons are the engine's to the last bit,
exp, log and their like up to the rounding of the two libraries.

    value(x0, x1, ...)              Algorithm 1; NaN outside the domain of an instruction
    derivative(x0, ...)             Algorithm 2, backward: [v0, v1, ...] in the first argument; NaN there too
    forward(x0, ..., dx0, ...)      Algorithm 2, forward, along the direction dx
    indices(x0, ...)                the index s of every kinked line, in order
    fault(x0, ...)                  "" or the instruction whose domain is left, and why
    real(x)                         the number of the format next to x
    descend(x, c, alpha, steps, data, picks, out)    algorithm (8), x in place: step k draws the datum number picks[k]
                                    (picks null: the first); out, if given, receives the iterates

A page that lets a reader choose at kinks asks for three more. Nodes are numbered as in the lowered program:

    nodes(x0, ...)                  [x_0, x_1, ...]
    compared(x)                     by node, what each kinked line compares (null for others)
    slopes(x, s)                    by node, the d_k[j] in the order of `of`, along the indices s[k]
    of                              by node, the numbers j of the nodes that a line reads
"""

from __future__ import annotations

import json
import re
from typing import Any

from selgrad.compilation import readings
from selgrad.compilation.elementwise import Elementwise, comment, shown
from selgrad.compilation.emit import Assignment, algorithm1, algorithm2
from selgrad.compilation.helpers import called
from selgrad.compilation.languages import JavaScript
from selgrad.compilation.writer import Writer
from selgrad.errors import NotElementary, SelgradError
from selgrad.primitives import Convention
from selgrad.programs.program import Program
from selgrad.programs.program_data import place

PUBLIC = ("value", "derivative", "forward", "indices", "fault", "descend")
CHOICES = ("nodes", "compared", "slopes")

REAL = {
    "float32": ("const real = Math.fround;",),
    "float16": (
        "const bits = new Float64Array(1), words = new Uint32Array(bits.buffer);",
        "function real(x) {  // x + m - m has 11 bits, ties to even: m is 1.5 2^42 times the power of two in x",
        "    bits[0] = x;",
        "    const exponent = words[1] & 0x7ff00000;",
        "    words[0] = 0;",
        "    words[1] = (Math.max(exponent, 0x3f100000) + (42 << 20)) | 0x80000;",
        "    const y = x + bits[0] - bits[0];",
        "    return Math.abs(y) > 65504 ? (y > 0 ? Infinity : -Infinity) : y === 0 ? 0 * x : y;",
        "}",
    ),
}


def source(
    P: Program, p: int, dtype: Any, convention: Convention, listing: str, parts: tuple[str, ...] = PUBLIC
) -> str:
    """The object for a program with scalar nodes whose first p inputs are x and the others a datum.

    Raises NotElementary, naming the line, for what cannot be spelled.
    """
    writer = Module(P, p, JavaScript(dtype), convention)
    try:
        for part in parts:
            getattr(writer, part)()
    except SelgradError as problem:
        raise type(problem)(str(problem).replace(": use engine='numpy'", " to JavaScript")) from None
    return writer.text(parts, listing)


class Module:
    """The functions of one program, as they are asked for."""

    def __init__(self, P: Program, p: int, language: JavaScript, convention: Convention):
        self.P, self.p, self.language, self.convention = P, p, language, convention
        self.rows = Elementwise(convention)
        self.nodes_, self.lines, self.outside = algorithm1(P, self.rows)
        self.inputs = [f"x{j}" for j in range(len(P.input_shapes))]
        self.output = self.nodes_[P.outputs[0]]
        self.w = Writer()
        self.entries: list[str] = []

    def _spelled(self, lines: list[Assignment]) -> list[str]:
        try:
            return self.language.statements(lines)
        except TypeError as problem:
            raise NotElementary(f"{self._line(lines)} is not compiled to JavaScript: its formula uses {problem}."
                                ) from problem

    def _line(self, lines: list[Assignment]) -> str:
        """The first line that cannot be spelled."""
        for label, value in lines:
            try:
                self.language.spell(value)
            except TypeError:
                k = int(label[1:].split("_")[0])
                i = self.P.line(k)
                return f"x{k} = {i.op}(...){place(i.where)}"
        return "this program"

    def _function(self, name: str, arguments: list[str], *parts: list[str], result: str) -> None:
        with self.w.block(f"function {name}({', '.join(arguments)}) {{"):
            self.w(*(line for part in parts for line in part), f"return {result};")
        self.w("}", "")

    def _unless_outside(self, result: str, nothing: str) -> str:
        if not self.outside:
            return result
        return f"{self.language.anyone([bad for _, bad in self.outside])} ? {nothing} : {result}"

    def value(self) -> None:
        """Algorithm 1."""
        y = self.language.spell(self.output)
        self._function("value", self.inputs, self._spelled(self.lines), result=self._unless_outside(y, "NaN"))

    def _backward(self) -> tuple[list[Assignment], list[Any]]:
        return algorithm2(self.P, self.p, self.rows, self.nodes_)

    def derivative(self) -> None:
        """Algorithm 2, backward."""
        lines, slopes = self._backward()
        d = f"[{', '.join(map(self.language.spell, slopes))}]"
        nothing = f"[{', '.join(['NaN'] * self.p)}]"
        self._function("derivative", self.inputs, self._spelled([*self.lines, *lines]),
                       result=self._unless_outside(d, nothing))

    def forward(self) -> None:
        """Algorithm 2, forward."""
        lines, dx = readings.forward(self.P, self.p, self.rows, self.nodes_)
        self._function("forward", [*self.inputs, *(f"dx{j}" for j in range(self.p))],
                       self._spelled([*self.lines, *lines]),
                       result=self._unless_outside(self.language.spell(dx), "NaN"))

    def indices(self) -> None:
        """The indices of Algorithm 1."""
        lines, found = readings.indices(self.P, self.rows, self.nodes_)
        self._function("indices", self.inputs, self._spelled([*self.lines, *lines]), result=self._list(found))

    def _list(self, entries: list[Any]) -> str:
        return f"[{', '.join(self._list(e) if isinstance(e, list) else self.language.spell(e) for e in entries)}]"

    def fault(self) -> None:
        """Which domain is left."""
        tests = []
        for k, bad in self.outside:
            i = self.P.line(k)
            words = text(f"x{k} = {i.op}(...){place(i.where)}: {i.row.outside}.")
            tests.append(f"if ({self.language.condition(bad)}) return {words};")
        self._function("fault", self.inputs, self._spelled(self.lines) if tests else [], tests, result='""')

    def descend(self) -> None:
        """Algorithm (8) with one datum at a step: one loop, with the iterate in local variables."""
        lines, slopes = self._backward()
        every, real = range(self.p), "real" if self.language.rounds else ""
        w, data = self.w, self.inputs[self.p :]
        with w.block("function descend(x, c, alpha, steps, data, picks, out) {"):
            w(*(f"let x{j} = x[{j}];" for j in every))
            with w.block("for (let k = 0; k < steps; k++) {"):
                if data:
                    w("const datum = data[picks === null ? 0 : picks[k]];")
                    w(*(f"const {label} = datum[{e}];" for e, label in enumerate(data)))
                w(*self._spelled([*self.lines, *lines]))
                if self.outside:
                    w(f"if ({self.language.anyone([bad for _, bad in self.outside])}) {{ x.fill(NaN); return x; }}")
                w(f"const gamma = {real}(c * alpha[k]);")
                w(*(f"const g{j} = {self.language.spell(slopes[j])};" for j in every))
                w(*(f"x{j} = {real}(x{j} - {real}(gamma * g{j}));" for j in every))
                with w.block("if (out) {"):
                    w(*(f"out[k * {self.p} + {j}] = x{j};" for j in every))
                w("}")
            w("}", *(f"x[{j}] = x{j};" for j in every), "return x;")
        w("}", "")

    def nodes(self) -> None:
        """Every node that has a number."""
        x = [*self.inputs, *self._by_node(lambda k: f"x{k}")]
        self._function("nodes", self.inputs, self._spelled(self.lines), result=f"[{', '.join(x)}]")

    def _by_node(self, said: Any) -> list[str]:
        first = len(self.inputs)
        return [said(k) if readings.is_line(self.nodes_, k) else "null" for k in range(first, len(self.nodes_))]

    def _unpacked(self, lines: list[str], from_: str, names: dict[str, int]) -> list[str]:
        """The names that these lines use, taken out of an array."""
        body = " ".join(lines)
        return [f"const {label} = {from_}[{k}];" for label, k in names.items() if uses(body, label)]

    def _names(self, letter: str) -> dict[str, int]:
        return {f"{letter}{k}": k for k in range(len(self.nodes_))}

    def compared(self) -> None:
        """What is compared at kinked lines."""
        found = readings.compared(self.P, self.rows, self.nodes_)
        z = ["null"] * len(self.inputs) + [self._list(found[k]) if k in found else "null"
                                           for k in range(len(self.inputs), len(self.nodes_))]
        result = f"[{', '.join(z)}]"
        self._function("compared", ["x"], self._unpacked([result], "x", self._names("x")), result=result)

    def slopes(self) -> None:
        """The partial derivatives along given indices."""
        lines, found = readings.slopes(self.P, self.rows, self.nodes_)
        d = ["null"] * len(self.inputs) + [self._list([e for _, e in found[k]]) if k in found else "null"
                                           for k in range(len(self.inputs), len(self.nodes_))]
        result, body = f"[{', '.join(d)}]", self._spelled(list(lines))
        own = {label for label, _ in lines}
        names = {label: k for label, k in self._names("x").items() if label not in own}
        self._function("slopes", ["x", "s"], self._unpacked([*body, result], "x", names),
                       self._unpacked([*body, result], "s", self._names("s")), body, result=result)
        of = ["[]"] * len(self.inputs) + [str([j for j, _ in found[k]]) if k in found else "[]"
                                          for k in range(len(self.inputs), len(self.nodes_))]
        self.entries.append(f"of: [{', '.join(of)}]")

    def text(self, parts: tuple[str, ...], listing: str) -> str:
        """The expression: helpers, rows, functions, and the object that holds them."""
        own = [line for function in self.rows.functions.values() for line in self.language.define(function)]
        body = "\n".join([*own, *self.w.lines])
        head = Writer()
        head(f"// Written by selgrad; do not edit. {self.language.kind.name}; tie convention {shown(self.convention)}",
             *("// " + comment(line) for line in listing.splitlines()))
        with head.block("(() => {"):
            head('"use strict";', *REAL.get(self.language.kind.name, ()))
            head(*(line for helper in called(body) for line in self.language.define(helper)), *own, *self.w.lines)
            real = "real" if self.language.rounds else "real: (x) => x"
            entries = [*parts, real, f"p: {self.p}", *self.entries]
            head(f"return {{{', '.join(entries)}}};")
        head("})()")
        return head.text.replace("</", "<\\/")  # so that it can stand inside a page


def uses(body: str, label: str) -> bool:
    """Whether a text uses a name."""
    return re.search(rf"\b{label}\b", body) is not None


def text(words: str) -> str:
    """A string of the user's as a JavaScript literal that can also stand inside a page."""
    return json.dumps(words).replace("<", "\\u003c")
