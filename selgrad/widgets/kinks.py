"""The kink explorer: Theorem 1 by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from selgrad.differentiation.modes import backward_mode
from selgrad.errors import SelgradError
from selgrad.examples.paper import prescribing, zero
from selgrad.plotting import AD_VALUE, BESIDE_KINK, DERIVATIVE, FUNCTION
from selgrad.programs.program import Program
from selgrad.tracing import trace
from selgrad.tracing.operations import relu
from selgrad.widgets.base import LABEL, SUB, App, Number, View, listed, number

MOST = 3
SPAN, HEIGHT = 3.0, 4.0
NEAR = 2.0**-30
GRID = np.linspace(-SPAN, SPAN, 193)  # steps of 1/32: every place a slider can reach is on the grid


_STARTING_KINKS = {"a_1": 1.0, "v_1": 2.0, "a_2": -1.0, "v_2": -1.0, "a_3": 2.0, "v_3": 0.0}

BASES: dict[str, Callable] = {
    "sin(t)": np.sin,
    "t": lambda t: 1.0 * t,
    "t²": lambda t: t * t,
    "relu(t)": relu,
    "zero(t)": zero,
}


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

    def build(self) -> list[ipywidgets.Widget]:
        f = ipywidgets.Dropdown(options=list(BASES), description="Function f", style=LABEL,
                                layout={"width": "26em"}, tooltip="The function, which stays as it is")
        n = ipywidgets.IntSlider(description="Number of kinks", min=1, max=MOST, value=1, style=LABEL,
                                 layout={"width": "26em"}, tooltip="How many derivatives to prescribe")
        self.controls |= {"f": f, "n": n}
        self._rows = []
        for i in range(1, MOST + 1):
            a, v = _STARTING_KINKS[f"a_{i}"], _STARTING_KINKS[f"v_{i}"]
            place = Number(-SPAN, SPAN, a, f"Kink {i} at a{SUB[i]}", f"Where kink {i} stands")
            slope = Number(-HEIGHT, HEIGHT, v, f"Derivative v{SUB[i]}", f"What AD shall return at a{SUB[i]}")
            self.controls |= {f"a_{i}": place.slider, f"v_{i}": slope.slider}
            self._rows.append(ipywidgets.HBox([place.row(), slope.row()], layout={"flex_flow": "row wrap"}))
        return [f, n, *self._rows]

    def refresh(self) -> None:
        for i, row in enumerate(self._rows, 1):
            row.layout.display = "flex" if i <= self.controls["n"].value else "none"

    def figure(self, figure: Figure) -> None:
        ax = figure.add_axes((0.09, 0.13, 0.89, 0.74))
        ax.set(xlim=(-SPAN, SPAN), ylim=(-HEIGHT - 0.5, HEIGHT + 0.5), xlabel="$t$")
        ax.axhline(0, color="0.8", linewidth=0.6, zorder=0)
        (self._f,) = ax.plot([], [], label="function", **FUNCTION)
        (self._d,) = ax.plot([], [], label="AD derivative", **DERIVATIVE)
        (self._limits,) = ax.plot([], [], label="derivative beside a kink", **BESIDE_KINK)
        (self._points,) = ax.plot([], [], label="AD at a kink", **AD_VALUE)
        figure.legend(loc="upper center", ncols=4)

    def look(self) -> View:
        values = {name: control.value for name, control in self.controls.items()}
        said, f, n = values["f"], BASES[values["f"]], values["n"]
        prescribed = [(values[f"a_{i}"], values[f"v_{i}"]) for i in range(1, n + 1)]
        P = self.program = trace(prescribing(f, prescribed), 0.0)
        kinks = np.unique([a for a, _ in prescribed] + ([0.0] if said in ("relu(t)", "zero(t)") else []))
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
        alt = f"The function {said} as a solid line, its AD derivative dashed, points at the kinks. {status}"
        return View(status, alt, data, remark)

    def _words(self, said: str, prescribed: list, at: dict) -> tuple[str, str]:
        """The status, which is the same with and without TensorFlow, and the remark about TensorFlow."""
        sentences = [f"The function is {said}, unchanged."]
        places = list(dict.fromkeys(a for a, _ in prescribed))
        for a in places:
            ad, before, after = at[a]
            own = (f"the function's derivative is {number(round(float(before), 6))}" if np.isclose(before, after)
                   else "the function has no derivative")
            sentences.append(f"At {number(a)} {own}, AD returns {number(ad)}.")
        if len(places) < len(prescribed):
            sentences.append("Kinks that stand at one place add their corrections.")
        values = in_tensorflow(self.program, places)
        if values is None:
            remark = "TensorFlow is not installed here, and for these values nothing is recorded."
        else:
            remark = f"TensorFlow returns {listed([f'{number(v)} at {number(a)}' for a, v in zip(places, values)])}."
        return " ".join(sentences), remark

    def draw(self, view: View) -> None:
        data = view.data
        self._f.set_data(data["t"], data["f"])
        self._d.set_data(data["t"], data["d"])
        self._limits.set_data(*np.asarray(data["limits"]).T)
        self._points.set_data(data["kinks"], data["ad"])
