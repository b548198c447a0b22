"""The command line: what it prints, what it returns, and that it answers in sentences."""

import subprocess
import sys

import pytest

from selgrad import figures, frameworks
from selgrad.cli import main

ROOT = figures.project_folder("figures")


def test_an_unknown_figure_is_one_sentence_and_nothing_is_written(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["figures", "fig1", "figure7", "--out", str(out)]) == 2
    captured = capsys.readouterr()
    known = ", ".join(figures.scripts())
    assert captured.err == f"selgrad: There is no figure 'figure7'; the figures are {known}.\n"
    assert captured.out == "" and not out.exists()


def test_without_tensorflow_it_is_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(frameworks, "tensorflow_available", lambda: False)
    assert main(["figures", "fig1", "--ad", "tensorflow", "--out", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert 'pip install "selgrad[tensorflow]"' in err and err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_figures_writes_what_is_asked_for_and_names_each_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["figures", "fig2", "--out", "pictures", "--format", "svg", "pdf"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["pictures/fig2.svg", "pictures/fig2.pdf"]
    assert sorted(p.name for p in (tmp_path / "pictures").iterdir()) == ["fig2.pdf", "fig2.svg"]


def test_a_script_runs_by_itself(tmp_path):
    command = [sys.executable, ROOT / "fig_2.py", "--out", tmp_path, "--format", "png"]
    subprocess.run(command, check=True, capture_output=True)
    assert [p.name for p in tmp_path.iterdir()] == ["fig2.png"]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["figures", "fig2", "--out", str(tmp_path / "file")]) == 2
    err = capsys.readouterr().err
    assert err.startswith("selgrad: ") and err.count("\n") == 1 and "file" in err


def test_an_empty_source_and_a_mixed_update_are_refused(tmp_path, capsys):
    assert main(["figures", "--source", str(tmp_path)]) == 2
    assert "There are no figure scripts" in capsys.readouterr().err
    assert main(["figures", "--update", "--ad", "tensorflow"]) == 2
    assert "leave out --ad" in capsys.readouterr().err


def test_an_installed_package_is_not_written_into(tmp_path, capsys, monkeypatch):
    installed = tmp_path / "_figures"
    installed.mkdir()
    (installed / "fig_2.py").write_bytes((ROOT / "fig_2.py").read_bytes())
    monkeypatch.setattr(figures, "project_folder", lambda name: installed)
    assert main(["figures"]) == 2
    assert "--out DIR" in capsys.readouterr().err
    assert main(["figures", "--out", str(tmp_path / "out"), "--format", "svg"]) == 0
    assert (tmp_path / "out" / "fig2.svg").exists()


@pytest.mark.parametrize("line", ["", "nonsense", "figures --format gif", "figures --check --update"])
def test_wrong_usage_exits_with_2(line):
    with pytest.raises(SystemExit) as exit:
        main(line.split())
    assert exit.value.code == 2


def test_importing_selgrad_and_asking_for_help_do_not_import_matplotlib():
    code = (
        "import sys, selgrad; assert 'matplotlib' not in sys.modules; from selgrad.cli import main\n"
        "try: main(['figures', '--help'])\nexcept SystemExit: pass\n"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_figures_are_drawn_without_pyplot(tmp_path):
    code = (
        "import sys; from selgrad.cli import main; main(['figures', 'fig2', '--out', sys.argv[1]]); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, capture_output=True)


def test_pages_are_files_of_every_application(tmp_path, capsys):
    widgets = pytest.importorskip("selgrad.widgets")
    assert main(["pages", "--out", str(tmp_path / "out")]) == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {make.name for make in widgets.APPS}
    assert capsys.readouterr().out.count(" kB\n") == len(widgets.APPS)
    text = (tmp_path / "out" / "kink-explorer.html").read_text(encoding="utf-8")
    assert text == widgets.KinkExplorer().page()
