"""What a notebook needs: `setup()`, `predict()` before it shows, `show()`, and at its end `check()` and `hint()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from selgrad.notebook.attempts import attempt
from selgrad.notebook.first_cell import Picture, setup, show
from selgrad.notebook.grading import Grade, check, grade, hint, task
from selgrad.notebook.questions import find
from selgrad.notebook.tables import table

if TYPE_CHECKING:
    from selgrad.notebook.prediction import Prediction

__all__ = ["Grade", "Picture", "attempt", "check", "grade", "hint", "predict", "setup", "show", "table", "task"]


def predict(name: str, reveal: Any = None) -> Prediction:
    """Question `name` ("01-a") to commit to; `reveal`, a widget or a function that makes one, shows afterwards.

    Raises ValueError for an unknown name. In code, `p.answer.value = ...` and `p.commit()` do what a reader does.

    >>> p = predict("01-a")
    >>> p.answer.value = "0"
    >>> p.commit()
    >>> p.committed, p.correct
    (True, False)
    """
    from selgrad.notebook.prediction import Prediction

    return Prediction(name, find(name), reveal)
