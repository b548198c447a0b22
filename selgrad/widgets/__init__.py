"""Small applications for notebooks, one for each thing worth moving by hand.

Importing this imports ipywidgets and matplotlib.
"""

from selgrad.widgets.base import App
from selgrad.widgets.curves import CurveExplorer
from selgrad.widgets.fields import FieldExplorer
from selgrad.widgets.kinks import KinkExplorer
from selgrad.widgets.selections import SelectionExplorer
from selgrad.widgets.stepper import AlgorithmStepper
from selgrad.widgets.traps import TrapExplorer

__all__ = [
    "AlgorithmStepper", "App", "CurveExplorer", "FieldExplorer", "KinkExplorer", "SelectionExplorer", "TrapExplorer",
]
