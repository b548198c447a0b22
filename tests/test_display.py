"""A picture as SVG and as PNG in one output."""

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from selgrad.plotting import to_bytes
from selgrad.plotting.display import COLOURS, mimebundle, small_png


def png():
    figure = Figure(figsize=(2, 1), dpi=200)
    figure.subplots().imshow([[0.0, 1.0], [2.0, 3.0]])
    return to_bytes(figure, "png", id="a", title="A", alt="b")


def test_a_palette_makes_it_small_and_leaves_it_alike():
    before = png()
    after = small_png(before)
    assert after == small_png(before) and len(after) < len(before)
    old, new = (Image.open(BytesIO(data)) for data in (before, after))
    assert new.mode == "P" and len(new.getcolors() or []) <= COLOURS and new.size == old.size
    assert np.ptp(np.asarray(old.convert("RGB"), int) - np.asarray(new.convert("RGB"), int)) < 16


def test_the_two_forms_have_one_size_on_the_page():
    data, metadata = mimebundle("<svg/>", small_png(png()))
    assert data["image/svg+xml"] == "<svg/>" and b64decode(data["image/png"]) == small_png(png())
    assert metadata == {"image/png": {"width": 192, "height": 96}}


def test_every_application_has_a_picture_for_readers_without_widgets():
    widgets = pytest.importorskip("selgrad.widgets")
    app = widgets.KinkExplorer()
    data, metadata = app._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data and data["image/svg+xml"] == app.picture
    assert b64decode(data["image/png"]).startswith(b"\x89PNG") and metadata["image/png"]["width"] > 500
