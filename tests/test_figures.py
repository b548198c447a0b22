"""The figures: their numbers, their files, and a check that goes red when either changes."""

import itertools
import json
import os
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from selgrad import figures
from selgrad.cli import main
from selgrad.frameworks import tensorflow_available
from selgrad.plotting import AD_VALUE, DERIVATIVE, FUNCTION, PALETTE, WIDTH

ROOT = figures.project_folder("figures")
IDS = list(figures.scripts())
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def fig1():
    return figures.load("fig1").data()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every figure in every format, made here: {(id, format): bytes}."""
    out = tmp_path_factory.mktemp("out")
    return {(p.stem, p.suffix[1:]): p.read_bytes() for p in figures.regenerate(IDS, out)}


@pytest.fixture
def copy(tmp_path):
    """A copy of the folder of figures, to be spoilt."""
    return shutil.copytree(ROOT, tmp_path / "figures", ignore=shutil.ignore_patterns("__pycache__"))


# The numbers


@pytest.mark.parametrize("name, ad", [("relu", 0), ("relu2", 1), ("relu3", 1 / 2), ("zero", 1), ("critical", 0)])
@pytest.mark.statement("Figure 1")
def test_ad_at_the_kink_is_what_the_paper_reports(fig1, name, ad):
    assert fig1[f"{name}/ad_kink"] == [ad]
    assert fig1[f"{name}/ad"][fig1[f"{name}/t"] == 0] == [ad]


def test_the_sine_has_the_prescribed_derivatives_and_no_others(fig1):
    prescribed = figures.load("fig1").module.PRESCRIBED
    t, ad = fig1["sine/t"], fig1["sine/ad"]
    expected = np.array([prescribed.get(s, np.cos(s)) for s in t])
    assert np.allclose(ad, expected, rtol=1e-11, atol=0)
    assert fig1["sine/ad_kink"].tolist() == list(prescribed.values())
    assert set(prescribed) <= set(t), "every prescribed argument must lie on the grid"


def test_the_programs_of_one_function_have_the_same_values(fig1):
    t = fig1["relu/t"]
    for name in ("relu", "relu2", "relu3"):
        assert np.array_equal(fig1[f"{name}/value"], np.maximum(t, 0)), name
    assert np.array_equal(fig1["zero/value"], 0 * t)
    assert np.array_equal(fig1["critical/value"], t)
    assert np.allclose(fig1["sine/value"], np.sin(fig1["sine/t"]), rtol=1e-11, atol=0)


@pytest.mark.tensorflow
@pytest.mark.skipif(not tensorflow_available(), reason="TensorFlow is not installed")
def test_live_tensorflow_gives_the_same_data(fig1):
    theirs = figures.load("fig1").data("tensorflow")
    assert theirs.keys() == fig1.keys()
    for name, ours in fig1.items():
        assert np.array_equal(theirs[name], ours), name


@pytest.mark.parametrize("id", IDS)
def test_the_data_hash_does_not_see_the_last_bits(id):
    """Another processor may move a sine by an ulp or two: no value may lie so near to a rounding edge."""
    data = figures.load(id).module.data()
    for factor in (1 + 2**-51, 1 - 2**-51):
        moved = {name: a * factor if a.dtype.kind == "f" else a for name, a in data.items()}
        assert figures.data_sha256(moved) == figures.data_sha256(data)


def test_the_data_hash_sees_values_names_and_shapes_but_not_the_sign_of_zero():
    base = figures.data_sha256({"a": [0.0, 1.0]})
    assert base == figures.data_sha256({"a": [-0.0, 1.0]})
    for other in ({"a": [0.0, 1 + 1e-11]}, {"b": [0.0, 1.0]}, {"a": [[0.0, 1.0]]}):
        assert base != figures.data_sha256(other)
    with pytest.raises(figures.FigureError, match="complex128"):
        figures.data_sha256({"a": [1j]})


@pytest.mark.statement("Figure 2")
def test_figure_2_has_both_squares_and_one_unclear_arrow():
    data = figures.load("fig2").data()
    arrows = list(zip(data["arrows/diagram"], data["arrows/tail"], data["arrows/head"], data["arrows/known"]))
    square = [("P", "J"), ("J", "dJ"), ("P", "D"), ("D", "dJ")]
    assert [(tail, head) for _, tail, head, _ in arrows] == square * 2
    assert [arrow for *arrow, known in arrows if not known] == [[1, "D", "dJ"]]


# The files


def test_two_runs_give_the_same_bytes_whatever_the_surroundings(tmp_path, files):
    """Hash seed, locale, time zone, clock, current folder and the user's own matplotlib settings."""
    (tmp_path / "matplotlibrc").write_text("font.size: 20\nlines.linewidth: 7\npdf.fonttype: 3\n")
    for name, env in {
        "one": {"PYTHONHASHSEED": "1", "LC_ALL": "C", "LANG": "C", "TZ": "UTC"},
        "two": {"PYTHONHASHSEED": "2", "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}
        | {"MATPLOTLIBRC": str(tmp_path), "SOURCE_DATE_EPOCH": "1"},
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        python_path = os.pathsep.join([str(ROOT.parent), os.environ.get("PYTHONPATH", "")])
        subprocess.run(
            [sys.executable, "-m", "selgrad", "figures", "--out", "."],
            cwd=folder, env=os.environ | env | {"PYTHONPATH": python_path}, check=True, capture_output=True,
        )
        made = {(path.stem, path.suffix[1:]): path.read_bytes() for path in folder.iterdir()}
        assert made.keys() == files.keys()
        assert [key for key in files if made[key] != files[key]] == []


@pytest.mark.parametrize("id", IDS)
def test_files_are_as_wide_as_the_text(id, files):
    svg = ET.fromstring(files[id, "svg"])
    assert float(svg.attrib["width"].removesuffix("pt")) == pytest.approx(72 * WIDTH)
    _, _, width, _ = files[id, "pdf"].split(b"/MediaBox [ ")[1].split(b" ]")[0].split()
    assert float(width) == pytest.approx(72 * WIDTH)
    assert struct.unpack(">I", files[id, "png"][16:20]) == (200 * WIDTH,)


@pytest.mark.parametrize("id", IDS)
def test_pdf_embeds_real_fonts(id, files):
    assert b"/Type3" not in files[id, "pdf"]
    assert b"/FontFile2" in files[id, "pdf"]


@pytest.mark.parametrize("id", IDS)
def test_alt_text_is_in_every_file(id, files):
    script = figures.load(id)
    alt = script.alt(script.data())
    assert len(alt) > 100 and "{" not in alt
    svg = ET.fromstring(files[id, "svg"])
    assert svg.attrib["role"] == "img"
    first = [(child.tag, child.text) for child in svg[:2]]
    assert first == [(f"{SVG}title", script.title), (f"{SVG}desc", alt)]
    assert svg.attrib["aria-labelledby"].split() == [child.attrib["id"] for child in svg[:2]]
    assert f"/Subject ({alt[:20]}".encode() in files[id, "pdf"]
    assert f"Description\0{alt}".encode() in files[id, "png"]


def test_alt_text_states_the_numbers_of_the_data(fig1):
    script = figures.load("fig1")
    assert "AD at 0 returns 0, 1 and 0.5." in script.alt(fig1)
    assert "AD at 0 returns 0, 1 and 0.25." in script.alt(fig1 | {"relu3/ad_kink": np.array([0.25])})


@pytest.mark.parametrize("id", IDS)
def test_no_date_or_version_is_in_the_files(id, files):
    import matplotlib

    for format in figures.FORMATS:
        for word in ("CreationDate", "Producer", "Software", "dc:date", matplotlib.__version__):
            assert word.encode() not in files[id, format], (format, word)


def lab(colour, vision):
    """CIELAB coordinates of a hexadecimal colour as seen with `vision`, a matrix on linear RGB."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(vision @ linear, 0, 1) / to_xyz.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


VISION = {  # Machado, Oliveira and Fernandes (2009), severity 1
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


@pytest.mark.parametrize("vision", VISION)
def test_colours_stay_apart_for_colour_blind_readers(vision):
    def nearest(colours):
        pairs = itertools.combinations([lab(c, VISION[vision]) for c in colours], 2)
        return min(np.linalg.norm(a - b) for a, b in pairs)

    assert nearest([FUNCTION["color"], DERIVATIVE["color"], "#000000", "#FFFFFF"]) > 40
    assert nearest(PALETTE.values()) > 10
    if vision == "deuteranopia":  # negative control: a red and a green that only normal vision tells apart
        red, green = (lab(c, VISION["normal"]) for c in ("#C03030", "#707030"))
        assert nearest(["#C03030", "#707030"]) < 20 < np.linalg.norm(red - green)
    assert FUNCTION["linestyle"] != DERIVATIVE["linestyle"] and AD_VALUE["marker"] == "o"


# The check


def test_the_committed_figures_are_as_recorded():
    for id in IDS:
        outcome = figures.check(id, ROOT / "out")
        print(outcome.text)
        assert outcome.ok, outcome.text
    assert list(figures.read_manifest()) == IDS


def spoil_a_number(copy):
    script = copy / "fig_1.py"
    script.write_text(script.read_text().replace("(sine, ", "(sine, wanted={**PRESCRIBED, 1.0: 1.7500001}, "))


def spoil_a_byte(copy):
    svg = copy / "out" / "fig1.svg"
    data = bytearray(svg.read_bytes())
    data[len(data) // 2] ^= 1
    svg.write_bytes(data)


def spoil_the_record(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["fig1"]
    (copy / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "spoil, named",
    [
        (spoil_a_number, "the data differ from the manifest in sine/ad, sine/ad_kink"),
        (spoil_a_byte, "the file fig1.svg differs"),
        (lambda copy: (copy / "out" / "fig1.pdf").unlink(), "fig1.pdf is missing"),
        (spoil_the_record, "not in the manifest"),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_check_goes_red_and_names_what_differs(copy, spoil, named, elsewhere, capsys, monkeypatch):
    if elsewhere:
        monkeypatch.setattr(figures, "environment", lambda: {"matplotlib": "0.1"})
    spoil(copy)
    assert main(["figures", "fig1", "fig2", "--check", "--source", str(copy)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("fig1: ") and named in first
    assert second.startswith("fig2: data") and "identical" in second


def test_elsewhere_the_bytes_are_not_compared_and_that_is_said(copy, capsys, monkeypatch):
    here = figures.environment()
    manifest = figures.read_manifest(copy)
    for entry in manifest.values():
        entry["environment"] = here | {"matplotlib": "3.9.0"}
        entry["bytes_sha256"] = dict.fromkeys(figures.FORMATS, "0" * 64)
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert main(["figures", "fig1", "--source", str(copy)]) == 0  # what this machine draws is accepted as its own
    capsys.readouterr()
    assert main(["figures", "fig1", "--check", "--source", str(copy)]) == 0
    versions = f"matplotlib {here['matplotlib']} here, 3.9.0 in the manifest"
    assert capsys.readouterr().out.strip() == f"fig1: data identical, bytes not compared: {versions}"


def test_update_records_what_it_draws(copy, capsys):
    spoil_a_number(copy)
    assert main(["figures", "fig1", "--update", "--source", str(copy)]) == 0
    assert main(["figures", "fig1", "fig2", "--check", "--source", str(copy)]) == 0
    assert list(figures.read_manifest(copy)) == IDS
    assert figures.read_manifest(copy)["fig2"] == figures.read_manifest()["fig2"]


def test_ids_follow_from_file_names(tmp_path):
    for name in ("10", "2", "theorem4", "sets"):
        (tmp_path / f"fig_{name}.py").touch()
    (tmp_path / "helper.py").touch()
    assert list(figures.scripts(tmp_path)) == ["fig2", "fig10", "sets", "theorem4"]
    with pytest.raises(figures.FigureError, match=r"fig_sets.py does not define ID, SOURCE"):
        figures.load("sets", tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    from selgrad.plotting import write_atomically

    path = tmp_path / "a.svg"
    write_atomically(path, b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"] and path.read_bytes() == b"old"
