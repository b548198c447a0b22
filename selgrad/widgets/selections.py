"""The selection explorer: one function, its pieces, and a choice of s where they meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from selgrad.plotting import AD_VALUE, BESIDE_KINK, DERIVATIVE, FUNCTION
from selgrad.selections.selection import Selection
from selgrad.widgets.base import LABEL, App, Number, View, listed, number

SPAN = 3.0
GRID = np.linspace(-SPAN, SPAN, 97)


@dataclass(frozen=True)
class Example:
    """Pieces of one function, the place where they meet, and the index off that place."""

    pieces: tuple[Callable, ...]
    texts: tuple[str, ...]
    tie: float
    index: Callable[[float], int]


EXAMPLES = {
    "relu(t)": Example((lambda t: 0.0 * t, lambda t: 1.0 * t), ("0", "t"), 0.0, lambda t: int(t > 0)),
    "|t|": Example((lambda t: -t, lambda t: 1.0 * t), ("-t", "t"), 0.0, lambda t: int(t > 0)),
    "max(t/2, 2t - 3/2)": Example(
        (lambda t: 0.5 * t, lambda t: 2.0 * t - 1.5), ("t/2", "2t - 3/2"), 1.0, lambda t: int(t > 1)
    ),
    "zero(t), Remark (a)": Example((lambda t: 0.0 * t, lambda t: 1.0 * t), ("0", "t"), 0.0, lambda t: 0),
}
CHOICES = ("piece 0", "piece 1", "the mean piece")


def select(example: Example, choice: str) -> Selection:
    """The selection of an example in which s picks `choice` on the tie.

    The mean (f_0 + f_1)/2 is listed, as piece 2, only where it is picked: a further piece can
    enlarge the field even when s never picks it (Definition 5).
    """
    f, g = example.pieces
    pieces = [f, g] + ([lambda t: 0.5 * (f(t) + g(t))] if choice == CHOICES[2] else [])
    at_tie = CHOICES.index(choice)
    return Selection(lambda t: at_tie if t == example.tie else example.index(t), pieces)


class SelectionExplorer(App):
    """Choose the index s where two pieces meet; the function stays, its derivative there does not.

    Controls: `f` (the function), `s` (what the index picks on the tie), `x` (where to look).
    `selection` is the selection shown.
    """

    name: ClassVar[str] = "selection-explorer"
    title: ClassVar[str] = "Selection explorer"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "TensorFlow's relu": {},
        "relu with derivative 1 at 0": {"s": CHOICES[1]},
        "relu with derivative 1/2 at 0": {"s": CHOICES[2]},
        "the absolute value, derivative 0": {"f": "|t|", "s": CHOICES[2]},
        "zero of Remark (a)": {"f": "zero(t), Remark (a)", "s": CHOICES[1]},
        "a maximum at its tie": {"f": "max(t/2, 2t - 3/2)", "s": CHOICES[1], "x": 1.0},
    }

    def build(self) -> list[ipywidgets.Widget]:
        wide = {"width": "26em"}
        f = ipywidgets.Dropdown(options=list(EXAMPLES), description="Function f", style=LABEL, layout=wide,
                                tooltip="The function and its pieces")
        s = ipywidgets.Dropdown(options=CHOICES, description="On the tie s picks", style=LABEL, layout=wide,
                                tooltip="The index s where the pieces meet")
        x = Number(-SPAN, SPAN, 0.0, "Look at x", "Where value, derivative and active pieces are reported")
        self.controls |= {"f": f, "s": s, "x": x.slider}
        return [f, s, x.row()]

    def figure(self, figure: Figure) -> None:
        ax = figure.add_axes((0.09, 0.13, 0.89, 0.74))
        ax.set(xlim=(-SPAN, SPAN), ylim=(-3.2, 3.2), xlabel="$t$")
        ax.axhline(0, color="0.8", linewidth=0.6, zorder=0)
        self._at = ax.axvline(0, color="0.5", linewidth=0.8, linestyle=":", zorder=1)
        self._pieces = [ax.plot([], [], color="0.45", linewidth=w, linestyle=d, label=f"piece {i}", zorder=1)[0]
                        for i, (d, w) in enumerate([("-.", 0.9), (":", 1.4)])]
        (self._f,) = ax.plot([], [], label="function", **FUNCTION)
        (self._d,) = ax.plot([], [], label="selection derivative", **DERIVATIVE)
        (self._limits,) = ax.plot([], [], **BESIDE_KINK)
        (self._value,) = ax.plot([], [], label="on the tie", **AD_VALUE)
        figure.legend(loc="upper center", ncols=5)

    def look(self) -> View:
        name, choice, x = (self.controls[key].value for key in ("f", "s", "x"))
        example = EXAMPLES[name]
        f = self.selection = select(example, choice)
        t, tie = np.union1d(GRID, [example.tie]), example.tie
        slope = np.array(f.derivative(t), dtype=float)
        before, after = float(f.derivative(tie - 2.0**-20)), float(f.derivative(tie + 2.0**-20))
        at_tie = float(f.derivative(tie))
        slope[t == tie] = np.nan if before != after else before
        sides = np.array([(tie, d) for d in sorted({before, after} - {at_tie})]).reshape(-1, 2)
        data = {"t": t, "f": f(t), "d": slope, "tie": [tie], "at_tie": [at_tie], "sides": sides, "x": [x],
                **{f"piece_{i}": example.pieces[i](t) for i in range(2)}}
        active = f.active(x)
        texts = [*example.texts, "their mean"]
        pieces = [f"{i} ({texts[i]})" for i in active]
        field = np.ravel(f.field(x).vertices)
        status = (
            f"f = {name}; where the pieces meet, at {number(tie)}, s picks {choice} and the selection derivative is "
            f"{number(at_tie)}. At x = {number(x)}: f(x) = {number(f(x))}, derivative {number(f.derivative(x))}, "
            f"active {'piece' if len(pieces) == 1 else 'pieces'} {listed(pieces)}, "
            f"field D(x) = [{number(field.min())}, {number(field.max())}]."
        )
        alt = f"The function as a solid line over its two pieces, the selection derivative dashed. {status}"
        return View(status, alt, data)

    def draw(self, view: View) -> None:
        data = view.data
        self._f.set_data(data["t"], data["f"])
        self._d.set_data(data["t"], data["d"])
        for i, line in enumerate(self._pieces):
            line.set_data(data["t"], data[f"piece_{i}"])
        self._limits.set_data(*np.asarray(data["sides"]).T)
        self._value.set_data(data["tie"], data["at_tie"])
        self._at.set_xdata([data["x"][0]] * 2)
