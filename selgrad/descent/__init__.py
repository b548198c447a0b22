"""Algorithm (8), minibatch stochastic gradient descent, and Theorem 4."""
