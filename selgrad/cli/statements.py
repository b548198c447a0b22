"""`selgrad statements`."""

from __future__ import annotations

import argparse
from pathlib import Path

from selgrad.cli.command import DIFFERS, OK, Cannot, shown


class Statements:
    """`selgrad statements`: the statements of the paper, and whether each has all that belongs to it."""

    name = "statements"
    help = "list the statements of the paper: object, cell, test, counter-examples, and what rests on what"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("ids", nargs="*", metavar="ID", help="which ones, such as 'Theorem 3' (default: all)")
        add("--root", type=Path, metavar="DIR", help="folder with notebooks/source and tests (default: the project's)")
        form = parser.add_mutually_exclusive_group().add_argument
        form("--check", action="store_true", help="print the gaps only; exit 1 when there are any")
        form("--markdown", action="store_true", help="the table of the README")
        form("--html", type=Path, metavar="FILE", help="write the graph and the list as a page with links")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad.figures import project_folder
        from selgrad.statements import STATEMENTS
        from selgrad.statements.coverage import coverage, gaps, markdown
        from selgrad.statements.page import beside, page

        root = args.root or project_folder("notebooks").parent
        if not (root / "notebooks" / "source").is_dir() or not (root / "tests").is_dir():
            raise Cannot(f"{root} has no notebooks/source and tests: run this in a checkout, or name one with --root.")
        if unknown := [id for id in args.ids if id not in STATEMENTS]:
            raise Cannot(f"There is no statement {unknown[0]!r}: the ids are {', '.join(STATEMENTS)}.")
        if args.markdown:
            print(markdown(root))
            return OK
        if args.html:
            from selgrad.plotting import write_atomically

            write_atomically(args.html, page(root, beside(args.html, root)).encode())
            print(shown(args.html))
            return OK
        covered = [one for one in coverage(root) if not args.ids or one.statement.id in args.ids]
        if not args.check:
            print("\n\n".join(map(str, covered)), end="\n\n")
        found = gaps(root)
        for sentence in found:
            print(sentence)
        hypotheses = [found for one in coverage(root) for found in one.examples.values()]
        if not found:
            print(f"{len(STATEMENTS)} statements, each with its object, cell and test; {len(hypotheses)} hypotheses, "
                  "each with a counter-example.")
        return DIFFERS if args.check and found else OK
