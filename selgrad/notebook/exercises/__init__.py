"""The bank of exercises, one module a chapter; `EXERCISES` lists them by number."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from selgrad.notebook.exercises import (
    chapter_01,
    chapter_02,
    chapter_03,
    chapter_04,
    chapter_05,
    chapter_06,
    chapter_07,
)
from selgrad.notebook.exercises.form import Exercise, Wrong

CHAPTERS = (chapter_01, chapter_02, chapter_03, chapter_04, chapter_05, chapter_06, chapter_07)
EXERCISES: Mapping[str, Exercise] = MappingProxyType(
    {exercise.number: exercise for chapter in CHAPTERS for exercise in chapter.EXERCISES}
)


def of_chapter(number: str) -> list[Exercise]:
    """The exercises of a chapter ("05"), in their order."""
    return [exercise for exercise in EXERCISES.values() if exercise.chapter == number]


__all__ = ["EXERCISES", "Exercise", "Wrong", "of_chapter"]
