"""The site of the course: what Sphinx makes of the executed notebooks, the figures and the docstrings."""
