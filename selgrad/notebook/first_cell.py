"""The first cell of every notebook: pictures that are the same at every run, warnings as errors.

A picture is SVG, which strict nbval compares, and PNG beside it for a reader whose JupyterLab does not trust the
notebook.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from selgrad.captions import plain
from selgrad.plotting.display import mimebundle, small_png
from selgrad.plotting.svg import inline_svg, keeping_layout

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A picture for display in a notebook, as SVG and as PNG, its caption below; its text form is the alt text."""

    svg: str
    png: bytes
    title: str
    alt: str
    caption: str = ""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display({**data, "text/plain": repr(self)}, metadata=metadata, raw=True)
        if self.caption:
            display({"text/markdown": self.caption, "text/plain": plain(self.caption)}, raw=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self.svg, self.png)

    def __repr__(self) -> str:
        return f"{self.title}: {self.alt}"


def identifier(title: str) -> str:
    """A name for the parts of a picture, from its title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "figure"


def show(fig: Figure | str, title: str = "", alt: str = "", *, id: str | None = None) -> Picture:
    """A figure, or a paper figure by its id ("fig1") with its caption, for display, with a title and alt text.

    A figure of your own needs both `title` and `alt` (what a reader who cannot see it should know).
    """
    if isinstance(fig, str):
        from selgrad import figures

        script = figures.load(fig)
        data = script.data()
        svg, png = (script.bytes(format, data) for format in ("svg", "png"))
        caption = f"*{script.module.SOURCE}.* {script.caption}"
        return Picture(inline_svg(svg), small_png(png), title or script.title, alt or script.alt(data), caption)
    if not title or not alt:
        raise ValueError("show(fig, title, alt): say what the picture is and what it shows.")
    svg, png = (_saved(fig, format, id or identifier(title), title, alt) for format in ("svg", "png"))
    return Picture(inline_svg(svg), small_png(png), title, alt)


def _saved(fig: Figure, format: str, id: str, title: str, alt: str) -> bytes:
    from selgrad.plotting import to_bytes

    with keeping_layout(fig):
        return to_bytes(fig, format, id=id, title=title, alt=alt)


def _warnings_as_errors() -> None:
    # Only what our code or the reader's provokes: the imports of large packages warn of their own affairs.
    warnings.filterwarnings("error", module=r"selgrad(\..*)?$|__main__$")
    warnings.filterwarnings("error", category=RuntimeWarning)


def _inline_backend(shell: Any) -> None:
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    shell.enable_matplotlib("inline")
    set_matplotlib_formats("svg", "png", metadata={"Date": None}, bbox_inches=None)


def setup() -> None:
    """Prepare a notebook: SVG figures in our style, warnings as errors, the `%%tensorflow` magic.

    Prints one line that does not depend on the machine. Outside IPython only the style and the
    warnings are set.
    """
    import matplotlib
    import matplotlib.style

    from selgrad.plotting.styles import STYLE_FILE

    _warnings_as_errors()
    try:
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
    except ImportError:
        shell = None
    if shell is not None:
        _inline_backend(shell)
    matplotlib.style.use(STYLE_FILE)
    matplotlib.rcParams["svg.hashsalt"] = "selgrad-notebook"
    if shell is not None:
        try:
            from selgrad.frameworks import magic
        except ImportError:
            pass
        else:
            magic.load(shell)
    print("selgrad is ready: figures are SVG, warnings are errors.")
