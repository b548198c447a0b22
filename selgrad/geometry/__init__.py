"""Rationals, nonnegative least squares, cones and hulls: no program in it."""
