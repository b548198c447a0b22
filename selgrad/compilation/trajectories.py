"""The function `trajectories` of a compiled module: algorithm (8) from the first step to the last."""

from __future__ import annotations

from selgrad.compilation.writer import Writer


def trajectories(w: Writer, p: int, d: int, kind: str, limit: float | None) -> None:
    """Write it, for x with p entries, data with d, a way of drawing a batch and a bound below which nothing overflows.

    Where no bound is known, or it is left, the value of every term is looked at.
    """
    every = range(p)
    size = f"after = {in_pairs([f'abs(x{i})' for i in every])} <= limit"
    with w.block("def trajectories(x, c, alpha, marks, data, b, seed, first, out, broke):"):
        _limit(w, -1.0 if limit is None else limit)
        with w.block("for j in prange(len(x)):"):
            w("key = output(seed, first + u(j))", *(f"x{i} = x[j, {i}]" for i in every), size, "broken = -1", "k = 0")
            if kind == "some":
                w("drawn = np.empty(b, np.int64)")
            with w.block("for m in range(len(marks)):"):
                with w.block("while k < marks[m] and broken < 0:"):
                    w("before = after")
                    Step(w, p, d, looked_at=limit is None).draw(kind)
                    w("gamma = c[j] * alpha[k]", *(f"x{i} = x{i} - gamma * g{i}" for i in every), size)
                    with w.block("if outside or not (before and after):"):
                        finite = in_pairs(["seen", *(f"(x{i} - x{i})" for i in every)])
                        with w.block(f"if outside or not ({finite} == 0):"):
                            w("broken = k")
                    w("k += 1")
                with w.block("if broken < 0:"):
                    w(*(f"out[j, m, {i}] = x{i}" for i in every))
                with w.block("else:"):
                    w("out[j, m] = nan")
            w("broke[j] = broken")


def in_pairs(names: list[str]) -> str:
    """A sum in pairs: not the NumPy engine's order, and only its being finite is looked at."""
    if len(names) <= 2:
        return " + ".join(names)
    half = len(names) // 2
    return f"({in_pairs(names[:half])}) + ({in_pairs(names[half:])})"


def _limit(w: Writer, limit: float) -> None:
    """The size below which nothing overflows, unless a datum is larger."""
    w("n = len(data)")
    w(f"limit = real({limit})  # no value overflows where everything is smaller: then it need not be looked at")
    with w.block("for i in range(n):"), w.block("for e in range(data.shape[1]):"):
        with w.block("if not abs(data[i, e]) <= limit:"):
            w("limit = real(-1.0)")


class Step:
    """The derivative g of f_I at one step, by the way in which I is drawn; `seen` is finite where the values are."""

    def __init__(self, w: Writer, p: int, d: int, looked_at: bool):
        self.w, self.every, self.looked_at = w, range(p), looked_at
        self.at = ", ".join([f"x{i}" for i in range(p)] + [f"data[i, {e}]" for e in range(d)])

    def draw(self, kind: str) -> None:
        """Write the step that draws a batch in this way."""
        {"alone": self.alone, "one": self.one, "full": self.full, "some": self.some, "subsets": self.subsets}[kind]()

    def alone(self) -> None:
        """There are no data."""
        self.w("seen = real(0.0)")
        self.term("outside", "g")

    def one(self) -> None:
        """One datum."""
        self.w("seen = real(0.0)", "i = below(output(key, k), n)")
        self.term("outside", "g")

    def full(self) -> None:
        """Every datum."""
        self.nothing()
        with self.w.block("for i in range(n):"):
            self.add()
        self.mean("n")

    def some(self) -> None:
        """b data without replacement, by Floyd's way."""
        w = self.w
        w("state = output(key, k)")
        self.nothing()
        with w.block("for r in range(b):"):
            w("last = n - b + r", "i = below(state if r == 0 else output(state, r - 1), last + 1)")
            with w.block("for q in range(r):"), w.block("if drawn[q] == i:"):
                w("i = last", "break")
            w("drawn[r] = i")
            self.add()
        self.mean("b")

    def subsets(self) -> None:
        """A uniform subset that is not empty: 64 of the truth values come from one word."""
        w = self.w
        w("state = output(key, k)", "count = 0", "w = 0")
        self.nothing()
        with w.block("while count == 0:"), w.block("for i in range(n):"):
            with w.block("if i & 63 == 0:"):
                w("bits = state if w == 0 else output(state, w - 1)", "w += 1")
            with w.block("if (bits >> u(i & 63)) & u(1):"):
                w("count += 1")
                self.add()
        self.mean("count")

    def term(self, outside: str, g: str) -> None:
        """One term: its derivative, and a look at its value unless that is known to be finite."""
        slopes = ", ".join(f"{g}{i}" for i in self.every)
        if self.looked_at:
            self.w(f"f, {outside}, {slopes} = derivative({self.at})", "seen = seen + (f - f)")
            return
        self.w(f"_, {outside}, {slopes} = derivative({self.at})")
        with self.w.block("if not before:"):
            self.w(f"f, _ = value({self.at})", "seen = seen + (f - f)")

    def nothing(self) -> None:
        """No term yet."""
        self.w("outside = False", "seen = real(0.0)", *(f"g{i} = real(0.0)" for i in self.every))

    def add(self) -> None:
        """One term more."""
        self.term("out_i", "v")
        self.w("outside = outside or out_i", *(f"g{i} = g{i} + v{i}" for i in self.every))

    def mean(self, count: str) -> None:
        """The terms were so many."""
        self.w(*(f"g{i} = g{i} / real({count})" for i in self.every))
