"""The state of a widget as JSON text and as a link: what is written is read, anything else is refused in words."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from selgrad.widgets import APPS, AlgorithmStepper, App, KinkExplorer


@pytest.mark.parametrize("make", APPS)
def test_what_is_written_is_read(make: type[App]) -> None:
    app = make()
    app.choose(list(app.presets)[-1])
    there = make.from_state(app.state())
    assert there.fingerprint() == app.fingerprint() and there.state() == app.state()
    app.reset()
    app.restore(there.link("https://example.org/page.html?x=1#old"))
    assert app.fingerprint() == there.fingerprint()
    assert json.loads(app.state()) == {"app": make.name, "values": {n: c.value for n, c in app.controls.items()}}


def test_a_control_that_is_not_named_is_at_its_start() -> None:
    app = KinkExplorer()
    app.set(v_1=0.0, a_1=0.3)
    app.restore('{"app": "kink-explorer", "values": {"a_1": 0.5}}')
    assert (app.controls["a_1"].value, app.controls["v_1"].value) == (0.5, 2.0)


def test_the_step_of_another_program_is_restored() -> None:
    app = AlgorithmStepper()
    app.choose("zero, backward")
    app.move(5)
    assert AlgorithmStepper.from_state(app.state()).fingerprint() == app.fingerprint()


@pytest.mark.parametrize(("values", "said"), [
    ({"a_9": 1.0}, "There is no control 'a_9'"),
    ({"a_1": "__import__('os')"}, "'a_1' takes a number, not"),
    ({"a_1": float("nan")}, "'a_1' takes a number, not nan"),
    ({"a_1": True}, "'a_1' takes a number, not True"),
    ({"a_1": 4}, "'a_1' takes a number from -3 to 3, not 4"),
    ({"n": 1.5}, "'n' takes a whole number, not 1.5"),
    ({"f": "exp(t)"}, "'f' takes one of 'sin"),
    ({"f": ["t"]}, "'f' takes one of 'sin"),
])
def test_a_wrong_value_is_named(values: dict, said: str) -> None:
    app = KinkExplorer()
    shown = app.fingerprint()
    with pytest.raises(ValueError, match=said):
        app.restore(json.dumps({"app": "kink-explorer", "values": values}))
    assert app.fingerprint() == shown, "and nothing has moved"


@pytest.mark.parametrize(("text", "said"), [
    ("{'app': 1}", "JSON text, and this is none"),
    ("[" * 100_000, "JSON text, and this is none"),
    ("[1]", "A state reads"),
    ('{"app": "kink-explorer"}', "A state reads"),
    ('{"app": "kink-explorer", "values": 3}', "A state reads"),
    ('{"app": "trap-explorer", "values": {}}', "a state of 'trap-explorer', and the application is 'kink-explorer'"),
])
def test_a_text_that_is_no_state_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        KinkExplorer.from_state(text)
