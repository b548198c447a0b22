"""What a front end sends, as it sends it: its sliders compute min + fraction (max - min), and round; its themes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import selgrad as sg
from selgrad.plotting.svg import Layers

pytest.importorskip("ipywidgets", reason="the applications need ipywidgets: pip install 'selgrad[lab]'")

from selgrad.widgets import APPS, AlgorithmStepper, App, KinkExplorer, TrapExplorer
from selgrad.widgets.base import STEP, Number, snapped


def sent(control: Any, value: float) -> None:
    """A message of the front end."""
    control.set_state({"value": value})


def rounded_up(x: float) -> float:
    """Some roundings above x, as for 0.37500000000000006 and 2.000000000000001."""
    for _ in range(2):
        x = float(np.nextafter(x, np.inf))
    return x


def test_a_trap_met_by_slider_is_the_trap_met_by_number() -> None:
    app = TrapExplorer()
    app.set(a_1=-0.25, x0=-1.0, c=0.5)
    sent(app.controls["c"], 0.37500000000000006)
    assert app.controls["c"].value == 0.375
    assert "the iterate is exactly -0.25 after 1 step" in app.view.status
    typed = TrapExplorer()
    typed.set(a_1=-0.25, x0=-1.0, c=0.375)
    assert app.fingerprint() == typed.fingerprint()


@pytest.mark.parametrize("make", APPS)
def test_roundings_of_the_front_end_change_nothing(make: type[App], monkeypatch: pytest.MonkeyPatch) -> None:
    app, redrawn = make(), []
    app.preset.value = preset = next(iter(app.presets))
    shown, redraw = app.fingerprint(), app.redraw
    monkeypatch.setattr(app, "redraw", lambda: (redrawn.append(1), redraw()))
    sliders = {name: c for name, c in app.controls.items() if type(c).__name__ == "Slider"}
    for control in sliders.values():
        before = control.value
        sent(control, min(rounded_up(before), control.max))
        assert control.value == before
    assert sliders and not redrawn and app.preset.value == preset and app.fingerprint() == shown
    control = next(c for c in sliders.values() if c.value < c.max)
    sent(control, rounded_up(control.value + STEP))  # yet a move is a move
    assert redrawn and app.preset.value == "your own"


@pytest.mark.parametrize(("low", "high"), [(-3.0, 3.0), (1 / 16, 1.0), (-4.0, 4.0), (0.0, 1.0)])
def test_every_place_of_a_slider_is_on_its_grid(low: float, high: float) -> None:
    number = Number(low, high, low, "a", "a number")
    cells = round((high - low) / STEP)
    for n in range(cells + 1):
        percent = 100 * n * STEP / (high - low)  # as noUiSlider reckons
        for value in (low + percent * (high - low) / 100, low + n / cells * (high - low)):
            sent(number.slider, value)
            assert number.slider.value == number.box.value == low + n * STEP


def test_a_number_of_ones_own_stays() -> None:
    number = Number(-3.0, 3.0, 0.0, "a", "a number")
    sent(number.box, 0.3)
    assert number.slider.value == number.box.value == 0.3
    sent(number.box, 5.0)
    assert number.slider.value == number.box.value == 3.0
    assert snapped(0.1) == 0.1 and snapped(2**-20) == 2**-20


# The picture


def drawn(svg: str) -> set[tuple[str, ...]]:
    """Every path and every use of a glyph or marker, with its place."""
    names = ("d", "transform", "href", "x", "y", "style")
    tags = [dict(re.findall(r'([a-z]+)="([^"]*)"', tag)) for tag in re.findall(r"<(?:path|use) [^>]*>", svg)]
    return {tuple(str(values.get(name)) for name in names) for values in tags}


@pytest.mark.parametrize("make", APPS)
def test_the_picture_in_two_layers_is_the_whole_picture(make: type[App]) -> None:
    app = make()
    for preset in ["start", *app.presets, "start"]:
        app.choose(preset)
        whole = app.file("svg").decode()
        assert drawn(app.picture.value) == drawn(whole) and len(drawn(whole)) > 10
        ids = re.findall(r'<(?:g|clipPath) id="([^"]*)"', app.picture.value)
        assert len(re.findall("<desc ", app.picture.value)) == 1 and len(set(ids)) >= len(ids) - 2


def test_axes_and_legend_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    app, drawn = KinkExplorer(), Layers._drawn
    layers: list[bool] = []

    def noting(self: Layers) -> str:
        layers.append(app._figure.axes[0].xaxis.get_visible())
        return drawn(self)

    monkeypatch.setattr(Layers, "_drawn", noting)
    app.controls["a_1"].value = 0.5
    assert layers == [False] and "At 0.5 " in app.picture.value
    app._figure.axes[0].set_xlim(-1, 1)  # other limits have other ticks
    app.controls["a_1"].value = 0.25
    assert layers == [False, True, False]


# Themes


def contrast(text: np.ndarray, ground: np.ndarray) -> float:
    """WCAG's contrast of two colours, each (red, green, blue) in [0, 1]."""
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in (text, ground)]
    light, dark = sorted((float(c @ [0.2126, 0.7152, 0.0722]) for c in linear), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def grounds(html: str, page: np.ndarray) -> list[np.ndarray]:
    """The backgrounds that a table sets, as seen on a page of this colour."""
    found = []
    for said in re.findall(r"background:([^;']+)", html):
        see_through = re.fullmatch(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)", said)
        if see_through:
            *rgb, alpha = map(float, see_through.groups())
            found.append(alpha * np.array(rgb) / 255 + (1 - alpha) * page)
        else:
            found.append(np.array([int(said[i : i + 2], 16) for i in (1, 3, 5)]) / 255)
    return found


@pytest.mark.parametrize(("text", "page"), [(0.13, 1.0), (1.0, 0.07)], ids=["light theme", "dark theme"])
def test_highlighted_lines_are_read_in_both_themes(text: float, page: float) -> None:
    stepper = AlgorithmStepper()
    stepper.move(+1)
    for html in (stepper.status.value, sg.trace(lambda t: sg.relu(t) + t, 0.0)._repr_html_()):
        seen = grounds(html, np.full(3, page))
        assert seen and all(contrast(np.full(3, text), ground) > 4.5 for ground in seen)
        assert all(contrast(np.full(3, page), ground) > 1.2 for ground in seen), "the highlight is seen"
    pale = grounds("<tr style='background:#fdebd0'>", np.full(3, page))  # what it was
    assert (contrast(np.full(3, text), pale[0]) > 4.5) is (page == 1.0)
