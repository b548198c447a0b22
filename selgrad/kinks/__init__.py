"""A program at a point: the kinks it sits on, the set I(x) of active pieces, and the cells that meet there (5.1)."""
