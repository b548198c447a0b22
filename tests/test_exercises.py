"""The bank of exercises: right answers pass in every form, typical wrong ones are told what is wrong, none is raw."""

import inspect
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from typical_answers import RIGHT, WRONG

import selgrad as sg
from selgrad.notebook import check, grade, hint, task
from selgrad.notebook.exercises import CHAPTERS, EXERCISES, Exercise, Wrong, answers
from selgrad.notebook.exercises.form import KINDS, Misshapen

each = pytest.mark.parametrize("number", EXERCISES)


def listed(bank: dict) -> list:
    return [pytest.param(number, k, id=f"{number} {k}") for number in bank for k in range(len(bank[number]))]


def bare(message: str, number: str) -> str:
    """The feedback without what every verdict says."""
    expected = f"What is asked for is {EXERCISES[number].form}."
    return message.removeprefix(f"{number} not correct: ").replace(expected, "")


# The bank.


def test_the_bank_is_in_order() -> None:
    assert sum(len(chapter.EXERCISES) for chapter in CHAPTERS) == len(EXERCISES), "a number is used twice"
    for chapter in CHAPTERS:
        name = chapter.__name__[-2:]
        assert [e.number for e in chapter.EXERCISES] == [f"{name}-{k + 1}" for k in range(len(chapter.EXERCISES))]
        kinds = [KINDS.index(e.kind) for e in chapter.EXERCISES]
        assert kinds == sorted(kinds), f"chapter {name}: recall, then build, then prove"


@each
def test_every_exercise_has_typical_answers(number: str) -> None:
    assert len(RIGHT[number]) >= 2, "right answers in at least two forms"
    assert len(WRONG[number]) >= 3, "at least three typical wrong answers"
    assert len({said for _, said, _ in WRONG[number]}) >= 3, "three misconceptions, each with its own feedback"


def test_every_typical_answer_has_its_exercise() -> None:
    assert set(RIGHT) == set(WRONG) == set(EXERCISES)


@pytest.mark.parametrize("number, k", listed(RIGHT))
def test_right_answers_pass(number: str, k: int) -> None:
    verdict = grade(number, RIGHT[number][k])
    assert verdict.right and verdict.points == EXERCISES[number].points, verdict.message
    assert verdict.message == f"{number} correct"


@pytest.mark.parametrize("number, k", listed(WRONG))
def test_wrong_answers_are_told_what_is_wrong(number: str, k: int) -> None:
    answer, said, credit = WRONG[number][k]
    verdict = grade(number, answer)
    assert not verdict.right and verdict.answered
    assert said in bare(verdict.message, number), verdict.message
    assert verdict.credit == credit, verdict.message


@each
def test_an_empty_answer_gets_help(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    for empty in (None, "", [], ...):
        check(number, empty)
        assert capsys.readouterr().out == f'{number} is not answered yet. hint("{number}") helps.\n'
        assert grade(number, empty).credit == 0 and not grade(number, empty).answered
    exercise = EXERCISES[number]
    for level, text in enumerate(exercise.hints, 1):
        hint(number, level)
        assert capsys.readouterr().out.startswith(f"Hint {level} of {len(exercise.hints)}: {text}\n")
    assert task(number) == exercise.task and exercise.task in exercise.markdown


def test_the_hint_comes_after_a_failed_try(capsys: pytest.CaptureFixture[str]) -> None:
    check("01-1", 1)
    assert capsys.readouterr().out.endswith('\nhint("01-1") helps.\n')
    check("01-1", 0)
    assert capsys.readouterr().out == "01-1 correct\n"
    check("02-1", [2])
    assert capsys.readouterr().out.startswith("02-1 partly correct (0.5 of 1 points): ")


def test_unknown_numbers_and_levels_are_named() -> None:
    for call in (check, hint, grade, task):
        with pytest.raises(ValueError, match="There is no exercise '09-1'"):
            call("09-1")
    with pytest.raises(ValueError, match="hints 1 to 2, not 3"):
        hint("01-1", 3)


# Answers that mean nothing.


class Strange:
    def __repr__(self) -> str:
        raise RuntimeError

    def __float__(self) -> float:
        raise RuntimeError("no number")


def broken(*args: Any) -> Any:
    raise ZeroDivisionError("division by zero")


JUNK: dict[str, Any] = {
    "nan": np.nan,
    "infinity": [np.inf, -np.inf],
    "too large": 10**400,
    "complex": 1j,
    "a truth value": True,
    "a text": "seventeen",
    "ragged": [[1, 2], [3]],
    "a matrix": np.full((2, 2), 17.5),
    "nothing in an array": np.array([]),
    "an object": Strange(),
    "a class": int,
    "a module": np,
    "a dictionary": {"a": 17},
    "a set of texts": {"x"},
    "an error": ValueError("no"),
    "a function that fails": broken,
    "a function without arguments": lambda: 17.0,
    "a function of five": lambda a, b, c, d, e: a,
    "a function that gives nan": lambda *a: np.nan,
    "a function that gives infinity": lambda *a: np.inf,
    "a function that gives nothing": lambda *a: None,
    "a function that gives text": lambda *a: "t",
    "a function that changes its type": lambda t: float(t) * 17,
    "a pair of functions": (broken, [broken, broken]),
    "an index that fails": (broken, [lambda t: 0.0 * t, lambda t: 1 - t]),
    "an index out of range": (lambda t: 7, [lambda t: 0.0 * t]),
    "no pieces": (lambda t: 0, []),
    "pieces that are none": (lambda t: 0, 5),
    "a million numbers": np.full(10**6, 17.0),
    "a generator": (t for t in ()),
}


@pytest.mark.parametrize("junk", JUNK)
@each
def test_nothing_is_raised_raw(number: str, junk: str) -> None:
    verdict = grade(number, JUNK[junk])
    assert not verdict.right and verdict.credit <= 0.5
    assert verdict.message.startswith((f"{number} not correct: ", f"{number} partly correct"))
    assert "cannot be graded" not in verdict.message, "the grader itself failed, which no reader understands"
    assert "Traceback" not in verdict.message and len(verdict.message) < 900, verdict.message


def test_a_grader_that_fails_is_no_raw_error(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Exercise("01-1", "recall", "?", "one number", ("none",), broken)
    monkeypatch.setattr("selgrad.notebook.grading.EXERCISES", {"01-1": failing})
    said = "01-1 not correct: 3 cannot be graded (ZeroDivisionError: division by zero)."
    assert grade("01-1", 3).message == f"{said} What is asked for is one number."


# The form.


def test_an_exercise_is_complete() -> None:
    good = dict(number="01-1", kind="recall", task="t", form="f", hints=("h",), grade=broken)
    assert Exercise(**good).markdown == "**01-1** (recall, 1 point). t\n\n*Answer:* f"
    for fault, said in [({"number": "1"}, "chapter and place"), ({"kind": "easy"}, "the kinds are"),
                        ({"hints": ()}, "needs"), ({"hints": "h"}, "needs"), ({"task": ""}, "needs")]:
        with pytest.raises(ValueError, match=said):
            Exercise(**{**good, **fault})
    with pytest.raises(ValueError, match="1/4, 1/2 or 3/4"):
        Wrong("no", 0.3)
    assert inspect.isclass(Misshapen)


@pytest.mark.parametrize("answer", [3, 3.0, Fraction(3), np.int8(3), np.float32(3), np.array(3), [3], np.array([3])])
def test_a_number_in_every_form(answer: Any) -> None:
    assert answers.number(answer) == 3 and answers.whole(answer) == 3
    assert answers.indices(answer) == {3}


@pytest.mark.parametrize("answer", ["cab", "C, A, B", ["c", "a", "b"], ("C", "a", "b"), "c-a-b"])
def test_letters_in_every_form(answer: Any) -> None:
    assert answers.letters(answer, "abc", 3) == "cab"


@pytest.mark.parametrize("answer, said", [("abd", "letters a, b, c"), ("aab", "twice"), ("ab", "2 letters, not 3"),
                                          (3, "not made of letters")])
def test_letters_that_are_none(answer: Any, said: str) -> None:
    with pytest.raises(Misshapen, match=said):
        answers.letters(answer, "abc", 3)


def test_truths_and_orders_give_credit() -> None:
    right = {"a": True, "b": False, "c": True, "d": False}
    why = {name: f"because {name}." for name in right}
    for form in (right, list(right.values()), np.array(list(right.values())), {k.upper(): v for k, v in right.items()}):
        answers.graded_truths(form, right, why)
    for got, credit, said in [([True, False, True, True], 0.75, "3 of 4 are right. (d) because d."),
                              ([True] * 4, 0.0, "2 of 4"), ([False, True, False, True], 0.0, "0 of 4")]:
        with pytest.raises(Wrong) as found:
            answers.graded_truths(got, right, why)
        assert found.value.credit == credit and said in str(found.value)
    for junk in ("TFTF", [1, 0, 1, 0], {"a": True}, [True], 5):
        with pytest.raises(Misshapen):
            answers.graded_truths(junk, right, why)
    answers.graded_order("bca", "bca", why)
    for got, credit in [("cba", 0.5), ("acb", 0.0)]:
        with pytest.raises(Wrong) as found:
            answers.graded_order(got, "bca", why)
        assert found.value.credit == credit and "comes too early: because" in str(found.value)


def test_a_set_of_the_engine_is_an_interval() -> None:
    assert answers.interval(sg.conservative(sg.relu, 0.0)) == (0.0, 1.0)
    with pytest.raises(Wrong, match="lower end first"):
        answers.interval((1, 0))
