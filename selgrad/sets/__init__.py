"""Sets of derivatives: D_P, Clarke's subdifferential, verdicts and their certificates (Section 5)."""
