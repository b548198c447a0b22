"""A proportion with its confidence interval, on a logarithmic axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def proportion(ax: Axes, x: float, value: float, low: float, high: float, *, color: Any, marker: str) -> None:
    """Draw a fraction and its interval [low, high] at x; for a fraction of 0, an arrow from `high` downwards."""
    if value > 0:
        ax.plot([x, x], [low, high], color=color, linewidth=1.0, solid_capstyle="butt")
        for end in (low, high):
            ax.plot(x, end, marker="_", color=color, markersize=5, markeredgewidth=1.0)
        ax.plot(x, value, marker=marker, color=color, markersize=4.5, linestyle="none")
    else:
        ax.plot(x, high, marker="_", color=color, markersize=7, markeredgewidth=1.2)
        down = {"arrowstyle": "<|-", "color": color, "linewidth": 1.0, "mutation_scale": 7, "shrinkA": 0, "shrinkB": 0}
        # an arrow in points, not in numbers: on a logarithmic axis 0 is infinitely far down
        ax.annotate("", xy=(x, high), xytext=(0, -13), textcoords="offset points", arrowprops=down)
