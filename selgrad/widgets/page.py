"""The live page of an application: one file that asks nothing of the network, with the front and a model in JavaScript.

The model computes what the application's `look` computes, from programs that `sg.compile(..., language="javascript")`
emitted; sentences, controls and presets come from the application itself. `app` is an `App` everywhere here.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from selgrad.plotting.looks import LOOKS
from selgrad.widgets.front import FOLDER, PARTS, read

WRAP = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main><h1>{title}</h1><div id="app"></div></main>
<script type="module">
{script}
</script>
</body>
</html>
"""


def model(app: Any) -> str | None:
    """The file of the application's model, or None where it has none."""
    name = f"models/{app.name}.js"
    return read(name) if (FOLDER / name).is_file() else None


def literal(x: Any) -> str:
    """x as JavaScript that can stand inside a page."""
    return json.dumps(x, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def engine(app: Any) -> str | None:
    """A script that defines `app`, `model` and `engineOf`: all but the front. None where there is no model."""
    own = model(app)
    if own is None:
        return None
    start = [{**control.spec(), "value": app.start[name]} for name, control in app.controls.items()]
    data = {"name": app.name, "title": app.title, "presets": app.presets, "controls": start, "actions": app.actions,
            "given": app.given()}
    programs = ",\n".join(f"{literal(name)}: {source}" for name, source in app.programs().items())
    return "".join([read("models/shared.js"), own, read("engine.js"), f"const app = {literal(data)};\n",
                    f"app.given.programs = {{{programs}}};\n"])


def page(app: Any) -> str | None:
    """The page as HTML; None for an application without a model."""
    own = engine(app)
    if own is None:
        return None
    script = "".join(map(read, PARTS)) + own
    looks = {name: {key: value for key, value in look.items() if value is not None} for name, look in LOOKS.items()
             if name.partition("-")[0] in script}  # those of other applications stay away
    script += read("page.js") + f"page(app, model, {literal(looks)});"
    return WRAP.format(title=escape(app.title), style=read("page.css") + read("front.css"), script=script)


def framed(page: str, title: str, png: str, width: int, alt: str) -> str:
    """A live page inside another page; where frames are stripped, as in a notebook that is not trusted, a picture.

    >>> framed("<p>1 &amp; 2</p>", "t", "AAAA", 500, "a").startswith('<iframe srcdoc="&lt;p&gt;1 &amp;amp; 2')
    True
    """
    return (f'<iframe srcdoc="{escape(page)}" title="{escape(title)}" loading="lazy" '
            f'style="width:100%;height:690px;border:0;color-scheme:normal">'
            f'<img src="data:image/png;base64,{png}" width="{width}" alt="{escape(alt)}"></iframe>')
