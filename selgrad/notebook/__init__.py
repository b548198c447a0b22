"""What a notebook needs at its top and at its end: `setup()`, `show()`, `check()` and `hint()`."""

from selgrad.notebook.first_cell import Picture, setup, show
from selgrad.notebook.grading import Grade, check, grade, hint, task

__all__ = ["Grade", "Picture", "check", "grade", "hint", "setup", "show", "task"]
