"""Figure 1: three programs of relu with three derivatives at 0, and what their difference can build."""

from functools import partial
from itertools import pairwise

import numpy as np
from matplotlib.ticker import MultipleLocator

from selgrad.examples.paper import PRESCRIBED, relu2, relu3, sine, t_minus_zero, zero
from selgrad.plotting import AD_VALUE, BESIDE_KINK, DERIVATIVE, FUNCTION, legend_below

ID = "fig1"
SOURCE = "Figure 1 of the paper"
CAPTION = (
    "Algorithmic differentiation acts on programs, not on functions. "
    "First three panels: three programs of the function relu. Last three: a program of the constant function 0, an "
    "artificial critical point of the identity, and the sine with derivatives prescribed at four arguments. Open "
    "circles: the derivative beside a kink, from the left and from the right, where AD returns something else at it."
)
ALT = (
    "Six panels, each with a function as a solid line, the derivative that algorithmic differentiation (AD) "
    "returns as a dashed line, its values at the kinks as filled points, and its values beside a kink, where "
    "they differ, as open circles. "
    "First row: relu, relu2 and relu3 are the same function; AD at 0 returns {relu/ad_kink[0]:g}, "
    "{relu2/ad_kink[0]:g} and {relu3/ad_kink[0]:g}. "
    "Second row: zero is constant, AD at 0 returns {zero/ad_kink[0]:g}; "
    "t - zero(t) is the identity, AD at 0 returns {critical/ad_kink[0]:g}; "
    "a program of the sine for which AD returns {sine/ad_kink[0]:g} at {sine/kink[0]:g}, "
    "{sine/ad_kink[1]:g} at {sine/kink[1]:g}, {sine/ad_kink[2]:g} at {sine/kink[2]:g} "
    "and {sine/ad_kink[3]:g} at {sine/kink[3]:g}, and the cosine elsewhere."
)

KEYS = ("t", "value", "ad", "kink", "ad_kink", "ad_before", "ad_after")
TITLES = {
    "relu": r"$\mathrm{relu}(t)$",
    "relu2": r"$\mathrm{relu}_2(t)$",
    "relu3": r"$\mathrm{relu}_3(t)$",
    "zero": r"$\mathrm{zero}(t)$",
    "critical": r"$t-\mathrm{zero}(t)$",
    "sine": r"$\sin(t)$, AD prescribed",
}


def layout(width):
    """Two rows of three panels; in a narrow column three rows of two."""
    if width < 4.5:
        return 5.0, {"nrows": 3, "ncols": 2}
    return 3.6, {"nrows": 2, "ncols": 3, "sharey": "row"}


def programs(relu, sin):
    """The six programs, for any library that has `relu` and `sin`."""
    fs = {"relu2": relu2, "relu3": relu3, "zero": zero, "critical": t_minus_zero, "sine": partial(sine, sin=sin)}
    return {"relu": relu, **{name: partial(f, relu=relu) for name, f in fs.items()}}


def by_selgrad():
    """The programs, and a function that gives values and AD derivatives of one of them, from selgrad."""
    import selgrad as sg

    def value_and_ad(f, t):
        P = sg.trace(f, 0.0)
        return P(t), sg.backward_mode(P, t)

    return programs(sg.relu, np.sin), value_and_ad


def by_tensorflow():
    """The same from live TensorFlow: its relu, its sine, its gradient tape."""
    from selgrad.frameworks import require_tensorflow

    tf = require_tensorflow()

    def value_and_ad(f, t):
        t = tf.constant(t, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(t)
            y = f(t)
        return y.numpy(), tape.gradient(y, t).numpy()

    return programs(tf.nn.relu, tf.sin), value_and_ad


def data(ad="selgrad"):
    """For each panel a grid, the function and AD on it, and AD at the kinks and just beside them."""
    fs, value_and_ad = {"selgrad": by_selgrad, "tensorflow": by_tensorflow}[ad]()
    arrays = {}
    for name, f in fs.items():
        t = np.arange(-128, 129) / (32 if name == "sine" else 64)
        kink = np.array(list(PRESCRIBED) if name == "sine" else [0.0])
        beside = 2.0**-40  # nothing else happens so near to a kink
        arrays |= {f"{name}/t": t, f"{name}/kink": kink}
        arrays[f"{name}/value"], arrays[f"{name}/ad"] = value_and_ad(f, t)
        _, arrays[f"{name}/ad_kink"] = value_and_ad(f, kink)
        _, arrays[f"{name}/ad_before"] = value_and_ad(f, kink - beside)
        _, arrays[f"{name}/ad_after"] = value_and_ad(f, kink + beside)
    return arrays


def draw(ax, data):
    """Draw the six panels on `ax`, an array of six axes in rows."""
    for panel, (name, title) in zip(ax.flat, TITLES.items()):
        draw_panel(panel, {key: data[f"{name}/{key}"] for key in KEYS})
        panel.set_title(title)
        panel.set_xlabel("$t$", labelpad=0)
        panel.xaxis.set_major_locator(MultipleLocator(2))
        panel.yaxis.set_major_locator(MultipleLocator(1))
    for first in ax[:, 0]:
        first.set_ylabel("value, derivative", labelpad=2)
    legend_below(ax.flat[0].get_figure())


def draw_panel(ax, d):
    """One function and its AD derivative, which is drawn piece by piece: no line joins a jump."""
    ax.plot(d["t"], d["value"], label="function", **FUNCTION)
    label = "AD derivative"
    ends = np.concatenate([[-np.inf], d["kink"], [np.inf]])
    for i, (left, right) in enumerate(pairwise(ends)):
        inside = (left < d["t"]) & (d["t"] < right)
        t = np.concatenate([d["kink"][i - 1 : i], d["t"][inside], d["kink"][i : i + 1]])
        ad = np.concatenate([d["ad_after"][i - 1 : i], d["ad"][inside], d["ad_before"][i : i + 1]])
        ax.plot(t, ad, label=label, **DERIVATIVE)
        label = None
    ax.plot(d["kink"], d["ad_kink"], label="AD at a kink", **AD_VALUE)
    kink = np.concatenate([d["kink"], d["kink"]])
    limit = np.concatenate([d["ad_before"], d["ad_after"]])
    differs = abs(limit - np.concatenate([d["ad_kink"], d["ad_kink"]])) > 1e-9
    ax.plot(kink[differs], limit[differs], label="derivative beside a kink", **BESIDE_KINK)


if __name__ == "__main__":
    import sys

    from selgrad.cli import main

    sys.exit(main(["figures", ID, *sys.argv[1:]]))
