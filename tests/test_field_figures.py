"""The figures of ours on the sets of Section 5.1, against what is known by hand."""

import itertools

import numpy as np
import pytest

from selgrad import figures


def test_the_three_sets_are_what_is_known_by_hand():
    d = figures.load("sets").data()
    for name, listed, ad_set, clarke, ad in [
        ("zero", [0, 1], [-1, 1], [0, 0], 1),
        ("relu", [0, 1], [0, 1], [0, 1], 0),
        ("critical", [0, 1], [0, 2], [1, 1], 0),
    ]:
        assert d[f"{name}/listed"].tolist() == listed and d[f"{name}/ad_set"].tolist() == ad_set, name
        assert d[f"{name}/clarke"].tolist() == clarke and d[f"{name}/ad"].tolist() == [ad], name
    corners = {(-1, 0), (0, -1), (-2, -1), (-1, -2)}
    shown = {key: set(map(tuple, d[f"network/{key}"])) for key in ("listed", "ad_set", "clarke")}
    assert shown["clarke"] == corners and shown["listed"] == corners | {(0, 0)}
    assert shown["ad_set"] == corners | {(0, 0), (-2, -2)}
    assert d["network/ad"].tolist() == [0, 0] and d["network/distance"] == pytest.approx(np.sqrt(0.5))


def test_sorting_lists_the_permutations_that_sort():
    figure = figures.load("sorting")
    d, points = figure.data(), figure.module.POINTS
    for name, x in points.items():
        every = [np.eye(3)[list(p)] for p in itertools.permutations(range(3))]
        sorts = [P for P in every if (P @ x == sorted(x, reverse=True)).all()]
        assert d[f"{name}/count"] == len(sorts) == len(d[f"{name}/set"]), name
        assert np.allclose(d[f"{name}/mean"], np.mean(sorts, axis=0)) and d[f"{name}/clarke"]
        images = {tuple(np.round(figure.module.PLANE @ P @ figure.module.D, 9)) for P in sorts}
        assert {tuple(np.round(v, 9)) for v in d[f"{name}/set"]} == images
        assert np.allclose(d[f"{name}/ad"], figure.module.PLANE @ figure.module.D)  # the identity is among them


def test_one_field_is_conservative_and_the_other_is_not():
    d = figures.load("conservativity").data()
    rise, largest, smallest = d["ad_set/integrals"]
    assert d["ad_set/conservative"] and rise == largest == smallest == d["increment"][-1] == 0.5
    assert not d["summed/conservative"]
    assert d["summed/integrals"].tolist() == [rise, d["summed/largest"][-1], d["summed/smallest"][-1]]
    assert d["summed/largest"][-1] > rise + 1 and d["summed/smallest"][-1] < rise - 1, "a margin that one sees"
    for key in ("largest", "smallest"):
        assert np.array_equal(d[f"ad_set/{key}"], d["increment"])
