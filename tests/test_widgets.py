"""The applications, driven as a reader drives them; no browser, no front end."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import selgrad as sg

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from selgrad.plotting import dag, to_bytes
from selgrad.widgets import APPS, AlgorithmStepper, App, KinkExplorer
from selgrad.widgets.base import OWN, START
from selgrad.widgets.controls import Choice, Number, Whole
from selgrad.widgets.kinks import BASES, in_tensorflow, prescribing
from selgrad.widgets.selections import CHOICES, EXAMPLES, select
from selgrad.widgets.stepper import BACKWARD, FORWARD, PROGRAMS, steps

each = pytest.mark.parametrize("make", APPS, ids=lambda make: make.name)


@each
def test_presets_and_reset(make: type[App]) -> None:
    app = make()
    start, picture = app.fingerprint(), app.picture
    shown = set()
    for preset in app.presets:
        app.choose(preset)
        assert app.preset == app.shown["preset"] == preset
        shown.add(app.fingerprint())
        assert app.view.status.split(" [")[0] in repr(app)
    assert len(shown) >= len(app.presets) - 1
    app.reset()
    assert app.fingerprint() == start and app.picture == picture and app.preset == START
    with pytest.raises(ValueError, match="no preset 'gone'; there are start, "):
        app.choose("gone")


@each
def test_moving_a_control_leaves_the_preset(make: type[App]) -> None:
    app = make()
    control = next(c for c in reversed(app.controls.values()) if isinstance(c, Number | Whole) and not c.hidden)
    turn = app.shown["turn"]
    control.value = control.value + control.step if control.value < control.max else control.value - control.step
    assert app.preset == app.shown["preset"] == OWN and app.shown["turn"] == turn + 1
    app.choose(START)
    assert app.fingerprint() == make().fingerprint()


@each
def test_readable_without_seeing(make: type[App]) -> None:
    app = make()
    svg = ElementTree.fromstring(app.picture)
    space = "{http://www.w3.org/2000/svg}"
    assert svg.get("role") == "img"
    title, desc = svg.find(f"{space}title"), svg.find(f"{space}desc")
    assert title is not None and title.text == app.title
    assert desc is not None and app.view.status in str(desc.text)
    assert app.shown["alt"] == app.view.alt and app.view.status in app.view.alt
    for control in app.controls.values():
        assert control.label and control.said, control
        if isinstance(control, Number):
            assert np.frexp(control.step)[0] == 0.5, "a step that is no power of two misses the kink"
        if isinstance(control, Choice):
            assert len(control.options) <= 4
    for panel in app.shown["panels"]:
        assert all(m["label"] and any(m["sets"]) for m in panel["marks"] if m["mark"] == "handle")
    assert all(label for label in app.actions.values())


@each
def test_what_is_shown_is_json(make: type[App]) -> None:
    app = make()
    for preset in app.presets:
        app.choose(preset)
        assert json.loads(json.dumps(app.shown, allow_nan=False)) == app.shown


@each
def test_every_look_is_in_the_table(make: type[App]) -> None:
    app = make()
    for preset in app.presets:
        app.choose(preset)
        marks = [mark for panel in app.shown["panels"] for mark in panel["marks"]]
        wanted = {mark["look"] for mark in marks if "look" in mark} | {look for look, _ in app.shown["legend"]}
        assert wanted <= set(app.looks)


@each
def test_three_ways_to_be_shown(make: type[App]) -> None:
    data, metadata = make()._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"] and metadata["image/png"]
    assert data["image/svg+xml"].startswith("<svg ") and data["text/plain"].startswith(make.title)
    frame = data["text/html"]
    assert frame.startswith("<iframe srcdoc=") and f'base64,{data["image/png"]}"' in frame
    assert "<" not in frame[len("<iframe") : frame.index("><img")]


@pytest.mark.parametrize("name", BASES)
@pytest.mark.statement("Theorem 1")
def test_theorem_1_by_hand(name: str) -> None:
    f = BASES[name]
    prescribed = [(-1.25, 3.0), (0.0, -2.0), (0.3, 0.5)]
    P = sg.trace(prescribing(f, prescribed), 0.0)
    plain = sg.trace(f, 0.0)
    t = np.linspace(-3, 3, 97)
    np.testing.assert_array_equal(P(t), plain(t))
    for a, v in prescribed:
        assert sg.backward_mode(P, a) == pytest.approx(v, abs=1e-15)
    off = t[~np.isin(t, [a for a, _ in prescribed])]
    np.testing.assert_array_equal(sg.backward_mode(P, off), sg.backward_mode(plain, off))


def test_kinks_that_coincide_are_reported() -> None:
    app = KinkExplorer()
    app.set(f="t", n=2, a_1=1.0, v_1=3.0, a_2=1.0, v_2=0.0)
    assert "AD returns 2." in app.view.status and "add their corrections" in app.view.status


def test_an_unknown_control_is_named() -> None:
    with pytest.raises(ValueError, match="There is no control 'a_9'"):
        KinkExplorer().set(a_9=1.0)


@pytest.mark.parametrize("installed", [True, False], ids=["as installed", "without TensorFlow"])
def test_every_preset_has_tensorflow_values(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not installed:
        for module in ("selgrad.frameworks", "selgrad.frameworks.recorded"):
            monkeypatch.setattr(f"{module}.tensorflow_available", lambda: False)
    app = KinkExplorer()
    for preset in [START, *app.presets]:
        app.choose(preset)
        places = [app.controls[f"a_{i}"].value for i in range(1, app.controls["n"].value + 1)]
        values = in_tensorflow(app.program, places)
        assert values is not None, f"{preset}: run python -m selgrad.frameworks.record"
        np.testing.assert_allclose(values, sg.backward_mode(app.program, np.array(places)), atol=1e-15)
        assert "TensorFlow returns" in app.view.remark
    if not installed:
        app.set(a_1=0.0625)
        assert "TensorFlow is not installed here" in app.view.remark


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("choice", CHOICES)
def test_the_choice_of_s_changes_the_derivative_only(name: str, choice: str) -> None:
    example = EXAMPLES[name]
    f = select(example, choice)
    slopes = [float(sg.grad(piece)(example.tie)) for piece in example.pieces]
    wanted = {CHOICES[0]: slopes[0], CHOICES[1]: slopes[1], CHOICES[2]: sum(slopes) / 2}[choice]
    assert f.derivative(example.tie) == wanted
    assert {0, 1} <= set(f.active(example.tie))
    f.check_continuous(example.tie)
    t = np.linspace(-3, 3, 25)
    np.testing.assert_array_equal(f(t), select(example, CHOICES[0])(t))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_last_step_is_the_derivative(name: str) -> None:
    f, x = PROGRAMS[name]
    P = sg.trace(f, *x)
    forward, backward = steps(P, x, FORWARD), steps(P, x, BACKWARD)
    assert len(forward) == len(backward) == 1 + len(P.instructions)
    gradient = np.ravel(sg.backward_mode(P, *x))
    np.testing.assert_array_equal(forward[-1].state[P.outputs[0]], gradient)
    np.testing.assert_array_equal(np.array([backward[-1].state[j] for j in range(P.p)]).ravel(), gradient)


def test_stepping_by_button() -> None:
    app = AlgorithmStepper(lambda a, b: np.abs(a) * b, 0.5, 2.0)
    assert app.back_button.disabled and not app.next_button.disabled
    app.next_button.click()
    app.next_button.click()
    assert app.next_button.disabled and "Done: the derivative is (2, 0.5)." in app.view.status
    app.next_button.click()
    assert app.controls["step"].value == 2
    app.controls["mode"].value = BACKWARD
    assert app.controls["step"].value == 0
    app.controls["x0"].value = -0.5
    app.move(2)
    assert "Done: the derivative is (-2, 0.5)." in app.view.status
    app.back_button.click()
    assert "Step 1 of 2" in app.view.status


def test_the_stepper_wants_numbers() -> None:
    with pytest.raises(ValueError, match="programs of numbers"):
        steps(sg.trace(np.sum, np.ones(2)), (np.ones(2),), FORWARD)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 to 3 numbers"):
        AlgorithmStepper(lambda t: t)


def test_drawing_marks_kinks_and_is_deterministic() -> None:
    P = sg.trace(lambda t: sg.relu(-t) + t, 0.0)
    one, two = (to_bytes(dag.draw_program(P), "svg", id="dag", title="t", alt=dag.describe(P)) for _ in range(2))
    assert one == two
    assert "Nodes with kinks: x2." in dag.describe(P)
    plain = to_bytes(dag.draw_program(sg.trace(lambda t: np.exp(-t) + t, 0.0)), "svg", id="dag", title="t", alt="a")
    assert b"#fdebd0" in one and b"#fdebd0" not in plain


def test_drawing_keeps_nodes_apart() -> None:
    P = sg.trace(lambda a, b: np.maximum(a * b, np.abs(a - b)) + np.exp(a) * b, 1.0, 2.0)
    at, routes = dag.positions(P)
    assert len(set(at)) == len(P.shapes)
    for (j, k), route in routes.items():
        assert route[0] == at[j] and route[-1] == at[k]
        assert not set(route[1:-1]) & set(at), "an edge runs through a node"


def test_a_large_program_is_refused() -> None:
    def long(t):
        for _ in range(80):
            t = t + 1
        return t

    with pytest.raises(sg.TooLarge, match="60 is the most"):
        dag.draw_program(sg.trace(long, 0.0))
