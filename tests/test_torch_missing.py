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
