"""The times of the course are what the chapters say, added up; whether they fit is asked in test_handouts.py."""

import json
from pathlib import Path

import pytest

from selgrad.site import npm
from selgrad.site.syllabi import READ, WORK, Session, minutes, plan, timing


@pytest.mark.parametrize(("said", "read", "work"), [
    ("60 minutes to read and try, 60 more for the exercises.", 60, 60),
    ("75 minutes to read and try, 90 for the exercises.", 75, 90),
    ("90 minutes to read and try, as much again for the exercises.", 90, 90),
    ("60 minutes, and 45 more for the exercises.", 60, 45),
])
def test_what_a_chapter_says_is_understood(said, read, work):
    assert minutes(said) == {READ: read, WORK: work}


@pytest.mark.parametrize("said", ["", "an hour", "60 minutes"])
def test_what_is_not_understood_is_said(said):
    with pytest.raises(npm.SiteError, match="A chapter says of its time"):
        minutes(said)


def folder(path: Path) -> Path:
    said = {1: "60 minutes to read, 30 for the exercises.", 2: "45 minutes, 15 more for the exercises."}
    for number, time in said.items():
        text = f"# {number}. C\n\n**Time**: {time}\n"
        cell = {"cell_type": "markdown", "source": text, "metadata": {}}
        (path / f"0{number}_c.ipynb").write_text(json.dumps({"cells": [cell]}))
    return path


def test_tables_add_up_what_stands_in_the_chapters(tmp_path):
    notebooks = folder(tmp_path)
    assert timing(notebooks).splitlines()[-1] == "| **all of it** | **1 h 45 min** | **45 min** |"
    day = (Session("morning", (("01", READ), ("01", WORK))), Session("evening", (("02", READ),)))
    assert plan(day, notebooks).splitlines()[2:] == [
        "| morning | [chapter 1](notebooks/01_c.ipynb), read and exercises | 1 h 30 min |",
        "| evening | [chapter 2](notebooks/02_c.ipynb), read | 45 min |",
        "| | **together** | **2 h 15 min** |",
    ]
