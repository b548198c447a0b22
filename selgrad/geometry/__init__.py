"""Rationals, nonnegative least squares, cones, hulls, and sets of Jacobians (Definition 5): no program in it."""
