"""Chapter 7: pitfalls in practice."""

from __future__ import annotations

from selgrad.notebook.exercises.form import Exercise

EXERCISES: tuple[Exercise, ...] = ()
