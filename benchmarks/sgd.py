"""Algorithm (8): steps a second by selgrad's two engines, a hand-written Numba kernel, JAX and NumPy.

    python benchmarks/sgd.py

Two problems: |a_i.x - b_i| + zero(x_1 - 1) in dimension 2, and a ReLU network with 100 parameters,
minibatches of one. Every side runs in this process, in turns, on the same data with the same
SplitMix64 draws in float64, so that all must end at the same points, which is checked; JAX (jit,
vmap, scan) runs with those and with jax.random. JAX and Numba are left out where they are not
installed. Prints medians, and ratios.
"""

import importlib.util
import time

import numpy as np

import selgrad as sg
from selgrad import draws

TERMS, ROUNDS, SEED = 50, 9, 2020
SHAPE, PARAMETERS = (10, 8), 100  # the network: W (10, 8), b (10,), v (10,)


def kinks(rng):
    """(f, data, starting points, steps) of f_i(x) = |a_i.x - b_i| + zero(x_1 - 1)."""
    def f(x, datum):
        a, b = datum
        t = x[0] - 1
        return np.abs(a @ x - b) + (sg.relu(-t) + t - sg.relu(t))

    return f, (rng.standard_normal((TERMS, 2)), rng.standard_normal(TERMS)), rng.standard_normal((20_000, 2)), 500


def network(rng):
    """(f, data, starting points, steps) of f_i = |v.relu(W u_i + b) - y_i|."""
    def f(x, datum):
        u, y = datum
        W, b, v = x[:80].reshape(SHAPE), x[80:90], x[90:]
        return np.abs(v @ sg.relu(W @ u + b) - y)

    data = rng.standard_normal((TERMS, SHAPE[1])), rng.standard_normal(TERMS)
    return f, data, 0.3 * rng.standard_normal((2_000, PARAMETERS)), 200


def hand_written(name):
    """What a careful programmer writes with Numba for each problem."""
    from numba import njit, prange

    u, G = np.uint64, np.uint64(draws.GAMMA)
    F1, F2 = (np.uint64(f) for f in draws.FACTORS)

    @njit
    def mix(z):
        z = (z ^ (z >> u(30))) * F1
        z = (z ^ (z >> u(27))) * F2
        return z ^ (z >> u(31))

    @njit
    def draw(key, k, n):
        w = mix(key + u(k + 1) * G)
        return np.int64(((w >> u(32)) * u(n) + (((w & u(0xFFFFFFFF)) * u(n)) >> u(32))) >> u(32))

    @njit(parallel=True)
    def kinks(x, a, b, alpha, seed):
        out = np.empty_like(x)
        for j in prange(len(x)):
            key = mix(u(seed) + u(j + 1) * G)
            x0, x1 = x[j, 0], x[j, 1]
            for k in range(len(alpha)):
                i = draw(key, k, len(b))
                s = 1.0 if a[i, 0] * x0 + a[i, 1] * x1 - b[i] > 0 else -1.0
                t = x0 - 1.0
                z = 1.0 - (1.0 if t < 0 else 0.0) - (1.0 if t > 0 else 0.0)
                x0 -= alpha[k] * (z + s * a[i, 0])
                x1 -= alpha[k] * (s * a[i, 1])
            out[j, 0], out[j, 1] = x0, x1
        return out

    @njit(parallel=True)
    def network(x, us, ys, alpha, seed):
        out = x.copy()
        H, I = SHAPE
        for j in prange(len(x)):
            key = mix(u(seed) + u(j + 1) * G)
            p, z = x[j].copy(), np.empty(H)
            for k in range(len(alpha)):
                i = draw(key, k, len(ys))
                r = 0.0
                for h in range(H):
                    t = 0.0
                    for q in range(I):
                        t += p[h * I + q] * us[i, q]
                    z[h] = t + p[80 + h]
                    r += p[90 + h] * max(z[h], 0.0)
                g = alpha[k] if r - ys[i] > 0 else -alpha[k]
                for h in range(H):
                    if z[h] > 0:
                        d = g * p[90 + h]
                        p[90 + h] -= g * z[h]
                        p[80 + h] -= d
                        for q in range(I):
                            p[h * I + q] -= d * us[i, q]
            out[j] = p
        return out

    return {"kinks": kinks, "network": network}[name]


def vectorised(name, x, data, alpha):
    """NumPy over all trajectories, the derivative written out by hand."""
    keys = draws.keys(SEED, 0, len(x))
    x = x.copy()
    for k, gamma in enumerate(alpha):
        i = draws.below(draws.splitmix(keys, k), TERMS)
        if name == "kinks":
            a, b = data[0][i], data[1][i]
            s = np.where(a[:, 0] * x[:, 0] + a[:, 1] * x[:, 1] - b > 0, 1.0, -1.0)
            t = x[:, 0] - 1.0
            g = s[:, None] * a
            g[:, 0] += 1.0 - (t < 0) - (t > 0)
        else:
            us, y = data[0][i], data[1][i]
            W, b, v = x[:, :80].reshape(-1, *SHAPE), x[:, 80:90], x[:, 90:]
            z = (W @ us[:, :, None])[:, :, 0] + b
            h = np.maximum(z, 0.0)
            s = np.where((v * h).sum(axis=1) - y > 0, 1.0, -1.0)[:, None]
            d = s * v * (z > 0)
            g = np.concatenate([(d[:, :, None] * us[:, None, :]).reshape(-1, 80), d, s * h], axis=1)
        x -= gamma * g
    return x


def with_jax(name, x, data, alpha, same_draws):
    """jit, vmap over the trajectories, scan over the steps, jax.grad of the same f.

    The draws are SplitMix64's, as everywhere here, or those of jax.random, as JAX's users write it.
    """
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    def kinks(x, datum):
        a, b = datum
        t = x[0] - 1
        return jnp.abs(a @ x - b) + (jax.nn.relu(-t) + t - jax.nn.relu(t))

    def network(x, datum):
        u, y = datum
        W, b, v = x[:80].reshape(SHAPE), x[80:90], x[90:]
        return jnp.abs(v @ jax.nn.relu(W @ u + b) - y)

    f = {"kinks": kinks, "network": network}[name]
    U, G = jnp.uint64, np.uint64(draws.GAMMA)

    def mix(z):
        z = (z ^ (z >> U(30))) * U(draws.FACTORS[0])
        z = (z ^ (z >> U(27))) * U(draws.FACTORS[1])
        return z ^ (z >> U(31))

    first, second, sizes = jnp.asarray(data[0]), jnp.asarray(data[1]), jnp.asarray(alpha)
    counts = jnp.arange(1, len(alpha) + 1, dtype=jnp.uint64)

    def trajectory(x, key):
        def step(x, at):
            gamma, count = at
            if same_draws:
                w = mix(key + count * G)
                i = ((w >> U(32)) * U(TERMS) + (((w & U(0xFFFFFFFF)) * U(TERMS)) >> U(32))) >> U(32)
            else:
                i = jax.random.randint(jax.random.fold_in(key, count), (), 0, TERMS)
            return x - gamma * jax.grad(f)(x, (first[i], second[i])), None

        return jax.lax.scan(step, x, (sizes, counts))[0]

    run = jax.jit(jax.vmap(trajectory))
    x = jnp.asarray(x)
    keys = jnp.asarray(draws.keys(SEED, 0, len(x))) if same_draws else jax.random.split(jax.random.key(SEED), len(x))
    return lambda: np.asarray(run(x, keys).block_until_ready())


def contenders(name, f, data, x, steps):
    """name -> a call without arguments that returns the last iterates."""
    J = sg.FiniteSum(f, data)
    alpha = 1.0 / np.arange(1.0, steps + 1)

    def selgrad(engine):
        return lambda: sg.sgd(J, x, steps=steps, alpha=alpha, seed=SEED, engine=engine).x

    calls = {}
    if importlib.util.find_spec("numba") is None:
        print("Numba is not installed here, so the compiled engine and the hand-written kernel are left out.")
    else:
        kernel = hand_written(name)
        calls["hand-written Numba"] = lambda: kernel(x, *data, alpha, SEED)
        calls["selgrad, Numba"] = selgrad("numba")
    calls["selgrad, NumPy"] = selgrad("numpy")
    calls["vectorised NumPy"] = lambda: vectorised(name, x, data, alpha)
    if importlib.util.find_spec("jax") is None:
        print("JAX is not installed here, so it is left out.")
    else:
        calls["JAX, jax.random"] = with_jax(name, x, data, alpha, same_draws=False)
        calls["JAX, SplitMix64"] = with_jax(name, x, data, alpha, same_draws=True)
    return calls


def main():
    for problem in (kinks, network):
        f, data, x, steps = problem(np.random.default_rng(SEED))
        calls = contenders(problem.__name__, f, data, x, steps)
        ends = {}
        for name, call in calls.items():
            start = time.perf_counter()
            ends[name] = call()
            first = time.perf_counter() - start
            start = time.perf_counter()
            call()
            print(f"  {name}: {first - (time.perf_counter() - start):.1f} s more the first time")
        wanted = ends["vectorised NumPy"]
        for name, end in ends.items():
            if name == "JAX, jax.random":
                continue  # other draws, other trajectories
            same = np.isclose(end, wanted, rtol=1e-6, atol=1e-9).all(axis=1).mean()
            assert same > 0.999, f"{name} ends elsewhere: only {same:.4f} of the trajectories agree"
        times = {name: [] for name in calls}
        for _ in range(ROUNDS):  # in turns, so that a slow moment of the machine falls on all alike
            for name, call in calls.items():
                start = time.perf_counter()
                call()
                times[name].append(time.perf_counter() - start)
        print(f"{problem.__name__}: p = {x.shape[1]}, n = {TERMS}, N = {len(x):,}, T = {steps}")
        base = np.median(next(iter(times.values())))
        for name, seconds in times.items():
            s = np.median(seconds)
            print(f"  {name:<20} {len(x) * steps / s / 1e6:8.2f} million steps/s {len(x) / s:12,.0f} trajectories/s   "
                  f"{base / s:5.2f} of {next(iter(times))}")


if __name__ == "__main__":
    main()
