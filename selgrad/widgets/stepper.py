"""The algorithm stepper: both columns of Algorithm 2, one instruction at a time, on the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from selgrad.differentiation.modes import partials
from selgrad.examples.paper import relu2, t_minus_zero, zero
from selgrad.plotting import style
from selgrad.plotting.dag import Drawing, describe
from selgrad.programs.evaluate import evaluate
from selgrad.programs.listing import HIGHLIGHT, right_side
from selgrad.programs.program import Program
from selgrad.tracing import trace
from selgrad.tracing.operations import relu
from selgrad.widgets.base import BESIDE, LABEL, SUB, App, Number, View, listed, number

FORWARD, BACKWARD = "forward", "backward"
MOST_INPUTS, MOST_STEPS, SPAN = 3, 100, 3.0


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
    if any(shape != () for shape in P.shapes):
        raise ValueError("The stepper shows programs of numbers: write x1, x2 as arguments, not as an array.")
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
    for k in P.outputs:
        state[k] = np.ones(1)
    done = [Step(None, {}, list(state))]
    for t in range(m - 1, first - 1, -1):
        d_t = slope(t)
        for j, d in d_t.items():
            state[j] = np.asarray(state[j]) + np.asarray(state[t]) * d
        done.append(Step(t, d_t, list(state)))
    return done


def row(values: np.ndarray | None) -> str:
    """An entry of the table: a number, a row of numbers, or not yet known."""
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
    `next_button` and `back_button` move by one instruction.
    """

    name: ClassVar[str] = "algorithm-stepper"
    title: ClassVar[str] = "Algorithm stepper"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "relu2, backward": {"program": "relu2(t) = relu(-t) + t", "mode": BACKWARD},
        "zero, forward": {"program": "zero(t) = relu2(t) - relu(t)", "mode": FORWARD},
        "zero, backward": {"program": "zero(t) = relu2(t) - relu(t)", "mode": BACKWARD},
        "artificial critical point": {"program": "t - zero(t)", "mode": BACKWARD},
        "a maximum at a tie": {"program": "max(x0, x1) x0", "x0": 1.0, "x1": 1.0, "mode": BACKWARD},
        "three inputs, forward": {"program": "x0 x1 + x1 x2", "x0": 1.0, "x1": 2.0, "x2": 3.0, "mode": FORWARD},
    }

    def __init__(self, f: Callable | Program | None = None, *x: float):
        self._programs = dict(PROGRAMS)
        if f is not None:
            if not 1 <= len(x) <= MOST_INPUTS:
                raise ValueError(f"AlgorithmStepper(f, x0, ...) takes 1 to {MOST_INPUTS} numbers after f.")
            self._programs = {YOURS: (f, tuple(map(float, x))), **PROGRAMS}
        self._shown: Any = None
        super().__init__()

    def build(self) -> list[ipywidgets.Widget]:
        wide = {"width": "26em"}
        program = ipywidgets.Dropdown(options=list(self._programs), description="Program", style=LABEL,
                                      layout=wide, tooltip="The program to step through")
        mode = ipywidgets.ToggleButtons(options=[FORWARD, BACKWARD], description="Mode", style=LABEL, layout=BESIDE,
                                        tooltips=["dx_k from the inputs on", "v[j] from the output back"])
        step: Any = ipywidgets.IntSlider(description="Step", min=0, max=MOST_STEPS, style=LABEL, layout=wide,
                                    tooltip="How many instructions have been handled")
        step.most = MOST_STEPS
        start = [*next(iter(self._programs.values()))[1], 0.0, 0.0, 0.0]
        self._inputs = [Number(-SPAN, SPAN, start[i], f"Input x{SUB[i]}", f"The value of input x{i}")
                        for i in range(MOST_INPUTS)]
        self._input_rows = [box.row() for box in self._inputs]
        self.controls |= {"program": program, "mode": mode}
        self.controls |= {f"x{i}": box.slider for i, box in enumerate(self._inputs)}
        self.controls |= {"step": step}
        self.back_button = ipywidgets.Button(description="Back", icon="step-backward", tooltip="Undo one instruction")
        self.next_button = ipywidgets.Button(description="Next", icon="step-forward", tooltip="One more instruction")
        self.back_button.on_click(lambda _: self.move(-1))
        self.next_button.on_click(lambda _: self.move(+1))
        program.observe(self._new_program, "value")
        mode.observe(lambda _: setattr(step, "value", 0), "value")
        return [program, mode, *self._input_rows, step, ipywidgets.HBox([self.back_button, self.next_button])]

    def move(self, by: int) -> None:
        """Go forth (+1) or back (-1) by some instructions; stops at either end."""
        step = self.controls["step"]
        step.value = min(max(step.value + by, 0), step.max)

    def _new_program(self, change: dict) -> None:
        with self._quietly():
            for box, value in zip(self._inputs, self._programs[change["new"]][1]):
                box.slider.value = value
            self.controls["step"].value = 0

    def refresh(self) -> None:
        f, x = self._programs[self.controls["program"].value]
        here = tuple(self.controls[f"x{i}"].value for i in range(len(x)))
        self.program = f if isinstance(f, Program) else trace(f, *here)
        self.steps = steps(self.program, here, self.controls["mode"].value)
        self._values = [float(v) for v in evaluate(self.program, here).values]
        self.controls["step"].max = len(self.steps) - 1
        for i, line in enumerate(self._input_rows):
            line.layout.display = "flex" if i < len(x) else "none"
        self.back_button.disabled = self.controls["step"].value == 0
        self.next_button.disabled = self.controls["step"].value == len(self.steps) - 1

    def figure(self, figure: Figure) -> None:
        self._ax = figure.add_axes((0.01, 0.01, 0.98, 0.98))

    def look(self) -> View:
        P, n, forward = self.program, self.controls["step"].value, self.controls["mode"].value == FORWARD
        step = self.steps[n]
        symbol = "dx" if forward else "v"
        status = f"Step {n} of {len(self.steps) - 1}, {self.controls['mode'].value} mode: {self._words(step, forward)}"
        data = {"n": n, "forward": forward, "x": self._values,
                symbol: np.concatenate([[np.nan] if s is None else s for s in step.state])}
        return View(status, f"{describe(P)} {status}", data, html=self._table(step, symbol, forward))

    def _words(self, step: Step, forward: bool) -> str:
        P, first = self.program, len(self.program.input_shapes)
        if step.node is None:
            if forward:
                return "start from dx = e_j at the inputs."
            return f"start from v = 1 at the output x{P.outputs[0]} and 0 elsewhere."
        k = step.node
        text = right_side(P.line(k))
        kink = " (a kink instruction)" if k in P.kinked() else ""
        slopes = listed([f"d{k}[{j}] = {number(d)}" for j, d in step.slopes.items()]) if step.slopes else "no slope"
        if forward:
            result = f"dx{k} = {row(step.state[k])}"
        else:
            result = listed([f"v[{j}] = {row(step.state[j])}" for j in step.slopes]) if step.slopes else "v stays"
        ended = k == (len(P.shapes) - 1 if forward else first)
        gradient = np.array([v for v in step.state[:first] if v is not None]).ravel()
        answer = step.state[P.outputs[0]] if forward else gradient
        end = f" Done: the derivative is {row(answer)}." if ended else ""
        return f"x{k} = {text}{kink}, {slopes}, so {result}.{end}"

    def _table(self, step: Step, symbol: str, forward: bool) -> str:
        P, first = self.program, len(self.program.input_shapes)
        lines = []
        for k, value in enumerate(self._values):
            text = "input" if k < first else right_side(P.line(k))
            d = ", ".join(f"d{k}[{j}] = {number(s)}" for j, s in step.slopes.items()) if k == step.node else ""
            name = f"dx{k}" if forward else f"v[{k}]"
            style = f" style='{HIGHLIGHT};font-weight:bold'" if k == step.node else ""
            cells = (f"x{k} = {text}", number(value), d, f"{name} = {row(step.state[k])}")
            lines.append(f"<tr{style}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
        head = "".join(f"<th scope='col'>{cell}</th>" for cell in ("instruction", "x_k", "d_k", f"{symbol} so far"))
        return f"<table style='border-spacing:1.2em 0'><tr style='text-align:left'>{head}</tr>{''.join(lines)}</table>"

    def draw(self, view: View) -> None:
        shown = (self.controls["program"].value, str(self.program))
        if shown != self._shown:  # a new graph: only then are the artists made anew
            with style():
                self._ax.clear()
                self._drawing, self._shown = Drawing(self.program, self._ax), shown
        step = self.steps[self.controls["step"].value]
        self._drawing.mark(step.node, {(j, step.node) for j in step.slopes} if step.node is not None else set())
