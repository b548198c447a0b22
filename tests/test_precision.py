"""Floats against reals: kinks evaluated exactly, the bifurcation zone, compensation, training, and the data files."""

import json

import numpy as np
import pytest

import selgrad as sg
from selgrad import experiments
from selgrad.compilation import available
from selgrad.descent.traps import preimages
from selgrad.examples.networks import cross_entropy, digits, initial, network
from selgrad.examples.paper import relu2, trap
from selgrad.experiments import bifurcation, escape, theorem4
from selgrad.experiments import digits as digits_experiment
from selgrad.experiments.__main__ import main
from selgrad.experiments.precision import FORMATS, TwoPrograms, boustany, on_kinks
from selgrad.experiments.training import SIDES, train

SMALL = (6, 5, 5, 3)


@pytest.fixture(scope="module")
def toy():
    """Data and a start with exact kinks: small integers everywhere."""
    rng = np.random.default_rng(0)
    X, Y = rng.integers(0, 3, (64, 6)).astype(float), np.eye(3)[rng.integers(0, 3, 64)]
    whole = tuple(rng.integers(-1, 2, a.shape).astype(float) for a in initial(SMALL, 0))
    return X, Y, whole


# the networks


@pytest.mark.parametrize("dtype", FORMATS)
def test_relu2_is_relu_bit_for_bit(dtype):
    t = np.random.default_rng(0).standard_normal(1000).astype(dtype)
    t = np.concatenate([t, np.zeros(1, dtype)])
    assert np.array_equal(sg.trace(relu2, 0.0)(t), np.maximum(t, 0)) and sg.grad(relu2)(0.0) == 1.0


def test_the_network_is_the_cross_entropy_by_hand(toy):
    X, Y, whole = toy
    W1, b1, W2, b2, W3, b3 = whole
    a = np.maximum(np.maximum(X @ W1 + b1, 0) @ W2 + b2, 0) @ W3 + b3
    by_hand = -np.log((np.exp(a) / np.exp(a).sum(axis=1, keepdims=True) * Y).sum(axis=1)).mean()
    assert network(SMALL, 64)(whole, X, Y) == pytest.approx(by_hand, rel=1e-12)
    for dtype in FORMATS:
        P = network(SMALL, 64, dtype)
        arguments = [tuple(a.astype(dtype) for a in whole), X.astype(dtype), Y.astype(dtype)]
        assert all(np.asarray(v).dtype == dtype for v in P.evaluate(*arguments).values)


def test_initial_parameters():
    for dtype in FORMATS:
        W, b, *_ = initial((100, 50, 10), 0, dtype)
        assert W.dtype == dtype and W.shape == (100, 50) and abs(W).max() <= 0.1 and 0.04 < b.std() < 0.07
    assert not initial((4, 3, 2), 0, biases="zero")[1].any()
    with pytest.raises(sg.InputError, match="Unknown biases"):
        initial((4, 3, 2), 0, biases="none")


# kinks


@pytest.mark.parametrize("batch", [1, 2, "subsets", "full"])
def test_steps_on_kinks_are_those_of_the_terms_drawn(batch):
    data = np.array([0.0, 1.0, 2.0, 3.0])
    J = sg.FiniteSum(lambda x, b: np.abs(x - b), data)
    T = sg.sgd(J, np.arange(-2.0, 6.0), steps=5, alpha=[1.0, 1.0, 0.5, 0.5, 0.25], batch=batch, record="all", seed=1)
    drawn = T.indices if T.indices.dtype == bool else (T.indices[..., None] == np.arange(4)).any(axis=2)
    at = T.iterates[:, :-1, None] == data
    expected = (at & drawn).any(axis=2)
    assert np.array_equal(on_kinks(T), expected) and expected.any() and not expected.all()
    with pytest.raises(sg.InputError, match="record='all'"):
        on_kinks(sg.sgd(J, [0.0], steps=5, alpha=theorem4.harmonic, record=2))


# the bifurcation zone


def test_where_no_kink_is_touched_the_two_programs_agree():
    """What in_zone leaves out: in_zone is the whole protocol, without the short cut."""
    sizes = (64, 12, 12, 10)
    for dtype, nets in (("float16", 6), ("float32", 10)):
        X, Y, _ = digits(dtype)
        pair = TwoPrograms(sizes, 128, dtype)
        parts = [(X[i : i + 128], Y[i : i + 128]) for i in range(0, 1792, 128)]
        for seed in range(nets):
            p = initial(sizes, seed, dtype)
            assert pair.in_zone(seed, X, Y) == any(pair.differ(p, *part) for part in parts)


def test_touching_a_kink_is_not_enough():
    """The erratum of the published code: with relu'(0) = alpha, alpha meets the incoming derivative, which may be 0."""
    sizes = (1, 1, 1, 2)
    W, X, Y = np.ones((1, 1)), np.zeros((1, 1)), np.array([[1.0, 0.0]])
    deaf = (W, np.zeros(1), W, np.full(1, -1.0), np.ones((1, 2)), np.zeros(2))  # the second layer is off
    pair = TwoPrograms(sizes, 1, "float64")
    assert pair.touches(deaf, X, Y) == 1 and not pair.differ(deaf, X, Y)
    heard = (W, np.zeros(1), W, np.ones(1), np.array([[1.0, 0.0]]), np.zeros(2))
    X = np.ones((1, 1))
    heard = (W, -np.ones(1), *heard[2:])
    assert pair.touches(heard, X, Y) == 1 and pair.differ(heard, X, Y)


def test_order_of_the_formats():
    X, Y, _ = digits()
    inside = {
        dtype: sum(
            TwoPrograms((64, 32, 32, 10), 128, dtype).in_zone(s, X.astype(dtype), Y.astype(dtype)) for s in range(8)
        )
        for dtype in FORMATS
    }
    assert inside["float16"] >= 6 and inside["float64"] == 0 and inside["float32"] <= 1


# compensation


def test_ten_lines_of_boustany():
    t = [-1.0, 0.0, 0.3, 2.0]
    same, ramp = [1.14] * 4, [1.0, 2.0, 3.0, 4.0]
    assert boustany(t, same, "float32").tolist() == [2.0**-24] * 4
    # his 0 in float64 needs the entries as float32 holds them; 1.14 itself compensates up to 2^-53 only
    assert boustany(t, np.float32(same), "float64").tolist() == [0.0] * 4
    assert boustany(t, same, "float64").tolist() == [2.0**-53] * 4
    for dtype in FORMATS:
        assert boustany(t, ramp, dtype).tolist() == [0.0, -1.5, 0.0, 0.0]


# training


def test_training_is_sgd_step_by_step(toy):
    X, Y, _ = toy
    run = train(X, Y, SMALL, epochs=2, rate=0.3, batch=16, seed=5, dtype="float64")
    p, rng = initial(SMALL, 5), np.random.default_rng(5)
    for epoch in range(2):
        for rows in rng.permutation(64).reshape(4, 16):
            d = sg.grad(cross_entropy())(p, X[rows], Y[rows])
            p = tuple(a - 0.3 / (1 + epoch) * g for a, g in zip(p, d, strict=True))
    for a, b in zip(p, run.parameters["relu"], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    assert run.losses["relu"][1] < run.losses["relu"][0] and run.evaluated == 64 * 10


def test_conventions_part_at_the_first_kink_that_matters(toy, monkeypatch):
    X, Y, whole = toy
    monkeypatch.setattr("selgrad.experiments.training.initial", lambda *args: whole)
    run = train(X, Y, SMALL, epochs=1, dtype="float64")
    assert run.touches["relu"][0] > 0 and run.partings["relu"] is None
    for side in ("paper", "torch"):
        p = run.partings[side]
        assert p.step == 0 and p.ties > 0 and "maximum" in p.instructions[0] and run.apart[side][0] > 0
    same = run.parameters["paper"], run.parameters["tensorflow"]
    assert all(np.array_equal(a, b) for a, b in zip(*same, strict=True))
    alone = train(X, Y, SMALL, epochs=1, dtype="float64", sides={"relu": SIDES["relu"], "again": SIDES["relu"]})
    assert alone.partings["again"] is None and not alone.apart["again"].any()


def test_float64_does_not_part_and_float16_does():
    X, Y, _ = digits()
    options = {"epochs": 2, "rate": 0.5, "sides": {k: SIDES[k] for k in ("relu", "tensorflow")}}
    wide = train(X, Y, (64, 32, 10), dtype="float64", **options)
    narrow = train(X, Y, (64, 32, 10), dtype="float16", **options)
    assert wide.partings["tensorflow"] is None and not wide.touches["relu"].any()
    assert narrow.partings["tensorflow"] is not None and narrow.touches["relu"].any()


# the files of the figures: a part of each is computed again


def test_file_of_theorem4():
    kept = experiments.read("theorem4")
    cells = np.array(kept["cells"])
    assert np.array_equal(theorem4.cells(columns=slice(0, 2)), cells[:2]) and cells[:2].any()
    trapped = kept["trapped"]
    assert trapped["float16"] == [cells.sum(), theorem4.CELLS**2 * theorem4.TRIALS]
    assert 3e-4 < np.divide(*trapped["float16"]) < 7e-4
    for dtype in ("float32", "float64"):
        assert trapped[dtype] == [len(kept[f"hits {dtype}"]), theorem4.RUNS]
        for x0, c in kept[f"hits {dtype}"]:  # every hit again; and beside it none
            run = {"steps": theorem4.STEPS, "alpha": theorem4.harmonic, "dtype": dtype}
            assert sg.sgd(trap, x0, c=c, **run).x[0] == 0 != sg.sgd(trap, x0 + 1e-4, c=c, **run).x[0]
    assert len(kept["hits float32"]) < 20 and kept["hits float64"] == []
    for dtype in FORMATS:
        count = theorem4.steps_on_kinks(dtype, 2000)
        rate = np.divide(*kept["on kinks"][dtype])
        assert abs(count - rate * 2000 * 60) <= 60 * (1 + 4 * np.sqrt(rate * 2000))  # in runs of up to 60 steps


@pytest.mark.skipif(not available(), reason="Numba is not installed (the extra `fast`)")
def test_file_of_escape():
    kept = experiments.read("escape")
    assert kept["random"] == [0, escape.RUNS] and escape.trapped(0, 20_000) == 0
    assert sg.classify(escape.objective(), escape.A).kind == "artificial-critical"
    assert len(kept["chosen"]) > 100
    for first, x0, c, hit in kept["chosen"][::16]:
        T = sg.sgd(escape.objective(), np.array([x0]), steps=escape.STEPS, c=c, alpha=theorem4.harmonic, first=first,
                   record="all")
        assert (T.iterates[0, hit:] == escape.A).all() and (T.iterates[0, hit - 1] != escape.A).any()


def test_file_of_bifurcation():
    kept = {tuple(key): (n, tried) for *key, n, tried in experiments.read("bifurcation")["counts"]}
    assert set(kept) == {(dtype, *shape) for dtype in FORMATS for shape in bifurcation.SHAPES}
    for (dtype, depth, width), (n, tried) in kept.items():
        assert tried == bifurcation.tried(dtype, depth, width)
        assert n == 0 if dtype == "float64" else n <= tried
        if dtype == "float32":
            assert n / tried <= kept["float16", depth, width][0] / kept["float16", depth, width][1]
    points = [{"dtype": "float32", "depth": 3, "width": 256, "net": net} for net in range(20)]
    points += [{"dtype": "float16", "depth": 3, "width": 32, "net": net} for net in range(6)]
    inside = sg.sweep(bifurcation.zone, points)["inside"]
    n, tried = kept["float32", 3, 256]  # which nets are in the zone depends on the order a machine's BLAS adds in
    assert inside[:20].sum() <= 20 * n / tried + 4 * np.sqrt(20 * n / tried + 1)
    n, tried = kept["float16", 3, 32]
    assert inside[20:].sum() >= 6 * n / tried - 3


def test_file_of_digits():
    kept = experiments.read("digits")
    assert kept["sides"] == list(SIDES) and kept["sizes"] == list(digits_experiment.SIZES)
    X, Y, _ = digits()
    for dtype in ("float32", "float64"):
        assert len(kept[dtype]["partings"]) == digits_experiment.SEEDS[dtype]
        run = train(X, Y, tuple(kept["sizes"]), epochs=1, rate=kept["rate"], batch=kept["batch"], dtype=dtype,
                    sides={"relu": SIDES["relu"]})
        assert run.losses["relu"][0] == pytest.approx(kept[dtype]["losses"]["relu"][0], rel=1e-3)
        assert run.evaluated == kept[dtype]["evaluated"]
    assert all(p is None for one in kept["float64"]["partings"] for p in one.values())
    assert kept["float16"]["partings"][0]["torch"] is not None


def test_curves_of_the_figure_are_the_preimages():
    from selgrad import figures

    data = figures.load("theorem4").data()
    for hit in (1, 2, 3):
        x0, c = data[f"curve {hit}"]
        found, starts = preimages(trap, theorem4.harmonic, at=0.0, c=c[::6], hit=hit, reach=50.0)
        for at, x in zip(c[::6], x0[::6]):
            assert np.abs(starts[np.abs(found - at) < 1e-9] - x).min() < 1e-8 * (1 + abs(x))


def test_the_command_writes_what_compute_returns(tmp_path, monkeypatch):
    monkeypatch.setattr(experiments, "folder", lambda: tmp_path / "data")
    monkeypatch.setattr(escape, "compute", lambda store: {"random": [0, 1], "store": store})
    assert main(["escape", "--store", "there"]) == 0
    assert json.loads((tmp_path / "data" / "escape.json").read_text()) == {"random": [0, 1], "store": "there"}
    assert experiments.read("escape")["store"] == "there"
    with pytest.raises(sg.InputError, match="no experiment"):
        experiments.experiment("mine")


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_derivative_has_the_format_of_its_input_whatever_it_meets(kind):
    x, data = np.array([0.5, -0.25], kind), np.array([1.5, 2.5])
    P = sg.trace(lambda x: np.sum(x * data), x)
    assert sg.grad(P)(x).dtype == kind and P(x).dtype == np.float64
    run = sg.grad(P)
    assert [run(x).dtype for _ in range(3)] == [kind] * 3  # the loops, then straight-line Python
    assert sg.vjp(lambda x: x * data, x)[1](data).dtype == kind
    assert sg.grad(lambda x, y: np.sum(x * y), argnums=(0, 1))(x, data)[1].dtype == np.float64
