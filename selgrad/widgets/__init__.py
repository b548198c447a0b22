"""Small applications for notebooks: Theorem 1 by hand, a choice of s, both modes step by step, Theorem 4 by hand.

Importing this imports ipywidgets and matplotlib.
"""

from selgrad.widgets.base import App
from selgrad.widgets.kinks import KinkExplorer
from selgrad.widgets.selections import SelectionExplorer
from selgrad.widgets.stepper import AlgorithmStepper
from selgrad.widgets.traps import TrapExplorer

__all__ = ["AlgorithmStepper", "App", "KinkExplorer", "SelectionExplorer", "TrapExplorer"]
