"""The forms that are not yet right or refused: this set only shrinks."""

NOT_YET = {
    "np.maximum(x, WITH_NAN) at (3,) float64",
    "np.maximum(0, WITH_NAN - x) at (3,) float64",
    "np.clip(x - WITH_NAN, -5.0, 5.0) at (3,) float64",
}
