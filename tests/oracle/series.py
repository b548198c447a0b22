"""Power series in several variables over the rationals, truncated at a total degree: {exponents: coefficient}."""

from fractions import Fraction

DEGREE = 7  # kinks of the families touch to order 3, so two different germs part long before


def constant(c, n):
    return {(0,) * n: Fraction(c)} if c else {}


def variable(i, n):
    return {tuple(int(i == j) for j in range(n)): Fraction(1)}


def add(a, b):
    total = dict(a)
    for e, c in b.items():
        total[e] = total.get(e, 0) + c
    return {e: c for e, c in total.items() if c}


def scale(c, a):
    c = Fraction(c)
    return {e: c * d for e, d in a.items()} if c else {}


def mul(a, b, degree=DEGREE):
    total = {}
    for e, c in a.items():
        left = degree - sum(e)
        for f, d in b.items():
            if sum(f) <= left:
                g = tuple(map(sum, zip(e, f)))
                total[g] = total.get(g, 0) + c * d
    return {e: c for e, c in total.items() if c}


def value(a):
    return next((c for e, c in a.items() if not any(e)), Fraction(0))


def gradient(a, n):
    return tuple(a.get(tuple(int(i == j) for j in range(n)), Fraction(0)) for i in range(n))


def compose(coefficients, a):
    """sum c_k a^k for a series without constant term."""
    total, power = {}, None
    for k, c in enumerate(coefficients):
        power = constant(1, _variables(a)) if k == 0 else mul(power, a)
        total = add(total, scale(c, power))
    return total


def _variables(a):
    return len(next(iter(a), ()))


def exponential(a):
    """exp of a series without constant term."""
    c = [Fraction(1)]
    for k in range(1, DEGREE + 1):
        c.append(c[-1] / k)
    return compose(c, a)


def logarithm(a):
    """log(1 + a) for a series without constant term."""
    return compose([0, *(Fraction((-1) ** (k + 1), k) for k in range(1, DEGREE + 1))], a)


def inverse(a):
    """1 / a for a series with a constant term."""
    c = value(a)
    rest = scale(-1 / c, add(a, constant(-c, _variables(a))))
    return scale(1 / c, compose([1] * (DEGREE + 1), rest)) if rest else constant(1 / c, _variables(a))


def is_affine(a):
    return all(sum(e) <= 1 for e in a)


def implicit(a):
    """The coefficients of y = p(s), p(0) = 0, with a(s, p(s)) = 0, where a_y(0) is not zero."""
    slope = a[(0, 1)]
    p = [Fraction(0)] * (DEGREE + 1)
    for k in range(1, DEGREE + 1):
        powers = [[Fraction(1)] + [Fraction(0)] * k]
        for _ in range(max((e[1] for e in a), default=0)):
            last = powers[-1]
            powers.append([sum(last[i] * p[j - i] for i in range(j + 1)) for j in range(k + 1)])
        at = sum(c * powers[f][k - e] for (e, f), c in a.items() if e <= k)
        p[k] = -at / slope
    return tuple(p)
