"""The pages of the statements and of the counter-examples, with links to cells, tests, files and examples."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from selgrad.site import settings
from selgrad.site.docstrings import inline
from selgrad.site.npm import ROOT

STATEMENTS = "The statements"
EXAMPLES = "Counter-examples"


def address(kind: str, name: str, repository: str | None = None) -> str:
    """Where a cell, a test, a file or an example is to be seen, from a page at the top of the site.

    >>> address("cell", "02_elementary_selections [7]"), address("example", "every_c")
    ('notebooks/02_elementary_selections.html#cell-7', 'counterexamples.html#example-every-c')
    >>> address("test", "test_modes.py::test_a", "https://github.com/a/b"), address("test", "test_modes.py", "")
    ('https://github.com/a/b/blob/main/tests/test_modes.py', '')
    """
    repository = settings.repository() if repository is None else repository
    if kind == "cell":
        chapter, _, number = name.rpartition(" ")
        return f"notebooks/{chapter}.html#cell-{number.strip('[]')}"
    if kind == "example":
        return f"counterexamples.html#{anchor(name)}"
    path = Path("tests" if kind == "test" else "") / name.partition("::")[0]
    if not (ROOT / path).exists():
        path = Path("selgrad") / path
    return f"{repository}/blob/{settings.BRANCH}/{path.as_posix()}" if repository else ""


def anchor(name: str) -> str:
    """The place of a counter-example on their page."""
    return f"example-{name.replace('_', '-')}"


def statements() -> str:
    """The reStructuredText of the page with the graph and the list of the statements."""
    from selgrad.statements.page import fragment

    html = fragment(ROOT, address)
    return "\n".join([
        STATEMENTS, "=" * len(STATEMENTS), "",
        "Every statement of the paper: what it says, the object, the cell that runs it, the test, what it rests on, "
        "and for each hypothesis a :doc:`counter-example <counterexamples>` without it.", "",
        ".. raw:: html", "", indent(html, "   "), "",
    ])


def counterexamples() -> str:
    """The reStructuredText of the page of counter-examples, with their facts, computed now."""
    from selgrad.counterexamples import COUNTEREXAMPLES

    lines = [EXAMPLES, "=" * len(EXAMPLES), "",
             "For each hypothesis of a :doc:`statement <statements>` an example that keeps everything else, and for "
             "which the conclusion fails. What is said of each is computed whenever this page is built; the tests "
             "compare it with what was worked out by hand.", ""]
    for name, example in COUNTEREXAMPLES.items():
        title = name.replace("_", " ").capitalize()
        lines += [f".. _{anchor(name)}:", "", title, "-" * len(title), ""]
        dropped, *rest = str(example).split("\n")
        text = "\n".join(rest[: len(rest) - len(example.facts())])
        for paragraph in [dropped, *text.split("\n\n")]:
            lines += [inline(" ".join(paragraph.split())), ""]
        lines += [".. list-table::", "   :widths: 15 85", ""]
        for fact in rest[len(rest) - len(example.facts()) :]:
            role, _, said = fact.strip().partition(":")
            lines += [f"   * - {role}", f"     - {inline(said.strip())}"]
        lines.append("")
    return "\n".join(lines)
