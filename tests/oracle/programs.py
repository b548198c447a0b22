"""Small programs that both sides read: run as NumPy and selgrad code, and evaluated in power series."""

from fractions import Fraction
from itertools import product

import numpy as np

import selgrad as sg

from . import series
from .cells import Unknown, whole

CHOICES = {"relu": 2, "abs": 2, "max": 2, "min": 2, "where": 2, "max3": 3}

RUN = {
    "add": lambda a, b: a + b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "exp": np.exp, "log": np.log, "relu": sg.relu, "abs": np.abs, "max": np.maximum, "min": np.minimum,
    "where": lambda z, a, b: np.where(z > 0, a, b), "max3": lambda a, b, c: np.max(np.stack([a, b, c])),
}


class Source:
    """Lines (op, arguments, number), the last one the result; variable i is forms[i] (w - at)."""

    def __init__(self, forms, at=None, strips=False, dtype=float):
        self.forms = [tuple(map(float, form)) for form in forms]
        self.p, self.n = len(forms[0]), len(forms)
        self.at = [0.0] * self.p if at is None else [float(a) for a in at]
        self.strips, self.dtype = strips, dtype
        self.lines = [("variable", (), i) for i in range(self.n)]

    def put(self, op, *args, number=None):
        self.lines.append((op, args, number))
        return len(self.lines) - 1

    @property
    def point(self):
        return np.array(self.at, dtype=self.dtype)

    def function(self):
        """The program as one writes it for selgrad."""
        def f(w):
            nodes = []
            for op, args, c in self.lines:
                xs = [nodes[i] for i in args]
                if op == "variable":
                    form = self.forms[c]
                    shift = -sum(a * b for a, b in zip(form, self.at))
                    terms = [a * w[i] for i, a in enumerate(form) if a]
                    total = terms[0]
                    for term in terms[1:]:
                        total = total + term
                    nodes.append(total + shift if shift else total)
                elif op == "scale":
                    nodes.append(c * xs[0])
                elif op == "shift":
                    nodes.append(xs[0] + c)
                else:
                    nodes.append(RUN[op](*xs))
            return nodes[-1]
        return f

    def __str__(self):
        """The program as Python source."""
        text = []
        for k, (op, args, c) in enumerate(self.lines):
            xs = ", ".join(f"t{i}" for i in args)
            if op == "variable":
                text.append(f"t{k} = {self.forms[c]} . (w - {self.at})")
            else:
                text.append(f"t{k} = {op}({xs}{'' if c is None else f'; {c!r}'})")
        return "\n".join(text)

    # --- what is true ---

    def _smooth(self, op, xs, c, n):
        if op == "add":
            return series.add(*xs)
        if op == "scale":
            return series.scale(c, xs[0])
        if op == "shift":
            return series.add(xs[0], series.constant(Fraction(c), n))
        if op == "mul":
            return series.mul(*xs)
        if op == "div":
            return series.mul(xs[0], series.inverse(xs[1]))
        if op == "exp" and series.value(xs[0]) == 0:
            return series.exponential(xs[0]) if xs[0] else series.constant(1, n)
        if op == "log" and series.value(xs[0]) == 1:
            rest = series.add(xs[0], series.constant(-1, n))
            return series.logarithm(rest) if rest else {}
        raise Unknown(op)

    def _pieces(self, op, xs):
        """(pairs (F, piece below, piece above) to be asked in turn): one for two pieces, two for three."""
        if op == "relu":
            return xs[0], {}, xs[0]
        if op == "abs":
            return xs[0], series.scale(-1, xs[0]), xs[0]
        if op == "where":
            return xs[0], xs[2], xs[1]
        a, b = xs
        F = series.add(a, series.scale(-1, b))
        return (F, b, a) if op == "max" else (F, a, b)

    def clarke(self):
        """The gradients (in w) on all open sets that reach the point."""
        found = []
        for region in whole(self.n, self.strips):
            self._walk(region, [], found)
        return list(dict.fromkeys(self.in_w(series.gradient(a, self.n)) for a in found))

    def _walk(self, region, nodes, found):
        nodes = list(nodes)
        while len(nodes) < len(self.lines):
            op, args, c = self.lines[len(nodes)]
            xs = [nodes[i] for i in args]
            if op == "variable":
                nodes.append(series.variable(c, self.n))
            elif op == "max3":
                return self._largest(region, nodes, xs, found)
            elif op in CHOICES:
                F, below, above = self._pieces(op, xs)
                at = series.value(F)
                if at or not F:
                    nodes.append(above if at > 0 else below)
                    continue
                for part, piece in zip(region.split(F), (below, above)):
                    if part is not None:
                        self._walk(part, [*nodes, piece], found)
                return None
            else:
                nodes.append(self._smooth(op, xs, c, self.n))
        found.append(nodes[-1])
        return None

    def _largest(self, region, nodes, xs, found):
        if len(xs) == 1:
            return self._walk(region, [*nodes, xs[0]], found)
        F = series.add(xs[0], series.scale(-1, xs[1]))
        at = series.value(F)
        if at or not F:
            return self._largest(region, nodes, [xs[0] if at > 0 else xs[1], *xs[2:]], found)
        for part, piece in zip(region.split(F), (xs[1], xs[0])):
            if part is not None:
                self._largest(part, nodes, [piece, *xs[2:]], found)
        return None

    def returned(self):
        """The gradients (in w) of every choice of active pieces: what the derivative program may return."""
        tied = self._tied()
        found = []
        for choice in product(*(range(len(active)) for active in tied.values())):
            picked = {k: tied[k][i] for k, i in zip(tied, choice)}
            found.append(self.in_w(series.gradient(self._along(picked), self.n)))
        return list(dict.fromkeys(found))

    def _along(self, picked):
        """The result along given pieces, to first order."""
        nodes = []
        for k, (op, args, c) in enumerate(self.lines):
            xs = [nodes[i] for i in args]
            if op == "variable":
                node = series.variable(c, self.n)
            elif op in CHOICES:
                node = self._options(op, xs)[picked[k]]
            else:
                node = self._smooth(op, xs, c, self.n)
            nodes.append({e: c for e, c in node.items() if sum(e) <= 1})
        return nodes[-1]

    def _options(self, op, xs):
        if op == "max3":
            return xs
        _, below, above = self._pieces(op, xs)
        return [below, above]

    def _tied(self):
        """The active pieces at every kinked line; values do not depend on choices."""
        nodes, tied = [], {}
        for k, (op, args, c) in enumerate(self.lines):
            xs = [nodes[i] for i in args]
            if op == "variable":
                nodes.append({})
                continue
            if op not in CHOICES:
                node = self._smooth(op, xs, c, self.n)
                nodes.append({e: c for e, c in node.items() if not any(e)})
                continue
            options = self._options(op, xs)
            if op == "max3":
                top = max(map(series.value, xs))
                tied[k] = [i for i, a in enumerate(xs) if series.value(a) == top]
            else:
                at = series.value(self._pieces(op, xs)[0])
                tied[k] = [0, 1] if at == 0 else [int(at > 0)]
            nodes.append(options[tied[k][0]])
        return tied

    def kinks(self):
        return sum(len(active) > 1 for active in self._tied().values())

    def in_w(self, g):
        """A gradient in the variables as one in w."""
        return tuple(sum((c * Fraction(form[j]) for c, form in zip(g, self.forms)), Fraction(0))
                     for j in range(self.p))
