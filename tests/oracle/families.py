"""Random programs with kinks at a point: affine, tangential, transcendental; at scales and angles that mislead."""

import numpy as np

from .programs import Source

PAIRS = ("max", "min")
ONES = ("relu", "relu", "abs")


def dyadic(rng, most=4):
    return float(rng.integers(-most, most + 1)) / float(2 ** rng.integers(0, 3))


def nonzero(rng, most=4):
    return float(rng.choice([-1, 1]) * rng.integers(1, most + 1)) / float(2 ** rng.integers(0, 3))


def power_of_ten(rng, low, high):
    return 10.0 ** float(rng.uniform(low, high))


def finished(rng, source, terms):
    """The sum of the terms, and (half the time) a linear term that puts 0 among what AD could return."""
    total = terms[0]
    for term in terms[1:]:
        total = source.put("add", total, term)
    if rng.random() < 0.6:
        found = source.returned()
        picked = [found[i] for i in rng.permutation(len(found))[: rng.integers(1, 4)]]
        weights = rng.multinomial(4, np.ones(len(picked)) / len(picked)) / 4
        goal = [sum(float(w) * float(g[j]) for w, g in zip(weights, picked)) for j in range(source.p)]
        total = with_slope(source, total, goal)
    elif rng.random() < 0.5:
        for i in range(source.n):
            total = source.put("add", total, source.put("scale", i, number=dyadic(rng)))
    return source


def with_slope(source, total, goal):
    """The result minus <goal, w>, where goal lies in the span of the forms."""
    forms = np.array(source.forms)
    scale = np.abs(forms).max(axis=1, keepdims=True)
    c = np.linalg.lstsq((forms / scale).T, np.array(goal), rcond=None)[0] / scale[:, 0]
    for i in range(source.n):
        if c[i]:
            total = source.put("add", total, source.put("scale", i, number=-float(c[i])))
    return total


def affine(rng, style="plain", dtype=float):
    """Piecewise affine, two to six kinks in one to three variables, some fed by others.

    style: plain, parallel (rows 1e-16 to 1e-6 apart), scales (1e-12 to 1e12), repeated (rows again and again).
    """
    n = int(rng.integers(1, 4))
    at = rng.integers(-2, 3, size=n) if style in ("plain", "repeated") else np.zeros(n)
    s = Source(np.eye(n), at, dtype=dtype)
    rows, outputs = [], []

    def row(nodes):
        if rows and style == "repeated" and rng.random() < 0.4:
            coefficients = [c * float(rng.choice([1, 1, -1, 2])) for c in rows[rng.integers(len(rows))]]
        elif rows and style == "parallel" and rng.random() < 0.6:
            coefficients = list(rows[rng.integers(len(rows))])
            i = int(rng.integers(len(coefficients)))
            coefficients[i] += float(rng.choice([-1, 1])) * (coefficients[i] or 1.0) * power_of_ten(rng, -15.6, -6)
        else:
            coefficients = [nonzero(rng) if rng.random() < 0.8 else 0.0 for _ in range(n)]
            if not any(coefficients):
                coefficients[0] = 1.0
        rows.append(coefficients)
        if style == "scales":
            size = power_of_ten(rng, -12, 12)
            coefficients = [size * c for c in coefficients]
        total = None
        for i, c in enumerate(coefficients):
            if c:
                term = s.put("scale", i, number=c)
                total = term if total is None else s.put("add", total, term)
        if nodes and rng.random() < 0.3:
            total = s.put("add", total, s.put("scale", int(rng.choice(nodes)), number=nonzero(rng)))
        return total

    for _ in range(int(rng.integers(2, 7))):
        what = rng.random()
        if what < 0.55:
            node = s.put(str(rng.choice(ONES)), row(outputs))
        elif what < 0.8:
            node = s.put(str(rng.choice(PAIRS)), row(outputs), row(outputs))
        elif what < 0.9:
            node = s.put("max3", row([]), row([]), row([]))
        else:
            z, a = row([]), row([])
            node = s.put("where", z, a, s.put("add", a, s.put("scale", z, number=nonzero(rng))))
        if outputs and rng.random() < 0.2:
            less = s.put("add", node, s.put("scale", int(rng.choice(outputs)), number=-1.0))
            node = s.put(str(rng.choice(ONES)), less)
        outputs.append(node)
    if style == "scales":
        weights = [power_of_ten(rng, -12, 12) if rng.random() < 0.3 else 1.0 for _ in outputs]
        outputs = [s.put("scale", k, number=c) for k, c in zip(outputs, weights)]
    signs = [float(rng.choice([-1, 1, 0.5])) for _ in outputs]
    return finished(rng, s, [s.put("scale", k, number=c) for k, c in zip(outputs, signs)])


def tangential(rng, scale=0.0, units=False, dtype=float, offset=0.0):
    """Kinks along graphs y = a x + b x^2 + c x^3 that touch, in a plane of two or three variables.

    scale: coefficients up to 10^scale. units: kinks of exp(F) - 1, log(1 + F), F/(1 + x), F exp(x) and so on, whose
    zeros are those of F. offset: the share of kinks whose graph is another one moved by 1e-16 to 1e-6.
    """
    p = 2 if rng.random() < 0.7 else 3
    forms = np.eye(2, p)
    if rng.random() < 0.5:
        forms = np.array([[1.0, dyadic(rng), 0.0], [dyadic(rng, 1) / 4, 1.0, 0.0]])[:, :p]
        if p == 3:
            forms[:, 2] = [dyadic(rng), dyadic(rng)]
        if np.linalg.matrix_rank(forms) < 2:  # the oracle takes x and y for coordinates
            forms = np.eye(2, p)
    at = rng.integers(-1, 2, size=p) if rng.random() < 0.3 and not units else None
    s = Source(forms, at, strips=True, dtype=dtype)
    x, y = 0, 1
    x2 = s.put("mul", x, x)
    x3 = s.put("mul", x2, x)
    germs, outputs = [], []
    slope = dyadic(rng, 2)

    def graph():
        if germs and rng.random() < offset:
            germ = list(germs[rng.integers(len(germs))])
            i = int(rng.integers(3))
            germ[i] += float(rng.choice([-1, 1])) * (abs(germ[i]) or 1.0) * power_of_ten(rng, -15.6, -6)
        elif germs and rng.random() < 0.25:
            germ = list(germs[rng.integers(len(germs))])
        else:
            size = [1.0, 10.0 ** float(rng.uniform(0, scale)), 10.0 ** float(rng.uniform(0, scale))]
            germ = [slope if rng.random() < 0.75 else dyadic(rng), size[1] * dyadic(rng), size[2] * dyadic(rng)]
            if germs and rng.random() < 0.5:  # touching to second order at least
                germ[:2] = germs[rng.integers(len(germs))][:2]
        germs.append(germ)
        total = y
        for node, c in zip((x, x2, x3), germ):
            if c:
                total = s.put("add", total, s.put("scale", node, number=-c))
        return total

    def switch():
        if rng.random() < 0.12:
            F = s.put("scale", x, number=nonzero(rng))
        else:
            F = s.put("scale", graph(), number=nonzero(rng))
        if units and rng.random() < 0.7:
            F = unit(F)
        return F

    def unit(F):
        form = int(rng.integers(6))
        if form == 0:
            return s.put("shift", s.put("exp", F), number=-1.0)
        if form == 1:
            return s.put("log", s.put("shift", F, number=1.0))
        if form == 2:
            return s.put("div", F, s.put("shift", s.put("scale", x, number=dyadic(rng)), number=2.0))
        if form == 3:
            return s.put("mul", F, s.put("exp", s.put("scale", int(rng.choice([x, y])), number=dyadic(rng))))
        if form == 4:
            return s.put("mul", F, s.put("shift", s.put("scale", y, number=dyadic(rng)), number=1.0))
        return s.put("div", F, s.put("shift", s.put("exp", x), number=1.0))

    for _ in range(int(rng.integers(2, 6))):
        what = rng.random()
        if what < 0.7:
            node = s.put(str(rng.choice(ONES)), switch())
        elif what < 0.85:
            a = switch()
            node = s.put(str(rng.choice(PAIRS)), a, s.put("add", a, switch()))
        else:
            z = switch()
            a = switch()
            node = s.put("where", z, a, s.put("add", a, s.put("scale", z, number=nonzero(rng))))
        if outputs and rng.random() < 0.25:
            less = s.put("scale", outputs[int(rng.integers(len(outputs)))], number=-1.0)
            node = s.put("relu", s.put("add", node, less))
        outputs.append(node)
    signs = [float(rng.choice([-1, 1, 0.5])) for _ in outputs]
    terms = [s.put("scale", k, number=c) for k, c in zip(outputs, signs)]
    if rng.random() < 0.5:
        terms[0] = s.put("mul", terms[0], s.put("shift", x, number=1.0))
    return finished(rng, s, terms)


def products(rng, units=False, dtype=float):
    """Kinks whose switching functions are curved, in one to three variables; factors of the results."""
    n = int(rng.integers(1, 4))
    s = Source(np.eye(n), np.zeros(n), dtype=dtype)
    outputs = []

    def row():
        total = None
        for i in range(n):
            c = nonzero(rng) if rng.random() < 0.8 or total is None else 0.0
            if c:
                term = s.put("scale", i, number=c)
                total = term if total is None else s.put("add", total, term)
        return total

    def curved():
        a, b = row(), row()
        form = int(rng.integers(6 if units else 3))
        if form == 0:
            return a
        if form == 1:
            return s.put("add", a, s.put("mul", b, b))
        if form == 2:
            return s.put("mul", a, s.put("shift", b, number=1.0))
        if form == 3:
            return s.put("shift", s.put("exp", a), number=-1.0)
        if form == 4:
            return s.put("log", s.put("shift", a, number=1.0))
        return s.put("div", a, s.put("shift", b, number=2.0))

    for _ in range(int(rng.integers(1, 5))):
        if rng.random() < 0.7:
            node = s.put(str(rng.choice(ONES)), curved())
        else:
            node = s.put(str(rng.choice(PAIRS)), curved(), curved())
        if rng.random() < 0.5:
            node = s.put("mul", node, s.put("shift", curved(), number=nonzero(rng)))
        if outputs and rng.random() < 0.2:
            node = s.put("mul", node, outputs[int(rng.integers(len(outputs)))])
        outputs.append(node)
    if rng.random() < 0.5:
        a = row()
        outputs.append(s.put("mul", a, a))
    return finished(rng, s, outputs)


FAMILIES = {
    "affine": lambda rng: affine(rng),
    "repeated rows": lambda rng: affine(rng, "repeated"),
    "nearly parallel rows": lambda rng: affine(rng, "parallel"),
    "affine at scales": lambda rng: affine(rng, "scales"),
    "affine, single precision": lambda rng: affine(rng, dtype=np.float32),
    "products": lambda rng: products(rng),
    "exp, log, quotients": lambda rng: products(rng, units=True),
    "tangential": lambda rng: tangential(rng),
    "tangential at scales": lambda rng: tangential(rng, scale=6.0),
    "tangential, nearly the same graph": lambda rng: tangential(rng, offset=0.5),
    "tangential, exp, log, quotients": lambda rng: tangential(rng, units=True),
    "tangential, single precision": lambda rng: tangential(rng, dtype=np.float32),
}


def draw(family, seed):
    """Program number `seed` of a family."""
    return FAMILIES[family](np.random.default_rng([list(FAMILIES).index(family), seed]))
