"""Small applications for notebooks and pages, one for each thing worth moving by hand.

Importing this imports anywidget and matplotlib.
"""

from selgrad.widgets.base import App
from selgrad.widgets.curves import CurveExplorer
from selgrad.widgets.fields import FieldExplorer
from selgrad.widgets.kinks import KinkExplorer
from selgrad.widgets.selections import SelectionExplorer
from selgrad.widgets.stepper import AlgorithmStepper
from selgrad.widgets.traps import TrapExplorer

APPS: tuple[type[App], ...] = (
    KinkExplorer, SelectionExplorer, AlgorithmStepper, FieldExplorer, CurveExplorer, TrapExplorer,
)
"""Every application, in the order of the chapters."""

__all__ = [
    "APPS",
    "AlgorithmStepper", "App", "CurveExplorer", "FieldExplorer", "KinkExplorer", "SelectionExplorer", "TrapExplorer",
]
