"""What a front end sends, as it sends it: its sliders compute min + fraction (max - min), and round; its themes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import selgrad as sg

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from selgrad.widgets import APPS, App, KinkExplorer, TrapExplorer
from selgrad.widgets.base import OWN
from selgrad.widgets.controls import STEP, Choice, Menu, Number, Whole, snapped
from selgrad.widgets.front import read

each = pytest.mark.parametrize("make", APPS, ids=lambda make: make.name)


def sent(app: App, **message: Any) -> None:
    """A message of the front end."""
    app._handle_custom_msg(message, [])


def rounded_up(x: float) -> float:
    """Some roundings above x, as for 0.37500000000000006 and 2.000000000000001."""
    for _ in range(2):
        x = float(np.nextafter(x, np.inf))
    return x


def test_a_trap_met_by_slider_is_the_trap_met_by_number() -> None:
    app = TrapExplorer()
    app.set(a_1=-0.25, x0=-1.0, c=0.5)
    sent(app, set={"c": 0.37500000000000006})
    assert app.controls["c"].value == 0.375
    assert "the iterate is exactly -0.25 after 1 step" in app.view.status
    typed = TrapExplorer()
    typed.set(a_1=-0.25, x0=-1.0, c=0.375)
    assert app.fingerprint() == typed.fingerprint()


@each
def test_roundings_of_the_front_end_change_nothing(make: type[App], monkeypatch: pytest.MonkeyPatch) -> None:
    app, redrawn = make(), []
    preset = next(iter(app.presets))
    app.choose(preset)
    shown, redraw = app.fingerprint(), app.redraw
    monkeypatch.setattr(app, "redraw", lambda: (redrawn.append(1), redraw()))
    sliders = {name: c for name, c in app.controls.items() if isinstance(c, Number)}
    for name, control in sliders.items():
        before, turn = control.value, app.shown["turn"]
        sent(app, set={name: rounded_up(before)})
        assert control.value == before and app.shown["turn"] == turn + 1, "it is answered all the same"
    assert sliders and not redrawn and app.preset == preset and app.fingerprint() == shown
    name, control = next((n, c) for n, c in sliders.items() if c.value < c.max)
    sent(app, set={name: rounded_up(control.value + STEP)})  # yet a move is a move
    assert redrawn and app.preset == OWN


@each
def test_every_message_is_answered(make: type[App]) -> None:
    app = make()
    name = next(name for name, control in app.controls.items() if isinstance(control, Number | Whole))
    wrong = ({"set": {name: "a"}}, {"set": {name: None}}, {"set": {"gone": 1}}, {"choose": "gone"}, {"do": "gone"}, {})
    before = app.fingerprint()
    for message in (*wrong, {"reset": True}, {"choose": OWN}, *({"do": action} for action in app.actions)):
        turn = app.shown["turn"]
        sent(app, **message)
        assert app.shown["turn"] > turn, message
        assert ("problem" in app.shown) == (message in wrong[:4])
        if message in wrong:
            assert app.fingerprint() == before


@pytest.mark.parametrize(("low", "high"), [(-3.0, 3.0), (1 / 16, 1.0), (-4.0, 4.0), (0.0, 1.0)])
def test_every_place_of_a_slider_is_on_its_grid(low: float, high: float) -> None:
    number = Number("a", low, high, low, "$a$", "a number")
    cells = round((high - low) / STEP)
    for n in range(cells + 1):
        percent = 100 * n * STEP / (high - low)
        for value in (low + percent * (high - low) / 100, low + n / cells * (high - low)):
            number.value = value
            assert number.value == low + n * STEP


def test_a_number_of_ones_own_stays() -> None:
    number = Number("a", -3.0, 3.0, 0.0, "$a$", "a number")
    for value, meant in ((0.3, 0.3), (5.0, 3.0), (-0.0, 0.0), (-7, -3.0)):
        number.value = value
        assert number.value == meant
    assert snapped(0.1) == 0.1 and snapped(2**-20) == 2**-20


def test_a_control_refuses_what_it_does_not_take() -> None:
    whole, menu = Whole("n", 1, 3, 1, "Number", "how many"), Choice("m", ("a", "b"), "a", "Mode", "which")
    for control, wrong in ((whole, ("2", None, True, 1.5, float("nan"))), (menu, ("c", 0, None))):
        for value in wrong:
            with pytest.raises(ValueError, match=f"The control '{control.name}' takes"):
                control.value = value
    seen: list[Any] = []
    whole.watched = lambda control: seen.append(control.value)
    whole.value = 3
    whole.value = 3
    whole.max = 2
    assert seen == [3, 2] and whole.spec()["most"] == 3 and isinstance(menu, Menu)


def test_a_value_set_in_code_is_shown() -> None:
    app = KinkExplorer()
    app.controls["a_1"].value = 0.3
    assert "At 0.3 " in app.view.status and "At 0.3 " in app.shown["status"] and "At 0.3 " in app.picture
    assert next(c for c in app.shown["controls"] if c["name"] == "a_1")["value"] == 0.3


# Themes


def contrast(text: np.ndarray, ground: np.ndarray) -> float:
    """WCAG's contrast of two colours, each (red, green, blue) in [0, 1]."""
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in (text, ground)]
    light, dark = sorted((float(c @ [0.2126, 0.7152, 0.0722]) for c in linear), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen_on(said: str, page: np.ndarray) -> np.ndarray:
    """A colour of a style sheet, as seen on a page of this colour."""
    see_through = re.fullmatch(r"rgba\((\d+), ?(\d+), ?(\d+), ?([\d.]+)\)", said)
    if see_through:
        *rgb, alpha = map(float, see_through.groups())
        return alpha * np.array(rgb) / 255 + (1 - alpha) * page
    return np.array([int(said[i : i + 2], 16) for i in (1, 3, 5)]) / 255


@pytest.mark.parametrize(("text", "page"), [(0.13, 1.0), (1.0, 0.07)], ids=["light theme", "dark theme"])
def test_highlighted_lines_are_read_in_both_themes(text: float, page: float) -> None:
    lit = re.findall(r"--sg-lit: ([^;]+);", read("front.css"))
    listing = re.findall(r"background:([^;']+)", sg.trace(lambda t: sg.relu(t) + t, 0.0)._repr_html_())
    assert lit and listing
    for said in (*lit, *listing):
        ground = seen_on(said, np.full(3, page))
        assert contrast(np.full(3, text), ground) > 4.5
        assert contrast(np.full(3, page), ground) > 1.2, "the highlight is seen"
    pale = seen_on("#fdebd0", np.full(3, page))  # what it was
    assert (contrast(np.full(3, text), pale) > 4.5) is (page == 1.0)


def test_words_of_pages_are_read_in_both_themes() -> None:
    sheet = read("page.css")
    schemes = re.findall(r"--sg-page-ink: (#\w+);--sg-page-soft: (#\w+);.*?--sg-page: (#\w+)", sheet)
    assert len(schemes) == 3
    for ink, soft, page in schemes:
        full = [seen_on(c if len(c) == 7 else "#" + "".join(2 * d for d in c[1:]), np.ones(3))
                for c in (ink, soft, page)]
        assert contrast(full[0], full[2]) > 7 and contrast(full[1], full[2]) > 4.5
