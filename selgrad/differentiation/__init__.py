"""Algorithm 2 and what follows from it: both modes, grad, the unrolled loops, Lemma 1."""
