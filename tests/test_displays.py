"""What public objects show of themselves in a notebook and on axes."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from conftest import harmonic
from matplotlib.figure import Figure

import selgrad as sg
from selgrad.displays import Shape, Spot, paragraphs, picture, table
from selgrad.examples.paper import remark_a, t_minus_zero, zero

SVG = "{http://www.w3.org/2000/svg}"
NETWORK = lambda x: sg.relu(-x[0]) + sg.relu(-x[1]) - sg.relu(x[0] + x[1])


def axes():
    return Figure().subplots()


def trajectories(**options):
    J = lambda t: np.square(t - 1) / 2 + zero(t)
    return sg.sgd(J, [-1.0, 0.5], steps=4, c=0.5, alpha=harmonic, **options)


OBJECTS = {
    "Verdict": sg.classify(t_minus_zero, 0.0),
    "Verdict in the plane": sg.classify(NETWORK, np.zeros(2)),
    "Verdict in many dimensions": sg.classify(lambda x: np.abs(x).sum(), np.zeros(4)),
    "JacobianSet": sg.conservative(zero, 0.0),
    "ClarkeBounds": sg.clarke(NETWORK, np.zeros(2)),
    "Trajectories": trajectories(),
    "Program": sg.trace(NETWORK, np.zeros(2)),
    "Selection": remark_a(),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_object_shows_itself_as_wellformed_html(name):
    html = OBJECTS[name]._repr_html_()
    ET.fromstring(f"<div>{html}</div>")
    assert "<script" not in html and "http" not in html
    assert "<svg" not in html, "JupyterLab strips it in an untrusted notebook, and leaves its words"
    assert html == OBJECTS[name]._repr_html_()


def test_the_repr_of_a_verdict_is_its_explanation():
    v = OBJECTS["Verdict"]
    assert repr(v) == str(v) == v.explain()
    assert repr(v).startswith("artificial-critical: 0 is a mixture of what AD could return")
    html = v._repr_html_()
    assert "<b>artificial-critical</b>" in html and "conv{0, 2}" in html and "data:image/svg+xml;base64," in html


def numbers(svg, tag, key):
    return [float(e.attrib[key]) for e in ET.fromstring(svg).iter(SVG + tag)]


def test_a_picture_on_a_line_is_to_scale():
    svg = picture([Shape(np.array([[-1.0], [1.0]]), "red", "wide"), Shape(np.array([[0.0]]), "blue", "point")],
                  [Spot(np.array([1.0]), "black", "")], "said")
    bars = [e for e in ET.fromstring(svg).iter(SVG + "line") if e.attrib["stroke"] in ("red", "blue")]
    (a, b), (c, d) = [(float(e.attrib["x1"]), float(e.attrib["x2"])) for e in bars]
    assert a < b and c == d == pytest.approx((a + b) / 2)
    assert numbers(svg, "circle", "cx")[0] == b
    assert ET.fromstring(svg).attrib["aria-label"] == "said"


def test_a_picture_in_a_plane_has_one_scale_for_both_axes():
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [0.0, 2.0]])
    root = ET.fromstring(picture([Shape(square, "red", "")], [Spot(np.zeros(2), "black", "0", cross=True)]))
    corners = [tuple(map(float, p.split(","))) for p in root.find(SVG + "polygon").attrib["points"].split()]
    (x0, y0), (x1, _), (_, y2), _ = corners
    assert (x1 - x0) == pytest.approx(2 * (y0 - y2))
    x, y = root.findall(SVG + "path")[-1].attrib["d"][1:].split("m")[0].split()
    assert (float(x), float(y)) == (x0, y0)


def test_what_is_shown_is_escaped():
    assert table(["<b>"], [["a & b"]]).count("&lt;b&gt;") == 1
    assert paragraphs("kind: 1 < 2\nmore & more") == "<p><b>kind</b>: 1 &lt; 2</p><p>more &amp; more</p>"
    assert 'aria-label="a &quot;b&quot;"' in picture([Shape(np.zeros((1, 1)), "red", "")], label='a "b"')


def test_sets_draw_themselves():
    (segment,) = sg.conservative(zero, 0.0).plot(axes())
    assert segment.get_xdata().tolist() == [-1.0, 1.0] and segment.get_ydata().tolist() == [0.0, 0.0]
    line, fill = sg.clarke(NETWORK, np.zeros(2)).inner.plot(axes(), color="C3")
    assert len(line.get_xdata()) == 5 and fill.get_alpha() == 0.2
    with pytest.raises(sg.ShapeError, match="dimension 1 and 2 only"):
        sg.conservative(lambda x: np.abs(x).sum(), np.zeros(3)).plot(axes())


def test_a_verdict_draws_everything_it_knows():
    for v in (OBJECTS["Verdict"], OBJECTS["Verdict in the plane"]):
        ax = axes()
        v.plot(ax)
        assert ax.get_legend_handles_labels()[1] == ["$D_P$: all AD could return", "Clarke", "AD's value", "0"]
    inexact = sg.classify(lambda x: np.maximum(x[0] ** 2 - x[1] ** 2, x[0] * x[1]), np.zeros(2))
    ax = axes()
    inexact.plot(ax)
    assert ("Clarke" in ax.get_legend_handles_labels()[1]) == inexact.clarke.exact


def test_trajectories_draw_themselves():
    T = trajectories(record="all")
    lines = T.plot(axes(), color="C2")
    assert len(lines) == 2 and lines[0].get_ydata().tolist() == T.iterates[0].tolist()
    plane = sg.sgd(lambda x: np.abs(x).sum(), np.ones((3, 2)), steps=5, alpha=harmonic, record="all")
    assert [len(line.get_xdata()) for line in plane.plot(axes())] == [6, 6, 6]
    with pytest.raises(ValueError, match="record="):
        trajectories().plot(axes())
    with pytest.raises(sg.ShapeError, match="not of 3"):
        sg.sgd(lambda x: np.abs(x).sum(), np.ones((1, 3)), steps=1, alpha=harmonic, record="all").plot(axes())
    assert "2 trajectories of algorithm (8), 4 steps, float64" in T._repr_html_()


def test_a_selection_draws_its_pieces_and_its_derivative():
    s = sg.Selection(lambda t: t > 1, [lambda t: 0 * t, lambda t: np.log(t)])
    x = np.array([-1.0, 1.0, 2.0])
    *pieces, f, derivative = s.plot(axes(), x)
    assert np.isnan(pieces[1].get_ydata()[0]) and f.get_ydata().tolist() == [0.0, 0.0, np.log(2.0)]
    assert derivative.get_ydata().tolist() == [0.0, 0.0, 0.5]
    with pytest.raises(sg.ShapeError, match="one number"):
        sg.Selection(lambda x: 0, [lambda x: x[0]], shape=2).plot(axes(), x)


def test_tab_shows_the_public_names_alone():
    assert dir(sg) == sorted(sg.__all__)
    code = ("import selgrad as sg; from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance(); "
            "s.push({'sg': sg}); found = {m.rsplit('.')[-1] for m in s.complete('sg.')[1]}; "
            "print(sorted(m for m in found - set(sg.__all__) if not m.startswith('_')))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
