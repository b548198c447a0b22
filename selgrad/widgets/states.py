"""What an application shows, as JSON text: to send to somebody, to open on a page, to come back to.

The form, of notebooks and of live pages alike:

    {"app": "kink-explorer", "values": {"f": "t", "n": 1, "a_1": 0.5, "v_1": 0.0}}

`app` is the `name` of the application, `values` holds values by control: a number for a slider (a whole one for
a slider of whole numbers), one of its texts for a menu. A control that is not named is at its start. A link is the
address of the application's page, `#state=`, and this text percent-encoded.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote, unquote

MARK = "#state="


def written(app: str, values: Mapping[str, Any]) -> str:
    """The text of a state.

    >>> written("kink-explorer", {"f": "t", "a_1": 0.5})
    '{"app": "kink-explorer", "values": {"f": "t", "a_1": 0.5}}'
    """
    return json.dumps({"app": app, "values": dict(values)}, ensure_ascii=False)


def link(base: str, state: str) -> str:
    """The address that opens a state on the page at `base`.

    >>> link("kink-explorer.html", written("kink-explorer", {"n": 2}))
    'kink-explorer.html#state=%7B%22app%22%3A%20%22kink-explorer%22%2C%20%22values%22%3A%20%7B%22n%22%3A%202%7D%7D'
    """
    return base.partition("#")[0] + MARK + quote(state, safe="")


def read(text: str, app: str, controls: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a state of this application, or of a link to one; raises ValueError for anything else.

    `controls` by name: with `options`, or with `min` and `max` (`most`, where `max` moves); whole where `value` is an
    int.
    """
    _, mark, encoded = text.partition(MARK)
    try:
        found = json.loads(unquote(encoded) if mark else text)
    except (json.JSONDecodeError, RecursionError) as problem:
        raise ValueError(f"A state is JSON text, and this is none: {problem}.") from None
    if not isinstance(found, dict) or set(found) != {"app", "values"} or not isinstance(found["values"], dict):
        raise ValueError('A state reads {"app": name, "values": {control: value}}; take one from app.state().')
    if found["app"] != app:
        raise ValueError(f"This is a state of {found['app']!r}, and the application is {app!r}.")
    return {name: _value(name, value, controls) for name, value in found["values"].items()}


def _value(name: str, value: Any, controls: Mapping[str, Any]) -> Any:
    def refuse(wanted: str) -> NoReturn:
        raise ValueError(f"The control {name!r} takes {wanted}, not {value!r}.")

    if name not in controls:
        raise ValueError(f"There is no control {name!r}; there are {', '.join(controls)}.")
    control = controls[name]
    if hasattr(control, "options"):
        if value not in control.options or isinstance(value, bool):
            refuse(f"one of {', '.join(map(repr, control.options))}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        refuse("a number")
    whole = isinstance(control.value, int)
    if whole and value != int(value):
        refuse("a whole number")
    most = getattr(control, "most", control.max)
    if not control.min <= value <= most:
        refuse(f"a number from {control.min:g} to {most:g}")
    return int(value) if whole else float(value)
