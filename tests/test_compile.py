"""Compiled programs: the source says what the tables say, and Numba computes what the source says."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from conftest import interpreted
from test_primitives import CASES

import selgrad as sg
from selgrad.compilation import available, cache
from selgrad.compilation.bounds import sizes, tame
from selgrad.examples.random_programs import random_program
from selgrad.primitives.facts import MATRIX
from selgrad.programs.lowering import lower
from selgrad.programs.trees import LEAF, Branch

needs_numba = pytest.mark.skipif(not available(), reason="Numba is not installed (the extra `fast`)")
CONVENTIONS = pytest.mark.parametrize("convention", sg.CONVENTIONS)


def by_source(P, x, convention="paper", dtype=np.float64):
    """(value, derivative in x, outside) of the generated source, run by Python."""
    module = interpreted(sg.compile(P, convention=convention, dtype=dtype).source)
    with np.errstate(all="ignore"):
        value, outside, *slopes = module.derivative(*np.asarray(x, dtype=dtype).reshape(-1))
    return value, np.array(slopes), outside


@CONVENTIONS
def test_source_of_affine_programs_is_exact_at_kinks(convention):
    kinks = 0
    for seed in range(40):
        f, x = random_program(np.random.default_rng(seed), p=1 + seed % 3)
        P = sg.trace(f, x)
        value, d, outside = by_source(P, x, convention)
        assert value == P(x) and not outside
        assert np.array_equal(d, sg.backward_mode(P, x, convention=convention))
        kinks += len(P.kinked())
    assert kinks > 100


@CONVENTIONS
def test_source_of_smooth_programs(convention):
    for seed in range(15):
        f, x = random_program(np.random.default_rng(seed), kind="smooth")
        P = sg.trace(f, x)
        value, d, _ = by_source(P, x, convention)
        np.testing.assert_allclose(value, P(x), rtol=1e-12)
        np.testing.assert_allclose(d, sg.backward_mode(P, x, convention=convention), rtol=1e-11, atol=1e-13)


def test_another_convention_is_seen():
    """The negative control: at these kinks the source of one convention is not that of another."""
    differs = 0
    for seed in range(40):
        f, x = random_program(np.random.default_rng(seed))
        P = sg.trace(f, x)
        differs += not np.array_equal(by_source(P, x, "jax")[1], sg.backward_mode(P, x))
    assert differs > 20


def of_matrices(c):
    return sg.primitives.ROWS[c.id].facts.scalar == MATRIX


@pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), [c for c in CASES if of_matrices(c)])
def test_a_function_of_matrices_is_refused_by_name(op, params, operands, plain, at_kink):
    P, _ = one_number(op, params, operands)
    with pytest.raises(sg.NotElementary, match=f"{op}.*engine='numpy'"):
        sg.compile(P)


def one_number(op, params, operands):
    """The row as a program of one array that holds all operands, its entries weighed and added."""
    sizes = np.cumsum([0, *(np.size(o) for o in operands)])
    rng = np.random.default_rng(1)

    def f(x):
        parts = [np.reshape(x[a:b], np.shape(o)) for a, b, o in zip(sizes, sizes[1:], operands)]
        record = sg.tracing.recorder.elementwise if sg.primitives.ROWS[op].elementwise else sg.tracing.recorder.record
        y = record(op, *parts, **params)
        return np.sum(y * np.round(rng.uniform(1, 4, np.shape(y))))

    x = np.concatenate([np.ravel(o) for o in operands]).astype(float)
    return sg.trace(f, x), x


@CONVENTIONS
@pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), [c for c in CASES if not of_matrices(c)])
def test_every_primitive_compiles(op, params, operands, plain, at_kink, convention):
    points = [operands] if not at_kink else [operands, at_kink]
    for point in points:
        if op == "power":
            P = sg.trace(lambda x: np.sum(np.power(x[:3], 2.5) + np.power(x[:3], -2.0)), np.ones(6))
            x = np.ravel(operands[0])
        else:
            shaped = {**params, "core": np.shape(point[0])} if op == "max_pool" else params
            P, x = one_number(op, shaped, [np.asarray(o, dtype=float) for o in point])
        value, d, outside = by_source(P, x, convention)
        assert not outside
        np.testing.assert_allclose(value, P(x), rtol=1e-14)
        np.testing.assert_allclose(d, sg.backward_mode(P, x, convention=convention), rtol=1e-13, atol=1e-15)


def test_every_number_has_the_format():
    for seed in range(20):
        f, x = random_program(np.random.default_rng(seed), kind="smooth")
        module = interpreted(sg.compile(sg.trace(f, x), dtype=np.float32).source)
        found = module.derivative(*x.astype(np.float32))
        assert type(found[0]) is np.float32 and all(type(g) is np.float32 for g in found[2:])


def test_outside_the_domain_is_flagged():
    P = sg.trace(lambda x: sg.relu(np.log(x[0])) + np.sqrt(x[1]) / x[0], np.ones(2))
    for x, bad in (([1.0, 1.0], False), ([-1.0, 1.0], True), ([1.0, 0.0], True), ([0.0, 1.0], True)):
        assert bool(by_source(P, x)[2]) is bad


def test_lowering_keeps_value_derivative_and_order():
    for seed in range(20):
        f, x = random_program(np.random.default_rng(seed), p=3)
        P = sg.trace(f, x)
        S = lower(P)
        assert S(*x) == P(x)
        assert np.array_equal(sg.backward_mode(S, *x), sg.backward_mode(P, x))
    several = lower(sg.trace(lambda x: (x[0] * x[1], sg.sort(x)), np.array([2.0, 1.0])))
    assert [float(y) for y in several(2.0, 1.0)] == [2.0, 1.0, 2.0]


def test_bounds_hold():
    rng, bounded = np.random.default_rng(0), 0
    operations = [("mul", lambda x: x[0] * x[1] * x[0]), ("bent", lambda x: np.tanh(x[0]) + sg.sigmoid(x[1])),
                  ("level", lambda x: sg.relu6(x[0]) + sg.hard_tanh(x[1]) * sg.hard_sigmoid(x[0]))]
    for f in [random_program(np.random.default_rng(seed), p=2)[0] for seed in range(40)] + [f for _, f in operations]:
        P = lower(sg.trace(f, np.ones(2)))
        for inputs in (1.0, 8.0, 2.0**20):
            found = sizes(P, inputs)
            if found is not None:
                values = P.evaluate(*rng.choice([-inputs, -0.5, 0.0, 0.5, inputs], size=(2, 60))).values
                assert all(np.max(np.abs(v)) <= bound for v, bound in zip(values, found, strict=True))
                bounded += 1
    assert bounded > 45
    cubes = sg.trace(lambda t: ((t * t) * (t * t)) * ((t * t) * (t * t)) * ((t * t) * t), 0.0)
    assert tame(cubes, "float64") is None and tame(lower(sg.trace(lambda t: t * t, 0.0)), "float32") == 2.0**24


@pytest.mark.parametrize(
    ("f", "example", "options", "error", "words"),
    [
        (lambda t: t if t > 0 else -t, 1.0, {}, sg.NotElementary, "Python branch"),
        (lambda x: x, np.ones(2), {}, sg.ShapeError, "one number"),
        (lambda x: x[0] + x[1], ((1.0, 2.0),), {}, sg.InputError, "one array"),
        (lambda x: np.sum(np.square(x @ x)), np.ones((40, 40)), {}, sg.TooLarge, "scalars"),
        (lambda x: np.sum(sg.sort(x) * np.arange(40.0)), np.ones(40), {}, sg.TooLarge, "40 entries"),
        (lambda t: t * t, 1.0, {"dtype": np.float16}, sg.InputError, "float32, float64"),
        (lambda t: t * t, 1.0, {"dtype": "no"}, sg.InputError, "float32, float64"),
        (lambda t: t * t, 1.0, {"convention": "mine"}, sg.InputError, "convention"),
        (lambda t: t * t, 1.0, {"convention": {"relu": "first"}}, sg.InputError, "no tie rule of relu"),
        (lambda t: t * t, 1.0, {"convention": {"rely": ">"}}, sg.InputError, "'rely', which is no kinked primitive"),
        (lambda t: t * t, 1.0, {"convention": 7}, sg.InputError, "convention"),
    ],
)
def test_refusals(f, example, options, error, words):
    with pytest.raises(error, match=words):
        sg.compile(f, *(example if isinstance(example, tuple) else (example,)), **options)


def test_nothing_of_the_users_becomes_code():
    def program(op, operands, params):
        line = sg.Instruction(op, operands, params, ())
        return sg.Program(((),), (line,), (1,), Branch(tuple, (), (LEAF,)), LEAF, name="f\nimport os")

    for P in (program("where", (0, 0, 0), {"relation": "> 0 else __import__('os').getpid() #"}),
              program("leaky_relu", (0,), {"negative_slope=print(1)": 0.5})):
        with pytest.raises((sg.NotElementary, TypeError)):
            sg.compile(P)
    source = sg.compile(sg.trace(lambda t: sg.relu(t), 0.0)).source
    assert "import os" not in source
    shown = sg.compile(program("leaky_relu", (0,), {"negative_slope": 0.5})).source
    assert "\nimport os" not in shown


@needs_numba
def test_numba_computes_what_the_source_says(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    f, x = random_program(np.random.default_rng(5), p=2)
    P = sg.trace(f, x)
    for convention in ("paper", "jax", {"relu": ">", "abs": "=", "otherwise": "torch"}):
        F = sg.compile(P, convention=convention)
        assert F.convention == convention and repr(convention) in repr(F)
        points = np.concatenate([x[None], np.random.default_rng(0).integers(-3, 4, (50, 2)).astype(float)])
        assert np.array_equal(F(points), P(points))
        assert np.array_equal(F.derivative(points), sg.backward_mode(P, points, convention=convention))
    assert F(x) == P(x) and F(x).shape == () and F.derivative(x).shape == (2,)
    assert not list(tmp_path.rglob("*.tmp"))
    with pytest.raises(sg.DomainError, match="log"):
        sg.compile(lambda t: np.log(t), 1.0)(-1.0)


@needs_numba
def test_arguments_after_the_first_are_a_datum():
    F = sg.compile(lambda x, d: np.abs(x @ d[0] - d[1]), np.ones(2), (np.ones(2), 0.0), dtype=np.float32)
    value = F(np.ones((4, 2)), (np.array([1.0, 2.0]), np.arange(4.0)))
    assert value.dtype == np.float32 and value.tolist() == [3.0, 2.0, 1.0, 0.0]
    assert F.derivative(np.ones((4, 2)), (np.array([1.0, 2.0]), np.arange(4.0))).tolist() == [[1.0, 2.0]] * 3 + [
        [-1.0, -2.0]
    ]


CHILD = """
import sys, numpy as np, selgrad as sg
F = sg.compile(lambda t: np.abs(t) + sg.relu(t), 0.0)
assert F(np.array([-1.0, 2.0])).tolist() == [1.0, 4.0]
print(sum(F.module.values.stats.cache_hits.values()), sum(F.module.values.stats.cache_misses.values()))
"""


@needs_numba
def test_another_process_finds_the_compiled_code(tmp_path):
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    runs = [subprocess.run([sys.executable, "-c", CHILD], env=env, capture_output=True, text=True, check=True).stdout
            for _ in range(2)]
    assert [run.split() for run in runs] == [["0", "1"], ["1", "0"]]


def test_the_cache_writes_whole_files_and_mends_wrong_ones(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    text = "x = 1\n"
    module = cache.load(text)
    path = tmp_path / "selgrad" / f"{module.__name__}.py"
    assert module.x == 1 and path.read_text() == text and cache.load(text) is module
    assert stat.S_IMODE((tmp_path / "selgrad").stat().st_mode) & 0o077 == 0 or os.name == "nt"
    path.write_text("x = 2\n")
    del sys.modules[module.__name__]
    assert cache.load(text).x == 1 and path.read_text() == text
    assert [p.name for p in path.parent.iterdir() if p.suffix != ".py" and p.name != "__pycache__"] == []
    del sys.modules[module.__name__]


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "selgrad").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module = cache.load("y = 3\n")
    assert module.y == 3 and not module.__file__.startswith(str(tmp_path / "selgrad"))
    del sys.modules[module.__name__]


def test_without_numba(monkeypatch):
    monkeypatch.setattr(sys.modules["selgrad.compilation"], "available", lambda: False)
    F = sg.compile(lambda t: sg.relu(t), 0.0)
    assert "x1 = relu(x0)" in F.source
    with pytest.raises(sg.InputError, match=r"selgrad\[fast\]"):
        F(1.0)
