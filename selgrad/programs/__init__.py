"""Programs as data, and Algorithm 1: P = (p, q, m, pr, G) of Section 3."""
