"""What the applications share: controls, presets, Reset, a picture, a status line, a fingerprint.

An application says what is shown as plain data (`View`), its front draws it, here in a notebook and on a live page
alike. No Output widget and no `interact`: nbval cannot replay those. Everything works without a front end too.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets

from selgrad.plotting import panels, to_bytes
from selgrad.plotting.display import mimebundle, small_png
from selgrad.plotting.looks import LOOKS
from selgrad.plotting.svg import inline_svg
from selgrad.widgets import front, states
from selgrad.widgets.controls import Control
from selgrad.widgets.page import framed, page

START, OWN = "start", "your own"
SUB = "₀₁₂₃"


def number(x: Any) -> str:
    """A number in words: six digits, no minus in front of zero."""
    return f"{float(x) + 0.0:.6g}"


def listed(words: list[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


@dataclass(frozen=True)
class View:
    """What an application shows: the result in words, alt text, the panels of the picture, the data drawn.

    `panels` holds panels as `selgrad.plotting.panels` draws them, `legend` pairs (look, text), `table` a head, rows
    and the number of the row that is lit, `remark` further words.
    """

    status: str
    alt: str
    panels: Sequence[Mapping[str, Any]]
    legend: Sequence[tuple[str, str]] = ()
    remark: str = ""
    table: Mapping[str, Any] | None = None
    data: Mapping[str, Any] | None = None


class App(anywidget.AnyWidget):
    """Base of the applications: a column of controls, a picture and a status line.

    A subclass sets `name`, `title`, `presets` (values by control) and perhaps `actions` (buttons: the name of a method
    and what the button says), and defines `build` and `look`. `controls` holds the controls by name: assign their
    `.value` in code, or several at once with `set`.
    """

    name: ClassVar[str] = "app"
    title: ClassVar[str] = ""
    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    actions: ClassVar[dict[str, str]] = {}
    _numbers: ClassVar[Iterator[int]] = count(1)
    _esm = front.script()
    _css = front.sheet()

    shown: Any = traitlets.Dict().tag(sync=True)
    looks: Any = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        self._id = f"{self.name}-{next(App._numbers)}"
        self._silent, self._turn, self._picture = True, 0, ""
        self.preset = START
        self.blocked: set[str] = set()
        self.controls: dict[str, Any] = {control.name: control for control in self.build()}
        self.start = self._settings()
        for control in self.controls.values():
            control.watched = self._by_hand
        self.refresh()
        self._silent = False
        self.view = self.look()
        super().__init__(shown=self._shown(), looks=LOOKS)
        self.on_msg(lambda _widget, message, _buffers: self._asked(message))

    def build(self) -> list[Control]:
        """Make the controls, in the order in which they stand."""
        raise NotImplementedError

    def look(self) -> View:
        """What to show for the present values; no drawing."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Adjust controls to each other before computing: what is hidden, `max`, disabled; names in `blocked`."""

    def changed(self, name: str) -> None:
        """The value of this control has just changed: set others that start anew with it."""

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
        self._show(values, OWN)

    def choose(self, preset: str) -> None:
        """Show a preset, by its name in the menu; START is where this started, OWN leaves things as they are."""
        if preset == OWN:
            return
        if preset != START and preset not in self.presets:
            raise ValueError(f"There is no preset {preset!r}; there are {', '.join([START, *self.presets])}.")
        self._show({**self.start, **self.presets.get(preset, {})}, preset)

    def _show(self, values: Mapping[str, Any], preset: str) -> None:
        unknown = [name for name in values if name not in self.controls]
        if unknown:
            raise ValueError(f"There is no control {unknown[0]!r}; there are {', '.join(self.controls)}.")
        for name, value in values.items():
            self.controls[name].meant(value)  # refuse before anything has moved
        with self._quietly():
            for _ in range(2):  # what one control allows depends on others: the steps on the program
                for name, value in values.items():
                    self.controls[name].value = value
                self.refresh()
        self.preset = preset
        self.redraw()

    def reset(self) -> None:
        """Back to the start."""
        self.choose(START)

    def _settings(self) -> dict[str, Any]:
        return {name: control.value for name, control in self.controls.items()}

    def _by_hand(self, control: Control) -> None:
        with self._quietly():
            self.changed(control.name)
        if not self._silent:
            self.preset = OWN
            self.redraw()

    def redraw(self) -> None:
        """Recompute and show; called on every change."""
        with self._quietly():
            self.refresh()
        self.view, self._picture = self.look(), ""
        self._turn += 1
        self.shown = self._shown()

    def _asked(self, message: Any) -> None:
        """A message of the front is obeyed, and always answered: it sends the next only then."""
        before = self._turn
        try:
            if "set" in message:
                now = self._settings()
                wanted = {n: self.controls[n].meant(value) for n, value in message["set"].items()}
                if any(now[name] != value for name, value in wanted.items()):  # else it was rounding
                    self.set(**message["set"])  # which may move what limits another
            elif "choose" in message:
                self.choose(message["choose"])
            elif "reset" in message:
                self.reset()
            elif message.get("do") in self.actions:
                getattr(self, message["do"])()
        except (ValueError, KeyError) as problem:
            self._turn += 1
            self.shown = {**self._shown(), "problem": str(problem)}
        if self._turn == before:
            self._turn += 1
            self.shown = self._shown()

    def _shown(self) -> dict[str, Any]:
        view = self.view
        return plain({
            "app": self.name, "title": self.title, "turn": self._turn, "preset": self.preset,
            "presets": [START, *self.presets, OWN],
            "controls": [control.spec() for control in self.controls.values()],
            "actions": [{"name": name, "label": label, "disabled": name in self.blocked}
                        for name, label in self.actions.items()],
            "status": view.status, "remark": view.remark, "alt": view.alt, "legend": view.legend,
            "table": view.table, "panels": view.panels,
        })

    @property
    def picture(self) -> str:
        """The picture as it stands, as SVG text."""
        if not self._picture:
            self._picture = inline_svg(self.file("svg"))
        return self._picture

    def file(self, format: str) -> bytes:
        """The picture as it stands, as a file: "svg", "pdf" or "png"."""
        figure = panels.draw(self.shown["panels"], self.shown["legend"])
        return to_bytes(figure, format, id=self._id, title=self.title, alt=self.view.alt)

    def state(self) -> str:
        """What is shown, as JSON text; the form is described in `selgrad.widgets.states`."""
        return states.written(self.name, self._settings())

    def restore(self, text: str) -> None:
        """Show what `state()` said, here or elsewhere, or what a link holds; raises ValueError for anything else."""
        self.set(**{**self.start, **states.read(text, self.name, self.controls)})

    @classmethod
    def from_state(cls, text: str) -> App:
        """A new application that shows what `state()` said; raises ValueError for a text that is no state of it."""
        app = cls()
        app.restore(text)
        return app

    def link(self, base: str | None = None) -> str:
        """The address that opens what is shown: `base` is that of the live page, by default its file beside this."""
        return states.link(base or f"{self.name}.html", self.state())

    def given(self) -> dict[str, Any]:
        """What the model of the live page needs beside controls and presets: sentences, tables, numbers."""
        return {}

    def programs(self) -> dict[str, str]:
        """The programs of the live page by name: expressions as `sg.compile(..., language="javascript")` emits them."""
        return {}

    def page(self) -> str | None:
        """The live page of this application as HTML, for readers without a kernel; None where there is none."""
        return page(self)

    def fingerprint(self) -> str:
        """The status in words and a hash of the data drawn, to print in a checked cell."""
        rounded = {
            name: [number(x) for x in np.ravel(np.asarray(values, dtype=float))]
            for name, values in (self.view.data or {}).items()
        }
        digest = hashlib.sha256(json.dumps(rounded, sort_keys=True).encode()).hexdigest()
        return f"{self.view.status} [picture {digest[:8]}]"

    def __repr__(self) -> str:
        return f"{self.title}: {self.view.status}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget; for readers without a kernel its live page, or else its picture (GitHub, print)."""
        bundle = super()._repr_mimebundle_(**kwargs)
        assert bundle is not None
        picture, metadata = mimebundle(self.picture, small_png(self.file("png")))
        html = self.page()
        if html is not None:
            width = metadata["image/png"]["width"]
            picture["text/html"] = framed(html, self.title, picture["image/png"], width, self.view.alt)
        return {**bundle[0], **picture}, {**bundle[1], **metadata}

    def frame(self) -> str:
        """The live page in a frame, to stand in another page; the picture where frames are stripped."""
        return self._repr_mimebundle_()[0]["text/html"]


def plain(x: Any) -> Any:
    """x as JSON has it: lists, texts, finite numbers; None for a number that is not finite.

    >>> plain({"points": np.array([[0.0, np.nan], [1.0, 2.0]]), "n": np.int64(3)})
    {'points': [[0.0, None], [1.0, 2.0]], 'n': 3}
    """
    if type(x) is float:  # most are: a picture holds thousands
        return x if math.isfinite(x) else None
    if type(x) is list or isinstance(x, tuple):
        return [plain(value) for value in x]
    if x is None or isinstance(x, str | int):
        return x
    if isinstance(x, np.ndarray):
        return x.tolist() if x.dtype.kind != "f" or np.isfinite(x).all() else plain(x.tolist())
    if isinstance(x, np.generic):
        return plain(x.item())
    if isinstance(x, Mapping):
        return {str(name): plain(value) for name, value in x.items()}
    return [plain(value) for value in x]
