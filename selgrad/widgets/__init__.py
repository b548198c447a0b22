"""Small applications for notebooks and pages, one for each thing worth moving by hand.

Importing this imports anywidget and matplotlib.
"""

from selgrad.widgets.base import App
from selgrad.widgets.kinks import KinkExplorer
from selgrad.widgets.selections import SelectionExplorer

APPS: tuple[type[App], ...] = (KinkExplorer, SelectionExplorer)
"""Every application, in the order of the chapters."""

__all__ = ["APPS", "App", "KinkExplorer", "SelectionExplorer"]
