"""The kink explorer: Theorem 1 by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from selgrad.differentiation.modes import backward_mode
from selgrad.errors import SelgradError
from selgrad.examples.paper import prescribing, zero
from selgrad.programs.program import Program
from selgrad.tracing import trace
from selgrad.tracing.operations import relu
from selgrad.widgets.base import SUB, App, View, listed, number
from selgrad.widgets.controls import Control, Menu, Number, Whole
from selgrad.widgets.scripts import script

MOST = 3
SPAN, HEIGHT = 3.0, 4.0
NEAR = 2.0**-30
GRID = np.linspace(-SPAN, SPAN, 193)  # steps of 1/32: every place a slider can reach is on the grid

# the words of the application, for the kernel and for the live page
WORDS = {
    "function": "The function is {f}, unchanged.",
    "smooth": "At {a} the function's derivative is {d}, AD returns {ad}.",
    "kink": "At {a} the function has no derivative, AD returns {ad}.",
    "together": "Kinks that stand at one place add their corrections.",
    "alt": "The function {f} as a solid line, its AD derivative dashed, points at the kinks. {status}",
    "handle": "Kink {i}: its place and its derivative",
}
LEGEND = (("function", "function"), ("derivative", "AD derivative"), ("beside-kink", "derivative beside a kink"),
          ("ad-value", "AD at a kink"))

_STARTING_KINKS = {"a_1": 1.0, "v_1": 2.0, "a_2": -1.0, "v_2": -1.0, "a_3": 2.0, "v_3": 0.0}

BASES: dict[str, Callable] = {
    "sin(t)": np.sin,
    "t": lambda t: 1.0 * t,
    "t²": lambda t: t * t,
    "relu(t)": relu,
    "zero(t)": zero,
}
KINKED = ("relu(t)", "zero(t)")  # those with a kink of their own, at 0
PANEL = {"width": 1, "x": [-SPAN, SPAN], "y": [-HEIGHT - 0.5, HEIGHT + 0.5], "xlabel": "$t$"}


def in_tensorflow(P: Program, places: list[float]) -> list[float] | None:
    """TensorFlow's derivatives at some places: live, or as recorded for the presets; None where there is neither."""
    from selgrad.frameworks import tensorflow_available
    from selgrad.frameworks.recorded import derivative_in_tensorflow

    if tensorflow_available():
        return [float(d) for d in derivative_in_tensorflow(P, np.array(places))]
    try:
        return [float(derivative_in_tensorflow(P, a)) for a in places]
    except SelgradError:
        return None


def tensorflow_programs() -> Iterator[tuple[Callable, tuple[float]]]:
    """What `python -m selgrad.frameworks.record` records for this application: its start and its presets."""
    for preset in [{}, *KinkExplorer.presets.values()]:
        values = {"f": "sin(t)", "n": 1, **_STARTING_KINKS, **preset}
        prescribed = [(values[f"a_{i}"], values[f"v_{i}"]) for i in range(1, values["n"] + 1)]
        for a, _ in prescribed:
            yield prescribing(BASES[values["f"]], prescribed), (a,)


class KinkExplorer(App):
    """Prescribe AD derivatives v_i at places a_i without changing the function (Theorem 1).

    Controls: `f` (the function), `n` (how many kinks), `a_1`, `v_1`, `a_2`, ... `program` is the
    program shown.
    """

    name: ClassVar[str] = "kink-explorer"
    title: ClassVar[str] = "Kink explorer"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "sine, three derivatives": {"n": 3, "a_1": -2.0, "v_1": 2.0, "a_2": 0.5, "v_2": -1.5, "a_3": 2.0, "v_3": 1.0},
        "artificial critical point": {"f": "t", "a_1": 0.0, "v_1": 0.0},
        "parabola, slope 3 at its minimum": {"f": "t²", "a_1": 0.0, "v_1": 3.0},
        "relu, any derivative at its kink": {"f": "relu(t)", "a_1": 0.0, "v_1": -2.0},
        "constant, not flat for AD": {"f": "zero(t)", "n": 2, "a_1": -1.0, "v_1": 2.0, "a_2": 1.0, "v_2": -2.0},
    }

    def build(self) -> list[Control]:
        found: list[Control] = [
            Menu("f", tuple(BASES), "sin(t)", "Function $f$", "The function, which stays as it is"),
            Whole("n", 1, MOST, 1, "Number of kinks", "How many derivatives to prescribe"),
        ]
        for i in range(1, MOST + 1):
            a, v = _STARTING_KINKS[f"a_{i}"], _STARTING_KINKS[f"v_{i}"]
            found += [Number(f"a_{i}", -SPAN, SPAN, a, f"Kink {i} at $a_{i}$", f"Where kink {i} stands"),
                      Number(f"v_{i}", -HEIGHT, HEIGHT, v, f"Derivative $v_{i}$", f"What AD shall return at a{SUB[i]}")]
        return found

    def refresh(self) -> None:
        for i in range(1, MOST + 1):
            for letter in "av":
                self.controls[f"{letter}_{i}"].hidden = i > self.controls["n"].value

    def look(self) -> View:
        values = {name: control.value for name, control in self.controls.items()}
        said, f, n = values["f"], BASES[values["f"]], values["n"]
        prescribed = [(values[f"a_{i}"], values[f"v_{i}"]) for i in range(1, n + 1)]
        P = self.program = trace(prescribing(f, prescribed), 0.0)
        kinks = np.unique([a for a, _ in prescribed] + ([0.0] if said in KINKED else []))
        ad = backward_mode(P, kinks)
        before, after = backward_mode(P, kinks - NEAR), backward_mode(P, kinks + NEAR)
        # A continuous derivative is drawn through its kink; at a jump of the function's own the line breaks.
        t = np.unique(np.concatenate([GRID, kinks]))
        on = np.isin(t, kinks)
        slope = backward_mode(P, t)
        slope[on] = np.where(np.isclose(before, after), (before + after) / 2, np.nan)
        sides = np.round([before, after], 6).T
        limits = np.array([(a, d) for a, v, two in zip(kinks, ad, sides) for d in sorted(set(two.tolist()))
                           if not np.isclose(d, v)]).reshape(-1, 2)
        data = {"t": t, "f": P(t), "d": slope, "kinks": kinks, "ad": ad, "limits": limits}
        status, remark = self._words(said, prescribed, dict(zip(kinks, zip(ad, before, after))))
        return View(status, WORDS["alt"].format(f=said, status=status), [self._panel(data, prescribed)], LEGEND, remark,
                    data=data)

    def _panel(self, data: Mapping[str, np.ndarray], prescribed: list[tuple[float, float]]) -> dict[str, Any]:
        t = data["t"]
        marks: list[dict[str, Any]] = [
            {"mark": "rule", "look": "axis", "y": 0.0},
            {"mark": "line", "look": "function", "points": np.column_stack([t, data["f"]])},
            {"mark": "line", "look": "derivative", "points": np.column_stack([t, data["d"]])},
            {"mark": "points", "look": "beside-kink", "points": data["limits"]},
            {"mark": "points", "look": "ad-value", "points": np.column_stack([data["kinks"], data["ad"]])},
        ]
        marks += [{"mark": "handle", "look": "ad-value", "x": a, "y": v, "sets": [f"a_{i}", f"v_{i}"],
                   "label": WORDS["handle"].format(i=i)} for i, (a, v) in enumerate(prescribed, 1)]
        return {**PANEL, "marks": marks}

    def _words(self, said: str, prescribed: list, at: dict) -> tuple[str, str]:
        """The status, which is the same with and without TensorFlow, and the remark about TensorFlow."""
        sentences = [WORDS["function"].format(f=said)]
        places = list(dict.fromkeys(a for a, _ in prescribed))
        for a in places:
            ad, before, after = at[a]
            kind = "smooth" if np.isclose(before, after) else "kink"
            sentences.append(WORDS[kind].format(a=number(a), d=number(np.round(before, 6)), ad=number(ad)))
        if len(places) < len(prescribed):
            sentences.append(WORDS["together"])
        values = in_tensorflow(self.program, places)
        if values is None:
            remark = "TensorFlow is not installed here, and for these values nothing is recorded."
        else:
            remark = f"TensorFlow returns {listed([f'{number(v)} at {number(a)}' for a, v in zip(places, values)])}."
        return " ".join(sentences), remark

    def given(self) -> dict[str, Any]:
        return {"words": WORDS, "legend": LEGEND, "panel": PANEL, "kinked": KINKED, "span": SPAN,
                "cells": len(GRID) - 1, "near": NEAR, "most": MOST}

    def programs(self) -> dict[str, str]:
        """Of each function the program f(t) + sum c_i zero(t - a_i), of t and of (a_1, c_1, a_2, ...)."""

        def corrected(f: Callable) -> Callable:
            def g(t: Any, w: Any) -> Any:
                y = f(t)
                for i in range(MOST):
                    y = y + w[2 * i + 1] * zero(t - w[2 * i])
                return y

            return g

        return {name: script(corrected(f), 0.0, np.zeros(2 * MOST)) for name, f in BASES.items()}
