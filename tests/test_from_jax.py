"""from_jax: the Program has JAX's values, and JAX's own derivatives, at kinks as elsewhere."""

import numpy as np
import pytest
from live_checks import apart, arrays, example_failures

import selgrad as sg
from selgrad.frameworks.jax import CALLS, LOOPS, SCANNED, SCATTERED, Reader
from selgrad.frameworks.jax_ops import CUSTOM, MOVES, PRIMITIVES
from selgrad.primitives import ROWS

jax = pytest.importorskip("jax", reason="needs JAX")
cases = pytest.importorskip("jax_cases", reason="needs JAX")
jnp, CASES, MOVED, CONTROLLED = jax.numpy, cases.CASES, cases.MOVED, cases.CONTROLLED
pytestmark = pytest.mark.frameworks

EVERY = [pytest.param(name, f, points, id=f"{name}-{i}") for table in (CASES, MOVED, CONTROLLED)
         for name, calls in table.items() for i, (f, points) in enumerate(calls)]
LOOP = CONTROLLED["while"][0][0]
BOTH = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def live(f, xs):
    """JAX's value, its derivative in every operand, and the cotangent that was pulled back."""
    y = f(*map(jnp.asarray, xs))
    cotangent = np.arange(1, y.size + 1).reshape(y.shape).astype(y.dtype)
    if f is LOOP:  # JAX has no reverse mode through while_loop
        J = jax.jacfwd(f)(jnp.asarray(xs[0]))
        return np.asarray(y), [np.tensordot(cotangent, J, cotangent.ndim)], cotangent
    pull = jax.vjp(f, *map(jnp.asarray, xs))[1]
    return np.asarray(y), [np.asarray(g) for g in pull(jnp.asarray(cotangent))], cotangent


def disagreement(P, f, xs):
    """How far our value and derivatives are from JAX's."""
    return apart(P, xs, *live(f, xs))


@BOTH
@pytest.mark.parametrize(("name", "f", "points"), EVERY)
def test_a_primitive_has_the_values_and_the_derivatives_of_jax(name, f, points, dtype):
    with jax.enable_x64(dtype == np.float64):
        xs = arrays(points, dtype)
        P = sg.from_jax(f, *xs)
        assert all(line.rule for line in P.instructions if line.row.kinked)
        assert P(*xs).dtype == dtype
        within = 1e-10 if dtype == np.float64 else 2e-5
        assert disagreement(P, f, xs) <= within
        rng = np.random.default_rng(1)
        for _ in range(3):
            moved = [(x + 0.1 * rng.random(x.shape)).astype(dtype) for x in xs]
            assert disagreement(P, f, moved) <= within
        if not P.guards:
            batch = [np.stack([x, x + 0.25]).astype(dtype) for x in xs]
            assert np.allclose(P(*batch), np.stack([P(*(x[i] for x in batch)) for i in range(2)]), rtol=1e-4)


@pytest.mark.parametrize(("name", "f", "points"), EVERY)
def test_in_float16_the_same_is_chosen_at_kinks(name, f, points):
    xs = arrays(points, np.float16)
    assert disagreement(sg.from_jax(f, *xs), f, xs) <= 5e-3


def met(jaxpr):
    """The names of all primitives in a jaxpr, inner ones included."""
    for eqn in jaxpr.eqns:
        yield eqn.primitive.name
        for value in eqn.params.values():
            for inner in value if isinstance(value, tuple) else (value,):
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    yield from met(inner)


def test_every_primitive_of_the_tables_is_measured():
    known = {*PRIMITIVES, *MOVES, *CALLS, *LOOPS, *SCANNED, *SCATTERED}
    seen = set()
    for table in (CASES, MOVED, CONTROLLED):
        for calls in table.values():
            for f, points in calls:
                seen.update(met(jax.make_jaxpr(f)(*arrays(points, np.float32)).jaxpr))
    assert not known - seen
    assert len(known) >= 100
    assert seen - {"iota"} <= known  # which has no operand, so JAX computes it


def test_a_planted_wrong_rule_is_seen(monkeypatch):
    for op, wrong, f in (("maximum", "<", jnp.maximum), ("abs", "<", lambda a, b: jnp.abs(a - b))):
        monkeypatch.setitem(ROWS[op].ties, "jax", wrong)
        xs = arrays(([1.0, 2.0], [1.0, 0.0]), np.float32)
        assert disagreement(sg.from_jax(f, *xs), f, xs) > 0.1
    # what is inside a custom_jvp has another derivative
    monkeypatch.setitem(CUSTOM, "relu", lambda t: np.maximum(t, 0.0))
    xs = arrays((cases.KINKS,), np.float32)
    assert disagreement(sg.from_jax(jax.nn.relu, *xs), jax.nn.relu, xs) > 0.1


def test_a_derivative_of_its_own_is_followed_and_reported(monkeypatch):
    xs = arrays((cases.KINKS,), np.float32)
    P = sg.from_jax(cases.straight, *xs)
    assert P.leaves_selections() and not sg.from_jax(jax.nn.relu, *xs).leaves_selections()
    assert sg.jacobian(P)(*xs).diagonal().tolist() == [float(abs(x) <= 1) for x in cases.KINKS]

    def inlined(self, eqn, xs, where, layer):
        inner = eqn.params["call_jaxpr"]
        return self.run(inner.jaxpr, inner.consts, xs, where, layer)

    monkeypatch.setattr(Reader, "_by_own_rule", inlined)  # negative control: a sign has the derivative 0
    assert disagreement(sg.from_jax(cases.straight, *xs), cases.straight, xs) > 0.1


def test_all_that_is_not_supported_is_named_at_once_with_its_line():
    @jax.custom_vjp
    def clipped(x):
        return 2.0 * x

    clipped.defvjp(lambda x: (clipped(x), None), lambda kept, v: (jnp.clip(v, -1.0, 1.0),))

    def f(x):
        with jax.named_scope("first"):
            y = jax.lax.digamma(x)
        return y + jax.scipy.special.gammaln(x) + clipped(x) + x[jnp.argsort(x)]

    with pytest.raises(sg.NotElementary) as caught:
        sg.from_jax(f, np.ones(4, np.float32))
    said = str(caught.value)
    assert "digamma in first (" in said and "lgamma (" in said and "custom_vjp_call clipped of " in said
    assert "as argsort does" in said and said.count("test_from_jax.py:") >= 4


def test_what_no_output_needs_is_not_asked_for():
    def f(x):
        jax.lax.digamma(x)
        return jnp.abs(x)

    P = sg.from_jax(f, np.ones(4, np.float32))
    assert [i.op for i in P.instructions] == ["abs"]
    assert P.instructions[0].where[0].endswith("test_from_jax.py")


@pytest.mark.parametrize(("args", "said"), [((np.ones(2, int),), "no argument holds real numbers"),
                                            (({"a": 1.0, "b": np.arange(2)},), "real numbers and others")])
def test_arguments_that_are_no_real_numbers_are_refused(args, said):
    with pytest.raises(sg.InputError, match=said):
        sg.from_jax(lambda *a: 1.0, *args)


# --- models, on dyadic data that sits on kinks and on the digits ---

def dyadic(rng, *shape):
    return rng.integers(-2, 3, shape) / 2


def perceptron(weights, x, labels):
    for w, b in weights[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = weights[-1]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x @ w + b), labels[:, None], 1))


def attention(weights, x):
    q, k, v = (jnp.einsum("td,hde->hte", x, weights[name]) for name in "qkv")
    scores = jax.nn.softmax(q @ jnp.swapaxes(k, 1, 2) / 2.0 + jnp.where(np.tri(len(x)) > 0, 0.0, -1e9))
    y = jnp.einsum("hte,hed->td", scores @ v, weights["o"]) + x
    y = (y - y.mean(-1, keepdims=True)) * jax.lax.rsqrt(y.var(-1, keepdims=True) + 1e-5)
    return jnp.sum(jax.nn.relu(y @ weights["m"]) ** 2)


def network(weights, x, labels):
    y = jax.nn.relu(jax.lax.conv_general_dilated(x, weights["kernel"], (1, 1), "SAME") + weights["bias"][:, None, None])
    y = jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "SAME")
    scores = y.reshape(len(y), -1) @ weights["out"]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], 1))


def model(name, kinked):
    rng = np.random.default_rng(3)
    draw = dyadic if kinked else (lambda rng, *shape: 0.5 * rng.standard_normal(shape))
    digits = pytest.importorskip("sklearn.datasets", reason="needs the digits").load_digits()
    images, labels = digits.images[:16] / 16, digits.target[:16].astype(np.int32)
    if name == "perceptron":
        weights = [(draw(rng, m, n), np.zeros(n)) for m, n in ((64, 12), (12, 12), (12, 10))]
        images = images * (np.arange(16) > 3)[:, None, None] if kinked else images  # blank ones sit on every kink
        return perceptron, (weights, images.reshape(16, 64), labels)
    if name == "attention":
        weights = {n: draw(rng, 2, 6, 4) for n in "qkv"} | {"o": draw(rng, 2, 4, 6)}
        weights["m"] = draw(rng, 6, 8) * (1 - kinked)  # with no weights every relu sits on its kink
        return attention, (weights, draw(rng, 5, 6))
    return network, ({"kernel": draw(rng, 4, 1, 3, 3), "bias": np.zeros(4), "out": draw(rng, 64, 10)},
                     images[:, None], labels)


@BOTH
@pytest.mark.parametrize("kinked", [False, True])
@pytest.mark.parametrize("name", ["perceptron", "attention", "network"])
def test_a_model_has_the_gradient_of_jax_for_all_its_weights(name, kinked, dtype):
    f, args = model(name, kinked)
    with jax.enable_x64(dtype == np.float64):
        cast = lambda a: a.astype(dtype) if a.dtype.kind == "f" else a
        args = jax.tree.map(cast, args)
        real = tuple(a for a in args if not isinstance(a, np.ndarray) or a.dtype.kind == "f")
        P = sg.from_jax(f, *args)
        value, grads = jax.value_and_grad(f, argnums=tuple(range(len(real))))(*args)
        ours, found = sg.value_and_grad(P, argnums=tuple(range(len(real))))(*real)
        within = 1e-10 if dtype == np.float64 else 1e-4
        assert np.isclose(ours, value, rtol=within)
        for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(grads), strict=True):
            assert np.max(np.abs(a - b)) <= within * (1 + np.max(np.abs(b)))
    assert any(line.row.kinked for line in P.instructions)


def rectified(w):
    """Two samples of opposite sign, each on the kink."""
    x, t = jnp.array([1.0, -1.0]), jnp.array([-0.5, 0.5])
    return jnp.sum((jax.nn.relu(w[0] * x + (w[1] if len(w) > 1 else 0.0)) - t) ** 2)


def shared(largest):
    """max(z1, z2) - max(z3, z4) of z = X w + b, by one maximum or the other."""
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 1.0]], np.float32)

    def f(v):
        pooled = largest(X @ v[:2] + v[2])
        return pooled[0] - pooled[1]

    return f


def pooled(z):
    return jax.lax.reduce_window(z, -jnp.inf, jax.lax.max, (2,), (2,), "VALID")


@pytest.mark.parametrize(("f", "x", "derivative", "kind", "distance"), [
    (rectified, [0.0], [0.0], "artificial-critical", 1.0), (rectified, [0.0, 0.0], [0.0, 0.0], "clarke-critical", 0.0),
    (shared(pooled), [0.0, 0.0, 0.25], [1.0, -2.0, 0.0], "regular", np.sqrt(2.0)),
    (shared(lambda z: jnp.max(z.reshape(2, 2), axis=1)), [0.0, 0.0, 0.25], [0.0, -1.0, 0.0], "regular", 0.0),
])
def test_what_the_choices_of_jax_are_worth(f, x, derivative, kind, distance):
    x = np.asarray(x, np.float32)
    P = sg.from_jax(f, x)
    assert np.asarray(jax.grad(f)(x)).tolist() == sg.grad(P)(x).tolist() == derivative
    C = sg.clarke(P, x.astype(float))
    assert C.exact and np.isclose(C.outer.distance(derivative), distance)
    V = sg.classify(P, x.astype(float))
    assert V.kind == kind and np.allclose(V.ad, derivative)
    if len(x) == 2:
        assert sorted(C.inner.vertices.reshape(-1, 2).tolist()) == [[0.0, 0.0], [1.0, -1.0], [1.0, 1.0], [2.0, 0.0]]


def test_padding_never_wins_a_maximum_and_no_entry_is_written_twice():
    f = CASES["reduce_window_max"][1][0]
    P = sg.from_jax(f, np.asarray(cases.IMAGE, np.float32) - 9)
    assert disagreement(P, f, [np.asarray(cases.IMAGE, np.float32) - 9]) == 0.0
    assert all(len(set(row)) == len(row) for i in P.instructions if i.op == "gather" and i.params["at"].ndim == 2
               for row in i.params["at"].tolist())


def test_the_example_of_the_docstring_holds():
    assert example_failures(sg.from_jax, jax=jax, jnp=jnp, np=np, from_jax=sg.from_jax) == (0, 2)
    assert example_failures(sg.from_jax, jax=jax, jnp=jnp, np=np, from_jax=lambda f, x: np.abs)[0] == 1
