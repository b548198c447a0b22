"""Facts about primitives: every row states them, and nothing is presumed of a new one."""

import ast
from dataclasses import MISSING, fields, replace
from pathlib import Path

import numpy as np
import pytest
from test_primitives import CASES

import selgrad as sg
from selgrad.compilation.forms import FORMS
from selgrad.geometry.rationals import Rational
from selgrad.primitives import ROWS
from selgrad.primitives.facts import ALL, CALL, EACH, FIRST, HUNG, NONE, SAME, Facts, Vector
from selgrad.primitives.kinked import AFFINE, ZERO, Piece, piecewise
from selgrad.primitives.rows import Kinked, Row, column
from selgrad.programs.evaluate import Exact, evaluate
from selgrad.tracing import recorder
from selgrad.tracing.recorder import elementwise


@pytest.mark.parametrize("column", [field.name for field in fields(Facts)])
def test_a_row_that_leaves_a_fact_out_is_an_error(column):
    known = {field.name: getattr(AFFINE, field.name) for field in fields(Facts) if field.name != column}
    with pytest.raises(TypeError, match=column):
        Facts(**known)


@pytest.mark.parametrize(("column", "given"), [("facts", {"prints": CALL}), ("prints", {"facts": AFFINE})])
def test_a_row_without_facts_or_print_is_an_error(column, given):
    with pytest.raises(TypeError, match=column):
        Row("half", lambda t: t / 2, (0.5,), **given)
    assert Row("half", lambda t: t / 2, (0.5,), facts=AFFINE, prints=CALL).elementwise


def test_a_kinked_row_has_no_default_either():
    given = {field.name: getattr(ROWS["relu"], field.name) for field in fields(Kinked)}
    stated = [field.name for field in fields(Kinked) if field.default is MISSING and field.kw_only]
    assert {"facts", "prints", "compares", "ties", "rules", "switches", "unread"} <= set(stated)
    for missing in stated:
        with pytest.raises(TypeError, match=missing):
            Kinked(**{name: value for name, value in given.items() if name != missing})


BENT = Piece(lambda t: t * t + t, (lambda t: 2 * t + 1,))


@pytest.fixture
def bend(monkeypatch):
    """0 for t < 0, t^2 + t for t > 0: kinked, and not piecewise affine."""
    row = piecewise("bend", column("<", "-", "-", "-", "-"), (ZERO, BENT), lambda t: (t,),
                    facts=replace(AFFINE, affine=NONE, growth=None), prints=CALL)
    monkeypatch.setitem(ROWS, "bend", row)
    return lambda t: elementwise("bend", t)


def test_a_kinked_row_with_a_bent_piece_is_not_presumed_affine(bend):
    def squared(t):  # t^2, of kinks alone
        return bend(t) + bend(-t) - np.abs(t)

    def f(x):  # y - x^2 where x^2 < y < 2 x^2
        return sg.relu(x[1] - squared(x[0])) - sg.relu(x[1] - 2 * squared(x[0]))

    assert sg.grad(f)(np.array([0.1, 0.015])).tolist() == pytest.approx([-0.2, 1.0])
    C = sg.clarke(f, np.zeros(2))
    assert C.outer.contains([0.0, 1.0]) and C.outer.contains([0.0, 0.0])
    assert not C.exact or C.inner.contains([0.0, 1.0])
    # negative control: were the row said to be affine, the claim would be false
    ROWS["bend"] = replace(ROWS["bend"], facts=AFFINE)
    false = sg.clarke(f, np.zeros(2))
    assert false.exact and not false.outer.contains([0.0, 1.0])


def test_affine_in_some_operands():
    assert replace(AFFINE, affine=ALL).affine_in([0, 1, 2])
    assert replace(AFFINE, affine=EACH).affine_in([1]) and not replace(AFFINE, affine=EACH).affine_in([0, 1])
    assert replace(AFFINE, affine=FIRST).affine_in([0]) and not replace(AFFINE, affine=FIRST).affine_in([0, 1])
    assert not replace(AFFINE, affine=NONE).affine_in([0])


PARAMS = {"leaky_relu": {"negative_slope": 0.25}, "elu": {"alpha": 0.5}, "huber": {"delta": 2.0},
          "where": {"relation": ">"}}
POINTS = (np.array([[0.5, 1.5], [2.0, 0.75]]), np.array([[1.25, 0.5], [0.25, 3.0]]), np.array([[3.0, 2.5], [4.0, 5.0]]))


@pytest.mark.parametrize("op", [op for op, row in ROWS.items() if row.elementwise and row.facts.affine != NONE])
def test_what_a_row_says_of_being_affine_is_so(op):
    """Along the pieces of one point, second differences vanish."""
    row = ROWS[op]
    n = len(row.pieces[0].slopes) if row.kinked and hasattr(row.pieces[0], "slopes") else len(row.partials)
    params = PARAMS.get(op, {})
    s = row.apply(list(POINTS[:n]), params)[1]
    for moved in [range(n)] if row.facts.affine == ALL else [[0]] if row.facts.affine == FIRST else [[0], [1]]:
        values = []
        for step in (0.0, 0.125, 0.25):
            xs = [x + step * (i + 1) if i in moved else x for i, x in enumerate(POINTS[:n])]
            values.append(row.frozen(s, *xs, **params) if row.kinked else row.value(*xs, **params))
        assert np.allclose(values[0] - 2 * np.asarray(values[1]) + values[2], 0, atol=1e-15)


def test_exactness_of_a_power_is_that_of_its_exponent():
    facts = ROWS["power"].facts
    assert facts.irrational(None, 3.0) == "" and facts.irrational(None, np.array([2.0, -1.0])) == ""
    assert "not rational" in facts.irrational(None, 0.5)
    assert "not rational" in facts.irrational(2.0, None)  # an exponent that is a node


def test_what_engines_agree_on_bit_for_bit():
    different = {op for op, row in ROWS.items() if row.facts.bits != SAME}
    assert {"exp", "power", "softmax", "median", "selu"} <= different
    assert not different & {"add", "divide", "sqrt", "relu", "max", "sort", "where", "reshape"}


@pytest.mark.parametrize("op", [op for op, row in ROWS.items() if row.kinked and row.elementwise])
def test_switching_functions_are_affine_in_the_operands(op):
    """What is compared moves linearly: `changes` of the column `compares` relies on it."""
    row, rng = ROWS[op], np.random.default_rng(0)
    n, params = len(row.partials), PARAMS.get(op, {})
    for _ in range(5):
        a, b = rng.normal(size=(n, 4)), rng.normal(size=(n, 4))
        middle = row.switches(*((a + b) / 2), **params)
        for half, one, other in zip(middle, row.switches(*a, **params), row.switches(*b, **params), strict=True):
            assert np.allclose(half, (one + other) / 2, rtol=1e-12, atol=1e-12)


def test_a_bent_switching_function_of_the_users_makes_no_false_claim():
    """At (1, 0) AD's pieces of pick - relu(ab), which is 0, have different gradients, and no first order tells."""
    pick = sg.primitive("pick", [lambda a, b: 0 * a * b, lambda a, b: a * b], [lambda a, b: a * b])

    def zero(x):
        return pick(x[0], x[1]) - sg.relu(x[0] * x[1])

    for x in ([1.0, 0.0], [0.0, -2.0], [0.0, 0.0]):
        C = sg.clarke(zero, np.array(x))
        assert C.inner.contains([0.0, 0.0]) and (not C.exact or len(C.outer.vertices) == 1)
    disk = sg.primitive("disk", [lambda t: 0 * t, lambda t: t * t - 1], [lambda t: t * t - 1])
    assert sg.clarke(disk, 1.0).inner.vertices.ravel().tolist() == [0.0, 2.0]
    assert sg.grad(disk)(2.0) == 4.0 and sg.grad(disk)(1.0) == 0.0
    assert [i.op for i in sg.trace(disk, 1.0).instructions][-1] == "disk"


# --- no name is asked for outside the tables ---

ROOT = Path(sg.__file__).parent
SPELLINGS = {"OPS", "MISSING", "FORMS"}  # how another language spells each row: complete, as tested below


def asked_names(source):
    """Lines that compare the name of an operation with a string, or look it up in a literal or a table of names."""
    tree = ast.parse(source)
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and is_name(node.value, set())]
    known = {"op"} | {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}
    tables = {target.id for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AnnAssign) and texts(node.value)
              for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
              if isinstance(target, ast.Name)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            found += [node.lineno] * (any(is_name(side, known) for side in sides)
                                      and any(looked_up(side, tables) for side in sides))
        elif isinstance(node, ast.Subscript):
            found += [node.lineno] * (is_name(node.slice, known) and looked_up(node.value, tables))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            where, called = node.func.value, node.func.attr
            found += [node.lineno] * (called in ("get", "__contains__", "pop") and is_name(node.args[0], known)
                                      and looked_up(where, tables))
            found += [node.lineno] * (called in ("startswith", "endswith") and is_name(where, known))
        elif isinstance(node, ast.Match):
            found += [node.lineno] * is_name(node.subject, known)
        elif isinstance(node, ast.BinOp):  # names & {i.op for ...}
            sides = [node.left, node.right]
            found += [node.lineno] * (any(looked_up(side, tables) for side in sides) and any(
                isinstance(side, ast.SetComp) and is_name(side.elt, known) for side in sides))
    return sorted(set(found))


def is_name(node, known):
    """i.op, or a variable that holds one."""
    return (isinstance(node, ast.Attribute) and node.attr == "op") or (isinstance(node, ast.Name) and node.id in known)


def looked_up(node, tables):
    return bool(texts(node)) or (isinstance(node, ast.Name) and node.id in tables - SPELLINGS)


def texts(node):
    """Whether an expression is a text, or a literal made of texts (the keys of a dict)."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(texts, node.elts))
    if isinstance(node, ast.Dict):
        return any(key is not None and texts(key) for key in node.keys)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in (
        "frozenset", "set", "tuple", "dict") and any(map(texts, node.args))


@pytest.mark.parametrize("path", [str(p.relative_to(ROOT)) for p in sorted(ROOT.rglob("*.py"))
                                  if "primitives" not in p.relative_to(ROOT).parts])
def test_no_operation_is_asked_for_by_name_outside_the_tables(path):
    lines = asked_names((ROOT / path).read_text())
    assert not lines, f"selgrad/{path}:{lines[0]} asks for an operation by name: make it a column of the row"


@pytest.mark.parametrize("source", [
    "if i.op == 'where': pass", "x = 'add' != op", "y = i.op in ('max', 'min')", "z = {'sort': 1}[i.op]",
    "LIST = ('exp', 'log')\nz = i.op in LIST", "TABLE: dict = {'sort': 1}\nz = TABLE.get(g.op)", "z = {'a': 1}.get(op)",
    "name = i.op\nif name == 'where': pass", "z = i.op.startswith('arc')", "match i.op:\n    case 'where': pass",
    "LIST = {'exp'}\nz = LIST & {i.op for i in P.instructions}", "LIST = frozenset({'exp'})\nz = op not in LIST",
])
def test_the_search_for_names_finds_them(source):
    assert asked_names(source)


@pytest.mark.parametrize("source", ["z = ROWS[i.op]", "z = i.row.facts.bits == 'same'", "f'{i.op} == ...'",
                                    "z = kind == 'full'", "z = ROWS.get(i.op) is i.row", "then('add', a, b)"])
def test_the_search_for_names_finds_nothing_else(source):
    assert not asked_names(source)


def test_tables_of_spellings_are_complete():
    from selgrad.frameworks.tensorflow import MISSING, OPS

    assert set(OPS) | set(MISSING) == set(ROWS) and not set(OPS) & set(MISSING)
    assert set(FORMS) <= set(ROWS)
    read_together = {op for op, row in ROWS.items() if isinstance(row.facts.scalar, Vector) or row.facts.scalar == HUNG}
    spelled = {"reshape", "concatenate", "slice"}  # what `lowered` joins and picks with
    formulas = {op for op, row in ROWS.items() if row.elementwise and not (row.kinked and row.pieces == ("b", "a"))}
    assert read_together | spelled <= set(FORMS) and not formulas & set(FORMS)


@pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), CASES)
def test_what_is_said_to_be_rational_runs_over_the_rationals_and_nothing_else(op, params, operands, plain, at_kink):
    record = elementwise if ROWS[op].elementwise else recorder.record
    P = sg.trace(lambda *xs: record(op, *xs, **params), *operands)
    if any(i.row.facts.irrational(*(None if i.is_node(n) else o for n, o in enumerate(i.operands)))
           for i in P.instructions):
        with pytest.raises(sg.NotElementary):
            evaluate(P, operands, policy=Exact())
        return
    exact = evaluate(P, operands, policy=Exact()).values[P.outputs[0]]
    assert all(isinstance(entry, Rational) for entry in np.ravel(exact))
    assert np.allclose(np.asarray(exact).astype(float), P(*operands), rtol=1e-13)


def test_a_false_claim_of_rationality_is_seen(monkeypatch):
    monkeypatch.setitem(ROWS, "exp", replace(ROWS["exp"], facts=replace(ROWS["exp"].facts, exact="")))
    with pytest.raises((AssertionError, TypeError, AttributeError)):
        test_what_is_said_to_be_rational_runs_over_the_rationals_and_nothing_else("exp", {}, (np.ones(2),), np.exp, ())
