"""The types a user's checker sees: pyright finds the mistakes planted in typed_user.py, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import selgrad as sg
from selgrad.tracing import operations

USER = Path(__file__).with_name("typed_user.py")


def test_a_users_mistakes_are_type_errors_and_nothing_else_is():
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(USER)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(sg.__file__).parents[1],
                          env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"})
    report = json.loads(done.stdout)["generalDiagnostics"]
    found = {d["range"]["start"]["line"] + 1 for d in report if d["severity"] == "error"}
    planted = {n for n, line in enumerate(USER.read_text().splitlines(), 1) if "# error" in line}
    assert len(planted) == 11 and found == planted, report


def test_the_package_says_that_it_is_typed():
    assert (Path(sg.__file__).parent / "py.typed").exists()


def test_every_public_name_is_there_once():
    assert len(set(sg.__all__)) == len(sg.__all__) and all(hasattr(sg, name) for name in sg.__all__)
    functions = {name for name, value in vars(operations).items()
                 if callable(value) and getattr(value, "__module__", "") == operations.__name__ and name[0] != "_"}
    assert functions <= set(sg.__all__), "a function of tracing/operations.py that users cannot reach"
    public = {name for name, value in vars(sg).items() if not name.startswith("_") and not isinstance(value, type(sys))}
    assert (public - {"TYPE_CHECKING"}) | set(sg._LATER) == set(sg.__all__)
