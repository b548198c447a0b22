"""What a library chose at an input, whether it matters, where NaN is born, and whether a gradient is right (ours)."""
