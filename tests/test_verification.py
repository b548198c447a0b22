"""Records of verdicts prove what they claim; forged ones, of every field of every kind, prove nothing."""

import ast
import copy
import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import zero
from selgrad.examples.random_programs import random_program
from selgrad.geometry.rationals import exactly
from selgrad.programs.canonical import canonical, decoded, encoded, program, text
from selgrad.sets import rederived, verification
from selgrad.sets.certificates import Realised, speaks_of
from selgrad.sets.verification import Refused, check, proves

relu = sg.relu
z2, z3 = np.zeros(2), np.zeros(3)


def parabolas(x):
    return relu(x[1] - x[0] ** 2) - relu(x[1] - 2 * x[0] ** 2)


# What they claim and how they prove it: sums, nested kinks, sort, where, atoms, cones, hulls, independence, one vector.
PROVED = [
    (lambda t: t - zero(t), 0.0, {}),
    (lambda t: t - zero(t), 0.0, {"exact": True}),
    (lambda t: 3 * t, 0.5, {}),
    (np.exp, 0.0, {}),
    (lambda x: np.abs(x[0]) - np.abs(x[1]), z2, {}),
    (lambda x: np.maximum(np.minimum(x[0], -x[1]), x[1] - x[0]), z2, {}),
    (lambda x: relu(x[0] - relu(x[0] + x[1])) + 3 * x[1], z2, {}),
    (lambda x: sg.sort(x), np.array([1.0, 1.0, 2.0]), {}),
    (lambda x: np.where(x[0] > 0, 2 * x[0], -x[0]) + np.max(x), z2, {"convention": "jax"}),
    (lambda x: np.exp(x[0]) - zero(x[0] + x[1] ** 2) + np.abs(x[1]), z2, {}),
    (lambda x: relu(x[0] + x[1] ** 2) + relu(-x[0] - 2 * x[1] ** 2) + relu(x[1]) + 2 * x[0], z2, {}),
    (lambda x: np.where(x[0] ** 3 + x[1] > 0, x[0] ** 3 + x[1], 0.0 * x[0]), z2, {}),
    (lambda x: x[1] / 2 - parabolas(x), z2, {}),
    (lambda x: x[0] / 2 + relu(x[0] + x[2] ** 2 - x[1] ** 2) - relu(x[0] - x[1] ** 2), z3, {}),
    (lambda x: relu(np.exp(x[1] - x[0] ** 2) - 1) - relu(x[1] - 3 * x[0] ** 2) + x[0], z2, {}),
    (lambda x: np.sum(np.abs(x)), np.zeros(13), {}),
    (lambda a, b: relu(np.sum(a) + b) - np.max(a), (z2, 0.0), {}),
]


@pytest.fixture(scope="module")
def records():
    return [json.loads(sg.classify(f, x, **options).to_json()) for f, x, options in PROVED]


def test_what_is_true_is_proved(records):
    for record, (f, x, _) in zip(records, PROVED, strict=True):
        check(record)
        assert speaks_of(record, f, x)
    kinds = {record["claims"]["kind"] for record in records}
    assert kinds == {"smooth", "regular", "clarke-critical", "artificial-critical", "undecided"}
    spaces = {one["space"] for record in records for one in record["proof"]["impossible"]}
    assert {"inputs", "atoms", "curved"} <= spaces
    assert any("curve" in one for record in records for one in record["proof"]["realised"])
    assert any(record["proof"]["independent"] for record in records)
    assert any(record["proof"]["open"] for record in records)


def test_random_verdicts_are_proved():
    for seed in range(16):
        kind = ("affine", "smooth")[seed % 2]
        f, x = random_program(np.random.default_rng(seed), p=1 + seed % 3, length=8, kind=kind)
        v = sg.classify(f, x)
        check(json.loads(v.to_json()))
        assert sg.verify(v, f, x) and not sg.verify(v, f, x + 1) and not sg.verify(v, np.sum, x)


def test_where_nothing_is_known_nothing_is_claimed():
    root = lambda t: np.sqrt(t) if t > 0 else 0 * t  # of the other side of the branch nothing is known
    v = sg.classify(root, 0.0)
    assert sg.verify(v, root, 0.0)
    record = json.loads(v.to_json())
    for name, value in (("kind", "smooth"), ("zero_to_outer", 1.0), ("ad_to_inner", 0.0), ("ad_is_clarke", False)):
        assert not proves({**record, "claims": {**record["claims"], name: value}})


def test_bounds_have_records_too():
    C = sg.clarke(PROVED[5][0], z2)
    assert sg.verify(C) and sg.verify(C, PROVED[5][0], z2) and not sg.verify(C, PROVED[5][0], z2 + 1)
    record = json.loads(C.to_json())
    for name in ("inner", "outer"):
        for change in (lambda a: a + 0.5, lambda a: a[:1], lambda a: np.concatenate([a, a[:1] - 1])):
            forged = copy.deepcopy(record)
            forged["claims"][name] = encoded(change(decoded(record["claims"][name])))
            assert not proves(forged)
    assert not proves({**record, "claims": {**record["claims"], "exact": False}})


# --- forging ---


def another(rng, value, records):
    """Another value of the same kind."""
    if isinstance(value, bool) or value is None:
        return [None, True, False][int(rng.choice([i for i, a in enumerate([None, True, False]) if a is not value]))]
    if isinstance(value, str):
        return str(rng.choice(["nonsense", "", "smooth", "clarke-critical", "regular", value + "x"]))
    number = float(value) if not isinstance(value, dict) else 0.0
    return float(rng.choice([number + 1, -number - 0.5, 2 * number + 0.1, number - 1e-3]))


def forge_claim(rng, record, records):
    """A claim replaced, dropped, or taken from a record that claims something else."""
    name = str(rng.choice(sorted(record["claims"])))
    what = rng.random()
    if what < 0.1:
        del record["claims"][name]
    elif what < 0.3:
        taken, mine = records[rng.integers(len(records))]["claims"][name], record["claims"][name]
        if not (isinstance(taken, float) and isinstance(mine, float) and abs(taken - mine) < 1e-9):  # the same number
            record["claims"][name] = taken
    elif name == "ad":
        ad = decoded(record["claims"]["ad"])
        ad[rng.integers(len(ad))] += rng.choice([1.0, -0.5, 1e-6])
        record["claims"]["ad"] = encoded(ad if rng.random() < 0.8 else ad[1:])
    else:
        record["claims"][name] = another(rng, record["claims"][name], records)


def forge_pattern(rng, record, records):
    """A pattern that says something else, stops short, goes on, or is missing, of a set that is claimed exactly."""
    entries = record["proof"][str(rng.choice(["realised", "impossible"]))]
    if not entries or not record["claims"]["exact"]:
        return
    one = entries[rng.integers(len(entries))]
    what = rng.integers(5)
    if what == 0:
        entries.remove(one)
    elif what == 1:
        entries.append(copy.deepcopy(one))
    elif what == 2:
        one["pattern"] = [*one["pattern"], int(rng.choice([-1, 0, 1]))]
    elif what == 3 and one["pattern"]:
        i = rng.integers(len(one["pattern"]))
        one["pattern"][i] = int(rng.choice([a for a in (-1, 0, 1, 2) if a != one["pattern"][i]]))
    else:
        one["pattern"] = one["pattern"][:-1] if one["pattern"] else [1]


def forge_reason(rng, record, records):
    """A direction or a vector y that is another, or of another program."""
    entries = [one for name in ("realised", "impossible") for one in record["proof"][name] if any(one["pattern"])]
    if not entries or not record["claims"]["exact"]:
        return
    one = entries[rng.integers(len(entries))]
    name = next(name for name in ("direction", "curve", "y") if name in one)
    a = decoded(one[name])
    what = rng.integers(4)
    if what == 0:
        a = -a
    elif what == 1:
        a = 0 * a
    elif what == 2 and name == "curve":
        a = np.zeros((1, a.shape[1])) if rng.random() < 0.5 else a[:, :-1]
    elif what == 2:
        a = a[:-1] if rng.random() < 0.5 else np.concatenate([a, a[:1]])
    elif name == "y":  # one of those that count changes: the sum no longer vanishes
        i = int(rng.choice(np.flatnonzero(a != 0)))
        if np.count_nonzero(a) == 1:
            return
        a[i] = a[i] * rng.choice([0, 2, -1])
    else:
        one[name] = "nonsense"
        return
    one[name] = encoded(a)


def forge_nearest(rng, record, records):
    """The nearest point of a set with other weights, of other elements."""
    near = record["proof"]["nearest"]
    if not near:
        return
    name = str(rng.choice(sorted(near)))
    what = rng.integers(4)
    w = decoded(near[name]["weights"])
    if what == 0:
        del near[name]
    elif what == 1:
        near[name]["weights"] = encoded(-w if rng.random() < 0.5 else 0 * w)
    elif what == 2:
        near[name]["picks"] = [[i + 10_000 for i in picks] for picks in near[name]["picks"]]
    else:
        near[name]["weights"] = encoded(w[:-1])


def forge_proof(rng, record, records):
    """The proof of another program, an empty one, one without a part, or independence where there is none."""
    what = rng.integers(4)
    if what == 0:
        others = [r for r in records if text(r["proof"]) != text(record["proof"]) and r["program"] != record["program"]]
        record["proof"] = copy.deepcopy(others[rng.integers(len(others))]["proof"])
    elif what == 1:
        record["proof"] = rng.choice(["", "proved"])
    elif what == 2:
        del record["proof"][str(rng.choice(sorted(record["proof"])))]
    else:
        record["proof"]["independent"] = not record["proof"]["independent"]


FORGERIES = (forge_claim, forge_claim, forge_pattern, forge_reason, forge_nearest, forge_proof)
EQUAL_PROOFS = {"realised", "impossible", "open", "hull"}


def forged(rng, records):
    """(name of the forgery, a record with something forged) ."""
    while True:
        n = int(rng.integers(len(records)))
        record, forge = copy.deepcopy(records[n]), FORGERIES[rng.integers(len(FORGERIES))]
        forge(rng, record, records)
        if text(record) != text(records[n]):
            return forge.__name__, n, record


def passing(records, seed, many):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(many):
        name, n, record = forged(rng, records)
        if proves(record):
            found.append((name, n, record))
    return found


def test_no_forged_record_passes(records):
    assert [(name, n) for name, n, _ in passing(records, 0, 400)] == []


@pytest.mark.slow
def test_none_of_ten_thousand_forged_records_passes(records):
    assert [(name, n) for name, n, _ in passing(records, 1, 10_000)] == []


def test_another_program_or_point_is_not_this_one(records):
    """What the record carries may be proved, but it no longer speaks of this function at this point."""
    rng, seen = np.random.default_rng(0), 0
    for record, (f, x, _) in zip(records, PROVED, strict=True):
        for _ in range(12):
            other = copy.deepcopy(record)
            line = other["program"]["lines"][rng.integers(len(other["program"]["lines"]))]
            what = rng.integers(3)
            if what == 0:
                line["op"] = str(rng.choice(["add", "relu", "abs", "nonsense", "maximum"]))
            elif what == 1:
                line["operands"][0] = int(rng.integers(3)) if rng.random() < 0.5 else 2.0
            else:
                i = rng.integers(len(other["point"]))
                other["point"][i] = encoded(decoded(other["point"][i]) + float(rng.choice([0.5, -1e-9])))
            if text(other) != text(record):
                seen += 1
                assert not (proves(other) and speaks_of(other, f, x))
    assert seen > 100


def test_a_verdict_that_is_spoilt_does_not_verify():

    v = sg.classify(lambda t: t - zero(t), 0.0)
    other = sg.classify(np.abs, 0.0)
    for spoilt in (replace(v, kind="nonsense"), replace(v, kind="clarke-critical"), replace(v, ad=np.float64(1.0)),
                   replace(v, ad_is_clarke=True), replace(v, clarke=other.clarke), replace(v, zero_to_field=1.0),
                   replace(v, clarke=replace(v.clarke, exact=False))):
        assert not sg.verify(spoilt)
    assert not sg.verify(()) and not sg.verify([])
    assert not sg.verify(Realised("nothing", np.zeros((0, 1)), np.ones(1), np.ones(1)))
    with pytest.raises(sg.InputError, match="f at which x"):
        sg.verify(v.claims[0], np.abs, 0.0)


@pytest.mark.parametrize("nonsense", [None, 3, "verdict", [], {}, {"format": "selgrad verdict 1"}])
def test_what_is_no_record_proves_nothing(nonsense):
    assert not proves(nonsense)


@pytest.mark.parametrize("exact", [False, True])
def test_a_wrong_verdict_has_no_proof(exact):
    """A cell that was missed: what is not realised and not excluded counts as open, and 2^-52 is not rounding."""
    f = lambda x: relu(x[0] + (1 + 2.0**-52) * x[1]) - relu(x[0] + x[1]) + x[0]
    v = sg.classify(f, z2, exact=exact)
    record = json.loads(v.to_json())
    check(record)
    assert len(record["proof"]["realised"]) == 4
    thin = [one for one in record["proof"]["realised"] if one["pattern"] in ([1, -1], [-1, 1])]
    for one in thin:
        less = copy.deepcopy(record)
        less["proof"]["realised"].remove(one)
        assert not proves(less)
        less["proof"]["impossible"] = [{"pattern": one["pattern"], "space": "inputs", "y": encoded(np.ones(2))}]
        with pytest.raises(Refused, match="excludes no pattern"):
            check(less)


# --- the house of the checker ---


@pytest.mark.parametrize("number", [exactly, lambda a: np.asarray(a, dtype=float)])
def test_kernels_and_ranks(number):
    rng = np.random.default_rng(0)
    for n, m, r in ((3, 5, 2), (4, 4, 3), (2, 6, 2), (5, 3, 3), (1, 4, 1), (3, 3, 0)):
        rows = number(rng.integers(-3, 4, (n, r)) @ rng.integers(-3, 4, (r, m)))
        true = np.linalg.matrix_rank(rows.astype(float))
        B = verification.kernel(rows)
        assert verification.rank(rows) == true and B.shape == (m, m - true)
        assert np.abs((rows @ B).astype(float)).max(initial=0.0) < 1e-12
        assert np.linalg.matrix_rank(B.astype(float)) == m - true


def test_the_checker_uses_nothing_of_the_finder():
    finder = ("kinks.cells", "kinks.splitting", "kinks.witnesses", "kinks.nearby", "kinks.gradients", "kinks.point",
              "kinks.form", "geometry.cones", "geometry.hulls", "geometry.nonnegative", "geometry.jacobians",
              "sets.clarke", "sets.conservative", "sets.verdicts", "sets.proof", "differentiation")
    for module in (verification, rederived):
        source = Path(module.__file__).read_text(encoding="utf-8")
        imported = [node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
        assert imported and not [m for m in imported if any(f"selgrad.{name}" in m for name in finder)]
        assert len(source.splitlines()) < 250


def test_programs_come_back_from_json(records):
    for record, (f, x, _) in zip(records, PROVED, strict=True):
        args = x if isinstance(x, tuple) else (x,)
        P = sg.trace(f, *args)
        Q = program(json.loads(text(canonical(P))))
        assert text(canonical(Q)) == text(canonical(P)) == text(record["program"])
        assert np.array_equal(np.asarray(P(*args)), np.asarray(Q(*args)))
    for value in (np.float32(0.1), np.array([True, False]), float("inf"), Fraction(1, 3)):
        again = decoded(json.loads(json.dumps(encoded(value))))
        assert np.array_equal(again, value) and np.asarray(again).dtype == np.asarray(value).dtype
    nested = {"axis": (1, (2.0, None)), "at": slice(0, None, 2)}
    assert decoded(json.loads(json.dumps(encoded(nested)))) == nested
    with pytest.raises(sg.InputError, match="no canonical form"):
        encoded({1, 2})
    with pytest.raises(sg.InputError, match="no canonical form"):
        decoded({"set": [1]})
    with pytest.raises(sg.InputError, match="selgrad program"):
        program({})


def test_the_function_stays_one_where_the_command_is_imported():
    code = "import selgrad as sg, numpy as np, selgrad.verify; print(sg.verify(sg.classify(np.abs, 0.0), np.abs, 0.0))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


def test_the_command(tmp_path, records):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(records[0]), encoding="utf-8")
    bad.write_text(json.dumps({**records[0], "claims": {**records[0]["claims"], "kind": "smooth"}}), encoding="utf-8")
    run = lambda *files: subprocess.run([sys.executable, "-m", "selgrad.verify", *map(str, files)],
                                        capture_output=True, text=True, check=False)
    one, both, none = run(good), run(good, bad), run()
    assert one.returncode == 0 and "proved: artificial-critical, exact: True" in one.stdout
    assert both.returncode == 1 and "bad.json: not proved: what follows is artificial-critical" in both.stdout
    assert none.returncode == 2 and "Give one or more files" in none.stderr


def test_a_rational_point_that_no_float_is_keeps_its_pieces_and_its_proof():
    """0.1 + 0.2 - 0.3 is 0 over the rationals and positive in floats; what AD returns is that of the rationals."""
    h = lambda x: np.abs(x[0] + x[1] - x[2])
    v = sg.classify(h, np.array([Fraction(1, 10), Fraction(2, 10), Fraction(3, 10)]), exact=True)
    assert list(v.ad) == [-1, -1, 1] == list(sg.classify(h, np.zeros(3), exact=True).ad)
    assert v.kind == "clarke-critical" and sg.verify(v)
    assert not sg.verify(replace(v, ad=-v.ad))


def test_a_sum_over_groups_has_a_record_at_once_that_proves_nothing():
    """Its patterns are products of those of its groups, too many to list: False, not a search without end."""
    A = np.random.default_rng(0).integers(-3, 4, size=(14, 28)).astype(float)
    f = lambda x: np.sum(relu(A @ x) - relu(2 * (A @ x)))
    v = sg.classify(f, np.zeros(28))
    assert v.clarke.exact and "groups" in v.clarke.reason
    record = json.loads(v.to_json())
    assert record["proof"]["realised"] == [] and not sg.verify(v)
