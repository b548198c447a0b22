"""Problem (7), algorithm (8), which is minibatch stochastic gradient descent, and Theorem 4 (Section 5.2)."""
