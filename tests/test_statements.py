"""Every statement of the paper has its object, cell, test and counter-examples; each kind of gap is seen."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import selgrad as sg
from selgrad.cli import main
from selgrad.statements import STATEMENTS
from selgrad.statements.coverage import gaps, resolve
from selgrad.statements.graph import ancestors, layout
from selgrad.statements.page import anchor, fragment, svg

ROOT = Path(sg.__file__).parents[1]


def test_nothing_is_missing():
    assert gaps(ROOT) == []


def test_the_numbers_are_the_papers():
    numbered = {"Definition": 5, "Proposition": 6, "Theorem": 4, "Algorithm": 2, "Lemma": 1, "Figure": 2}
    for kind, last in numbered.items():
        assert {s for s in STATEMENTS if s.startswith(kind)} == {f"{kind} {n}" for n in range(1, last + 1)}
    assert [s for s in STATEMENTS if s.startswith("Equation")] == [f"Equation ({n})" for n in range(1, 9)]
    assert {s for s in STATEMENTS if STATEMENTS[s].kind in ("Remark", "Illustration")} == {
        "Remark (a)", "Remark (b)", "Remark after Proposition 3", "Remark 1", "Illustration (a)", "Illustration (b)"}
    assert STATEMENTS["Equation (6)"].rests_on == ("Lemma 1",)
    assert {s.id for s in STATEMENTS.values() if s.whose == "ours"} == {"Proposition 6", "Remark 1", "Field D_P"}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """What the markers are read from, to spoil."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks" / "source", root / "notebooks" / "source")
    shutil.copytree(ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    for folder in ("selgrad", "figures"):
        (root / folder).symlink_to(ROOT / folder)
    return root


SPOILT = {
    "a label gone": ("notebooks/source/0*.md", "# Theorem 2, Remark (b) (paper)", "# it", "Theorem 2 has no cell"),
    "a label that is no statement": ("notebooks/source/0*.md", "# Theorem 3 (paper)", "# Theorem 9 (paper)",
                                     "'Theorem 9', which is no statement"),
    "whose it is": ("notebooks/source/0*.md", "# Proposition 6 (ours)", "# Proposition 6 (paper)",
                    "labels Proposition 6 as paper, and it is ours"),
    "a mark gone": ("tests/test_objective.py", '@pytest.mark.statement("Equation (7)")\n', "",
                    "Equation (7) has no test"),
    "a mark that is no statement": ("tests/test_objective.py", '"Equation (7)"', '"Equation (9)"',
                                    "marked 'Equation (9)', which is no statement"),
    "an example in no cell": ("notebooks/source/0*.md", "takagi_curve", "takagi", "takagi_curve is in no cell"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_gap_in_the_markers_is_seen(small, fault):
    pattern, old, new, said = SPOILT[fault]
    assert gaps(small) == []
    files = {path: path.read_text() for path in small.glob(pattern) if old in path.read_text()}
    assert files
    try:
        for path, text in files.items():
            path.write_text(text.replace(old, new))
        assert any(said in sentence for sentence in gaps(small)), gaps(small)
    finally:
        for path, text in files.items():
            path.write_text(text)


WRONG = {
    "a hypothesis without example": ({"hypotheses": ("J is convex",)}, "without 'J is convex' has no counter-example"),
    "an example without hypothesis": ({"hypotheses": ()}, "which is no hypothesis of Theorem 3"),
    "an object": ({"objects": ("sg.clasify",)}, "names sg.clasify, which does not exist"),
    "a file": ({"files": ("sets/theorem9.py",)}, "names the file sets/theorem9.py"),
    "a statement below": ({"rests_on": ("Theorem 9",)}, "rests on 'Theorem 9', which is no statement"),
    "a circle": ({"rests_on": ("Theorem 4",)}, "Statements rest on each other: "),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_gap_in_the_table_is_seen(fault):
    change, said = WRONG[fault]
    spoilt = {**STATEMENTS, "Theorem 3": replace(STATEMENTS["Theorem 3"], **change)}
    assert any(said in sentence for sentence in gaps(ROOT, spoilt))


def test_the_command(small, capsys, tmp_path):
    assert main(["statements", "--check"]) == 0
    assert re.fullmatch(r"\d+ statements, each with its object, cell and test; \d+ hypotheses, each with a "
                        r"counter-example\.\n", capsys.readouterr().out)
    assert main(["statements", "Theorem 3"]) == 0
    said = capsys.readouterr().out
    assert '"the curve is absolutely continuous": cantor_curve, takagi_curve' in said and "Theorem 4:" not in said
    path = next((small / "notebooks" / "source").glob("05*.md"))
    text = path.read_text()
    path.write_text(text.replace("# Theorem 4 (paper)", "#"))
    assert main(["statements", "--check", "--root", str(small)]) == 1
    assert "Theorem 4 has no cell" in capsys.readouterr().out
    path.write_text(text)
    assert main(["statements", "--html", str(tmp_path / "graph.html")]) == 0
    html = (tmp_path / "graph.html").read_text()
    assert html.count("<article") == len(STATEMENTS)
    links = set(re.findall(r'href="([^"#]+)"', html))
    assert len(links) > 50 and all((tmp_path / link).is_file() for link in links)
    assert main(["statements", "Theorem 9"]) == 2
    assert main(["statements", "--root", str(tmp_path)]) == 2
    assert "run this in a checkout" in capsys.readouterr().err


def test_the_graph_is_drawn_without_overlap_and_the_same_each_time():
    found = layout(STATEMENTS)
    assert len(set(found.places.values())) == len(STATEMENTS)
    for (below, above), points in found.edges.items():
        assert [p[0] for p in points] == list(range(int(points[0][0]), int(points[-1][0]) + 1))
        assert points[0] == found.places[below] and points[-1] == found.places[above]
    assert svg() == svg()
    assert "Definition 1" in ancestors(STATEMENTS)["Theorem 4"] and ancestors(STATEMENTS)["Definition 1"] == set()


def test_every_link_of_the_page_leads_somewhere():
    html = fragment(ROOT, lambda kind, name: f"https://example.org/{kind}")
    targets = set(re.findall(r'id="(statement-[^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) == targets - {"statement-arrow"}
    assert {anchor(id) for id in STATEMENTS} <= targets
    assert "https://example.org/cell" in html and "https://example.org/test" in html


def test_names_are_resolved():
    assert resolve("sg.Selection.field") is sg.Selection.field and resolve("sg.nothing.here") is None
    assert resolve("no_such_package.at.all") is None


# Statements whose only test is here.


@pytest.mark.statement("Proposition 6")
def test_the_graph_of_the_field_is_closed():
    seen = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        f, x = sg.random_program(rng, p=2, length=7)
        P = sg.trace(f, x)
        D = sg.conservative(P, x)
        for d in rng.integers(-2, 3, size=(4, 2)):
            near = [sg.conservative(P, x + 2.0**-k * d) for k in (28, 32)]
            assert all(D.contains(v) for v in near[-1].vertices)  # piecewise affine: v_k is constant from some k on
            seen += len(D.vertices) > len(near[-1].vertices)
    assert seen > 50
    S = sg.Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: t * np.exp(t)])
    limits = [S.field(2.0**-k).vertices.ravel()[0] for k in (1, 10, 40)]
    assert np.all(np.diff(limits) < 0) and abs(limits[-1] - 1) < 1e-11 and S.field(0.0).contains(1.0)


@pytest.mark.statement("Definition 1", "Definition 2", "Definition 3")
def test_a_selection_says_what_it_can_check():
    def said(S):
        return {(c.statement, c.hypothesis.split(":")[-1].strip()): (c.holds, c.how) for c in S.hypotheses().checked}

    relu = said(sg.Selection(lambda t: t > 0, [lambda t: 0.0, lambda t: t]))
    assert all(holds for holds, _ in relu.values())
    assert relu["Definition 1", "+, -, *, /, affine, exp, log only"] == (True, "exactly")
    assert relu["Definition 3", "f is continuous"] == (True, "by sampling")
    sine = said(sg.Selection(lambda t: np.sin(t) > 0, [lambda t: 0.0, np.sin]))
    assert sine["Definition 1", "+, -, *, /, affine, exp, log only"] == (False, "exactly")
    assert sine["Definition 2", "comparisons of elementary functions"] == (False, "by sampling")
    log = said(sg.Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: t * np.log(t)]))
    assert log["Definition 1", "defined on all of R^p"] == (False, "by sampling")
    hidden = sg.Selection(lambda t: {True: 1, False: 0}[float(t) > 0], [lambda t: 0.0, lambda t: t])
    assert said(hidden)["Definition 2", "comparisons of elementary functions"] == (None, "on trust")
    jump = sg.Selection(lambda x: int(x[0] > 1), [lambda x: x[1], lambda x: x[1] + 1], 2)
    assert [c.hypothesis for c in jump.hypotheses().fails] == ["f is continuous"]
    assert jump.hypotheses([[0.0, 0.0]]).fails == () and len(jump.hypotheses([[1.0, 0.0]]).fails) == 1
    stray = sg.Selection(lambda t: 2 * (t > 1), [lambda t: t])
    assert stray.hypotheses([0.0, 2.0]).fails[0].seen.startswith("The index is 2")
