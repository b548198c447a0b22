"""Time against the length of a program: tracing, evaluation and both modes are linear in it.

python benchmarks/length.py
"""

import time

import selgrad as sg

LENGTHS = (1_000, 3_000, 10_000, 30_000, 100_000)


def chain(n):
    """A program of n instructions."""

    def f(t):
        for _ in range(n // 2):
            t = sg.relu(t) * 1.00001
        return t

    return f


def seconds(call):
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def main():
    print("instructions   trace   value   forward   backward   (microseconds an instruction)")
    for n in LENGTHS:
        traced, P = seconds(lambda n=n: sg.trace(chain(n), 1.0))
        rest = [seconds(call)[0] for call in (
            lambda P=P: P(1.0), lambda P=P: sg.forward_mode(P, 1.0), lambda P=P: sg.backward_mode(P, 1.0))]
        print(f"{n:>12}   " + "   ".join(f"{1e6 * s / n:6.2f}" for s in (traced, *rest)))


if __name__ == "__main__":
    main()
