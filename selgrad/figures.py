"""The figures: one script each, found by name, and a manifest that says what they must look like.

The script `figures/fig_<name>.py` draws the figure with the id `<name>`, or `fig<name>` if the name is a
number. It defines

    ID, SOURCE, CAPTION    its id, where it comes from ("Figure 1 of the paper", "selgrad's own"), its caption
                           with formulas between dollar signs
    ALT                    alt text, a template that is filled with the data: "AD at 0 is {relu/ad_kink[0]:g}"
    layout(width)          for a width in inches the height, and the arguments of `Figure.subplots`
    data(ad)               a dict of arrays, computed by selgrad or, where the figure can, by ad="tensorflow"
    draw(ax, data)         ax is what `Figure.subplots` returns: one axes or an array of them

Two layers are hashed. The numbers, rounded to 12 significant digits, must be the same everywhere; the bytes
of a file wherever the libraries that draw it are the same (`environment`). What is drawn is the rounded
numbers, so the last bit of a sine, which differs from one processor to another, moves no pixel.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from selgrad.captions import CAPTIONS, plain
from selgrad.errors import SelgradError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Data = dict[str, np.ndarray]
FORMATS = ("svg", "pdf", "png")
PALETTES = ("screen", "print")


class FigureError(SelgradError, ValueError):
    """A figure that does not exist, or a script that does not keep to the form of a figure."""


def project_folder(name: str) -> Path:
    """The folder `figures` or `notebooks`: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / f"_{name}"
    return installed if installed.is_dir() else package.parent / name


@dataclass(frozen=True)
class Script:
    """A figure's script, loaded; `module` is what it defines."""

    id: str
    module: ModuleType

    @property
    def title(self) -> str:
        """The first sentence of the caption, in plain text."""
        return plain(self.caption.split(". ")[0])

    @property
    def caption(self) -> str:
        """The caption, formulas between dollar signs."""
        return self.module.CAPTION

    def data(self, ad: str = "selgrad") -> Data:
        """The arrays of the figure as they are drawn and hashed, see `canonical`."""
        return canonical(self.module.data(ad))

    def alt(self, data: Data) -> str:
        """The alt text, with its numbers taken from `data`."""
        return self.module.ALT.format(**data)

    def draw(self, data: Data, look: Look | None = None) -> Figure:
        """A new matplotlib Figure of `data`, laid out for the width of `look`; save it with `bytes`."""
        from matplotlib.figure import Figure

        from selgrad.plotting import style
        from selgrad.plotting.palettes import recolour

        look = look or Look()
        height, layout = self.module.layout(look.width)
        with style():
            figure = Figure(figsize=(look.width, height))
            self.module.draw(figure.subplots(**layout), data)
            recolour(figure, look.palette)
        return figure

    def bytes(self, format: str, data: Data, look: Look | None = None) -> bytes:
        """The file of the figure in `format`, one of `FORMATS`."""
        from selgrad.plotting import to_bytes

        # A new Figure each time: the layout of one that was saved before remembers where it was.
        figure, dpi = self.draw(data, look), (look or Look()).dpi
        return to_bytes(figure, format, id=self.id, title=self.title, alt=self.alt(data), dpi=dpi)


@dataclass(frozen=True)
class Look:
    """How a figure is laid out: width in inches, dots per inch of a PNG, palette; by default as it is recorded.

    Raises FigureError when the width is not between 3.25 (a column of a journal) and 7 (a page), the dots per
    inch are not between 50 and 1200, or there is no such palette.
    """

    width: float = 5.5
    dpi: float = 200
    palette: str = "screen"

    @property
    def name(self) -> str:
        """`3.25in-600dpi-print`, for a folder."""
        return f"{self.width:g}in-{self.dpi:g}dpi-{self.palette}"

    def __post_init__(self) -> None:
        if not 3.25 <= self.width <= 7:
            raise FigureError(f"A figure is 3.25 to 7 inches wide, not {self.width:g}.")
        if not 50 <= self.dpi <= 1200:
            raise FigureError(f"A picture has 50 to 1200 dots per inch, not {self.dpi:g}.")
        if self.palette not in PALETTES:
            raise FigureError(f"There is no palette {self.palette!r}; the palettes are {', '.join(PALETTES)}.")


def scripts(source: Path | None = None) -> dict[str, Path]:
    """The path of every figure's script in `source`, by id: numbered figures first."""
    source = source or project_folder("figures")
    names = [path.stem.removeprefix("fig_") for path in source.glob("fig_*.py")]
    names.sort(key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))
    return {f"fig{name}" if name.isdigit() else name: source / f"fig_{name}.py" for name in names}


def load(id: str, source: Path | None = None) -> Script:
    """The script of figure `id`. Raises FigureError when there is none or it is not a figure's script."""
    known = scripts(source)
    if id not in known:
        raise FigureError(f"There is no figure {id!r}; the figures are {', '.join(known) or 'none'}.")
    spec = importlib.util.spec_from_file_location(f"selgrad_figure_{id}", known[id])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    needed = ("ID", "SOURCE", "CAPTION", "ALT", "layout", "data", "draw")
    if missing := [name for name in needed if not hasattr(module, name)]:
        raise FigureError(f"{known[id].name} does not define {', '.join(missing)}.")
    if module.ID != id:
        raise FigureError(f"{known[id].name} must have ID = {id!r}, it has {module.ID!r}.")
    return Script(id, module)


def canonical(data: dict[str, Any]) -> Data:
    """`data` sorted by name, floats rounded to 12 significant digits and -0.0 made 0.0; shapes are kept."""
    result = {}
    for name in sorted(data):
        array = np.asarray(data[name])
        if array.dtype.kind == "f":
            rounded = [float(f"{value:.12g}") for value in array.ravel().tolist()]
            array = np.array(rounded, dtype=float).reshape(array.shape) + 0.0
        elif array.dtype.kind not in "biuU":
            raise FigureError(f"The data {name!r} are {array.dtype}, not numbers, truth values or strings.")
        result[name] = array
    return result


def data_sha256(data: dict[str, Any]) -> str:
    """The hash of the names, shapes and rounded values of `data`, the same on every platform."""
    table = {name: [a.shape, a.ravel().tolist()] for name, a in canonical(data).items()}
    return sha256(json.dumps(table, sort_keys=True, separators=(",", ":")).encode())


def sha256(data: bytes) -> str:
    """The SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def environment() -> dict[str, str]:
    """What the bytes of a file depend on, beside the data: the libraries that draw it, and the machine."""
    import matplotlib.ft2font

    libraries = ("matplotlib", "numpy", "kiwisolver", "fonttools", "pillow")
    versions = {name: importlib.metadata.version(name) for name in libraries}
    return {
        **versions,
        "freetype": matplotlib.ft2font.__freetype_version__,
        "machine": f"{platform.system()} {platform.machine()}",
    }


def regenerate(
    ids: Iterable[str],
    out: Path,
    formats: Iterable[str] = FORMATS,
    ad: str = "selgrad",
    source: Path | None = None,
    look: Look | None = None,
    captions: bool = False,
) -> Iterator[Path]:
    """Write the figures `ids` into the folder `out`, with their captions as .tex and .md where asked.

    An iterator that yields each path when it is written.
    """
    from selgrad.plotting import write_atomically

    for script in [load(id, source) for id in ids]:  # all are loaded before the first is written
        data = script.data(ad)
        files = {format: partial(script.bytes, format, data, look) for format in formats}
        if captions:
            files |= {kind: partial(write, script.id, script.caption) for kind, write in CAPTIONS.items()}
        for ending, content in files.items():
            path = out / f"{script.id}.{ending}"
            write_atomically(path, content())
            yield path


def read_manifest(source: Path | None = None) -> dict[str, Any]:
    """The manifest: for each id the hashes of its data and files, and the environment that drew the files."""
    path = (source or project_folder("figures")) / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def update(ids: Iterable[str], out: Path, source: Path | None = None) -> Iterator[Path]:
    """Write the figures in every format, then record them; an iterator as `regenerate` is."""
    from selgrad.plotting import write_atomically

    manifest, ids = read_manifest(source), list(ids)
    yield from regenerate(ids, out, source=source)
    for id in ids:
        data = load(id, source).data()
        manifest[id] = {
            "data_sha256": data_sha256(data),
            "arrays": {name: data_sha256({name: array})[:12] for name, array in data.items()},
            "bytes_sha256": {f: sha256((out / f"{id}.{f}").read_bytes()) for f in FORMATS},
            "environment": environment(),
        }
    manifest = {id: manifest[id] for id in scripts(source) if id in manifest}  # drops what has no script
    path = (source or project_folder("figures")) / "manifest.json"
    write_atomically(path, (json.dumps(manifest, indent=1) + "\n").encode())
    yield path


@dataclass(frozen=True)
class Outcome:
    """Whether a figure is as recorded, and a sentence that says so or names what differs."""

    ok: bool
    text: str


def check(
    id: str,
    out: Path,
    formats: Iterable[str] = FORMATS,
    ad: str = "selgrad",
    source: Path | None = None,
) -> Outcome:
    """Make figure `id` again and compare it with the manifest, and the files in `out` with both.

    The data must be those of the manifest everywhere, the bytes where the environment is the recorded one. A
    file in `out` must be the recorded one or, in another environment, what is drawn here from the same data.
    """
    script, entry = load(id, source), read_manifest(source).get(id)
    if entry is None:
        return Outcome(False, f"{id}: not in the manifest; run `selgrad figures {id} --update`")
    data = script.data(ad)
    if data_sha256(data) != entry["data_sha256"]:
        here = {name: data_sha256({name: array})[:12] for name, array in data.items()}
        there = entry["arrays"]
        names = [name for name in sorted(here | there) if here.get(name) != there.get(name)]
        return Outcome(False, f"{id}: the data differ from the manifest in {', '.join(names)}")

    elsewhere = _difference(environment(), entry["environment"])
    wrong = []
    for format in formats:
        path, recorded = out / f"{id}.{format}", entry["bytes_sha256"][format]
        drawn = sha256(script.bytes(format, data))
        if not elsewhere and drawn != recorded:
            wrong.append(f"{format} as drawn now differs from the manifest")
        if not path.exists():
            wrong.append(f"{path.name} is missing in {out}")
        elif sha256(path.read_bytes()) not in (recorded, drawn):
            wrong.append(f"the file {path.name} differs from the manifest")
    if wrong:
        return Outcome(False, f"{id}: data identical, but {'; '.join(wrong)}")
    if elsewhere:
        return Outcome(True, f"{id}: data identical, bytes not compared: {elsewhere} in the manifest")
    return Outcome(True, f"{id}: data and bytes identical ({', '.join(formats)})")


def _difference(here: dict[str, str], there: dict[str, str]) -> str:
    """`matplotlib 3.10.0 here, 3.11.2`, and so on for each entry that differs."""
    names = [name for name in sorted(here | there) if here.get(name) != there.get(name)]
    return "; ".join(f"{name} {here.get(name, 'absent')} here, {there.get(name, 'absent')}" for name in names)
