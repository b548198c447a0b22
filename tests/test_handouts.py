"""What is made of the chapters for lecturers: slides, a cheat sheet, and a day and a week that they fill."""

import re

import pytest

from selgrad.notebook.questions import find
from selgrad.site import handouts, npm, syllabi
from selgrad.site.chosen import Group, Part, chosen
from selgrad.site.syllabi import READ, WORK, Session, total
from selgrad.site.typeset import coloured

NOTEBOOKS = npm.ROOT / "notebooks"
needs_mathjax = pytest.mark.skipif(not npm.fetched(), reason="MathJax is not fetched: python -m selgrad.site.npm")


def text(source, *tags):
    return {"cell_type": "markdown", "source": source, "metadata": {"tags": list(tags)}}


def code(source, *tags, **data):
    output = {"data": data} if data else {"text": ["1\n", "2\n"]}
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}, "outputs": [output]}


def notebook(*cells):
    return {"cells": [text("# 1. A chapter"), *cells]}


def test_a_tag_begins_a_slide_under_its_heading_or_under_a_title_of_its_own():
    found = chosen(notebook(
        text("## The heading"), text("one", "slide", "sheet"), code("f()", "slide+"), text("not shown"),
        code("g()", "slide: Another title", "slide-code"), text("two", "sheet+")), "slide")
    assert found == [
        Group("The heading", "1. A chapter", [Part("text", "one"), Part("output", "1\n2")]),
        Group("Another title", "1. A chapter", [Part("code", "g()"), Part("output", "1\n2")]),
    ]


def test_the_sheet_is_chosen_apart():
    cells = [text("## H"), text("a", "slide"), text("b", "sheet: B"), text("c", "sheet+", "slide+")]
    assert [part.content for part in chosen(notebook(*cells), "sheet")[0].parts] == ["b", "c"]
    assert [part.content for part in chosen(notebook(*cells), "slide")[0].parts] == ["a", "c"]


@pytest.mark.parametrize(("cell", "said"), [
    (text("a", "slides"), "the tag 'slides' of a cell means nothing"),
    (text("a", "slide+"), r"continues a slide \(`slide\+`\) before one has begun"),
])
def test_a_tag_that_is_wrong_is_named_with_its_chapter(cell, said):
    with pytest.raises(npm.SiteError, match=f"1. A chapter: .*{said}"):
        chosen(notebook(cell), "slide")


def test_a_heading_is_the_title_and_does_not_stand_twice():
    group, = chosen(notebook(text("## H\n\nwords", "slide")), "slide")
    assert group == Group("H", "1. A chapter", [Part("text", "words")])


def test_a_question_is_asked_and_not_answered():
    cell = code('predict("01-a")', "slide", **{"text/plain": "Question 01-a"})
    part = chosen(notebook(cell), "slide")[0].parts[0]
    assert part.kind == "question" and all(f"1. {option.said}" in part.content for option in find("01-a").options)
    assert find("01-a").because not in part.content


def test_a_picture_is_inside_the_page_and_said_in_words():
    data = {"image/svg+xml": "<svg/>", "image/png": "x", "text/plain": "Title: what\n it is"}
    cell = code("show(f)", "slide", **data)
    part = chosen(notebook(cell), "slide")[0].parts[0]
    assert part == Part("picture", "data:image/svg+xml;base64,PHN2Zy8+", "Title: what it is")


def test_code_is_coloured_and_stays_what_it_was():
    html = coloured("def f(t):\n    return t < 1")
    assert "<span style=" in html and re.sub(r"<[^>]+>", "", html) == "def f(t):\n    return t &lt; 1"


@needs_mathjax
def test_the_course_fills_a_lecture_and_a_sheet():
    for kind, at_least, at_most in (("slide", 25, 35), ("sheet", 10, 30)):
        found = handouts.groups(kind)
        assert at_least <= len(found) <= at_most, kind
        assert all(group.title and group.parts for group in found)
    pages = {"slides": handouts.slides(handouts.groups("slide"))}
    pages |= {page: handouts.sheet(handouts.groups("sheet"), page) for page in handouts.PAGES}
    for name, page in pages.items():
        assert re.findall(r'(?:src|href)="(?!data:|https://|#)[^"]*"', page) == [], name
        assert "<script src" not in page and "@" not in re.search("<style>.*?</style>", page, re.DOTALL)[0].replace(
            "@media", "").replace("@page", "")
        prose = re.sub(r"<(style|script|svg|pre|code)\b.*?</\1>|<[^>]+>", "", page, flags=re.DOTALL)
        assert re.findall(r"\$[^$]*\$|\\[a-z]+", prose) == [], f"TeX as text in {name}"


@needs_mathjax
def test_what_is_not_there_is_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(handouts, "groups", lambda kind: chosen(notebook(text("a", "sheet+")), kind))
    assert handouts.main(["--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("selgrad: 1. A chapter: a cell continues a sheet")


def too_long(sessions, limit, course):
    return [session.when for session in sessions if total(session, course) > limit]


def test_the_syllabi_fit():
    course = syllabi.chapters(NOTEBOOKS)
    assert too_long(syllabi.DAY, 4 * 60, course) == [] and too_long(syllabi.WEEK, 4 * 60, course) == []
    assert sum(total(session, course) for session in syllabi.DAY) <= 6 * 60
    long = Session("too long", tuple((number, READ) for number in course))
    assert too_long((*syllabi.WEEK, long), 4 * 60, course) == ["too long"]


def test_the_week_is_everything_once():
    course = syllabi.chapters(NOTEBOOKS)
    planned = [part for session in syllabi.WEEK for part in session.plan]
    assert sorted(planned) == sorted((number, what) for number in course for what in (READ, WORK))
