"""sg.audit: the kinks that matter, all of them and nothing else; the verdict, the stops, the masks; the shell."""

import json
from itertools import product

import numpy as np
import pytest

import selgrad as sg
from selgrad.audits.reach import ALIKE, STILL, UNREAD, judged
from selgrad.cli import main
from selgrad.examples import pitfalls
from selgrad.kinks.form import form_of
from selgrad.kinks.point import local


def zero(t):
    return sg.relu(-t) + t - sg.relu(t)


def nested(t):
    return sg.relu(sg.relu(t))


def layer(w, x):
    return np.sum(sg.relu(x @ w))


# --- which ties matter ---


def matters(here):
    """By brute force over all choices at all ties: whether a tie ever changes the derivative."""
    form = form_of(here)
    options = [step.tie.choices for step in form.steps]
    every = list(product(*options))
    J = dict(zip(every, form.jacobians(every, form.steps), strict=True))
    return [any(not np.allclose(J[c], J[(*c[:n], other, *c[n + 1 :])]) for c in every for other in options[n])
            for n in range(len(options))]


def test_no_tie_is_called_trivial_that_ever_changes_the_derivative_and_few_others_are_kept():
    rng, kept, needed, tried = np.random.default_rng(3), 0, 0, 0
    for _ in range(300):
        f, x = sg.random_program(rng, length=9)
        here = local(f, x)
        if not here.ties or np.prod([tie.count for every in here.ties.values() for tie in every]) > 256:
            continue
        tried += 1
        if any(tie.alike is False for every in here.ties.values() for tie in every):
            continue  # the conditions of wheres may be shared
        found = [not why for _, _, why in judged(here, [0])]
        truth = matters(here)
        assert all(mine for mine, true in zip(found, truth, strict=True) if true)
        kept, needed = kept + sum(found), needed + sum(truth)
    assert tried > 100 and 0 < needed <= kept <= 1.1 * needed


def test_influence_zero_is_not_harmless():
    inner, outer = sg.audit(nested, 0.0).kinks
    assert (inner.reach, inner.influence, outer.reach, outer.influence) == ("with others", 0.0, "alone", 1.0)
    assert sg.conservative(nested, 0.0).vertices.ravel().tolist() == [0.0, 1.0]


def test_why_ties_are_trivial():
    P = sg.trace(lambda w, x: layer(w, x) + 0.0 * np.sum(sg.relu(w)), np.zeros((2, 3)), np.zeros(2))
    blank = sg.audit(P, np.ones((2, 3)), np.zeros(2), wrt=0)
    assert blank.kinks == () and blank.touched[0].why == {STILL: 3}
    assert len(sg.audit(P, np.ones((2, 3)), np.zeros(2), wrt=1).kinks) == 3  # by the input they are not
    same = sg.audit(lambda x: np.max(np.stack([x[0], x[0]])), np.ones(1))
    assert same.kinks == () and same.touched[0].why == {ALIKE: 1}
    unread = sg.audit(lambda x: sg.relu(x[0]) * 0.0 + x[0], np.zeros(1))
    assert unread.kinks == () and unread.touched[0].why == {UNREAD: 1} and unread.trivial == 1


def test_planted_kinks_are_named_all_of_them_and_nothing_else():
    rng = np.random.default_rng(0)
    W, b, x = rng.normal(size=(4, 8)), rng.normal(size=8), rng.integers(-8, 8, size=4) / 8
    W = np.round(W * 64) / 64  # dyadic, so that a preactivation can be 0 exactly
    for j in (2, 5):
        b[j] = -(x @ W)[j]

    def net(W, b, V):
        return np.tanh(sg.relu(x @ W + b)) @ V

    report = sg.audit(net, W, b, rng.normal(size=8), wrt=(0, 1))
    assert [k.entry for k in report.kinks] == [(2,), (5,)] and report.trivial == 0 and report.ok
    assert all(k.where[0] == __file__ and k.value == 0.0 for k in report.kinks)
    assert sg.verify(report.verdict) and "kinks: 1 kinked instruction touched, 2 ties" in repr(report)


@pytest.mark.parametrize(("convention", "takes"), [("paper", "x0[1]"), ("jax", "the mean of x0[1] and x0[2]")])
def test_choices_are_named_by_the_entries_they_pick(convention, takes):
    (kink,) = sg.audit(np.max, np.array([1.0, 2.0, 2.0]), convention=convention).kinks
    assert kink.takes == takes and set(kink.others) | {takes} >= {"x0[2]", takes} and kink.count == len(kink.others)


# --- the verdict, stops, NaN ---


def test_the_verdict_comes_with_a_certificate():
    report = sg.audit(lambda t: t - zero(t), 0.0)
    assert report.verdict.kind == "artificial-critical" and not report.ok and sg.verify(report.verdict)
    record = json.loads(report.to_json())
    assert sg.sets.verification.proves(record["verdict"]["proof"]) and record["ok"] is False
    record["verdict"]["proof"]["claims"]["ad_is_clarke"] = True
    assert not sg.sets.verification.proves(record["verdict"]["proof"])  # negative control


def test_very_many_trivial_ties_are_left_out_of_the_verdict():
    X = np.zeros((200, 3))
    X[:2] = [[1.0, 2.0, 3.0], [2.0, -1.0, 0.0]]
    W = np.zeros((3, 4))
    report = sg.audit(lambda W: np.sum(sg.relu(X @ W)), W)
    assert (report.trivial, report.left_out, len(report.kinks)) == (792, 792, 8) and report.ok
    assert "792 trivial ties are left out" in repr(report) and json.loads(report.to_json())["verdict"]["proof"] is None
    alone = sg.classify(lambda W: np.sum(sg.relu(X[:2] @ W)), W)
    assert (alone.kind, alone.ad_to_inner) == (report.verdict.kind, report.verdict.ad_to_inner)
    assert np.allclose(alone.clarke.inner.support(np.ones(12)), report.verdict.clarke.inner.support(np.ones(12)))


def test_a_verdict_is_verified_under_every_convention():
    rng = np.random.default_rng(11)
    for n in range(40):
        f, x = sg.random_program(rng, length=8)
        report = sg.audit(f, x, convention=sg.CONVENTIONS[n % 5])
        assert sg.verify(report.verdict) and json.loads(report.to_json())["verdict"]["kind"] == report.verdict.kind
        assert report.kinks or len(report.verdict.field.vertices) == 1
    median = sg.classify(sg.median, np.array([1.0, 1.0, 2.0]), convention="torch")  # of rationals, and all that tie
    assert sg.verify(median) and median.ad.tolist() == [0.5, 0.5, 0.0]


def test_the_order_of_wrt_does_not_matter():
    f = lambda a, b: np.abs(a) * b
    one, other = (sg.audit(f, 0.0, 2.0, wrt=wrt).verdict.ad for wrt in ((0, 1), (1, 0)))
    assert one == other == (-2.0, 0.0)


def test_wrt_restricts_the_verdict_too():
    f = lambda a, b: np.abs(a) + 2.0 * np.abs(b)
    both, one = sg.audit(f, 0.0, 0.0), sg.audit(f, 0.0, 0.0, wrt=1)
    assert np.size(both.verdict.ad) == 2 and one.verdict.field.vertices.ravel().tolist() == [-2.0, 2.0]
    assert [k.node for k in one.kinks] == [3] and one.touched[0].why == {STILL: 1}


def test_a_program_keeps_its_own_rules():
    P = sg.trace(lambda t: sg.relu(t), 0.0)
    line = P.instructions[0]
    own = sg.Program(P.input_shapes, (sg.Instruction(line.op, line.operands, {}, (), rule=">"),), P.outputs, P.in_tree,
                     P.out_tree)
    for wrt in (None, 0):
        report = sg.audit(own, 0.0, wrt=wrt)
        assert "rules: its own, then paper" in repr(report)
        assert report.kinks[0].takes == "slope 1" and float(np.ravel(report.verdict.ad)[0]) == 1.0


def test_a_stopped_gradient_is_named_and_leaves_no_verdict():
    report = sg.audit(lambda x: sg.relu(x[0]) + sg.stop_gradient(sg.relu(x[1])), np.zeros(2))
    assert len(report.stops) == 1 and report.verdict is None and "stops the derivative" in report.reason
    assert len(report.kinks) == 1 and report.touched[1].why == {UNREAD: 1} and not report.ok


def test_outside_a_domain_nan_is_traced_and_nothing_said_of_kinks():
    report = sg.audit(pitfalls.masked_log, 0.0)
    assert report.verdict is None and "outside the domain" in report.reason and not report.ok
    assert report.non_finite[0].guard.startswith("x2 = where") and "double where" in repr(report)
    assert json.loads(report.to_json())["non_finite"][0]["node"] == 1


def test_off_all_kinks_there_is_nothing_to_say():
    report = sg.audit(lambda x: np.sum(sg.relu(x)), np.ones(3))
    assert report.ok and report.kinks == () and report.non_finite == () and "No kink is touched" in repr(report)


# --- equality masks ---


def thirds(x):
    return np.max(x / 3.0 * 3.0)


def test_an_equality_mask_is_shown_to_break():
    x = np.array([0.1 + 0.2, 0.3])
    (mask,) = sg.audit(thirds, x, convention="jax").masks
    assert mask.rule == "all" and "in float32 2 entries are hit where there was 1" in repr(mask)
    assert "nothing is hit" in repr(mask)
    assert sg.audit(thirds, x).masks == ()  # the first of the tied: no equality is asked for


def test_a_mask_that_nothing_breaks_is_named_without_a_demonstration():
    (mask,) = sg.audit(np.max, np.array([1.0, 2.0, 2.0]), convention="torch").masks
    assert mask.shown == () and "other rounding changes nothing" in repr(mask)
    (equal,) = sg.audit(lambda x: np.where(x == 1.0, 2.0 * x - 1.0, x * x), 0.5).masks
    assert equal.line.startswith("where") and equal.rule == "as compared"


# --- what is shown, and refused ---


def test_a_notebook_shows_the_kinks_as_a_table():
    html = sg.audit(nested, 0.0)._repr_html_()
    assert html.count("<tr>") == 3 and "with others" in html and "relu(x1)" in html


def test_bad_arguments_are_one_clear_sentence():
    with pytest.raises(sg.InputError, match="wrt=3"):
        sg.audit(layer, np.ones((2, 3)), np.ones(2), wrt=3)
    with pytest.raises(sg.InputError, match="needs an input"):
        sg.audit(layer)
    with pytest.raises(sg.ShapeError, match="batch"):
        sg.audit(sg.trace(zero, 0.0), np.zeros(4))


def test_many_kinks_are_summed_up():
    report = sg.audit(lambda x: np.sum(np.abs(x)), np.zeros(30))
    assert len(report.kinks) == 30 and "... and 10 more" in repr(report)


MODEL = """
import numpy as np
import selgrad as sg

def loss(w, x):
    return np.sum(sg.relu(x @ w))

def broken(w, x):
    raise RuntimeError("no")
"""


def test_the_shell(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "audited_model.py").write_text(MODEL)
    np.savez("in.npz", x=np.ones(2), w=np.zeros((2, 3)))  # by name, not in order
    (tmp_path / "bad.npz").write_text("no archive")
    np.save("one.npy", np.ones(2))
    command = ["audit", "audited_model:loss", "--input", "in.npz", "--wrt", "0"]
    assert main([*command, "--check"]) == 0 and "3 ties" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0 and json.loads(capsys.readouterr().out)["ok"]
    for function, file, said in (
        ("loss", "bad.npz", "no .npz file"), ("loss", "one.npy", "no .npz file"), ("loss", "none.npz", "none.npz"),
        ("broken", "in.npz", "RuntimeError: no"), ("nothing", "in.npz", "no function nothing"),
    ):
        assert main(["audit", f"audited_model:{function}", "--input", file]) == 2
        error = capsys.readouterr().err
        assert said in error and error.count("\n") == 1
    assert main(["audit", "__import__('os')", "--input", "in.npz"]) == 2  # a name, never an expression
    assert "module:function" in capsys.readouterr().err
