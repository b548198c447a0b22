"""Editions of the course from one source: `python -m selgrad.notebook.editions EDITION --out DIR [chapters]`.

    student       the notebooks as they are published: exercises unanswered, no solution
    instructor    with the worked solutions, executed: every check says "correct"
    otter         master notebooks for `otter assign` (otter-grader), with points for partly right answers
    nbgrader      source notebooks for nbgrader (cell metadata of its schema 3), with points likewise

The text and grader of an exercise come from `selgrad.notebook.exercises`, its solution from the folder `solutions`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from selgrad.errors import SelgradError
from selgrad.figures import project_folder
from selgrad.notebook.build import KERNEL, execute, read, select, serialised, stable
from selgrad.notebook.exercises import EXERCISES, Exercise
from selgrad.notebook.exercises.form import QUARTERS
from selgrad.notebook.solutions import NoSolution, Solution, of_chapter
from selgrad.plotting.save import write_atomically

ASKED = re.compile(r'answer = None\ncheck\("(\d\d-\d+)", answer\)')


def markdown(text: str) -> Any:
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(text)


def code(text: str, **metadata: Any) -> Any:
    from nbformat.v4 import new_code_cell

    return new_code_cell(text, metadata=metadata)


def raw(*lines: str) -> Any:
    from nbformat.v4 import new_raw_cell

    return new_raw_cell("\n".join(lines))


def variable(exercise: Exercise) -> str:
    """A name of its own for the answer: graders run all tests at the end."""
    return f"answer_{exercise.number.replace('-', '_')}"


def renamed(solution: Solution, name: str) -> str:
    """The code of a solution, setting `name` instead of `answer`."""
    return re.sub(r"\banswer\b", name, solution.code)


def for_instructor(task: Any, exercise: Exercise, solution: Solution) -> list[Any]:
    worked = f'{solution.code}\ncheck("{exercise.number}", answer)'
    return [task, markdown(f"**Solution of {exercise.number}.** {solution.text}"), code(worked)]


def for_otter(task: Any, exercise: Exercise, solution: Solution) -> list[Any]:
    """A question of otter assign: a test for each quarter of the credit."""
    name = variable(exercise)
    answer = [
        "# BEGIN SOLUTION NO PROMPT", renamed(solution, name), "# END SOLUTION",
        '""" # BEGIN PROMPT', f"{name} = None", '""" # END PROMPT',
        f'check("{exercise.number}", {name})',
    ]
    tests = []
    for share in QUARTERS:
        config = ['""" # BEGIN TEST CONFIG', f"points: {exercise.points / len(QUARTERS):g}", "hidden: false",
                  '""" # END TEST CONFIG']
        run = ["from selgrad.notebook import grade", f'verdict = grade("{exercise.number}", {name})',
               f"assert verdict.credit >= {share}, verdict.message"]
        tests.append(code("\n".join(config + run)))
    return [
        raw("# BEGIN QUESTION", f"name: q{exercise.number.replace('-', '_')}", f"points: {exercise.points}"),
        task,
        raw("# BEGIN SOLUTION"), code("\n".join(answer)), raw("# END SOLUTION"),
        raw("# BEGIN TESTS"), *tests, raw("# END TESTS"),
        raw("# END QUESTION"),
    ]


def nbgrader_cell(grade_id: str, **kind: Any) -> dict[str, Any]:
    """The metadata of a cell that nbgrader knows, by its schema 3."""
    return {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False,
            "task": False, **kind}


def for_nbgrader(task: Any, exercise: Exercise, solution: Solution) -> list[Any]:
    """An autograded answer and its test, whose last line is the number of points that nbgrader takes."""
    name, number = variable(exercise), exercise.number
    comment = "\n".join(f"# {line}".rstrip() for line in solution.text.splitlines())
    answer = "\n".join([f"{name} = None", "### BEGIN SOLUTION", comment, renamed(solution, name), "### END SOLUTION"])
    test = f'from selgrad.notebook import grade\n\ncheck("{number}", {name})\ngrade("{number}", {name}).points'
    task = markdown(task.source)
    task.metadata["nbgrader"] = nbgrader_cell(f"text-{number}", locked=True)
    return [
        task,
        code(answer, nbgrader=nbgrader_cell(f"answer-{number}", solution=True)),
        code(test, nbgrader=nbgrader_cell(f"test-{number}", grade=True, locked=True, points=exercise.points)),
    ]


def for_student(task: Any, exercise: Exercise, solution: Solution | None) -> list[Any]:
    return [task, code(f'answer = None\ncheck("{exercise.number}", answer)')]


Edition = Callable[[Any, Exercise, Any], list[Any]]
EDITIONS: Mapping[str, tuple[Edition, bool]] = MappingProxyType({  # how an exercise is written, whether it is run
    "student": (for_student, True),
    "instructor": (for_instructor, True),
    "otter": (for_otter, False),
    "nbgrader": (for_nbgrader, False),
})


def edit(notebook: Any, edition: str, solutions: Mapping[str, Solution]) -> Any:
    """The notebook with each exercise as the edition wants it; raises NoSolution for one that has none."""
    write, _ = EDITIONS[edition]
    cells: list[Any] = []
    for cell in notebook.cells:
        asked = ASKED.fullmatch(cell.source.strip()) if cell.cell_type == "code" else None
        if asked is None:
            cells.append(cell)
            continue
        number = asked[1]
        if edition != "student" and number not in solutions:
            raise NoSolution(f"Exercise {number} has no solution in solutions/{number[:2]}.md.")
        cells += write(cells.pop(), EXERCISES[number], solutions.get(number))
    notebook.cells = cells
    return notebook


def make(source: Path, edition: str) -> Any:
    """The notebook of one chapter in an edition, executed where the edition is."""
    solutions = {} if edition == "student" else of_chapter(source.name[:2])
    notebook = edit(read(source), edition, solutions)
    if edition == "otter":
        notebook.cells.insert(0, raw("# ASSIGNMENT CONFIG", f"name: {source.stem}", "init_cell: true",
                                     "check_all_cell: true", "export_cell: false", "run_tests: true"))
    if EDITIONS[edition][1]:
        return execute(notebook, source.parents[1])
    notebook.metadata = type(notebook.metadata)(kernelspec=KERNEL, language_info={"name": "python"})
    return stable(notebook)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("edition", choices=list(EDITIONS), help="which edition")
    parser.add_argument("chapters", nargs="*", help="beginnings of notebook names, as 01 (default: all)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write to")


def run(options: argparse.Namespace) -> int:
    for source in select(options.chapters, project_folder("notebooks") / "source"):
        notebook = make(source, options.edition)
        # nbgrader wants a folder for each assignment
        inner = options.out / "source" / source.stem if options.edition == "nbgrader" else options.out
        inner.mkdir(parents=True, exist_ok=True)
        path = inner / f"{source.stem}.ipynb"
        write_atomically(path, serialised(notebook))
        print(path, flush=True)
    return 0


def main(argv: list[str] | None = None) -> int:
    """The command: 0 when all was written, 2 with a sentence when it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m selgrad.notebook.editions", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments(parser)
    try:
        return run(parser.parse_args(argv))
    except (SelgradError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
