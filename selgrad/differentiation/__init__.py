"""Algorithm 2 and what follows from it: both modes, grad, the operator A of Section 1.1, Lemma 1, Theorem 2."""
