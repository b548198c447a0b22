"""A legend below a figure, in as many columns as its width has room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend


def legend_below(figure: Figure, handles: Sequence[Any] | None = None, **look: Any) -> Legend:
    """Put a legend under the axes of a figure: one row where it fits, else as few rows as it needs.

    `handles` are those of the labelled artists of the first axes if None; `look` are arguments of `Figure.legend`.
    """
    handles = figure.axes[0].get_legend_handles_labels()[0] if handles is None else handles
    canvas = FigureCanvasAgg(figure)
    room = figure.bbox.width - 4
    for rows in range(1, len(handles) + 1):
        columns = -(-len(handles) // rows)
        legend = figure.legend(handles=handles, loc="outside lower center", ncols=columns, **look)
        if legend.get_window_extent(canvas.get_renderer()).width <= room or columns == 1:
            return legend
        legend.remove()
    raise ValueError("A legend needs at least one entry.")
