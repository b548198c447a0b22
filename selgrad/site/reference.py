"""The reference: one page a topic, a topic being a folder of the package, with the public names that are defined in it.

Nothing here is a list to be kept: names come from `__all__`, the order of the topics and what is said of
each from the package's own docstrings.
"""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass

import selgrad
from selgrad.errors import SelgradError

TITLES = {  # in the order of the paper, and of the folders
    "tracing": "Operations and tracing",
    "programs": "Programs",
    "differentiation": "The two modes, and derivatives",
    "selections": "Elementary selections",
    "primitives": "Conventions at ties",
    "geometry": "Sets of Jacobians",
    "sets": "Conservative fields, Clarke, verdicts",
    "descent": "Stochastic gradient descent",
    "compilation": "Compilation",
    "frameworks": "Other frameworks",
    "audits": "Audits, and checked gradients",
    "sweeps": "Sweeps",
    "plotting": "Plotting",
    "widgets": "Widgets",
    "notebook": "In a notebook",
    "examples": "Examples of programs",
    "errors": "Errors",
}
WHOLE = ("plotting", "widgets", "notebook")
"""Folders whose own `__all__` is public too, beside what stands in `sg`."""


@dataclass(frozen=True)
class Topic:
    """A page of the reference: the folder, its title, and dotted names in the order in which they are shown."""

    folder: str
    title: str
    names: tuple[str, ...]


def home(name: str) -> str:
    """The folder in which the public name `sg.<name>` is defined."""
    value = getattr(selgrad, name)
    module = getattr(value, "__module__", None) or ""
    if not module.startswith("selgrad."):  # a constant
        return next(folder for folder in TITLES if hasattr(importlib.import_module(f"selgrad.{folder}"), name))
    return module.split(".")[1]


def topics() -> list[Topic]:
    """Every topic that has a public name. Raises SelgradError for a folder without a title."""
    found: dict[str, list[str]] = {}
    for name in selgrad.__all__:
        found.setdefault(home(name), []).append(f"selgrad.{name}")
    for folder in WHOLE:
        module = importlib.import_module(f"selgrad.{folder}")
        mine = found.setdefault(folder, [])
        mine += [f"{module.__name__}.{name}" for name in module.__all__ if f"selgrad.{name}" not in mine]
    if missing := set(found) - set(TITLES):
        raise SelgradError(f"The folder {min(missing)} has public names and no title in selgrad/site/reference.py.")
    return [Topic(folder, TITLES[folder], tuple(found[folder])) for folder in TITLES if folder in found]


def page(topic: Topic) -> str:
    """The reStructuredText of a topic's page."""
    from selgrad.site.docstrings import inline

    module = importlib.import_module(f"selgrad.{topic.folder}")
    said = (module.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
    lines = [topic.title, "=" * len(topic.title), "", inline(said), ""]
    return "\n".join(lines + [_entry(name) for name in topic.names])


def index(topics: list[Topic]) -> str:
    """The reStructuredText of the page that lists the topics, with every name."""
    from selgrad.site.docstrings import inline

    lines = ["Reference", "=========", "", "Every public name, by topic; ``import selgrad as sg``.", ""]
    lines += [".. toctree::", "   :hidden:", "", *(f"   {topic.folder}" for topic in topics), ""]
    for topic in topics:
        lines += [topic.title, "-" * len(topic.title), ""]
        lines += [".. list-table::", "   :widths: 30 70", "   :class: names", ""]
        for name in topic.names:
            shown = name.replace("selgrad.", "sg.", 1)
            lines += [f"   * - :py:obj:`{shown} <{name}>`", f"     - {inline(first_line(name))}"]
        lines.append("")
    return "\n".join(lines)


def first_line(name: str) -> str:
    """What the docstring of a dotted name says first; a constant's value where it has none."""
    value = _value(name)
    if _is_constant(value):
        return f"`{value!r}`" if len(repr(value)) < 90 else "A table."
    return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")


def _value(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _is_constant(value: object) -> bool:
    return not (inspect.isclass(value) or inspect.isroutine(value))


def _entry(name: str) -> str:
    """The directive that shows one name."""
    module, _, attribute = name.rpartition(".")
    value = _value(name)
    if _is_constant(value):
        return f".. py:data:: {attribute}\n   :module: {module}\n\n   ``{value!r}``\n"
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
        return f".. {kind}:: {name}\n" + ("" if kind == "autoexception" else "   :members:\n")
    return f".. autofunction:: {name}\n"
