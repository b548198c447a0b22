"""What a notebook needs at its top and at its end: `setup()`, `show()` and `check()`."""

from selgrad.notebook.check import check, grade, task
from selgrad.notebook.setup import Picture, setup, show

__all__ = ["Picture", "check", "grade", "setup", "show", "task"]
