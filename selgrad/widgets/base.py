"""What the applications share: controls, presets, Reset, a picture, a status line, a fingerprint.

No Output widget and no `interact`: nbval cannot replay those. A callback recomputes and assigns
`.value` of two HTML widgets, so everything also works without a front end, in tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from itertools import count
from typing import Any, ClassVar

import ipywidgets
import numpy as np
import traitlets
from matplotlib import rc_context
from matplotlib.figure import Figure

from selgrad.plotting import style, to_bytes
from selgrad.plotting.display import mimebundle, small_png
from selgrad.plotting.svg import Layers, keeping_layout
from selgrad.widgets import states

STEP = 1 / 16  # slider steps are dyadic, so that t - a is exactly 0 on a kink and numbers read cleanly
START, OWN = "start", "your own"
SUB = "₀₁₂₃"
LABEL = {"description_width": "11em"}
BESIDE = {"display": "flex", "width": "auto"}  # of toggle buttons: else their description stands above them
SNAP = 1e-9  # nearer to the grid than this a number is meant to be on it


def snapped(x: float) -> float:
    """x, on the grid of the sliders where it is within rounding of it: a front end sends 0.37500000000000006."""
    nearest = round(x / STEP) * STEP
    return nearest if abs(x - nearest) < SNAP else x


def number(x: Any) -> str:
    """A number in words: six digits, no minus in front of zero."""
    return f"{float(x) + 0.0:.6g}"


def listed(words: list[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


@dataclass(frozen=True)
class View:
    """What an application shows: the result in words, alt text, the data drawn, further HTML."""

    status: str
    alt: str
    data: Mapping[str, Any]
    remark: str = ""
    html: str = ""


class Slider(ipywidgets.FloatSlider):
    """A slider whose values are on its grid, whatever the front end's rounding."""

    @traitlets.validate("value")
    def _validate_value(self, proposal: Any) -> float:
        return snapped(super()._validate_value(proposal))


class Box(ipywidgets.BoundedFloatText):
    """A number box: it takes any number, and what is within rounding of the grid as the number on it."""

    @traitlets.validate("value")
    def _validate_value(self, proposal: Any) -> float:
        return snapped(super()._validate_value(proposal))


@dataclass
class Number:
    """A slider and a number box for one value, always equal."""

    low: float
    high: float
    value: float
    text: str
    tooltip: str
    slider: Slider = field(init=False)
    box: Box = field(init=False)

    def __post_init__(self) -> None:
        span = {"min": self.low, "max": self.high, "step": STEP, "value": self.value, "tooltip": self.tooltip}
        self.slider = Slider(
            description=self.text, readout=False, style=LABEL, layout={"width": "26em"}, **span
        )
        # What a screen reader calls the box: the symbol that the slider's description ends with.
        symbol = self.text.split()[-1]
        self.box = Box(
            description=f"{symbol} =", style={"description_width": "2.6em"}, layout={"width": "9.6em"}, **span
        )
        ipywidgets.link((self.slider, "value"), (self.box, "value"))

    def row(self) -> ipywidgets.HBox:
        return ipywidgets.HBox([self.slider, self.box])


class App(ipywidgets.VBox):
    """Base of the applications: a column of controls, a picture and a status line.

    A subclass sets `name` and `title`, fills `presets` (values by control), and defines `build`,
    `figure`, `look` and `draw`. `controls` holds the value widgets by name: assign their
    `.value` in code or use the keyboard.
    """

    name: ClassVar[str] = "app"
    title: ClassVar[str] = ""
    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    _numbers: ClassVar[Iterator[int]] = count(1)

    def __init__(self) -> None:
        self._id = f"{self.name}-{next(App._numbers)}"
        self._silent = True
        self.controls: dict[str, Any] = {}
        rows = self.build()
        self._start = self._settings()
        self.preset = ipywidgets.Dropdown(
            options=[START, *self.presets, OWN], description="Preset", tooltip="Choose an example", style=LABEL,
            layout={"width": "26em"},
        )
        self.reset_button = ipywidgets.Button(
            description="Reset", icon="undo", tooltip="Go back to where this started"
        )
        self.picture = ipywidgets.HTML()
        self.status = ipywidgets.HTML()
        with style():
            # The axes stand where a subclass puts them: a layout engine would draw everything twice.
            with rc_context({"figure.constrained_layout.use": False}):
                self._figure = Figure(figsize=(5.5, 2.8))
            self.figure(self._figure)
        self._layers = Layers(self._figure, self._id, self.title)
        top = ipywidgets.HBox([self.preset, self.reset_button])
        super().__init__(children=[top, *rows, self.picture, self.status])
        for control in self.controls.values():
            control.observe(self._by_hand, "value")
        self.preset.observe(lambda change: self.choose(change["new"]), "value")
        self.reset_button.on_click(lambda _: self.reset())
        self._silent = False
        self.redraw()

    def build(self) -> list[ipywidgets.Widget]:
        """Make the controls, file them in `self.controls`, return the rows that hold them."""
        raise NotImplementedError

    def figure(self, figure: Figure) -> None:
        """Put the axes and the artists into the figure, once."""
        raise NotImplementedError

    def look(self) -> View:
        """What to show for the present values; no drawing."""
        raise NotImplementedError

    def draw(self, view: View) -> None:
        """Give the artists their new data."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Adjust controls to each other, before computing."""

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Change several controls and redraw once."""
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def set(self, **values: Any) -> None:
        """Give several controls their values, with one redraw: app.set(a_1=1.0, v_1=3.0)."""
        unknown = [name for name in values if name not in self.controls]
        if unknown:
            raise ValueError(f"There is no control {unknown[0]!r}; there are {', '.join(self.controls)}.")
        self._show(values, OWN)

    def choose(self, preset: str) -> None:
        """Show a preset, by its name in the menu."""
        if self._silent or preset == OWN:
            return
        self._show({**self._start, **self.presets.get(preset, {})}, preset)

    def _show(self, values: Mapping[str, Any], preset: str) -> None:
        with self._quietly():
            for _ in range(2):  # what one control allows depends on others: the steps on the program
                for name, value in values.items():
                    self.controls[name].value = value
                self.refresh()
            self.preset.value = preset
        self.redraw()

    def reset(self) -> None:
        """Back to the start."""
        self.choose(START)

    def _settings(self) -> dict[str, Any]:
        return {name: control.value for name, control in self.controls.items()}

    def _by_hand(self, _: Any) -> None:
        # a front end also reports what snapping undoes: that is no change
        if not self._silent and self._settings() != self._drawn_settings:
            with self._quietly():
                self.preset.value = OWN
            self.redraw()

    def redraw(self) -> None:
        """Recompute and redraw; called on every change."""
        with self._quietly():
            self.refresh()
        self._drawn_settings = self._settings()
        view = self.view = self.look()
        self.draw(view)
        self.picture.value = self._layers.svg(view.alt)
        remark = f"<p>{escape(view.remark)}</p>" if view.remark else ""
        self.status.value = (
            f'<div role="status" aria-live="polite"><p><b>{escape(view.status)}</b></p>{remark}</div>{view.html}'
        )

    def file(self, format: str) -> bytes:
        """The picture as it stands, as a file: "svg", "pdf" or "png"."""
        with keeping_layout(self._figure):
            return to_bytes(self._figure, format, id=self._id, title=self.title, alt=self.view.alt)

    def state(self) -> str:
        """What is shown, as JSON text; the form is described in `selgrad.widgets.states`."""
        return states.written(self.name, self._settings())

    def restore(self, text: str) -> None:
        """Show what `state()` said, here or elsewhere, or what a link holds; raises ValueError for anything else."""
        self.set(**{**self._start, **states.read(text, self.name, self.controls)})

    @classmethod
    def from_state(cls, text: str) -> App:
        """A new application that shows what `state()` said; raises ValueError for a text that is no state of it."""
        app = cls()
        app.restore(text)
        return app

    def link(self, base: str | None = None) -> str:
        """The address that opens what is shown: `base` is that of the live page, by default its file beside this."""
        return states.link(base or f"{self.name}.html", self.state())

    def page(self) -> str | None:
        """The live page of this application as HTML, for readers without a kernel; None where there is none."""
        return None

    def fingerprint(self) -> str:
        """The status in words and a hash of the data drawn, to print in a checked cell."""
        rounded = {
            name: [number(x) for x in np.ravel(np.asarray(values, dtype=float))]
            for name, values in self.view.data.items()
        }
        digest = hashlib.sha256(json.dumps(rounded, sort_keys=True).encode()).hexdigest()
        return f"{self.view.status} [picture {digest[:8]}]"

    def __repr__(self) -> str:
        return f"{self.title}: {self.view.status}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and its picture as it stands for readers without widgets (GitHub, print)."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if not isinstance(bundle, dict):
            return bundle
        picture, metadata = mimebundle(self.picture.value, small_png(self.file("png")))
        return bundle | picture, metadata
