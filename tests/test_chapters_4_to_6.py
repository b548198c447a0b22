"""What chapters 4 to 6 compute: a wrong field, how often AD is Clarke, strips of trapped starts, pictures."""

import numpy as np
import pytest

import selgrad as sg
from selgrad.counterexamples.fields import added
from selgrad.experiments.fields import how_often_clarke, moved, one_kink, planted
from selgrad.experiments.precision import FORMATS
from selgrad.experiments.rounding import fraction_trapped, left_over, neighbours, trapped_beside, zero_sums
from selgrad.notebook import grade
from selgrad.plotting.descents import approach_map, leaving


def corner(x):
    return np.maximum(x[0], x[1])


def test_the_wrong_field_is_seen_inside_the_kink_alone():
    across, along = [[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]
    assert sg.check_conservative(corner, added(corner), across).conservative
    found = sg.check_conservative(corner, added(corner), along)
    assert (found.increment, found.smallest, found.largest) == (1, 1, 2) and not found.conservative


def test_how_often_ad_is_clarke():
    assert how_often_clarke(moved(40)) == how_often_clarke(one_kink(40)) == {
        "Clarke": 40, "not Clarke": 0, "undecided": 0}
    counts = how_often_clarke(planted(40))
    assert counts["not Clarke"] > 0 and sum(counts.values()) == 40
    for f, x in one_kink(40):  # one kink indeed, or a neuron without weights
        assert len(sg.trace(f, x).evaluate(x).values) and len(sg.classify(f, x).kinks) <= 1


@pytest.mark.parametrize("dtype", FORMATS)
def test_neighbours_are_consecutive_floats(dtype):
    near = neighbours(-0.3, dtype)
    assert near.dtype == dtype and len(near) == 17 and np.all(np.diff(near) > 0)
    assert np.array_equal(np.nextafter(near[:-1], np.dtype(dtype).type(9)), near[1:])


def test_strips_and_fractions():
    for dtype in FORMATS:
        assert "x" in trapped_beside(0.5, dtype) and "." in trapped_beside(0.5, dtype)
    assert fraction_trapped("float16", 20_000) > 0 == fraction_trapped("float64", 20_000)
    assert zero_sums("float16", 50_000) > 0 == zero_sums("float64", 50_000)
    assert np.all(left_over([1.0, 2.0], "float32") == 0), "powers of two lose nothing"
    assert left_over([1.14], "float32") == 2.0**-24


def test_pictures_of_descents_hold_what_they_are_given():
    figure = approach_map(np.full((4, 8), 0.5), lambda k: 1 / (k + 1), ([-1.0], [0.5]), "trapped")
    ax = figure.axes[0]
    curve = ax.lines[0].get_xydata()
    assert np.allclose(curve[:, 1], curve[:, 0] / (curve[:, 0] - 1))
    assert ax.lines[-1].get_xydata().tolist() == [[-1.0, 0.5]]
    runs = np.linspace(0, 1, 5)[None]
    assert leaving(runs).axes[0].lines[0].get_ydata().tolist() == runs[0].tolist()


# Defects of the exercises, each red before it was mended.


@pytest.mark.parametrize("b", [(0.9, 1.1), (1.1, 0.9), (0.7, 1.3)])
def test_data_that_cancel_over_the_reals_are_right_whatever_floats_leave_over(b):
    assert grade("05-6", b).right
    assert not grade("05-6", (b[0], b[1] + 1e-6)).right


@pytest.mark.parametrize("number, answer", [
    ("04-4", (0, [lambda t: 0.0])), ("04-4", (lambda t: "a", [lambda t: 0.0])), ("04-4", (lambda t: 0, 5)),
    ("04-4", (lambda t: 0, [])), ("04-3", "twelve"), ("04-3", np.nan), ("04-3", [[1, 2], [3, 4]]),
])
def test_no_raw_error_is_shown(number, answer):
    verdict = grade(number, answer)
    assert not verdict.right and "cannot be graded" not in verdict.message
    assert verdict.message.startswith(f"{number} not correct: ") and "Error" not in verdict.message.split("(")[0]
