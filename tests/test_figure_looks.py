"""Figures at every width an author may ask for: nothing clipped, nothing overprinted; palettes; captions."""

import itertools
import struct

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from selgrad import figures
from selgrad.captions import CAPTIONS, parts, plain, tex
from selgrad.cli import main
from selgrad.experiments.intervals import interval
from selgrad.plotting import PALETTE, legend_below, style
from selgrad.plotting.palettes import PRINT, printed

IDS = list(figures.scripts())
WIDTHS = (3.25, 4.0, 4.8, 5.5, 7.0)


@pytest.fixture(scope="module")
def data():
    return {id: figures.load(id).data() for id in IDS}


def texts(figure):
    """What is written in a figure, and the box of each text in dots."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    hidden = {label for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) for label in unseen(ax, axis)}
    seen = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in hidden]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in seen]


def unseen(ax, axis):
    """Labels that are not drawn: all of an axis that is off, and those of ticks outside its limits."""
    if not ax.axison:
        yield from axis.findobj(Text)
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        if not low - slack <= tick.get_loc() <= high + slack:
            yield from (tick.label1, tick.label2)


def faults(figure):
    """Texts that are cut off at the edge, and pairs of texts that lie on each other."""
    found = texts(figure)
    width, height = figure.bbox.width, figure.bbox.height
    cut = [said for said, b in found if b.x0 < -0.5 or b.y0 < -0.5 or b.x1 > width + 0.5 or b.y1 > height + 0.5]
    over = [(s, t) for (s, a), (t, b) in itertools.combinations(found, 2)
            if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1]
    return cut, over


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("id", IDS)
def test_nothing_is_cut_off_or_overprinted_at_any_width(id, width, data):
    with style():
        figure = figures.load(id).draw(data[id], figures.Look(width))
        assert faults(figure) == ([], [])
        assert figure.get_size_inches()[0] == width


def test_a_text_that_is_cut_off_or_overprinted_is_found():
    figure = Figure(figsize=(3, 2))
    figure.text(0.9, 0.5, "a long text over the edge")
    figure.text(0.1, 0.1, "one text")
    figure.text(0.12, 0.11, "and another")
    assert faults(figure) == (["a long text over the edge"], [("one text", "and another")])


def test_a_legend_takes_as_many_rows_as_its_width_needs():
    def rows(width, n):
        with style():
            figure = Figure(figsize=(width, 2))
            ax = figure.subplots()
            for i in range(n):
                ax.plot([0, 1], label=f"a rather long label {i}")
            legend = legend_below(figure)
            assert len(legend.get_texts()) == n and len(figure.legends) == 1
            return -(-n // legend._ncols)

    assert [rows(7, 4), rows(5, 4), rows(3.25, 4), rows(1.2, 4)] == [1, 2, 2, 4]


# Palettes


def lightness(colour):
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in to_rgb(colour)]
    y = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return 116 * np.cbrt(y) - 16 if y > 0.008856 else 903.3 * y


def nearest(colours):
    found = sorted(lightness(c) for c in colours)
    return min(b - a for a, b in itertools.pairwise(found))


def test_the_colours_of_print_stay_apart_in_grey():
    assert PRINT.keys() == PALETTE.keys()
    assert nearest(PRINT.values()) > 2.5
    used_together = ("black", "blue", "vermillion", "orange")
    assert nearest(PRINT[name] for name in used_together) > 15
    assert nearest(PALETTE[name] for name in ("blue", "vermillion", "green")) < 6, "else one palette would do"
    formats = ("blue", "vermillion", "green")  # float16, float32, float64, also told apart by their markers
    assert nearest(PRINT[name] for name in formats) > 8


@pytest.mark.parametrize("name", PALETTE)
def test_a_colour_and_its_tints_are_printed_in_their_own_hue(name):
    for share in (1.0, 0.5, 0.2):
        tint = [1 - share * (1 - c) for c in to_rgb(PALETTE[name])]
        expected = [1 - share * (1 - c) for c in to_rgb(PRINT[name])]
        assert np.allclose(printed(tint)[:3], expected, atol=0.02)
    assert printed("0.85")[:3] == (0.85, 0.85, 0.85) and printed((*to_rgb("blue"), 0.25))[3] == 0.25


def test_no_colour_of_the_screen_is_left_in_a_printed_figure(data):
    for id in IDS:
        svg = figures.load(id).bytes("svg", data[id], figures.Look(palette="print")).decode()
        seen = [name for name, colour in PALETTE.items() if name != "black" and colour.lower() in svg]
        assert seen == [], id
    assert PALETTE["blue"].lower() in figures.load("fig1").bytes("svg", data["fig1"]).decode()


# Captions


@pytest.mark.parametrize("id", IDS)
def test_captions_are_exported(id):
    script = figures.load(id)
    assert script.caption.endswith(".") and len(list(parts(script.caption))) >= 1
    assert not set("$\\{}_") & set(plain(script.caption)), plain(script.caption)
    said = CAPTIONS["tex"](id, script.caption).decode()
    assert said.startswith("\\caption{") and said.endswith(f"}}\n\\label{{fig:{id}}}\n")
    assert said.count("{") == said.count("}") and "% " not in said.replace("\\% ", "")
    assert CAPTIONS["md"](id, script.caption).decode() == script.caption + "\n"


def test_a_caption_for_latex_is_escaped_outside_formulas():
    assert tex("50% of a_b & $x_1$") == r"50\% of a\_b \& $x_1$"
    with pytest.raises(ValueError, match="no partner"):
        tex("an open $x")


# Intervals


def test_intervals_of_counts():
    low, high = interval([0, 5, 10], [10, 10, 10])
    # the defining property: at the ends, a count as extreme as the one seen has probability 1/40
    from scipy.stats import binom

    assert low[0] == 0 and high[2] == 1
    assert binom.sf(4, 10, low[1]) == pytest.approx(0.025) and binom.cdf(5, 10, high[1]) == pytest.approx(0.025)
    assert binom.cdf(0, 10, high[0]) == pytest.approx(0.025) and binom.sf(9, 10, low[2]) == pytest.approx(0.025)
    for count, tried in ((-1, 5), (6, 5), (0, 0)):
        with pytest.raises(ValueError, match="between 0 and the number of trials"):
            interval(count, tried)


# The command


def test_the_command_lays_out_for_a_column(tmp_path, capsys):
    look = ["--width", "3.25", "--dpi", "600", "--palette", "print", "--caption", "--out", str(tmp_path)]
    assert main(["figures", "fig1", *look]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"fig1.{e}" for e in ("md", "pdf", "png", "svg", "tex")]
    assert struct.unpack(">I", (tmp_path / "fig1.png").read_bytes()[16:20]) == (1950,)
    assert str(tmp_path) in capsys.readouterr().out


@pytest.mark.parametrize(
    "given, said",
    [
        (["--width", "3"], "3.25 to 7 inches wide, not 3"),
        (["--width", "nan"], "3.25 to 7 inches wide, not nan"),
        (["--dpi", "5000"], "50 to 1200 dots per inch, not 5000"),
        (["--width", "4", "--check"], "leave out --width, --dpi and --palette"),
        (["--palette", "print", "--update"], "leave out --width, --dpi and --palette"),
    ],
)
def test_a_look_that_cannot_be_is_refused_before_anything_is_written(given, said, tmp_path, capsys):
    assert main(["figures", "fig1", *given, "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
