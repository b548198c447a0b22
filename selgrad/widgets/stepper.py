"""The algorithm stepper: both columns of Algorithm 2, one instruction at a time, on the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from selgrad.differentiation.modes import partials
from selgrad.errors import DomainError, SelgradError
from selgrad.examples.paper import relu2, t_minus_zero, zero
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.tracing import trace
from selgrad.tracing.operations import relu
from selgrad.widgets.base import App, View, listed, number
from selgrad.widgets.controls import Choice, Control, Menu, Number, Whole
from selgrad.widgets.graphs import drawn, short, sub, symbol, wrapped
from selgrad.widgets.scripts import script

FORWARD, BACKWARD = "forward", "backward"
MOST_INPUTS, MOST_STEPS, SPAN = 3, 100, 3.0
LEGEND = (("node-input", "input"), ("node-kink", "kink instruction"), ("node-output", "output"), ("lit", "handled now"))

TEXTS = {
    "status": "Step {n} of {last}, {mode} mode: {words}",
    "start forward": "start from dxⱼ = eⱼ at the inputs.",
    "start backward": "start from v = 1 at the output {output} and 0 elsewhere.",
    "step": "{line}{kink}, {slopes}, so {result}.{end}",
    "kink": " (a kink instruction)",
    "slope": "d{k}[{j}] = {d}",
    "no slope": "no slope",
    "dx": "dx{k} = {row}",
    "v": "v[{j}] = {row}",
    "v stays": "v stays",
    "end": " Done: the derivative is {row}.",
    "outside": "The program has no value here: an instruction is outside its domain.",
    "remark": "On an edge from $x_j$ to $x_k$, once it is handled: the partial derivative $d_k[j]$.",
    "alt": "{graph} {status} At the nodes: {nodes}.",
}


@dataclass(frozen=True)
class Step:
    """The state after one instruction: which one, along which edges, and dx or v so far (None: not yet)."""

    node: int | None
    slopes: dict[int, float]
    state: list[np.ndarray | None]


def steps(P: Program, x: tuple[float, ...], mode: str) -> list[Step]:
    """The states of Algorithm 2 on a program of scalars: before the loop, then after each instruction.

    Forward: dx_k, a row with one entry for each input. Backward: v[j], a number, from v = e_m. `slopes` are the
    d_k[j] by predecessor j. Source: Algorithm 2.
    """
    if any(shape != () for shape in P.shapes) or len(P.outputs) != 1:
        raise ValueError("The stepper shows programs of numbers with one output: write x1, x2 as arguments, not as an "
                         "array.")
    ev, first, m = evaluate(P, x), len(P.input_shapes), len(P.shapes)
    state: list[np.ndarray | None]

    def slope(t: int) -> dict[int, float]:
        found: dict[int, float] = {}
        for j, d in partials(t, P.line(t), ev):
            found[j] = found.get(j, 0.0) + float(np.asarray(d.pull(np.asarray(1.0))))
        return found

    if mode == FORWARD:
        state = [*np.eye(first), *[None] * (m - first)]
        done = [Step(None, {}, list(state))]
        for k in range(first, m):
            d_k = slope(k)
            state[k] = sum((d * np.asarray(state[j]) for j, d in d_k.items()), np.zeros(first))
            done.append(Step(k, d_k, list(state)))
        return done
    state = [np.zeros(1) for _ in range(m)]
    state[P.outputs[0]] = np.ones(1)
    done = [Step(None, {}, list(state))]
    for t in range(m - 1, first - 1, -1):
        d_t = slope(t)
        for j, d in d_t.items():
            state[j] = np.asarray(state[j]) + np.asarray(state[t]) * d
        done.append(Step(t, d_t, list(state)))
    return done


def row(values: np.ndarray | None) -> str:
    """A number, a row of numbers, or not yet known, in words."""
    if values is None:
        return "·"
    text = ", ".join(number(v) for v in values)
    return text if len(values) == 1 else f"({text})"


PROGRAMS: dict[str, tuple[Callable, tuple[float, ...]]] = {
    "relu2(t) = relu(-t) + t": (relu2, (0.0,)),
    "zero(t) = relu2(t) - relu(t)": (zero, (0.0,)),
    "t - zero(t)": (t_minus_zero, (0.0,)),
    "relu(t) - relu(-t)": (lambda t: relu(t) - relu(-t), (0.0,)),
    "max(x0, x1) x0": (lambda a, b: np.maximum(a, b) * a, (1.0, 1.0)),
    "|x0 - x1| + x0 x1": (lambda a, b: np.abs(a - b) + a * b, (1.0, 1.0)),
    "x0 x1 + x1 x2": (lambda a, b, c: a * b + b * c, (1.0, 2.0, 3.0)),
}
YOURS = "your program"


class AlgorithmStepper(App):
    """Step through forward and backward mode on a program of numbers: AlgorithmStepper(f, x0, x1, ...).

    Without arguments it starts on relu2 at 0. Controls: `program`, `mode`, `x0`, `x1`, `x2`, `step`.
    `next()` and `back()` move by one instruction, as the buttons do.
    """

    name: ClassVar[str] = "algorithm-stepper"
    title: ClassVar[str] = "Algorithm stepper"
    actions: ClassVar[dict[str, str]] = {"back": "Back", "next": "Next"}
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "relu2, backward": {"program": "relu2(t) = relu(-t) + t", "mode": BACKWARD},
        "zero, forward": {"program": "zero(t) = relu2(t) - relu(t)", "mode": FORWARD},
        "zero, backward": {"program": "zero(t) = relu2(t) - relu(t)", "mode": BACKWARD},
        "artificial critical point": {"program": "t - zero(t)", "mode": BACKWARD, "step": 6},
        "a maximum at a tie": {"program": "max(x0, x1) x0", "x0": 1.0, "x1": 1.0, "mode": BACKWARD, "step": 2},
        "three inputs, forward": {"program": "x0 x1 + x1 x2", "x0": 1.0, "x1": 2.0, "x2": 3.0, "mode": FORWARD,
                                  "step": 2},
    }

    def __init__(self, f: Callable | Program | None = None, *x: float):
        self._programs = dict(PROGRAMS)
        if f is not None:
            if not 1 <= len(x) <= MOST_INPUTS:
                raise ValueError(f"AlgorithmStepper(f, x0, ...) takes 1 to {MOST_INPUTS} numbers after f.")
            self._programs = {YOURS: (f, tuple(map(float, x))), **PROGRAMS}
        self._drawn: tuple[Program | None, dict[str, Any]] = None, {}
        super().__init__()

    def build(self) -> list[Control]:
        names = list(self._programs)
        start = [*self._programs[names[0]][1], 0.0, 0.0, 0.0]
        return [
            Menu("program", names, names[0], "Program", "The program to step through"),
            Choice("mode", (FORWARD, BACKWARD), FORWARD, "Mode", "From the inputs on, or from the output back"),
            *(Number(f"x{i}", -SPAN, SPAN, start[i], f"Input $x_{i}$", f"The value of input x{i}")
              for i in range(MOST_INPUTS)),
            Whole("step", 0, MOST_STEPS, 0, "Step", "How many instructions have been handled"),
        ]

    def next(self) -> None:
        """Handle one more instruction."""
        self.move(+1)

    def back(self) -> None:
        """Undo one instruction."""
        self.move(-1)

    def move(self, by: int) -> None:
        """Go forth or back by some instructions; stops at either end."""
        step = self.controls["step"]
        self.set(step=min(max(step.value + by, 0), step.max))

    def changed(self, name: str) -> None:
        if name == "program":
            for i, value in enumerate(self._programs[self.controls["program"].value][1]):
                self.controls[f"x{i}"].value = value
        if name in ("program", "mode"):
            self.controls["step"].value = 0

    def traced(self, name: str, *here: float) -> Program:
        """A program of the menu; one with Python branches as it is at the inputs."""
        f, x = self._programs[name]
        if isinstance(f, Program):
            return f
        return trace(f, *(here or x))

    def refresh(self) -> None:
        name, step = self.controls["program"].value, self.controls["step"]
        inputs = [self.controls[f"x{i}"] for i in range(MOST_INPUTS)]
        here = tuple(box.value for box in inputs[: len(self._programs[name][1])])
        self.inside = True
        try:
            self.program = self.traced(name, *here)
            self.steps = steps(self.program, here, self.controls["mode"].value)
            self._values = [float(v) for v in evaluate(self.program, here).values]
        except DomainError:
            self.inside, self.program = False, self.traced(name)
            self.steps = [Step(None, {}, [None] * self.program.m)] * (1 + len(self.program.instructions))
            self._values = [*here, *[np.nan] * len(self.program.instructions)]
        if self._drawn[0] is None or str(self._drawn[0]) != str(self.program):
            self._drawn = self.program, drawn(self.program)
        step.max = len(self.steps) - 1
        for i, box in enumerate(inputs):
            box.hidden = i >= len(here)
        self.blocked = {name for name, end in (("back", 0), ("next", step.max)) if step.value == end}

    def look(self) -> View:
        n, mode, graph = self.controls["step"].value, self.controls["mode"].value, self._drawn[1]
        places = graph["places"].get(mode, graph["places"][BACKWARD])
        step, letter = self.steps[n], "dx" if mode == FORWARD else "v"
        words = TEXTS["outside"]
        if self.inside:
            said = self._words(step, mode, graph)
            words = TEXTS["status"].format(n=n, last=len(self.steps) - 1, mode=mode, words=said)
        slopes = {(j, s.node): d for s in self.steps[1 : n + 1] for j, d in s.slopes.items()}
        edges = [{"mark": "edge", "points": edge["points"], "at": edge["at"],
                  "lit": edge["to"] == step.node and edge["from"] in step.slopes,
                  "text": short(slopes[edge["from"], edge["to"]]) if (edge["from"], edge["to"]) in slopes else ""}
                 for edge in places["edges"]]
        nodes, states = [], []
        for k, (node, (x, y)) in enumerate(zip(graph["nodes"], places["at"])):
            value = None if np.isnan(self._values[k]) else np.array([self._values[k]])
            name = symbol(k).replace("x", "dx") if mode == FORWARD else f"$v$[{k}]"
            nodes.append({"mark": "node", "x": x, "y": y, **node, "box": places["box"], "lit": k == step.node,
                          "lines": [*wrapped(symbol(k), value), *wrapped(name, step.state[k])]})
            entry = TEXTS[letter].format(k=sub(k), j=k, row=row(step.state[k]))
            states.append(f"x{sub(k)} = {row(value)}, {entry}")
        alt = TEXTS["alt"].format(graph=graph["graph"], status=words, nodes="; ".join(states))
        data = {"n": n, "forward": mode == FORWARD, "x": self._values,
                letter: np.concatenate([[np.nan] if s is None else s for s in step.state])}
        return View(words, alt, [{**places["panel"], "marks": [*edges, *nodes]}], LEGEND, TEXTS["remark"], data=data)

    def _words(self, step: Step, mode: str, graph: dict[str, Any]) -> str:
        first, forward, k = graph["p"], mode == FORWARD, step.node
        if k is None:
            return TEXTS[f"start {mode}"].format(output=f"x{sub(graph['output'])}")
        slopes = [TEXTS["slope"].format(k=sub(k), j=j, d=number(d)) for j, d in step.slopes.items()]
        if forward:
            result = TEXTS["dx"].format(k=sub(k), row=row(step.state[k]))
        else:
            results = [TEXTS["v"].format(j=j, row=row(step.state[j])) for j in step.slopes]
            result = listed(results) if results else TEXTS["v stays"]
        end = ""
        if k == (self.program.m - 1 if forward else first):
            gradient = np.array([v for v in step.state[:first] if v is not None]).ravel()
            end = TEXTS["end"].format(row=row(step.state[graph["output"]] if forward else gradient))
        kink = TEXTS["kink"] if graph["nodes"][k]["kind"] == "kink" else ""
        return TEXTS["step"].format(line=graph["lines"][k], kink=kink, result=result, end=end,
                                    slopes=listed(slopes) if slopes else TEXTS["no slope"])

    def given(self) -> dict[str, Any]:
        graphs = {name: {**drawn(self.traced(name)), "start": list(x)} for name, (_, x) in self._programs.items()}
        return {"texts": TEXTS, "graphs": graphs, "legend": LEGEND}

    def programs(self) -> dict[str, str]:
        found = {}
        for name in self._programs:
            found[name] = script(self.traced(name), parts=("nodes", "indices", "slopes", "fault"))
        return found

    def page(self) -> str | None:
        """The live page; none where your own program is not emitted: Python branches, functions without JavaScript."""
        if any(self.traced(name).guards for name in self._programs):
            return None
        try:
            return super().page()
        except SelgradError:
            return None
