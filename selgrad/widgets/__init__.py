"""Three small applications for notebooks: Theorem 1 by hand, a choice of s, and both modes step by step.

Importing this imports ipywidgets and matplotlib.
"""

from selgrad.widgets.base import App
from selgrad.widgets.kinks import KinkExplorer
from selgrad.widgets.selections import SelectionExplorer
from selgrad.widgets.stepper import AlgorithmStepper

__all__ = ["AlgorithmStepper", "App", "KinkExplorer", "SelectionExplorer"]
