"""`selgrad lab`: a copy of the course to write into, which loses nobody's work."""

import os
import signal
import subprocess
import sys
import time

import pytest

from selgrad import figures
from selgrad.cli import lab, main
from selgrad.notebook.working_copy import RECORD, bring, cells, course_folder, sign

nbformat = pytest.importorskip("nbformat", reason="notebooks need nbformat: pip install 'selgrad[lab]'")


def written(path, *sources, output=None):
    """A notebook with these code cells."""
    v4 = nbformat.v4
    nb = v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])
    for number, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{number}"
        cell.outputs = [v4.new_output("display_data", {"text/plain": output})] if output else []
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
    return path.read_bytes()


@pytest.fixture
def course(tmp_path, monkeypatch):
    folder = tmp_path / "repository" / "notebooks"
    written(folder / "01_a.ipynb", "1 + 1")
    written(folder / "02_b.ipynb", "2 + 2")
    (folder / "data").mkdir()
    (folder / "data" / "values.json").write_text("{}")
    (folder / "source").mkdir()
    (folder / "source" / "01_a.md").write_text("solutions")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "01_a.ipynb").write_text("litter")
    monkeypatch.setattr(figures, "project_folder", lambda name: folder)
    monkeypatch.setattr("selgrad.notebook.working_copy.project_folder", lambda name: folder)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    return folder


def test_what_a_reader_gets(course, tmp_path):
    copy = tmp_path / "copy"
    assert list(bring(course, copy)) == [f"3 files copied to {copy}"]
    names = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert names == {"01_a.ipynb", "02_b.ipynb", "data/values.json", RECORD}
    assert list(bring(course, copy)) == []


def test_an_untouched_copy_follows_the_course(course, tmp_path):
    copy = tmp_path / "copy"
    list(bring(course, copy))
    written(copy / "01_a.ipynb", "1 + 1", output="2")  # run and saved, no more
    new = written(course / "01_a.ipynb", "1 + 1", "3 + 3")
    assert list(bring(course, copy)) == ["01_a.ipynb: brought up to date"]
    assert (copy / "01_a.ipynb").read_bytes() == new
    newer = written(course / "01_a.ipynb", "4 + 4")
    assert list(bring(course, copy)) == ["01_a.ipynb: brought up to date"]
    assert (copy / "01_a.ipynb").read_bytes() == newer


def test_a_readers_work_is_kept_for_good(course, tmp_path):
    copy = tmp_path / "copy"
    list(bring(course, copy))
    mine = written(copy / "01_a.ipynb", "1 + 1", "answer = 2")
    assert list(bring(course, copy)) == [] and (copy / "01_a.ipynb").read_bytes() == mine
    for version in ("3 + 3", "4 + 4"):
        written(course / "01_a.ipynb", version)
        assert list(bring(course, copy)) == [
            "01_a.ipynb: kept with your changes; move it away and start again for the newer one"]
        assert (copy / "01_a.ipynb").read_bytes() == mine
    (copy / "01_a.ipynb").rename(copy / "mine.ipynb")
    assert list(bring(course, copy)) == [f"1 file copied to {copy}"] and (copy / "mine.ipynb").read_bytes() == mine


@pytest.mark.parametrize("record", [None, "not JSON", "{}"])
def test_without_a_record_what_differs_is_the_readers(course, tmp_path, record):
    copy = tmp_path / "copy"
    mine = written(copy / "01_a.ipynb", "answer = 1")
    (copy / "data").mkdir()
    (copy / "data" / "values.json").write_text("not JSON, but mine")
    if record is not None:
        (copy / RECORD).write_text(record)
    for _ in range(2):
        assert sum("kept with your changes" in line for line in bring(course, copy)) == 2
    assert (copy / "01_a.ipynb").read_bytes() == mine and (copy / "data" / "values.json").read_text().endswith("mine")


def test_only_cells_make_a_notebook_another(tmp_path):
    paths = [tmp_path / f"{name}.ipynb" for name in "abcd"]
    written(paths[0], "1")
    written(paths[1], "1", output="1")
    written(paths[2], "2")
    paths[3].write_text('{"cells": 3}')
    assert cells(paths[0]) == cells(paths[1]) and len({cells(path) for path in paths}) == 3


def test_only_what_is_the_courses_is_signed(course, tmp_path):
    copy = tmp_path / "copy"
    list(bring(course, copy))
    written(copy / "02_b.ipynb", "import os")
    sign(course, copy)
    signed = [nbformat.sign.NotebookNotary().check_signature(nbformat.read(copy / name, as_version=4))
              for name in ("01_a.ipynb", "02_b.ipynb")]
    assert signed == [True, False]


# The command


@pytest.fixture
def started(course, monkeypatch):
    """The commands that would have been started."""
    calls = []
    monkeypatch.setattr(lab, "find_spec", lambda name: True)
    monkeypatch.setattr(lab, "waited_for", lambda command: calls.append(command) or 0)
    return calls


@pytest.mark.parametrize("user, root", [(0, ["--allow-root"]), (1000, [])])
def test_lab_opens_the_first_notebook_of_the_copy(course, started, monkeypatch, capsys, user, root):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    assert main(["lab", "--", "--no-browser"]) == 0
    copy = course.parent / "selgrad-course"
    html = "--HTMLExporter.preprocessors=selgrad.site.offline.Offline"
    assert started == [[sys.executable, "-m", "jupyterlab", *root, f"--ServerApp.root_dir={copy}", html, "--no-browser",
                        str(copy / "01_a.ipynb")]]
    assert capsys.readouterr().out.splitlines() == [
        f"3 files copied to {copy}", f"Opening {copy} in JupyterLab; Ctrl-C ends it ..."]
    nb = nbformat.read(copy / "01_a.ipynb", as_version=4)
    assert nbformat.sign.NotebookNotary().check_signature(nb)
    assert main(["lab", "--dir", str(course.parent / "mine")]) == 0
    assert (course.parent / "mine" / "02_b.ipynb").exists()


def test_an_installed_selgrad_copies_into_the_current_folder(course, tmp_path, monkeypatch):
    installed = course.rename(tmp_path / "_notebooks")
    monkeypatch.setattr("selgrad.notebook.working_copy.project_folder", lambda name: installed)
    monkeypatch.chdir(tmp_path)
    assert course_folder() == tmp_path / "selgrad-course"


def test_without_jupyterlab_it_is_one_sentence_and_no_copy(course, monkeypatch, capsys):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    assert main(["lab"]) == 2
    assert 'pip install "selgrad[lab]"' in capsys.readouterr().err and not (course.parent / "selgrad-course").exists()


def test_a_place_for_signatures_that_cannot_be_written_keeps_nobody_out(course, started, monkeypatch, capsys):
    def refused(*_):
        raise OSError("read-only")

    monkeypatch.setattr("selgrad.notebook.working_copy.sign", refused)
    assert main(["lab"]) == 0 and len(started) == 1
    assert "could not be signed (read-only)" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_ctrl_c_is_for_jupyterlab_to_answer():
    child = ("import signal, time; signal.signal(signal.SIGINT, lambda *_: exit(7)); print('ready', flush=True)\n"
             "time.sleep(60)")
    run = f"waited_for([sys.executable, '-c', {child!r}])"
    code = f"import sys; from selgrad.cli.lab import waited_for; sys.exit({run})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as ours:
        assert ours.stdout.readline() == b"ready\n"
        time.sleep(0.1)
        os.killpg(ours.pid, signal.SIGINT)
        assert ours.wait(20) == 7


def test_the_checkout_ignores_the_copy():
    ignored = (figures.project_folder("notebooks").parent / ".gitignore").read_text().split()
    assert f"{course_folder().name}/" in ignored
