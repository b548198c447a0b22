"""`selgrad editions`."""

from __future__ import annotations

import argparse


class Editions:
    """`selgrad editions`: write the course for students, for instructors, for otter-grader or nbgrader."""

    name = "editions"
    help = "write the course for students, for instructors, for otter-grader or for nbgrader"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("edition", choices=["student", "instructor", "otter", "nbgrader"], help="which edition")
        parser.add_argument("chapters", nargs="*", help="beginnings of notebook names, as 01 (default: all)")
        parser.add_argument("--out", required=True, metavar="DIR", help="the folder to write to")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad.notebook import editions

        return editions.main([args.edition, *args.chapters, "--out", args.out])
