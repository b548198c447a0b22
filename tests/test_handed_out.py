"""What students receive of an export: the notebook without its solutions, as otter assign and nbgrader strip it.

Both tools were run by hand on exports of a chapter (otter-grader 7.0, nbgrader 0.9.6): the notebook handed out
earned 0 of its points, the solved one all of them. Here their rules are written out, and need no installation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from test_editions import SOURCES, each_chapter, given_away

from selgrad.notebook.editions import make


def by_otter(nb: Any) -> Any:
    """Without raw cells and the lines of a solution; what stands between BEGIN PROMPT and END PROMPT stays."""
    cells = [cell for cell in nb.cells if cell.cell_type != "raw"]
    for cell in cells:
        text = re.sub(r"^# BEGIN SOLUTION NO PROMPT\n.*?^# END SOLUTION$\n?", "", cell.source, flags=re.M | re.S)
        cell.source = re.sub(r'^""" # (BEGIN|END) PROMPT$\n?', "", text, flags=re.M)
    return nbformat.v4.new_notebook(cells=cells)


def by_nbgrader(nb: Any) -> Any:
    """Without the region of the solution in each cell that is marked as one."""
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = re.sub(r"^### BEGIN SOLUTION$.*?^### END SOLUTION$", "raise NotImplementedError()",
                                 cell.source, flags=re.M | re.S)
    return nb


STRIPPED: dict[str, Callable[[Any], Any]] = {"otter": by_otter, "nbgrader": by_nbgrader}
each_tool = pytest.mark.parametrize("tool", STRIPPED)


@each_tool
@each_chapter
def test_no_solution_is_handed_out(source: Path, tool: str) -> None:
    assert given_away(make(source, tool)) != [], "the export holds the solutions"
    nb = STRIPPED[tool](make(source, tool))
    assert given_away(nb) == []
    answers = [line for cell in nb.cells for line in cell.source.splitlines() if re.match(r"answer_\w+ = ", line)]
    assert len(answers) == 10 and all(line.endswith(" = None") for line in answers)
    assert all(word not in cell.source for cell in nb.cells for word in ("BEGIN SOLUTION", "BEGIN PROMPT"))


@each_tool
def test_a_solution_outside_its_region_is_seen(tool: str) -> None:
    nb = make(SOURCES[-1], tool)
    for cell in nb.cells:  # the export forgets to mark what is solved
        cell.source = cell.source.replace("# BEGIN SOLUTION NO PROMPT", "#").replace("### BEGIN SOLUTION", "#")
    assert given_away(STRIPPED[tool](nb)) != []
