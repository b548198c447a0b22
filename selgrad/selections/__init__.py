"""Elementary selections: Definitions 2 to 5, and the one a program represents (Proposition 5)."""
