"""Sets of derivatives: D_P, Theorem 3, Clarke's subdifferential, verdicts and their certificates (Section 5)."""
