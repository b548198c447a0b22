"""The applications, driven as a reader drives them; no browser, no front end."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import selgrad as sg

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from pages import differences, shown_in_javascript, shown_in_python

from selgrad.widgets import APPS, AlgorithmStepper, App, KinkExplorer
from selgrad.widgets.base import OWN, START
from selgrad.widgets.controls import Choice, Number, Whole
from selgrad.widgets.graphs import letters
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

    def disabled() -> list[str]:
        return [action["name"] for action in app.shown["actions"] if action["disabled"]]

    assert disabled() == ["back"]
    app.next()
    assert disabled() == []
    app._handle_custom_msg({"do": "next"}, [])
    assert disabled() == ["next"] and "Done: the derivative is (2, 0.5)." in app.view.status
    app.next()
    assert app.controls["step"].value == 2
    app.controls["mode"].value = BACKWARD
    assert app.controls["step"].value == 0
    app.controls["x0"].value = -0.5
    app.move(2)
    assert "Done: the derivative is (-2, 0.5)." in app.view.status
    app.back()
    assert "Step 1 of 2" in app.view.status


def test_x_and_v_stand_on_the_graph() -> None:
    app = AlgorithmStepper()
    app.set(program="t - zero(t)", mode=BACKWARD, step=1)
    marks = app.shown["panels"][0]["marks"]
    nodes = [mark for mark in marks if mark["mark"] == "node"]
    edges = [mark for mark in marks if mark["mark"] == "edge"]
    assert [node["lines"][1] for node in nodes] == [f"$v$[{k}] = {v}" for k, v in enumerate("1 0 0 0 0 −1 1".split())]
    assert [node["kind"] for node in nodes] == ["input", "plain", "kink", "plain", "kink", "plain", "plain"]
    assert [(node["lit"], node["output"]) for node in nodes] == [(False, False)] * 6 + [(True, True)]
    assert sorted(edge["text"] for edge in edges if edge["lit"]) == ["1", "−1"]
    assert {edge["text"] for edge in edges if not edge["lit"]} == {""}, "what is not yet handled is not yet known"
    app.move(5)
    assert all(edge["text"] for edge in app.shown["panels"][0]["marks"] if edge["mark"] == "edge")


def test_the_page_of_your_own_program_is_emitted_from_it() -> None:
    def make() -> AlgorithmStepper:
        return AlgorithmStepper(lambda a, b: np.maximum(a * b, np.abs(a - b)) * a + sg.relu(b) - np.log(a), 1.0, 1.0)

    rng, asked = np.random.default_rng(0), [None, *[{"do": "next"}] * 3]
    for _ in range(60):
        x = {f"x{i}": float(rng.choice([0.0, 1.0, -1.0, 0.3, *rng.integers(-48, 49, 2) / 16])) for i in range(2)}
        asked.append({"set": {"program": "your program", "mode": str(rng.choice([FORWARD, BACKWARD])), **x}})
        asked.append({"set": {"step": int(rng.integers(0, 9))}})
    python, javascript = shown_in_python(make(), asked), shown_in_javascript(make(), asked)
    assert differences(python, javascript) == [] and len({shown["status"] for shown in python}) > 20
    page = make().page()
    assert page is not None and "your program" in page and len(page) < 80_000


def test_outside_a_domain_there_is_nothing_to_step_through() -> None:
    app = AlgorithmStepper(lambda t: np.log(t) * t, 1.0)
    app.set(step=1)
    assert "x₁ = log(x₀)" in app.view.status
    app.set(x0=-1.0)
    assert app.view.status.startswith("The program has no value here") and app.controls["step"].value == 1
    app.set(x0=2.0)
    assert "d₁[0] = 0.5" in app.view.status


def test_a_branch_in_python_is_followed_and_has_no_page() -> None:
    app = AlgorithmStepper(lambda t: 2 * t if t > 0 else -t, 1.0)
    app.set(step=1)
    assert "dx₁ = 2" in app.view.status
    app.set(x0=-1.0, step=1)
    assert "dx₁ = -1" in app.view.status
    assert app.page() is None and "text/html" not in app._repr_mimebundle_()[0]


WIDE: dict[str, tuple] = {
    "thirteen nodes": (lambda a, b: np.maximum(a * b, np.abs(a - b)) + np.exp(a) * b + sg.relu(b - a) * a, 1.0, 2.0),
    "a chain": (lambda t: np.abs(sg.relu(np.abs(sg.relu(np.abs(sg.relu(np.abs(np.abs(t) - 1) - 2) - 3))))), 1.0),
    "three inputs": (lambda a, b, c: np.maximum(a * b, c) + np.exp(c) * np.where(a > b, a, b) + sg.relu(c), 1.0, 2.0,
                     3.0),
}


@pytest.mark.parametrize("case", [*PROGRAMS, *WIDE])
def test_nothing_on_the_graph_is_overprinted(case: str) -> None:
    app = AlgorithmStepper(*WIDE[case]) if case in WIDE else AlgorithmStepper()
    app.set(program="your program" if case in WIDE else case)
    for mode in (FORWARD, BACKWARD):
        app.set(mode=mode, step=0)
        app.set(step=app.controls["step"].max)
        panel = app.shown["panels"][0]
        (left, right), (low, high) = panel["x"], panel["y"]
        boxes = [(m["x"], m["y"], *m["box"]) for m in panel["marks"] if m["mark"] == "node"]
        words = [(*m["at"], 6.5 * len(m["text"]), 12) for m in panel["marks"] if m["mark"] == "edge"]
        for x, y, w, h in [*boxes, *words]:
            assert left <= x - w / 2 and x + w / 2 <= right and low <= y - h / 2 and y + h / 2 <= high
        placed = [(n, *box) for n, box in enumerate([*boxes, *words])]
        assert [(n, m) for n, x, y, w, h in placed for m, a, b, v, u in placed[:n]
                if abs(x - a) < (w + v) / 2 - 3 and abs(y - b) < (h + u) / 2 - 3] == []
        lines = [line for m in panel["marks"] if m["mark"] == "node" for line in [*m["title"], *m["lines"]]]
        assert max(map(letters, lines)) <= 17
        assert all(17 * len([*m["title"], *m["lines"]]) <= m["box"][1] for m in panel["marks"] if m["mark"] == "node")


def test_the_stepper_wants_numbers() -> None:
    with pytest.raises(ValueError, match="programs of numbers"):
        steps(sg.trace(np.sum, np.ones(2)), (np.ones(2),), FORWARD)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 to 3 numbers"):
        AlgorithmStepper(lambda t: t)
