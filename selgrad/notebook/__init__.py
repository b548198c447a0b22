"""What a notebook needs at its top and at its end: `setup()`, `show()` and `check()`."""

from selgrad.notebook.first_cell import Picture, setup, show
from selgrad.notebook.grading import check, grade, task

__all__ = ["Picture", "check", "grade", "setup", "show", "task"]
