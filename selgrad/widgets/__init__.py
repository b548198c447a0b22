"""Small applications for notebooks and pages, one for each thing worth moving by hand.

Importing this imports anywidget and matplotlib.
"""

from selgrad.widgets.base import App
from selgrad.widgets.kinks import KinkExplorer
from selgrad.widgets.selections import SelectionExplorer
from selgrad.widgets.stepper import AlgorithmStepper

APPS: tuple[type[App], ...] = (KinkExplorer, SelectionExplorer, AlgorithmStepper)
"""Every application, in the order of the chapters."""

__all__ = ["APPS", "AlgorithmStepper", "App", "KinkExplorer", "SelectionExplorer"]
