"""Programs to try things on: the paper's (Section 1, Figure 1, Theorem 1), random ones, and networks."""
