"""Recorded answers of TensorFlow, and the %%tensorflow magic: equal with TensorFlow and without it."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

import selgrad as sg
from selgrad import frameworks
from selgrad.examples.random_programs import random_program
from selgrad.frameworks import magic, record, recorded, require_tensorflow, tensorflow_available
from selgrad.frameworks.tensorflow import tensorflow_value_and_derivative
from selgrad.programs.trees import flatten

MISSING = "TensorFlow is not installed (no wheel for this Python or machine)"


def live(test: Any) -> Any:
    """Marks a test that needs live TensorFlow."""
    return pytest.mark.tensorflow(pytest.mark.skipif(not tensorflow_available(), reason=MISSING)(test))


SQUARE = np.array([[1.0, 2.0, 2.0], [0.0, 3.0, 3.0]])


def same(a: Any, b: Any, tolerance: float = 0.0) -> bool:
    (xs, one), (ys, other) = flatten(a), flatten(b)
    return one == other and all(np.allclose(x, y, rtol=tolerance, atol=0.0) for x, y in zip(xs, ys, strict=True))


PROGRAMS: list[tuple[Any, tuple]] = [
    *recorded.RECORDED,
    (lambda x: sg.sort(x[::-1, 1:], 0), (SQUARE,)),
    (lambda x: np.sum(x[[0, 0, 1]] @ x.T) + np.max(np.pad(x, 1, constant_values=0.5)), (SQUARE,)),
    (lambda x, d: {"a": np.where(x > d["z"], x, 0.1), "b": [sg.max_pool(x, 2), (x[0, 0],)]}, (SQUARE, {"z": 1.0})),
    (lambda t: t * t if t > 0 else -t, (2.0,)),
    (lambda x: np.einsum("ij,kj->ik", x, SQUARE / 3), (SQUARE,)),
]


def test_programs_survive_json() -> None:
    for f, x in PROGRAMS:
        P = sg.trace(f, *x)
        form = json.dumps(recorded.program_to_json(P))
        Q = recorded.program_from_json(json.loads(form))
        assert json.dumps(recorded.program_to_json(Q)) == form and str(P) == str(Q)
        assert recorded.program_key(P, *x) == recorded.program_key(Q, *x)
        assert same(sg.backward_mode(P, *x), sg.backward_mode(Q, *x)) and same(P(*x), Q(*x))


@pytest.mark.parametrize("seed", range(20))
def test_random_programs_survive_json(seed: int) -> None:
    f, x = random_program(np.random.default_rng(seed), kind="smooth")
    P = sg.trace(f, x)
    Q = recorded.program_from_json(json.loads(json.dumps(recorded.program_to_json(P))))
    assert same(sg.backward_mode(P, x), sg.backward_mode(Q, x))


def test_keys_tell_programs_and_points_apart_and_nothing_else() -> None:
    def key(f: Any, x: Any) -> str:
        return recorded.program_key(sg.trace(f, x), x)

    base = key(lambda t: sg.relu(t) * np.cos(1.0), 1.0)
    assert base == key(lambda s: sg.relu(s) * np.nextafter(np.cos(1.0), 0.0), np.nextafter(1.0, 0.0))
    others = [(lambda t: sg.relu(t) * np.cos(1.0), 1.5), (lambda t: sg.relu(t) * np.sin(1.0), 1.0),
              (lambda t: np.cos(1.0) * sg.relu(t), 1.0), (lambda t: sg.relu(t) * np.cos(1.0), np.ones(1))]
    assert len({base, *(key(f, x) for f, x in others)}) == 5


def unequal_entries() -> list[str]:
    """Names of the recorded programs whose live answer is another."""
    wrong = []
    for key, entry in recorded.store()["programs"].items():
        P, x = recorded.program_from_json(entry["program"]), recorded.decode(entry["arguments"])
        value, derivative = tensorflow_value_and_derivative(P, *x)
        fits = same(recorded.decode(entry["value"]), value, 1e-14)
        fits = fits and same(recorded.decode(entry["derivative"]), derivative, 1e-14)
        if not fits or key != recorded.program_key(P, *x):
            wrong.append(entry["name"])
    return wrong


@live
def test_recorded_programs_equal_live_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unequal_entries() == []
    tampered = copy.deepcopy(recorded.store())
    next(iter(tampered["programs"].values()))["derivative"] = 0.25
    monkeypatch.setattr(recorded, "store", lambda: tampered)
    assert unequal_entries() == ["relu"]  # negative control


@live
def test_recorded_cells_equal_live_ones() -> None:
    shown = record.record_cells(sorted(record.SOURCES.glob("[0-9]*.md")))
    assert shown == recorded.store()["cells"], f"run {recorded.RECORD}"


def test_everything_to_record_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ipywidgets", reason="ipywidgets is not installed: what the widgets ask is not known")
    assert len(list(record.programs())) > len(recorded.RECORDED)
    keys = {recorded.program_key(sg.trace(f, *x), *x) for f, x in record.programs()}
    assert keys == set(recorded.store()["programs"]), f"run {recorded.RECORD}"
    sources = [source for notebook in sorted(record.SOURCES.glob("[0-9]*.md")) for source in record.cells(notebook)]
    assert {recorded.cell_key(source) for source in sources} == set(recorded.store()["cells"]), f"run {recorded.RECORD}"
    monkeypatch.setattr(recorded, "tensorflow_available", lambda: False)
    for f, x in recorded.RECORDED:  # as on a machine without TensorFlow; Figure 1 has no tie but relu's
        assert recorded.derivative_in_tensorflow(sg.trace(f, *x), *x) == sg.grad(f, convention="tensorflow")(*x)
    with pytest.raises(sg.SelgradError, match="not among the recorded"):
        recorded.derivative_in_tensorflow(sg.trace(sg.relu, 0.0), 0.125)


CELL = """
x = tf.Variable(0.0, dtype=tf.float64)
with tf.GradientTape() as tape:
    y = tf.nn.relu(-x) + x - tf.nn.relu(x)
print(tape.gradient(y, x).numpy())
"""


@pytest.fixture
def shell() -> Any:
    interactive = pytest.importorskip("IPython.core.interactiveshell", reason="IPython is not installed")
    interactive.InteractiveShell.clear_instance()
    ipython = interactive.InteractiveShell.instance()
    ipython.history_manager.enabled = False
    magic.load(ipython)
    yield ipython
    ipython.history_manager.end_session()
    interactive.InteractiveShell.clear_instance()


def printed(shell: Any, cell: str, capsys: pytest.CaptureFixture) -> str:
    capsys.readouterr()
    shell.run_cell("%%tensorflow\n" + cell).raise_error()
    return capsys.readouterr().out


def without_tensorflow(monkeypatch: pytest.MonkeyPatch, cells: dict[str, Any]) -> None:
    data = {"tensorflow": recorded.store()["tensorflow"], "programs": {}, "cells": cells}
    for module in (recorded, magic):
        monkeypatch.setattr(module, "tensorflow_available", lambda: False)
    monkeypatch.setattr(recorded, "store", lambda: data)


@live
def test_a_cell_prints_the_same_live_and_recorded(
    shell: Any, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    notebook = tmp_path / "one.md"
    notebook.write_text(
        f"%%tensorflow is a magic\n\n```{{code-cell}}\n1 + 1\n```\n\n```{{code-cell}}\n%%tensorflow\n{CELL}```\n\n"
        "```{code-cell}\n%%tensorflow\nprint(y.shape)\n```\n"
    )
    entries = record.record_cells([notebook])
    answer = printed(shell, CELL, capsys)
    assert answer.splitlines()[0] == "1.0" and answer.splitlines()[-1].startswith("[TensorFlow ")
    assert printed(shell, "print(y.shape)", capsys).startswith("()\n[TensorFlow ")  # names persist
    without_tensorflow(monkeypatch, entries)
    assert printed(shell, CELL, capsys).splitlines()[:-1] == answer.splitlines()[:-1]
    if require_tensorflow().__version__ == recorded.store()["tensorflow"]:
        assert printed(shell, CELL, capsys) == answer
    next(iter(entries.values()))["output"] = "2.0\n"  # negative control
    assert printed(shell, CELL, capsys) != answer


@live
def test_a_failing_cell_is_named_when_recording(tmp_path: Any) -> None:
    notebook = tmp_path / "one.md"
    notebook.write_text("```{code-cell}\n%%tensorflow\nprint(elsewhere)\n```\n")
    with pytest.raises(sg.SelgradError, match=r"one\.md"):
        record.record_cells([notebook])


def test_without_tensorflow_a_recorded_cell_is_shown_and_a_changed_one_says_why(
    shell: Any, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"notebook": "one.ipynb", "output": "1.0\n"}
    without_tensorflow(monkeypatch, {recorded.cell_key(CELL): entry})
    version = recorded.store()["tensorflow"]
    assert printed(shell, CELL, capsys) == f"1.0\n[TensorFlow {version}]\n"
    assert printed(shell, "\n" + CELL + "\n", capsys) == f"1.0\n[TensorFlow {version}]\n"
    changed = printed(shell, CELL + "print(2)", capsys)
    assert "needs TensorFlow" in changed and len(changed.splitlines()) == 1
    assert "tf" not in shell.user_ns


def test_without_tensorflow_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frameworks, "tensorflow_available", lambda: False)
    with pytest.raises(sg.SelgradError, match=r'pip install "selgrad\[tensorflow\]"'):
        frameworks.require_tensorflow()
