"""What an application shows, as JSON text: to send to somebody, to open on a page, to come back to.

The form, of notebooks and of live pages alike:

    {"app": "kink-explorer", "values": {"f": "t", "n": 1, "a_1": 0.5, "v_1": 0.0}}

`app` is the `name` of the application, `values` holds values by control: a number for a slider (a whole one for
a slider of whole numbers), one of its texts for a menu. A control that is not named is at its start. A link is the
address of the application's page, `#state=`, and this text percent-encoded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from selgrad.widgets.controls import Control, Menu, Whole

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


def read(text: str, app: str, controls: Mapping[str, Control]) -> dict[str, Any]:
    """The values of a state of this application, or of a link to one; raises ValueError for anything else.

    `controls` by name.
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


def _value(name: str, value: Any, controls: Mapping[str, Control]) -> Any:
    if name not in controls:
        raise ValueError(f"There is no control {name!r}; there are {', '.join(controls)}.")
    control = controls[name]
    control.meant(value)
    if isinstance(control, Menu):
        return value
    whole = isinstance(control, Whole)
    low, high = control.min, control.most if whole else control.max  # type: ignore[attr-defined]
    if not low <= value <= high:
        raise control.refuse(f"a number from {low:g} to {high:g}", value)
    return int(value) if whole else float(value)
