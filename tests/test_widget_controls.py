"""What a front end sends, as it sends it: its sliders compute min + fraction (max - min), and round."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("ipywidgets", reason="the applications need ipywidgets: pip install 'selgrad[lab]'")

from selgrad.widgets import (
    AlgorithmStepper,
    App,
    CurveExplorer,
    FieldExplorer,
    KinkExplorer,
    SelectionExplorer,
    TrapExplorer,
)
from selgrad.widgets.base import STEP, Number, snapped

APPS: list[type[App]] = [KinkExplorer, SelectionExplorer, AlgorithmStepper, TrapExplorer, FieldExplorer, CurveExplorer]


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
