"""How long the course takes: the minutes that each chapter gives itself, and what fits into a day or a week of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from selgrad.site.chapters import about, chapter_files
from selgrad.site.npm import SiteError

READ, WORK = "read", "exercises"


@dataclass(frozen=True)
class Chapter:
    """A chapter: its title, the file of its page, and its minutes, by what one does with it (READ, WORK)."""

    title: str
    file: str
    minutes: dict[str, int]


@dataclass(frozen=True)
class Session:
    """A part of a day: when, and what of which chapters."""

    when: str
    plan: tuple[tuple[str, str], ...]


DAY = (
    Session("morning", (("01", READ), ("01", WORK))),
    Session("afternoon", (("04", READ), ("05", READ), ("07", READ))),
)
WEEK = (
    Session("Monday", (("01", READ), ("01", WORK), ("02", READ))),
    Session("Tuesday", (("02", WORK), ("03", READ), ("03", WORK))),
    Session("Wednesday", (("04", READ), ("04", WORK))),
    Session("Thursday", (("05", READ), ("05", WORK), ("06", READ))),
    Session("Friday", (("06", WORK), ("07", READ), ("07", WORK))),
)


def minutes(said: str) -> dict[str, int]:
    """The minutes of a chapter, from what it says: to read and try, and for the exercises. Raises SiteError.

    >>> minutes("60 minutes to read and try, as much again for the exercises.")
    {'read': 60, 'exercises': 60}
    """
    found = re.fullmatch(r"(\d+) minutes[^,]*, (?:and )?(\d+|as much again)\b.* for the exercises\.", said)
    if found is None:
        raise SiteError(f"A chapter says of its time {said!r}; it must read like '60 minutes to read and try, 45 more "
                        "for the exercises.'")
    return {READ: int(found[1]), WORK: int(found[1 if found[2].startswith("as") else 2])}


def chapters(notebooks: Path) -> dict[str, Chapter]:
    """Every chapter by its number, "01"; raises SiteError where one does not say how long it takes."""
    found = {}
    for path in chapter_files(notebooks):
        said = about(json.loads(path.read_text(encoding="utf-8")))
        found[path.stem[:2]] = Chapter(said.title, path.name, minutes(said.time))
    return found


def hours(total: int) -> str:
    """Minutes as hours and minutes.

    >>> hours(45), hours(60), hours(135)
    ('45 min', '1 h', '2 h 15 min')
    """
    parts = [f"{total // 60} h"] * (total >= 60) + [f"{total % 60} min"] * (total % 60 > 0)
    return " ".join(parts) or "0 min"


def total(session: Session, course: dict[str, Chapter]) -> int:
    """The minutes of a session."""
    return sum(course[number].minutes[what] for number, what in session.plan)


def timing(notebooks: Path) -> str:
    """A table of the chapters with their minutes, and of the whole."""
    course = chapters(notebooks)
    rows = ["| chapter | to read and try | exercises |", "|---|---|---|"]
    rows += [f"| [{c.title}](notebooks/{c.file}) | {hours(c.minutes[READ])} | {hours(c.minutes[WORK])} |"
             for c in course.values()]
    sums = [sum(c.minutes[what] for c in course.values()) for what in (READ, WORK)]
    return "\n".join([*rows, f"| **all of it** | **{hours(sums[0])}** | **{hours(sums[1])}** |"])


def plan(sessions: tuple[Session, ...], notebooks: Path) -> str:
    """A table of sessions: what is done when, and how long it takes."""
    course = chapters(notebooks)
    rows = ["| when | what | time |", "|---|---|---|"]
    for session in sessions:
        done: dict[str, list[str]] = {}
        for number, what in session.plan:
            done.setdefault(number, []).append(what)
        said = [f"[chapter {int(number)}](notebooks/{course[number].file}), {' and '.join(what)}"
                for number, what in done.items()]
        rows.append(f"| {session.when} | {'; '.join(said)} | {hours(total(session, course))} |")
    whole = sum(total(session, course) for session in sessions)
    return "\n".join([*rows, f"| | **together** | **{hours(whole)}** |"])
