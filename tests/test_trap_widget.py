"""The trap explorer: what it draws and counts is what algorithm (8) does, and it says what it could not do."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import selgrad as sg

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from pages import compared

from selgrad.descent.traps import preimages
from selgrad.examples.paper import trap
from selgrad.widgets import TrapExplorer, trials
from selgrad.widgets.trials import COARSE, FINE, SCHEDULES, Problem, Trial

C = np.arange(1, 17) / 16


def problem(*places: float, noise: float = 0.0, schedule: str = "1/(k+1)", dtype: str = "float64") -> Problem:
    return Problem(places or (0.0,), noise, schedule, dtype)


@pytest.fixture
def no_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "available", lambda: False)


def test_the_function_and_its_traps() -> None:
    for p in (problem(), problem(-0.3125, -1.0), problem(0.0, -0.5, noise=0.25)):
        for x in (-1.5, -0.5, 0.0, 0.25, 1.0):
            assert p.J(x) == pytest.approx((x - 1) ** 2 / 2 + p.noise**2 / 2, abs=1e-15)
        assert [sg.classify(p.J, a).kind for a in p.traps] == ["artificial-critical"] * len(p.traps)
        assert sg.classify(p.J, 1.0).kind == "clarke-critical"
        assert sg.classify(p.J, -0.25).kind == "smooth"


@pytest.mark.parametrize("dtype", trials.PRECISIONS)
def test_traps_hold_in_every_precision(dtype: str) -> None:
    for a in (0.0, -0.1, -0.3, -1.7):  # -0.1 is no float: the nearest one is the trap
        T = problem(a, dtype=dtype).run([a], 0.7, 20, record="all")
        assert T.iterates is not None and (T.iterates == T.start[0]).all()


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_curves_are_the_preimages(schedule: str) -> None:
    p = problem(-0.25, schedule=schedule)
    alpha = [SCHEDULES[schedule](k) for k in range(8)]
    for k, x in p.curves(C)[:4]:
        c, x0 = preimages(p.J, alpha, at=-0.25, c=C, hit=k)
        inside = (x0 >= trials.LOW) & (x0 <= trials.HIGH)
        assert np.array_equal(c[inside], C[np.isfinite(x)]) and np.allclose(x0[inside], x[np.isfinite(x)], atol=1e-12)
    if schedule == "1/(k+1)":
        x = problem().curves(C)[0][1]
        known = np.isfinite(x)
        assert known.sum() > 5 and np.allclose(C[known], x[known] / (x[known] - 1))


def test_curves_with_noise_meet_the_trap_for_their_draws() -> None:
    p = problem(noise=0.25)
    curves = p.curves(C)
    assert [k for k, _ in curves] == [1] * 2 + [2] * 4 + [3] * 8
    x0 = curves[0][1][6]
    T = p.run([x0] * 50, C[6], 1)
    met = np.abs(T.x) < 1e-12
    assert np.array_equal(met, T.indices[:, 0, 0] == 0) and 10 < met.sum() < 40


def test_starts_beside_a_curve_are_the_three_nearest_floats() -> None:
    for dtype in trials.PRECISIONS:
        x0, _ = problem(-1.5, dtype=dtype).beside()
        below, on, above = x0.reshape(3, -1)
        assert (below < on).all() and (on < above).all() and np.array_equal(np.nextafter(below, on), on)
        assert (on < -1).any(), "beyond -1 too"


def test_starts_beside_the_curves_are_trapped_and_others_are_not() -> None:
    x0, c, at = Trial(problem(), COARSE).beside
    assert at.sum() > 100 and at.size > 1000
    T = sg.sgd(trap, x0[at], c=c[at], steps=60, alpha=lambda k: 1 / (k + 1))
    assert (T.x == 0).all() and set(T.classify().kinds) == {"artificial-critical"}
    distance, cells = Trial(problem(), COARSE).cells
    assert not cells.any() and distance.shape == cells.shape == (COARSE[1], COARSE[0])
    assert not Trial(problem(noise=0.25), COARSE).beside[2].any()


def test_one_random_start_in_each_cell() -> None:
    x0, c = Trial(problem(), (8, 4, 1)).starts
    assert np.array_equal((x0 + 2) * 4 // 1, np.tile(np.arange(8), (4, 1)))
    assert np.array_equal(c * 4 // 1, np.tile(np.arange(4)[:, None], 8))


def data(app: TrapExplorer) -> Mapping[str, Any]:
    """What is drawn."""
    assert app.view.data is not None
    return app.view.data


def marks(app: TrapExplorer, panel: int, kind: str) -> list[dict[str, Any]]:
    """The marks of one kind in a panel."""
    return [m for m in app.shown["panels"][panel]["marks"] if m["mark"] == kind]


def test_what_the_start_says() -> None:
    app = TrapExplorer()
    assert "exactly 0 after 1 step and stays there: artificial critical" in app.view.status
    app.controls["c"].value = 0.5625
    assert "no trap holds it" in app.view.status
    app.choose("trapped at the second step")
    assert "exactly -0.3125 after 2 steps" in app.view.status
    app.choose("noise frees the iterate")
    assert "the first of 8 draws; no trap holds it" in app.view.status
    assert np.ptp(data(app)["paths"][:, -1]) > 0.01
    app.choose("a schedule outside Theorem 4")
    assert "not o(1/log k): Theorem 4 says nothing of it" in app.view.remark
    app.reset()
    assert "Theorem 4" not in app.view.remark


@pytest.mark.parametrize("dtype", trials.PRECISIONS)
def test_what_holds_the_iterate_is_artificial_critical_as_it_says(dtype: str) -> None:
    app = TrapExplorer()
    for a in (0.0, -0.25, -0.3, -1.7):
        app.set(a_1=a, x0=a, dtype=dtype)
        assert "after 0 steps and stays there: artificial critical" in app.view.status
    for a in np.arange(-32, 1) / 16:  # the places of the slider are exact in every precision
        J = problem(float(a), dtype=dtype).J
        assert sg.classify(J, float(a)).kind == "artificial-critical"


def test_two_traps_at_one_place_are_one() -> None:
    app = TrapExplorer()
    app.set(n=2, a_1=-0.5, a_2=-0.5, c=0.25)
    assert data(app)["traps"] == (-0.5,) and "exactly -0.5 after 1 step" in app.view.status
    assert not app.controls["a_2"].hidden
    app.reset()
    assert app.controls["a_2"].hidden


def test_every_precision_is_counted_beside_the_curves() -> None:
    app = TrapExplorer()
    app.controls["dtype"].value = "float16"
    for dtype in trials.PRECISIONS:
        at = Trial(problem(dtype=dtype), COARSE).beside[2]
        assert at.any() and f"Of {at.size:,} starts put next to the curves" in app.view.remark
        assert f"{at.sum():,} in {dtype}" in app.view.remark
    trapped = data(app)["cells"][0]
    assert f"In float16, {len(trapped)} of 5,000 random starts end in a trap" in app.view.remark
    assert 0 < len(trapped) < 20
    assert "5,000 starts of 60 steps instead of 16,000 of 200" in app.view.remark


def test_the_shades_are_the_distances() -> None:
    app = TrapExplorer()
    (heat,) = marks(app, 0, "heat")
    levels = np.frombuffer(b64decode(heat["levels"]), dtype=np.uint8).reshape(heat["rows"], heat["columns"])
    assert np.abs(levels / 255 * 3 - data(app)["heat"]).max() <= 0.5 * 3 / 255 + 1e-12
    assert heat["extent"] == [-2, 0, 0, 1] and heat["bar"]["label"] == "distance from 1"


def test_start_and_traps_are_dragged_and_clicked() -> None:
    app = TrapExplorer()
    app.choose("two traps")
    assert [panel["click"] for panel in app.shown["panels"]] == [["x0", "c"], [None, "x0"]]
    assert [m["sets"] for m in marks(app, 0, "handle")] == [["x0", "c"]]
    assert [m["sets"] for m in marks(app, 1, "handle")] == [[None, "a_1"], [None, "a_2"], [None, "x0"]]
    app._asked({"set": {"x0": -1.0, "c": 0.37500000000000006}})
    app._asked({"set": {"a_2": -0.25}})
    assert "exactly -0.25 after 1 step" in app.view.status


def test_a_trap_that_no_start_in_the_picture_meets() -> None:
    app = TrapExplorer()
    app.set(a_1=-2.0)
    assert "Of 0 starts put next to the curves 0 in float16" in app.view.remark


def test_without_numba_the_grid_is_coarse_and_it_says_so(no_numba: None) -> None:
    app = TrapExplorer()
    assert data(app)["heat"].shape == (COARSE[1], COARSE[0])
    assert "Numba is not installed, so there are 5,000 starts of 60 steps instead of 16,000 of 200." in app.view.remark


def test_engines_show_the_same_path(no_numba: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    plain = TrapExplorer()
    monkeypatch.undo()
    fast = TrapExplorer()
    assert data(fast)["heat"].shape == (FINE[1], FINE[0]) and "instead" not in fast.view.remark
    assert np.array_equal(data(fast)["paths"], data(plain)["paths"])
    assert data(fast)["beside"][0].tolist() == data(plain)["beside"][0].tolist()


def test_moving_the_start_does_not_run_the_map_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TrapExplorer()
    sizes: list[int] = []
    run = Problem.run
    monkeypatch.setattr(Problem, "run", lambda self, x0, *a, **k: (sizes.append(len(x0)), run(self, x0, *a, **k))[1])
    app.controls["x0"].value = -0.75
    app.controls["c"].value = 0.25
    assert sizes == [1, 1]
    app.controls["a_1"].value = -0.125
    assert len(sizes) == 7 and max(sizes) >= COARSE[0] * COARSE[1], "a path, a map, and beside the curves three times"
    sizes.clear()
    app.controls["dtype"].value = "float32"
    assert len(sizes) == 2, "what was counted beside the curves is kept"


# The page


@pytest.mark.parametrize("dtype", trials.PRECISIONS)
def test_the_page_has_the_bits_of_the_kernel(dtype: str) -> None:
    pytest.importorskip("numba")
    problems = [{"n": 1, "a_1": -0.25}, {"n": 2, "a_1": -0.1, "a_2": -1.3, "noise": 0.25}, {"noise": 1.0},
                {"schedule": "1/sqrt(k+1)", "noise": 0.0}, {"a_1": -2.0, "n": 1}]
    messages = [{"set": {"dtype": dtype, **values}} for values in problems]
    messages += [{"set": {"a_1": -0.25, "x0": -1.0, "c": c}} for c in (0.375, 0.37500000000000006, 0.4, 0.1)]
    assert compared(TrapExplorer, messages, but=("turn",)) == []


def test_another_draw_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TrapExplorer, "programs", lambda self, right=TrapExplorer.programs: {
        name: source.replace("data[picks === null ? 0 : picks[k]]", "data[picks === null ? 0 : 1 - picks[k]]")
        for name, source in right(self).items()})
    found = compared(TrapExplorer, [None, {"choose": "noise frees the iterate"}])
    assert found and all("noise" in d for d in found)
