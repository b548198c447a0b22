"""The questions a reader commits to before a chapter shows what happens: two or more a chapter, one file each."""

from selgrad.notebook.questions import (
    chapter_01,
    chapter_02,
    chapter_03,
    chapter_04,
    chapter_05,
    chapter_06,
    chapter_07,
)
from selgrad.notebook.questions.form import Option, Question

CHAPTERS = (chapter_01, chapter_02, chapter_03, chapter_04, chapter_05, chapter_06, chapter_07)
QUESTIONS: dict[str, Question] = {name: q for chapter in CHAPTERS for name, q in chapter.QUESTIONS.items()}

__all__ = ["QUESTIONS", "Option", "Question", "find"]


def find(name: str) -> Question:
    """The question called `name` ("01-a"); raises ValueError with the names there are.

    >>> print(find("01-a").right())
    1.0
    """
    try:
        return QUESTIONS[name]
    except KeyError:
        raise ValueError(f"There is no question {name!r}; choose one of {', '.join(QUESTIONS)}.") from None
