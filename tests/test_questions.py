"""Questions to commit to: one right option each, computed; a reason for each wrong one; graded, and then shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from selgrad.notebook import predict
from selgrad.notebook.questions import QUESTIONS, Option, Question, find
from selgrad.notebook.questions.form import as_number, marked, plain

ipywidgets = pytest.importorskip("ipywidgets", reason="questions are widgets: pip install 'selgrad[lab]'")

VIEW = "application/vnd.jupyter.widget-view+json"
each = pytest.mark.parametrize("name", QUESTIONS)


def test_two_questions_a_chapter() -> None:
    for chapter in range(1, 8):
        assert sum(name.startswith(f"0{chapter}-") for name in QUESTIONS) >= 2


@each
def test_one_option_is_right_and_each_wrong_one_gets_a_reason(name: str) -> None:
    question = QUESTIONS[name]
    right = question.answer()
    assert len(question.options) >= 3, "three answers at least, or one guesses"
    assert len({option.said for option in question.options}) == len({o.value for o in question.options})
    for option in question.options:
        assert question.grade(option.said) == (option is right, option.feedback)
        assert len(option.feedback) > 40 or option is right
    assert bool(question.other) == question.number
    if question.number:
        assert question.grade("123.5") == (False, question.other)


def test_a_question_without_one_right_option_is_refused() -> None:
    question = Question("?", (Option("a", 1, ""), Option("b", 2, ""), Option("c", 3, "")), lambda: 2, "")
    assert question.answer().said == "b"
    with pytest.raises(ValueError, match="0 options have it"):
        replace(question, right=lambda: 4).answer()
    with pytest.raises(ValueError, match="2 options have it"):
        replace(question, options=(*question.options, Option("d", 2, ""))).answer()
    with pytest.raises(ValueError, match="Choose one of: a; b; c"):
        question.grade("e")


@each
def test_commit_grades_before_it_shows(name: str) -> None:
    question = QUESTIONS[name]
    shown = ipywidgets.HTML("hidden until then")
    for option in question.options:
        p = predict(name, reveal=lambda: shown)
        p.commit()
        assert not p.committed and "Please" in p.feedback.value and p.revealed.children == ()
        p.answer.value = option.said
        assert "hidden until then" not in p.feedback.value and p.revealed.children == ()
        p.button.click()
        right = option is question.answer()
        assert p.committed and p.correct == right and p.revealed.children == (shown,)
        assert ("Right." if right else "Not so.") in p.feedback.value
        assert marked(option.feedback) in p.feedback.value and marked(question.because) in p.feedback.value
        assert p.answer.disabled and p.button.disabled
        said = p.feedback.value
        p.commit()
        assert p.feedback.value == said, "one commits once"


def test_what_is_no_number_is_asked_for_again() -> None:
    p = predict("05-a")
    p.answer.value = "a half"
    p.commit()
    assert not p.committed and "“a half” is no number" in p.feedback.value
    p.answer.value = "1/2"
    p.commit()
    assert p.committed and p.correct


@pytest.mark.parametrize("text", ["__import__('os')", "1/0", "nan", "", "2**3", "inf"])
def test_text_is_read_and_not_evaluated(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        as_number(text)


@each
def test_without_a_kernel_there_is_the_question_its_answer_and_the_picture(name: str) -> None:
    from selgrad.widgets import SelectionExplorer

    app = SelectionExplorer()
    p = predict(name, app)
    bundle: Any = p._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    html = bundle["text/html"]
    before, details = html.split("<details", 1)
    assert marked(p.question.text) in before and p.question.answer().feedback not in before
    assert f"<b>{marked(p.question.answer().said)}</b>" in details
    assert all(marked(option.feedback) in details for option in p.question.options)
    assert "<iframe srcdoc=" in html.split("</details>")[1], "the live page comes after the answer"
    assert VIEW in bundle and bundle["image/svg+xml"] == app.picture
    assert bundle["text/plain"] == repr(p) == f"Question {name} (not answered yet): {plain(p.question.text)}"


def test_what_the_notebook_saves_tells_no_answer() -> None:
    p = predict("01-a")
    saved = str([widget.get_state() for widget in (p, *p.children)])
    assert not p.committed and p.question.answer().feedback not in saved and p.question.because not in saved


def test_words_carry_marks_and_no_html() -> None:
    for name, question in QUESTIONS.items():
        for text in (question.text, question.because, *(o.feedback for o in question.options)):
            assert text.count("`") % 2 == 0 and "$" not in text, name
            assert not re.search(r"`|\*\S|\S\*", plain(re.sub("`[^`]*`", "", text))), (name, text)
    assert marked("<b>") == "&lt;b&gt;"


def test_an_unknown_question_is_named() -> None:
    with pytest.raises(ValueError, match=r"no question '09-a'; choose one of 01-a, 01-b"):
        find("09-a")
    with pytest.raises(ValueError, match="no question"):
        predict("09-a")
