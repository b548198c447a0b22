"""The point of a convex hull nearest to 0, over the rationals: the method of Wolfe (1976)."""

from fractions import Fraction


def dot(a, b):
    return sum((x * y for x, y in zip(a, b)), Fraction(0))


def mix(weights, points):
    return tuple(sum((w * p[i] for w, p in zip(weights, points)), Fraction(0)) for i in range(len(points[0])))


def solve(A, b):
    """The solution of a regular system."""
    n = len(b)
    M = [[*row, c] for row, c in zip(A, b)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if M[r][i])
        M[i], M[pivot] = M[pivot], M[i]
        M[i] = [c / M[i][i] for c in M[i]]
        for r in range(n):
            if r != i and M[r][i]:
                factor = M[r][i]
                M[r] = [c - factor * d for c, d in zip(M[r], M[i])]
    return [row[n] for row in M]


def nearest_to_zero(points):
    """The point of conv(points) nearest to 0, as a tuple of rationals."""
    points = list(dict.fromkeys(points))
    used, w = [min(points, key=lambda v: dot(v, v))], [Fraction(1)]
    while True:
        x = mix(w, used)
        ahead = min(points, key=lambda v: dot(v, x))
        if dot(ahead, x) >= dot(x, x):
            return x
        used, w = [*used, ahead], [*w, Fraction(0)]
        while True:
            gram = [[dot(a, b) for b in used] + [Fraction(1)] for a in used]
            gram.append([Fraction(1)] * len(used) + [Fraction(0)])
            best = solve(gram, [Fraction(0)] * len(used) + [Fraction(1)])[:-1]
            if all(c > 0 for c in best):
                w = best
                break
            step = min(a / (a - c) for a, c in zip(w, best) if c <= 0)
            w = [a + step * (c - a) for a, c in zip(w, best)]
            kept = [i for i, c in enumerate(w) if c > 0]
            used, w = [used[i] for i in kept], [w[i] for i in kept]


def distance(points, at):
    """The distance of `at` to conv(points): exactly 0, or a float."""
    x = nearest_to_zero([tuple(a - b for a, b in zip(v, at)) for v in points])
    return float(dot(x, x)) ** 0.5 if any(x) else 0.0
