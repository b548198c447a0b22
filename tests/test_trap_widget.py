"""The trap explorer: what it draws and counts is what algorithm (8) does, and it says what it could not do."""

from __future__ import annotations

import numpy as np
import pytest

import selgrad as sg

pytest.importorskip("ipywidgets", reason="the applications need ipywidgets: pip install 'selgrad[lab]'")

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


def test_what_the_start_says() -> None:
    app = TrapExplorer()
    assert "exactly 0 after 1 step and stays there: a point that is artificial critical" in app.view.status
    app.controls["c"].value = 0.5625
    assert "no trap holds it" in app.view.status
    app.choose("trapped at the second step")
    assert "exactly -0.3125 after 2 steps" in app.view.status
    app.choose("noise frees the iterate")
    assert "the first of 8 draws; no trap holds it" in app.view.status
    assert np.ptp(app.view.data["paths"][:, -1]) > 0.01
    app.choose("a schedule outside Theorem 4")
    assert "not o(1/log k): Theorem 4 says nothing of it" in app.view.remark
    app.choose("start")
    assert app.view.remark == "" or "Numba is not installed" in app.view.remark


def test_two_traps_at_one_place_are_one() -> None:
    app = TrapExplorer()
    app.set(n=2, a_1=-0.5, a_2=-0.5, c=0.25)
    assert app.view.data["traps"] == (-0.5,) and "exactly -0.5 after 1 step" in app.view.status
    assert app._second.layout.display == "flex"
    app.reset()
    assert app._second.layout.display == "none"


def test_the_table_keeps_what_was_asked() -> None:
    app = TrapExplorer()
    assert app.view.html.count("not tried yet") == 2
    app.controls["dtype"].value = "float16"
    assert app.view.html.count("not tried yet") == 1 and "of 5,000" in app.view.html
    trapped = app.view.data["cells"][0]
    assert f"In float16, {len(trapped)} of 5,000 random starts end in a trap" in app.view.status
    assert 0 < len(trapped) < 20
    app.controls["a_1"].value = -0.125  # another problem: nothing of it is known in float64
    assert app.view.html.count("not tried yet") == 2


def test_without_numba_the_grid_is_coarse_and_it_says_so(no_numba: None) -> None:
    app = TrapExplorer()
    assert app.view.data["heat"].shape == (COARSE[1], COARSE[0])
    assert "Numba is not installed, so there are 5,000 starts of 60 steps instead of 100,000 of 200." in app.view.remark


def test_engines_show_the_same_path(no_numba: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    plain = TrapExplorer()
    monkeypatch.undo()
    fast = TrapExplorer()
    assert fast.view.data["heat"].shape == (FINE[1], FINE[0]) and fast.view.remark == ""
    assert np.array_equal(fast.view.data["paths"], plain.view.data["paths"])
    assert fast.view.data["beside"][0].tolist() == plain.view.data["beside"][0].tolist()


def test_moving_the_start_does_not_run_the_map_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TrapExplorer()
    sizes: list[int] = []
    run = Problem.run
    monkeypatch.setattr(Problem, "run", lambda self, x0, *a, **k: (sizes.append(len(x0)), run(self, x0, *a, **k))[1])
    app.controls["x0"].value = -0.75
    assert sizes == [1]
    app.controls["a_1"].value = -0.125
    assert len(sizes) == 4 and max(sizes) >= COARSE[0] * COARSE[1]
