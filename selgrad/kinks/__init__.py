"""The kinks a point sits on: which pieces are active there, and which cells meet there."""
