"""What from_torch says where PyTorch is not installed, and where a name of its tables stands."""

import importlib.util

import numpy as np
import pytest

import selgrad as sg
from selgrad.frameworks import FrameworkMissing
from selgrad.frameworks.torch_graph import OPS
from selgrad.frameworks.torch_ops import entry


def test_a_missing_pytorch_is_named_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FrameworkMissing, match="pip install"):
        sg.from_torch(np.abs, np.ones(2))


def test_the_tables_record_in_a_trace_of_ones_own_as_well():
    P = sg.trace(lambda x: OPS["hardtanh"](x) + OPS["abs"](x), np.ones(2))
    assert [line.rule for line in P.instructions if line.row.kinked] == ["<>", "="]
    assert sg.vjp(P, np.array([-1.0, 0.0]))[1](np.ones(2)).tolist() == [-1.0, 1.0]


def test_a_number_of_python_keeps_float32():
    assert sg.trace(lambda x: entry("multiply", x, 2.0), np.ones(2))(np.ones(2, np.float32)).dtype == np.float32


def test_entries_that_meet_are_added_up_without_pytorch_too():
    P = sg.trace(lambda x, s: OPS["index_add"](x, 0, np.array([1, 1]), s), np.zeros(2), np.ones(2))
    assert P(np.zeros(2), np.array([2.0, 3.0])).tolist() == [0.0, 5.0]
    assert [d.tolist() for d in sg.vjp(P, np.zeros(2), np.ones(2))[1](np.array([1.0, 4.0]))] == [[1.0, 4.0], [4.0, 4.0]]


def test_max_pool_and_amax_are_two_programs_of_one_function():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 1.0]])
    less = np.array([1.0, -1.0])
    pooled = sg.trace(lambda w: OPS["max_pool1d"]((X @ w + 0.3)[None, None], 2)[0, 0] @ less, np.zeros(2))
    shared = sg.trace(lambda w: OPS["amax"](np.reshape(X @ w + 0.3, (2, 2)), 1) @ less, np.zeros(2))
    found = [sg.classify(P, np.zeros(2)) for P in (pooled, shared)]
    assert [v.ad_is_clarke for v in found] == [False, True]
    assert [sg.grad(P)(np.zeros(2)).tolist() for P in (pooled, shared)] == [[1.0, -2.0], [0.0, -1.0]]
