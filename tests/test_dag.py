"""Drawings of programs: kinks are marked, nodes stand apart, the same program gives the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

import selgrad as sg
from selgrad.plotting import dag, to_bytes


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
