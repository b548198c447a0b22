"""Every live page shows what its application in the kernel shows: over its presets and a grid that meets the kinks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from pages import ROUNDING, differences, planted, shown_in_javascript, shown_in_python

from selgrad.widgets import APPS, App, controls
from selgrad.widgets.page import page

each = pytest.mark.parametrize("make", APPS, ids=lambda make: make.name)

# Where exp, log or sin of two libraries take part; everything else is to the last bit.
TRANSCENDENTAL = {"kink-explorer": lambda values: values["f"] == "sin(t)"}
KERNEL_ONLY = {"kink-explorer": ("remark",)}  # what TensorFlow says
DRAWS = {"trap-explorer": 12}  # random settings; others get 80
LARGEST = 70_000  # bytes of a page


def grid(name: str, control: controls.Control, app: App) -> list[Any]:
    """Values of a control: all of a menu; for numbers the ends, 0, beside it, those of presets, one off the grid."""
    if isinstance(control, controls.Menu):
        return list(control.options)
    assert isinstance(control, controls.Number | controls.Whole)
    own = {preset[name] for preset in app.presets.values() if name in preset} | {app.start[name]}
    if isinstance(control, controls.Whole):
        return sorted({n for n in (0, 1, 2, 3, 5, 8, control.most) if control.min <= n <= control.most} | own)
    near = {sign * x for x in (0.0, control.step, 0.3, 0.5, 1.0) for sign in (-1, 1)}
    return sorted({x for x in near if control.min <= x <= control.max} | own | {control.min, control.max})


def messages(app: App) -> Iterator[Any]:
    """What the front of an application may send: presets, each control in turn, buttons, many controls at once."""
    yield None
    yield from ({"choose": preset} for preset in app.presets)
    yield {"reset": True}
    values = {name: grid(name, control, app) for name, control in app.controls.items()}
    for name, several in values.items():
        yield from ({"set": {name: value}} for value in several)
        yield {"reset": True}
    for action in app.actions:
        yield from [{"do": action}] * 4
    rng = np.random.default_rng(0)
    for n in range(DRAWS.get(app.name, 80)):
        yield {"set": {name: several[rng.integers(len(several))] for name, several in values.items()}}
        yield from ({"do": action} for action in app.actions) if n % 8 == 0 else ()


def told_apart(make: type[App], asked: list[Any]) -> list[str]:
    """Where kernel and page show different things along the messages."""
    found = []
    for message, python, javascript in zip(
        asked, shown_in_python(make(), asked), shown_in_javascript(make(), asked), strict=True
    ):
        for part in ("turn", *KERNEL_ONLY.get(make.name, ())):
            python.pop(part), javascript.pop(part)
        values = {control["name"]: control["value"] for control in python["controls"]}
        rounds = TRANSCENDENTAL.get(make.name, lambda _: False)(values)
        found += [f"after {message}: {d}" for d in differences(python, javascript, ROUNDING if rounds else 0.0)]
    return found


def test_every_application_has_a_page() -> None:
    assert [make.name for make in APPS if make().page() is None] == []


@each
def test_pages_show_what_kernels_show(make: type[App]) -> None:
    asked = list(messages(make()))
    assert len(asked) > 40
    assert told_apart(make, asked)[:10] == []


@each
def test_a_planted_wrong_derivative_is_seen(make: type[App], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "programs", planted(make))
    assert told_apart(make, [None, *({"choose": preset} for preset in make.presets)]) != []


@each
def test_a_page_is_one_small_file(make: type[App]) -> None:
    text = make().page()
    assert text is not None and text == page(make()) and len(text.encode()) < LARGEST
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


@each
def test_what_cannot_be_set_is_refused_in_the_same_words(make: type[App]) -> None:
    app = make()
    asked = []
    for name, control in app.controls.items():
        wrong = ["no such text", 3] if isinstance(control, controls.Menu) else ["three", None, True]
        asked += [{"set": {name: value}} for value in wrong]
    for python, javascript in zip(shown_in_python(make(), asked), shown_in_javascript(make(), asked), strict=True):
        assert python["problem"] and javascript["problem"], json.dumps(javascript)[:200]
        for part in ("problem", "turn", *KERNEL_ONLY.get(make.name, ())):
            python.pop(part), javascript.pop(part)
        assert differences(python, javascript, ROUNDING) == []
