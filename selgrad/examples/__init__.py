"""Programs to try things on: the paper's, random ones, and networks."""
