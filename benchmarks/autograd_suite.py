"""The tests of autograd (HIPS), run against selgrad.

    git clone https://github.com/HIPS/autograd
    python benchmarks/autograd_suite.py autograd [--list raw] [--json FILE] [--order 1] [-k NAME]

Every collected test falls into one class:

    pass             as it stands
    refused          ended in one of selgrad's own errors, whose sentence names what is not supported
    raw              ended in any other exception (a defect)
    wrong            an assertion failed, or an expected error did not come (a defect)
    slow             ran into the time limit
    not applicable   by the rules below, which are all the rules there are

Not applicable are: the files of FILES; tests that contain a complex constant or have "complex" in their name
(complex arguments of a combination are left out, and the combination runs on the others); tests that call what
`autograd_shim.modules` lists as autograd's own machinery; those of NAMES; those that pytest itself skips
(xarray is not installed); those that use a name which NumPy does not have. `--order 1` checks first derivatives only.
"""

import argparse
import json
import re
import signal
import sys
import types
import warnings
from collections import Counter
from pathlib import Path

import autograd_shim
import numpy as np
import pytest
from autograd_checks import NotApplicable

from selgrad import SelgradError

CLASSES = ("pass", "refused", "raw", "wrong", "slow", "not applicable")
FILES = {
    "test_fft.py": "Fourier transforms: complex numbers",
    "test_scipy.py": "the functions of SciPy",
    "test_vspaces.py": "autograd's own vector spaces",
}
NAMES = {
    "test_wrapped_name_and_docs": "the names and docstrings of autograd's functions",
    "test_falseyness": "complex numbers",
    "test_unimplemented_falseyness": "autograd's own tables of rules",
    "test_no_vjp_def": "autograd's own tables of rules",
    "test_no_jvp_def": "autograd's own tables of rules",
    "test_real_type": "complex numbers",
    "test_real_if_close_type": "complex numbers",
    "test_dtypes": "complex numbers (clongdouble)",
    "test_pinv": "np.linalg._dot and T, private names of NumPy",
    "test_custom_where": "no traced value occurs: np.where by keywords, which NumPy does not take",
    "test_custom_where_dtypes": "no traced value occurs: what autograd's own where returns on plain lists",
}
TOO_LONG = "no answer within the time limit"


class Overtime(BaseException):
    """A test that takes too long; no handler of Exception may swallow it."""


def has_complex(code):
    """Whether a complex constant stands in a function, or in one defined inside it."""
    return any(isinstance(c, complex) or (isinstance(c, types.CodeType) and has_complex(c)) for c in code.co_consts)


def set_aside(item):
    """The reason why a test is not applicable, or None."""
    name = item.originalname
    if "complex" in name or has_complex(item.function.__code__):
        return "complex numbers"
    return NAMES.get(name)


def judged(problem):
    """(class, sentence) of the exception that ended a test."""
    said = f"{type(problem).__name__}: {problem}"
    if isinstance(problem, NotApplicable):
        return "not applicable", str(problem)
    if isinstance(problem, pytest.skip.Exception):
        return "not applicable", str(problem)
    if isinstance(problem, Overtime):
        return "slow", TOO_LONG
    if isinstance(problem, AttributeError) and any(problem.obj is module for module in (np, np.linalg, np.random)):
        return "not applicable", said
    if isinstance(problem, SelgradError):
        return ("refused" if len(str(problem).split()) > 3 else "raw"), said
    if isinstance(problem, (AssertionError, pytest.fail.Exception)):
        return "wrong", said
    return "raw", said


class Judge:
    """Pytest plugin: a seed and a time limit for each test, and its class."""

    def __init__(self, seconds):
        self.seconds, self.found, self.collected = seconds, {}, []

    def pytest_collection_modifyitems(self, items):
        self.collected = [item.nodeid for item in items]

    def pytest_collectreport(self, report):
        if report.failed:
            self.found[report.nodeid] = ("raw", f"not collected: {str(report.longrepr)[-300:]}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        reason = set_aside(item)
        if reason:
            self.found[item.nodeid] = ("not applicable", reason)
            pytest.skip(reason)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        def stop(*_):
            raise Overtime(TOO_LONG)

        before = signal.signal(signal.SIGALRM, stop)
        signal.alarm(self.seconds)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = yield
            self.found[item.nodeid] = ("pass", "")
            return result
        except BaseException as problem:
            self.found[item.nodeid] = judged(problem)
            if isinstance(problem, Overtime):
                pytest.fail(TOO_LONG)
            raise
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

    def pytest_runtest_logreport(self, report):
        if report.skipped and report.nodeid not in self.found:
            self.found[report.nodeid] = ("not applicable", str(report.longrepr[-1]))


def run(folder, seconds=60, order=3, keyword=None):
    """{test: (class, sentence)} of every test in the folder."""
    autograd_shim.install(order)
    judge = Judge(seconds)
    options = ["-p", "no:cacheprovider", "-p", "no:warnings", "-p", "no:terminal", "-c", "/dev/null",
               "--rootdir", str(folder), str(folder), *(f"--ignore={folder / name}" for name in FILES)]
    pytest.main(options + (["-k", keyword] if keyword else []), plugins=[judge])
    lost = set(judge.collected) - set(judge.found)
    if lost and not keyword:
        raise RuntimeError(f"These tests were collected and have no class: {sorted(lost)}.")
    for name, reason in FILES.items():
        if not keyword and (folder / name).exists():
            tests = re.findall(r"^\s*def (test\w*)", (folder / name).read_text(), re.MULTILINE)
            judge.found.update({f"{name}::{test}": ("not applicable", reason) for test in tests})
    return judge.found


def table(found):
    """The counts, by file and in all."""
    files = {name.split("::")[0]: Counter() for name in found}
    for name, (kind, _) in found.items():
        files[name.split("::")[0]][kind] += 1
    total = sum(files.values(), Counter())
    width = max(map(len, files))
    lines = [" " * width + "".join(f"{c:>16}" for c in CLASSES)]
    for name, counts in [*sorted(files.items()), ("all", total)]:
        lines.append(f"{name:<{width}}" + "".join(f"{counts[c]:>16}" for c in CLASSES))
    applicable = total.total() - total["not applicable"]
    return "\n".join([*lines, f"{total['pass']} of {applicable} applicable tests pass."])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("checkout", type=Path, help="a checkout of autograd, or its tests folder")
    options.add_argument("--list", action="append", default=[], choices=CLASSES, help="show the tests of a class")
    options.add_argument("--json", type=Path, help="write {test: [class, sentence]}")
    options.add_argument("--order", type=int, default=3, help="highest order of derivatives checked")
    options.add_argument("--seconds", type=int, default=60, help="time limit of a test")
    options.add_argument("-k", dest="keyword", help="only tests whose name contains this")
    asked = options.parse_args()
    folder = asked.checkout / "tests" if (asked.checkout / "tests").is_dir() else asked.checkout
    found = run(folder.resolve(), asked.seconds, asked.order, asked.keyword)
    print(table(found))
    for name, (kind, said) in sorted(found.items()):
        if kind in asked.list:
            print(f"{kind}: {name}\n    {said[:400]}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1, sort_keys=True))
    return any(kind in ("raw", "wrong") for kind, _ in found.values())


if __name__ == "__main__":
    sys.exit(main())
