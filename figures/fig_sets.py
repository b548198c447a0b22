"""Three sets that are easily confused: Definition 5 to the letter, everything AD could return, Clarke's set."""

import numpy as np
from matplotlib.lines import Line2D

from selgrad.examples.networks import three_neurons
from selgrad.examples.paper import remark_a, t_minus_zero, zero
from selgrad.plotting import AD_VALUE, legend_below
from selgrad.plotting.planes import AD_SET, CLARKE_SET, LISTED_SET, ZERO, Outline, square_around

ID = "sets"
SOURCE = "selgrad's own"
CAPTION = (
    "Three sets of derivatives at 0. "
    r"First: for $\mathrm{zero}$, $\mathrm{relu}$ and $t - \mathrm{zero}(t)$, the field of Definition 5 for the list "
    r"of pieces $0$ and $t$ ($t$ and $0$ for $t - \mathrm{zero}(t)$), everything AD could return for the program "
    "($D_P$), and Clarke's subdifferential. "
    r"Second: the same for $\mathrm{relu}(-x_1) + \mathrm{relu}(-x_2) - \mathrm{relu}(x_1 + x_2)$, whose list holds "
    "the pieces that the program uses somewhere near 0; AD returns 0, which lies outside Clarke's subdifferential: an "
    "artificial critical point of a network with three neurons. A figure of ours, not of the paper."
)
ALT = (
    "Two panels. First: on a number line, for three programs at 0, three bars one below the other. "
    "zero: field of Definition 5 from {zero/listed[0]:g} to {zero/listed[1]:g}, D_P from {zero/ad_set[0]:g} to "
    "{zero/ad_set[1]:g}, Clarke the point {zero/clarke[0]:g}; AD returns {zero/ad[0]:g}. "
    "relu: all three from {relu/clarke[0]:g} to {relu/clarke[1]:g}; AD returns {relu/ad[0]:g}. "
    "t - zero(t): field from {critical/listed[0]:g} to {critical/listed[1]:g}, D_P from {critical/ad_set[0]:g} to "
    "{critical/ad_set[1]:g}, Clarke the point {critical/clarke[0]:g}; AD returns {critical/ad[0]:g}, an artificial "
    "critical point. "
    "Second: the dual plane of a network of three neurons at 0. D_P is a hexagon, Clarke's subdifferential a "
    "quadrilateral strictly inside it at distance {network/distance:.3g} from the origin, the field of Definition 5 "
    "the hull of that quadrilateral and of AD's value ({network/ad[0]:g}, {network/ad[1]:g}), which is the origin."
)

WIDE = AD_SET | {"linewidth": 4.2, "linestyle": "-"}  # so that what lies on it leaves it visible
SETS = {"listed": LISTED_SET, "ad_set": WIDE, "clarke": CLARKE_SET}
LABELS = {"listed": "Definition 5, listed pieces", "ad_set": "$D_P$: all AD could return", "clarke": "Clarke"}
TITLES = {
    "zero": r"$\mathrm{zero}(t)$",
    "relu": r"$\mathrm{relu}(t)$",
    "critical": r"$t-\mathrm{zero}(t)$",
}


def layout(width):
    """Number line and plane side by side; in a narrow column one below the other."""
    if width < 4.8:
        return 4.6, {"nrows": 2, "ncols": 1, "height_ratios": (1, 1.35)}
    return 2.5, {"nrows": 1, "ncols": 2, "width_ratios": (1.3, 1)}


def programs():
    """For each program its selection: the function, and the list of pieces that Definition 5 speaks of."""
    import selgrad as sg

    def pattern(x):
        """Which of the three neurons are on, as a number."""
        return int(x[0] < 0) + 2 * int(x[1] < 0) + 4 * int(x[0] + x[1] > 0)

    # the directions of the six cells around 0, and 0 itself, where all neurons are off
    near = np.array([[2, 1], [1, 2], [-1, 2], [-2, 1], [-2, -1], [1, -2], [2, -1], [0, 0]])
    used = sorted({pattern(x) for x in near})
    pieces = [lambda x, n=n: -(n & 1) * x[0] - (n >> 1 & 1) * x[1] - (n >> 2) * (x[0] + x[1]) for n in used]
    return {
        "zero": (zero, remark_a()),
        "relu": (sg.relu, sg.Selection(lambda t: int(t > 0), [lambda t: 0.0 * t, lambda t: t])),
        "critical": (
            t_minus_zero,
            sg.Selection(lambda t: int(t == 0), [lambda t: t, lambda t: 0.0 * t]),
        ),
        "network": (three_neurons, sg.Selection(lambda x: used.index(pattern(x)), pieces, shape=2)),
    }


def data(ad="selgrad"):
    """The three sets of each program at 0, their vertices in order, with AD's value."""
    import selgrad as sg

    arrays = {}
    for name, (f, listed) in programs().items():
        x = np.zeros(listed.shape)[()]
        bounds = sg.clarke(f, x)
        assert bounds.exact, name
        found = {"listed": listed.field(x), "ad_set": sg.conservative(f, x), "clarke": bounds.inner}
        for key, D in found.items():
            arrays[f"{name}/{key}"] = np.squeeze(D.boundary()) if listed.shape else np.resize(D.boundary(), 2)
        arrays[f"{name}/ad"] = np.atleast_1d(sg.grad(f)(x))
        arrays[f"{name}/distance"] = np.array(bounds.inner.distance(np.zeros(x.shape)))
    return arrays


def draw(ax, data):
    """Draw the number line on ax[0], the dual plane on ax[1]."""
    intervals, plane = ax
    for row, (name, title) in enumerate(TITLES.items()):
        for place, (key, look) in enumerate(SETS.items()):
            y = -row - 0.2 * (place - 1)
            low, high = data[f"{name}/{key}"]
            intervals.plot([low, high], [y, y], marker="o", markersize=2.6, **look)
        intervals.plot(data[f"{name}/ad"], [-row], **AD_VALUE)
        if row:
            intervals.axhline(0.5 - row, color="0.85", linewidth=0.5)
        intervals.text(-1.35, -row, title, ha="right", va="center")
    intervals.plot([0] * 3, [0, -1, -2], **ZERO)
    intervals.set(xlim=(-1.3, 2.3), ylim=(-2.6, 0.6), yticks=[], xticks=[-1, 0, 1, 2], xlabel="derivative at 0")
    intervals.spines["left"].set_visible(False)

    for key, zorder in (("ad_set", 2), ("listed", 3), ("clarke", 4)):
        Outline(plane, SETS[key], zorder=zorder).show(data[f"network/{key}"])
    plane.plot(*data["network/ad"][:, None], **AD_VALUE)
    plane.plot([0], [0], **ZERO)
    xlim, ylim = square_around(data["network/ad_set"], pad=0.25)
    plane.set(xlim=xlim, ylim=ylim, aspect="equal", xticks=[-2, -1, 0], yticks=[-2, -1, 0])
    plane.set_xlabel(r"$\partial f/\partial x_1$", labelpad=1)
    plane.set_ylabel(r"$\partial f/\partial x_2$", labelpad=0)
    intervals.set_title("three programs of one number")
    plane.set_title("a network of three neurons")
    keys = [Line2D([], [], label=LABELS[key], **look) for key, look in SETS.items()]
    keys += [Line2D([], [], label="AD's value", **AD_VALUE), Line2D([], [], label="0", **ZERO)]
    legend_below(intervals.get_figure(), keys, fontsize=8, columnspacing=1.1)


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
