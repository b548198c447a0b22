"""The worked solutions: one Markdown file a chapter, in the folder `solutions` of a checkout, and nowhere else.

They are no part of the installed package and of no notebook a student opens. A solution is a section
`## 05-1`, with the reasoning in words and one Python block that ends by setting `answer`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from selgrad.errors import SelgradError


class NoSolution(SelgradError, ValueError):
    """Solutions that are not there, or not in the form described above."""


@dataclass(frozen=True)
class Solution:
    """How exercise `number` is solved: the reasoning (Markdown) and the code that sets `answer`."""

    number: str
    text: str
    code: str


def folder() -> Path:
    """The folder of the solutions in a checkout; raises NoSolution where there is none."""
    found = Path(__file__).parents[2] / "solutions"
    if not found.is_dir():
        raise NoSolution("The solutions are not installed with the package: use a checkout of the repository.")
    return found


def parse(markdown: str, where: str = "the solutions") -> dict[str, Solution]:
    """The solutions of a chapter, by number; raises NoSolution for a section that lacks text or code.

    >>> found = parse("## 01-1\\n\\nNothing moves.\\n\\n```python\\nanswer = 0\\n```\\n")
    >>> print(found["01-1"].text, found["01-1"].code)
    Nothing moves. answer = 0
    """
    found = {}
    for section in re.split(r"^## ", markdown, flags=re.MULTILINE)[1:]:
        number, _, body = section.partition("\n")
        blocks = re.findall(r"^```python\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^```python\n.*?^```$", "", body, flags=re.MULTILINE | re.DOTALL).strip()
        number = number.strip()
        if number in found:
            raise NoSolution(f"Exercise {number} is solved twice in {where}.")
        if len(blocks) != 1 or not text or not re.search(r"^(answer = |def answer\()", blocks[0], flags=re.MULTILINE):
            raise NoSolution(f"The solution of {number} in {where} needs its reasoning in words and one Python block "
                             "that sets `answer`.")
        found[number] = Solution(number, text, blocks[0].strip())
    return found


def of_chapter(chapter: str) -> dict[str, Solution]:
    """The solutions of a chapter ("05"), by number; raises NoSolution where there are none."""
    path = folder() / f"{chapter}.md"
    if not path.is_file():
        raise NoSolution(f"There are no solutions of chapter {chapter}: {path} does not exist.")
    return parse(path.read_text(encoding="utf-8"), path.name)
