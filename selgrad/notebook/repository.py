"""Where the project is published: one setting, [project.urls] Repository in pyproject.toml, and what is made of it."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def repository(pyproject: Path = PYPROJECT) -> str:
    """The address of the repository, from pyproject.toml or, where selgrad is installed, from its metadata; or empty.

    It is a placeholder as long as nothing is published there: the buttons for Binder and Colab, and the cell that
    `installing` writes, work from the day on which it names a public repository.
    """
    if pyproject.exists():
        project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
        return project.get("urls", {}).get("Repository", "")
    try:
        urls = metadata("selgrad").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    return next((address for name, _, address in (url.partition(", ") for url in urls) if name == "Repository"), "")


def installing(address: str) -> str:
    """The lines with which a notebook begins: they install selgrad where it is missing, as on Colab.

    Without extras: what Colab has of Jupyter is enough, and must not be replaced under a running kernel.

    >>> print(installing("https://github.com/a/b"))
    from importlib.util import find_spec
    <BLANKLINE>
    if not find_spec("selgrad"):  # on Colab, say
        get_ipython().run_line_magic("pip", "install -q git+https://github.com/a/b")
    <BLANKLINE>
    <BLANKLINE>
    """
    if not address:
        return ""
    command = f'    get_ipython().run_line_magic("pip", "install -q git+{address}")'
    return "\n".join(["from importlib.util import find_spec", "", 'if not find_spec("selgrad"):  # on Colab, say',
                      command, "", ""])
