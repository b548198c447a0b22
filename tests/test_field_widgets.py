"""The curve explorer, driven as a reader drives it, and the walls that pictures of planes share."""

from __future__ import annotations

import numpy as np
import pytest

import selgrad as sg
from selgrad.kinks import partition
from selgrad.kinks.breakpoints import changes_along
from selgrad.plotting.planes import contours, square_around, walls

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from selgrad.widgets import CurveExplorer
from selgrad.widgets.curves import ADDED, FIELDS
from selgrad.widgets.curves import PROGRAMS as AFFINE
from selgrad.widgets.fields import PROGRAMS

GRID = np.linspace(-2, 2, 65)


# The curve explorer


def test_a_wrong_rule_is_seen_inside_a_kink_only() -> None:
    app = CurveExplorer()
    assert app.verdict.conservative and "both integrals are the increment" in app.view.status
    app.choose("the same curve, a wrong rule")
    assert not app.verdict.conservative and app.verdict.gap > 1 and "miss it by 2.5" in app.view.status
    app.choose("a wrong rule that is not seen")
    assert app.controls["field"].value == ADDED and app.verdict.conservative


@pytest.mark.parametrize("name", AFFINE)
@pytest.mark.parametrize("field", [name for name in FIELDS if name != ADDED])
def test_theorem_3_holds_on_every_curve_one_can_bend(name: str, field: str) -> None:
    app, rng = CurveExplorer(), np.random.default_rng(0)
    P = sg.trace(AFFINE[name], np.zeros(2))
    for _ in range(3):
        ends = {key: float(rng.integers(-4, 5)) / 2 for key in ("a1", "a2", "b1", "b2", "c1", "c2")}
        app.set(program=name, field=field, **ends)
        rise = P(np.array([ends["c1"], ends["c2"]])) - P(np.array([ends["a1"], ends["a2"]]))
        assert app.verdict.conservative, app.view.status
        assert app.verdict.exact is (FIELDS[field] is sg.conservative), "proved of a program's own D_P alone"
        data = app.view.data or {}
        assert data["increment"][-1] == pytest.approx(rise, abs=1e-12)
        for key in ("largest", "smallest"):
            np.testing.assert_allclose(data[key], data["increment"], atol=1e-9)
            assert data[key][-1] == pytest.approx(getattr(app.verdict, key), abs=1e-9)


def test_what_is_drawn_of_a_wrong_field_is_what_is_said() -> None:
    app = CurveExplorer()
    app.set(field=ADDED, a1=0.0, a2=2.0, b1=0.0, b2=0.0, c1=2.0, c2=2.0)  # inside one kink, then inside the other
    v, data = app.verdict, app.view.data or {}
    assert data["largest"][-1] == pytest.approx(v.largest) and data["smallest"][-1] == pytest.approx(v.smallest)
    assert v.smallest < v.increment < v.largest


@pytest.mark.parametrize("name", AFFINE)
def test_what_a_page_knows_of_a_kink_holds_all_along_it(name: str) -> None:
    P, known = sg.trace(AFFINE[name], np.zeros(2)), CurveExplorer().given()["kinks"][name]["pieces"]
    assert len(known) >= len(walls(P))
    for piece in known:
        a, b = np.array(piece["ends"])
        for t in (2**-10, 0.375, 1 - 2**-10):
            x = a + t * (b - a)
            bounds = sg.clarke(P, x)
            assert bounds.exact
            for D, vertices in zip((sg.conservative(P, x), bounds.inner), piece["sets"]):
                assert D.boundary().tolist() == vertices


def test_letters_stand_apart_wherever_the_points_are() -> None:
    app, rng = CurveExplorer(), np.random.default_rng(0)
    for n in range(200):
        corner = rng.choice([-2.0, 0.0, 2.0], 2)
        at = np.clip(corner + rng.integers(-3, 4, (3, 2)) / 16 * (n % 3), -2, 2)
        letters = [np.array([m["x"], m["y"]]) for m in app._plane({"corners": at, "points": at, "t": np.zeros(3)})
                   if m["mark"] == "text"]
        assert all(abs(a - b).max() > 0.25 for i, a in enumerate(letters) for b in letters[:i])
        assert np.abs(letters).max() <= 2


# The walls


def test_walls_are_where_the_kinks_are() -> None:
    for f in PROGRAMS.values():
        P = sg.trace(f, np.zeros(2))
        found = walls(P)
        assert found
        for line in found:
            assert abs(line).max() <= 2
            for point in (line[:-1] + line[1:]) / 2:  # between two corners: a side is crossed close by
                z = np.array([_sides(P, point + 0.05 * d) for d in _around()])
                assert (z != z[0]).any(), point


def test_a_kink_bends_where_another_piece_takes_over() -> None:
    P = sg.trace(PROGRAMS["max(min(x1, -x2), x2 - x1)"], np.zeros(2))
    segments = [[[-2, 2], [2, -2]], [[-1, -2], [0, 0]], [[0, 0], [2, 1]]]
    assert [line.tolist() for line in walls(P)] == segments
    assert [[-1, -2], [0, 0], [2, 1]] in [line.tolist() for line in contours(P, GRID)]


def test_a_wall_reaches_the_point_where_a_third_entry_takes_over() -> None:
    P = sg.trace(PROGRAMS["max(x1, x2, x1 + x2)"], np.zeros(2))
    for found in (walls(P), contours(P, GRID)):
        ends = {frozenset(map(tuple, line[[0, -1]].tolist())) for line in found}
        assert ends == {frozenset({(0, 0), end}) for end in ((0, 2), (2, 0), (-2, -2))}


def test_curved_kinks_end_where_they_meet() -> None:
    P = sg.trace(lambda x: np.max(np.stack([x[0] ** 2, x[1], x[0] + x[1]])), np.zeros(2))
    for line in walls(P):
        assert min(np.hypot(*end) for end in (line[0], line[-1])) < 1e-6, "a third entry is ahead beyond 0"


def test_no_wall_inside_a_flat_part() -> None:
    P = sg.trace(lambda x: np.abs(sg.relu(x[0])) + sg.relu(x[1] - 3), np.zeros(2))
    assert [line.tolist() for line in walls(P)] == [[[0, 2], [0, -2]]]
    curved = sg.trace(lambda x: sg.relu(x[0]) * x[1] + np.exp(x[0]), np.zeros(2))  # what it compares is affine
    assert [line.tolist() for line in walls(curved)] == [[[0, 2], [0, -2]]]


@pytest.mark.parametrize("seed", range(4))
def test_where_the_index_changes_there_is_a_wall_and_nowhere_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    W, V = rng.integers(-3, 4, (4, 2)) / 2, rng.integers(-3, 4, (3, 4)) / 2
    P = sg.trace(lambda x: np.max(V @ sg.relu(W @ x + 0.25)) + np.median(W @ x) + np.clip(x[0], -1.0, 0.5), np.zeros(2))
    found = np.array(walls(P))
    assert found.shape[1:] == (2, 2)
    for _ in range(10):
        a, b = rng.uniform(-2, 2, (2, 2))
        changes = changes_along(P, lambda t, a=a, b=b: a + t * (b - a), 0.0, 1.0)
        crossed = [t for s in found for t in _crossing(a, b, s)]
        near = np.array([*crossed, np.inf])
        assert all(np.abs(near - t).min() < 1e-9 for t in changes)
        assert all(np.abs(np.array([*changes, np.inf]) - t).min() < 1e-9 for t in crossed)


def test_too_many_pieces_are_left_to_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "MOST", 3)
    P = sg.trace(PROGRAMS["| |x1| - |x2| |"], np.zeros(2))
    assert partition.kink_segments(P, np.array([[-2.0, -2], [2, -2], [2, 2], [-2, 2]])) is None and walls(P)


def _crossing(a: np.ndarray, b: np.ndarray, segment: np.ndarray) -> list[float]:
    """Where on the way from a to b a segment is crossed."""
    p, q = segment
    t, s = np.linalg.solve(np.stack([b - a, p - q], axis=1), p - a)
    return [float(t)] if 0 < t < 1 and 0 < s < 1 else []


def test_a_program_without_kinks_has_no_walls() -> None:
    assert walls(sg.trace(lambda x: x[0] * x[1], np.zeros(2))) == []


def _around() -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False) + 0.1
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _sides(P: sg.Program, x: np.ndarray) -> list[int]:
    """The indices of all kinked instructions, as one list of numbers."""
    ev = P.evaluate(x)
    return [int(i) for k in P.kinked() for i in np.ravel(ev.indices[k])]


def test_the_square_holds_its_points() -> None:
    xlim, ylim = square_around(np.array([[3.2, -1.0]]), pad=0.5)
    assert xlim[0] <= -0.5 and xlim[1] >= 3.7 and ylim[0] <= -1.5 and ylim[1] >= 0.5
    assert xlim[1] - xlim[0] == ylim[1] - ylim[0]
