"""Sweeps: the same bytes whoever computes, in whatever order, and however often it is stopped or killed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import sweep_tasks as tasks
import zarr
from filelock import FileLock

import selgrad as sg
from selgrad.cli import main
from selgrad.examples.paper import trap
from selgrad.sweeps import execute
from selgrad.sweeps.tasks import trapped

GRID = {"x": np.linspace(-1.0, 1.0, 7), "c": [0.5, 1.0, 2.0]}
CHUNK = 2
CHUNKS = 11  # of 21 points; the last chunk has one
posix = pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals to groups of processes")

CONFIG = """\
task = "sweep_tasks:walk"
store = "store.zarr"
chunk = 2
{more}
[grid]
x = {{start = -1.0, stop = 1.0, num = 7}}
c = [0.5, 1.0, 2.0]
"""


def raw(results):
    return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in results.items()}


def tree(store):
    """Every file of a store and its bytes."""
    return {p.relative_to(store).as_posix(): p.read_bytes() for p in Path(store).rglob("*") if p.is_file()}


def sweep(store=None, executor=None, task=tasks.walk, grid=GRID, **more):
    return sg.sweep(task, grid, executor, store, **{"chunk": CHUNK, "progress": False} | more)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """An undisturbed sweep in this process: its results and the bytes of its store."""
    store = tmp_path_factory.mktemp("plain") / "store.zarr"
    return raw(sweep(store)), tree(store)


@pytest.fixture
def log(tmp_path, monkeypatch):
    """A function that counts how often each chunk was begun."""
    path = tmp_path / "log"
    monkeypatch.setenv("SWEEP_LOG", str(path))

    def begun():
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter(int(line.split()[0]) // CHUNK for line in lines)

    return begun


class Shuffled(Executor):
    """Computes in this process, in a random order, once all chunks are handed in."""

    def __init__(self, seed):
        self.random, self.waiting = random.Random(seed), []

    def submit(self, fn, /, *args, **kwargs):
        mine = Future()
        self.waiting.append((mine, fn, args))
        if len(self.waiting) == CHUNKS:
            self.random.shuffle(self.waiting)
            for future, fn, args in self.waiting:
                future.set_result(fn(*args))
        return mine


def complete(store):
    """The chunks whose files are all there."""
    done = Counter(int(p.relative_to(store).parts[2]) for p in Path(store).glob("*/c/**/*") if p.is_file()
                   and p.suffix != ".partial")
    return {k for k, files in done.items() if files == 4}


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


# whoever computes


@pytest.mark.parametrize(
    "executor", [None, 1, 2, Shuffled(0), Shuffled(1), "threads"],
    ids=["here", "1", "2", "shuffled", "again", "threads"],
)
def test_the_same_bytes_whoever_computes(executor, plain, tmp_path):
    if executor == "threads":
        with ThreadPoolExecutor(3) as pool:
            results = sweep(tmp_path / "store.zarr", pool)
    else:
        results = sweep(tmp_path / "store.zarr", executor)
    assert (raw(results), tree(tmp_path / "store.zarr")) == plain


@pytest.mark.parametrize("task", [tasks.by_process, tasks.by_order], ids=lambda f: f.__name__)
def test_the_comparison_sees_a_task_that_depends_on_who_computes(task):
    executor = 1 if task is tasks.by_process else Shuffled(0)
    assert raw(sweep(task=task)) != raw(sweep(task=task, executor=executor))


@pytest.mark.parametrize("chunk", [1, 5, 21, 1000])
def test_neither_the_chunks_nor_the_store_change_the_results(chunk, plain):
    assert raw(sweep(chunk=chunk)) == plain[0]


def test_more_chunks_than_an_executor_is_handed_at_once(plain, monkeypatch):
    monkeypatch.setattr(execute, "WINDOW", 3)
    with ThreadPoolExecutor(2) as pool:
        assert raw(sweep(executor=pool)) == plain[0]


def test_the_seed_and_the_options_change_the_results(plain):
    assert raw(sweep(seed=1)) != plain[0] and raw(sweep(options={"steps": 9})) != plain[0]


def test_results_have_the_shape_of_the_grid_and_the_order_of_its_product(plain):
    results = sweep()
    assert results["end"].shape == (7, 3) and results["moves"].shape == (7, 3, 8)
    np.testing.assert_array_equal(results["index"], np.arange(21).reshape(7, 3))
    points = [{"x": float(x), "c": c} for x in GRID["x"] for c in GRID["c"]]
    listed = sweep(grid=points)
    assert listed["end"].shape == (21,)
    assert {name: array.tobytes() for name, array in listed.items()} == {n: a.tobytes() for n, a in results.items()}


def test_the_store_is_a_plain_zarr_group(tmp_path):
    results = sweep(tmp_path / "store.zarr", chunk=20)
    group = zarr.open_group(tmp_path / "store.zarr", mode="r")
    assert sorted(group.array_keys()) == sorted(results)
    assert all(group[name][:].tobytes() == array.tobytes() for name, array in results.items())
    assert group.attrs["selgrad sweep"]["task"] == "sweep_tasks:walk"


# stopped and killed


@pytest.fixture
def start(tmp_path):
    """A function that starts `selgrad sweep` in a process group of its own, as a shell does."""
    shutil.copy(tasks.__file__, tmp_path)
    config = tmp_path / "sweep.toml"
    started = []

    def start(more="", pause=0.0):
        config.write_text(CONFIG.format(more=more))
        process = subprocess.Popen(
            [sys.executable, "-m", "selgrad", "sweep", str(config)],
            stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            env=os.environ | {"SWEEP_PAUSE": str(pause)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@posix
@pytest.mark.parametrize("workers", [1, 2])
def test_stopped_by_ctrl_c_and_resumed(workers, plain, tmp_path, log, start):
    store = tmp_path / "store.zarr"
    stopped = start(f"workers = {workers}", pause=0.3)
    wait_for(lambda: len(complete(store)) >= 2)
    os.killpg(stopped.pid, signal.SIGINT)
    out, err = stopped.communicate(timeout=30)
    done = complete(store)
    assert stopped.returncode == 130 and out == "" and "Traceback" not in err
    assert "Ctrl-C again stops at once" in err and f"Stopped with {len(done)} of 11 chunks done" in err
    assert 2 <= len(done) < CHUNKS and log() == Counter(done)  # what was begun was finished and kept

    resumed = start(f"workers = {workers}")
    out, err = resumed.communicate(timeout=30)
    assert resumed.returncode == 0 and "end  float32  7x3" in out
    assert "100%" in err and "11/11" in err
    assert tree(store) == plain[1]
    assert log() == Counter(range(CHUNKS))  # each chunk once in the two runs together


@posix
def test_ctrl_c_twice_stops_at_once_and_ends_the_workers(plain, tmp_path, log, start):
    stopped = start("workers = 2", pause=60)
    wait_for(lambda: len(log()) == 2)
    os.killpg(stopped.pid, signal.SIGINT)
    wait_for(lambda: "at once" in stopped.stderr.readline())
    os.killpg(stopped.pid, signal.SIGINT)
    err = stopped.communicate(timeout=20)[1]
    assert "Traceback" not in err and "selgrad: Stopped at once;" in err and stopped.returncode == 130
    assert not any(map(alive, workers_of(tmp_path)))
    assert start().wait(30) == 0 and tree(tmp_path / "store.zarr") == plain[1]


@posix
def test_killed_and_resumed(plain, tmp_path, log, start):
    store = tmp_path / "store.zarr"
    killed = start("workers = 2", pause=0.3)
    wait_for(lambda: len(complete(store)) >= 3)
    killed.kill()
    killed.communicate(timeout=30)
    assert killed.returncode == -signal.SIGKILL
    wait_for(lambda: not any(map(alive, workers_of(tmp_path))), 10)  # no orphans go on
    kept = complete(store)
    assert 3 <= len(kept) < CHUNKS
    assert start("workers = 2").wait(30) == 0
    assert tree(store) == plain[1]
    assert all(log()[k] == 1 for k in kept) and set(log()) == set(range(CHUNKS))


def workers_of(tmp_path):
    return {int(line.split()[1]) for line in (tmp_path / "log").read_text().splitlines()}


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")  # a killed orphan stays as a zombie where nothing collects it
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@posix
def test_on_dask_with_a_worker_killed_half_way(plain, tmp_path, log, monkeypatch, capfd):
    from distributed import Client, LocalCluster

    monkeypatch.setenv("SWEEP_PAUSE", "0.2")
    shutil.copy(tasks.__file__, tmp_path)
    config = tmp_path / "sweep.toml"
    config.write_text(CONFIG.format(more=""))
    store = tmp_path / "store.zarr"
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        victim = next(iter(client.run(os.getpid).values()))

        def kill():
            wait_for(lambda: len(complete(store)) >= 3)
            os.kill(victim, signal.SIGKILL)
            at.append(len(complete(store)))

        at = []
        killer = threading.Thread(target=kill)
        killer.start()
        assert main(["sweep", str(config), "--quiet", "--dask", cluster.scheduler_address]) == 0
        killer.join()
        assert 3 <= at[0] < CHUNKS and not alive(victim)
        assert victim in workers_of(tmp_path) and len(workers_of(tmp_path)) >= 2
    assert tree(store) == plain[1]


def test_a_worker_that_dies_is_one_sentence_and_the_store_goes_on(tmp_path):
    sentence = r"^A worker process died: .*; \d+ of 11 chunks are kept in .*\.$"
    with pytest.raises(sg.SweepError, match=sentence) as caught:
        sweep(tmp_path / "store.zarr", 1, tasks.dies)
    assert "\n" not in str(caught.value)


def test_a_chunk_that_fails_is_one_sentence_that_names_its_points(tmp_path):
    sentence = r"^Chunk 3 \(points 6 to 7\) failed: ZeroDivisionError: no such point; 3 of 11 chunks are kept in .*\.$"
    with pytest.raises(sg.SweepError, match=sentence) as caught:
        sweep(tmp_path / "store.zarr", task=tasks.fails)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    with ThreadPoolExecutor(2) as pool, pytest.raises(sg.SweepError, match=r"^Chunk 3 .* no such point\.$"):
        sweep(executor=pool, task=tasks.fails)


def test_a_task_typed_in_at_a_prompt_needs_a_file_for_processes(monkeypatch):
    monkeypatch.setattr(tasks.walk, "__module__", "__main__")
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    with pytest.raises(sg.InputError, match=r"cannot be imported by worker processes: put it in a file"):
        sweep(executor=2)


# damaged and foreign stores


def truncate(file):
    file.write_bytes(file.read_bytes()[:-3])


def flip(file):
    data = bytearray(file.read_bytes())
    data[1] ^= 4
    file.write_bytes(data)


@pytest.mark.parametrize("harm", [truncate, flip, lambda f: f.write_bytes(b""), Path.unlink],
                         ids=["truncated", "flipped", "emptied", "deleted"])
def test_a_damaged_chunk_is_computed_again_and_no_other(harm, plain, tmp_path, log):
    store = tmp_path / "store.zarr"
    sweep(store)
    harm(store / "moves" / "c" / "4" / "0")
    (store / "end" / "c" / "3.0123.partial").write_bytes(b"half a file")
    if harm is Path.unlink:
        results = sweep(store)
    else:
        with pytest.warns(UserWarning, match=r"^Damaged chunks of .* are computed again: 4\.$"):
            results = sweep(store)
    assert (raw(results), tree(store)) == plain
    assert log() == Counter(range(CHUNKS)) + Counter([4])


@pytest.mark.parametrize("file", ["zarr.json", "end/zarr.json"])
def test_a_damaged_description_is_refused(file, tmp_path):
    sweep(tmp_path / "store.zarr")
    truncate(tmp_path / "store.zarr" / file)
    with pytest.raises(sg.SweepError, match=r"store\.zarr is .*\.$"):
        sweep(tmp_path / "store.zarr")


OTHERS = [
    ({"task": tasks.other}, 'its task is "sweep_tasks:walk", not "sweep_tasks:other"'),
    ({"options": {"steps": 9}}, 'its options is {}, not {"steps": 9}'),
    ({"seed": 1}, "its seed is 0, not 1"),
    ({"chunk": 3}, "its chunk size is 2, not 3"),
    ({"grid": {"x": GRID["x"], "d": GRID["c"]}}, "its grid has x, c, not x, d"),
    ({"grid": {"c": GRID["c"], "x": GRID["x"]}}, "its grid has x, c, not c, x"),
    ({"grid": {"x": GRID["x"], "c": [0.5, 1.0]}}, "its grid has 3 values of c, not 2"),
    ({"grid": {"x": GRID["x"], "c": [0.5, 1.5, 2.0]}}, "value 1 of c in its grid is 1.0, not 1.5"),
    ({"grid": {"x": GRID["x"], "c": [True, True, False]}}, "value 0 of c in its grid is 0.5, not true"),
    ({"grid": {"x": GRID["x"], "c": np.float32(GRID["c"])}}, "the dtype of c in its grid is float64, not float32"),
    ({"grid": [{"x": 0.0, "c": 0.5}]}, "its grid is a product of axes"),
]


@pytest.mark.parametrize(("change", "words"), OTHERS, ids=[words for _, words in OTHERS])
def test_the_store_of_another_sweep_is_refused_and_left_alone(change, words, tmp_path):
    sweep(tmp_path / "store.zarr")
    before = tree(tmp_path)
    with pytest.raises(sg.SweepError) as caught:
        sweep(tmp_path / "store.zarr", **change)
    assert f"belongs to another sweep ({words}): name another folder." in str(caught.value)
    assert tree(tmp_path) == before


def test_another_version_and_an_edited_task_are_refused(tmp_path, monkeypatch):
    sweep(tmp_path / "store.zarr")
    with monkeypatch.context() as patch, pytest.raises(sg.SweepError, match=r'its selgrad version is ".*", not "99"'):
        patch.setattr(sg, "__version__", "99")
        sweep(tmp_path / "store.zarr")
    monkeypatch.setattr("inspect.getsource", lambda f: "def walk(chunk): ...")
    with pytest.raises(sg.SweepError, match="the text of its task was another one"):
        sweep(tmp_path / "store.zarr")


def test_a_store_in_use_is_refused(tmp_path):
    with FileLock(f"{tmp_path / 'store.zarr'}.lock"), pytest.raises(sg.SweepError, match="Another sweep is at work on"):
        sweep(tmp_path / "store.zarr")


def test_what_is_not_a_store_is_refused_and_left_alone(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.txt").write_text("years")
    zarr.create_group(tmp_path / "other.zarr")
    before = tree(tmp_path)
    for store, words in [
        ("work", "is not empty and is not a store"), ("work/thesis.txt", "is not empty and is not a store"),
        ("work/thesis.txt/store", r"cannot be written \(Not a directory\)"), ("other.zarr", "is not a store"),
    ]:
        with pytest.raises(sg.SweepError, match=words):
            sweep(tmp_path / store)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("package", ["zarr", "filelock", "tqdm.auto"])
def test_a_missing_package_is_one_sentence_and_nothing_is_written(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(sg.SweepError, match=r'not installed: pip install "selgrad\[cluster\]"'):
        sweep(tmp_path / "store.zarr", progress=True)
    assert not list(tmp_path.iterdir())


# wrong arguments


WRONG = [
    ({"grid": {}}, "The grid is empty"), ({"grid": []}, "The grid is empty"), ({"grid": [{}]}, "The grid is empty"),
    ({"grid": {"x": []}}, "x has no values"), ({"grid": {"x": [1.0, np.nan]}}, "value 1 is nan"),
    ({"grid": {"x": [[1.0]]}}, "must be a list of numbers"), ({"grid": {"x": [1.0, "a"]}}, "must be a list of numbers"),
    ({"grid": {"x": [True, 2]}}, "must be a list of numbers"), ({"grid": {"x": [None]}}, "must be a list of numbers"),
    ({"grid": {"x": [[1], [1, 2]]}}, "must be a list of numbers"), ({"grid": {"x y": [1]}}, "must be a word"),
    ({"grid": [{"x": 1}, {"y": 1}]}, "Point 1 of the grid has y, and point 0 has x"), ({"grid": 3}, "A grid is a dict"),
    ({"chunk": 0}, "chunk must be a whole number"), ({"chunk": 1.5}, "chunk must be a whole number"),
    ({"seed": -1}, "seed must be a whole number"), ({"executor": 0}, "must be 1 or more"),
    ({"executor": "dask"}, "an executor with a method submit"), ({"task": "walk"}, "is not a function"),
    ({"options": {"steps": np.nan}}, "options of a task"), ({"options": {"steps": (1, 2)}}, "options of a task"),
    ({"options": {"f": abs}}, "options of a task"), ({"task": lambda chunk: {}}, "function at the top of a module"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=[f"{words} {i}" for i, (_, words) in enumerate(WRONG)])
def test_a_wrong_argument_is_one_sentence_and_nothing_is_written(change, words, tmp_path):
    with pytest.raises(sg.InputError) as caught:
        sweep(tmp_path / "store.zarr", **change)
    text = str(caught.value)
    assert words in text and "\n" not in text and text.endswith(".") and not list(tmp_path.iterdir())


@pytest.mark.parametrize("what", ["nothing", "an empty dict", "text", "objects", "too few", "a number", "a bad name",
                                  "no width"])
def test_what_a_task_may_return(what):
    with pytest.raises(sg.SweepError, match=r"^Chunk 0 \(points 0 to 1\) failed: (a task|the (name|output)) .*\.$"):
        sweep(task=tasks.returns, options={"what": what})


def test_chunks_that_do_not_look_alike_are_refused():
    with pytest.raises(sg.SweepError, match=r"Chunk 1 has the outputs x \(float32, .* earlier chunks have x \(float64"):
        sweep(task=tasks.changes)


# the shell


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sweep_tasks:walk", "traped", "There is no task 'traped'; there is trapped, or your own"),
        ("sweep_tasks:walk", "no_such_module:walk", "cannot be imported"),
        ("sweep_tasks:walk", "sweep_tasks:no_such", "has no function no_such"),
        ("sweep_tasks:walk", "os.system('x'):y", "There is no task"),
        ("chunk = 2", "chunks = 2", "has a field 'chunks'; the fields are task, store"),
        ("chunk = 2", "chunk = 'two'", "chunk in"), ("chunk = 2", "chunk =", "is not TOML"),
        ("chunk = 2", "workers = 0", "worker processes must be 1 or more"),
        ('store = "store.zarr"', "", "needs a line store"), ("[grid]", "[options]", "needs either a table [grid]"),
        ("num = 7", "step = 7", "x in the grid of"), ("num = 7", "num = 0", "x in the grid of"),
        ("[0.5, 1.0, 2.0]", "[]", "c has no values"),
    ],
)
def test_a_wrong_line_in_the_file_is_one_sentence_and_nothing_is_written(old, new, words, tmp_path, capsys):
    config = tmp_path / "sweep.toml"
    assert old in CONFIG.format(more="")
    config.write_text(CONFIG.format(more="").replace(old, new))
    assert main(["sweep", str(config)]) == 2
    captured = capsys.readouterr()
    assert words in captured.err and captured.err.startswith("selgrad: ") and captured.err.count("\n") == 1
    assert captured.out == "" and list(tmp_path.iterdir()) == [config]


def test_points_from_the_file(tmp_path, capsys):
    config = tmp_path / "sweep.toml"
    points = "".join(f"[[points]]\nx = {x}\nc = 1.0\n" for x in (0.5, 1.5))
    config.write_text(f'task = "sweep_tasks:walk"\nstore = "s.zarr"\nseed = 3\n[options]\nsteps = 2\n{points}')
    assert main(["sweep", str(config), "--quiet"]) == 0
    assert "moves  float64  2x2" in capsys.readouterr().out
    expected = sweep(grid=[{"x": 0.5, "c": 1.0}, {"x": 1.5, "c": 1.0}], seed=3, options={"steps": 2})
    assert zarr.open_group(tmp_path / "s.zarr", mode="r")["moves"][:].tobytes() == expected["moves"].tobytes()


def test_no_dask_is_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    (tmp_path / "sweep.toml").write_text(CONFIG.format(more=""))
    assert main(["sweep", str(tmp_path / "sweep.toml"), "--dask", "tcp://localhost:1"]) == 2
    assert 'pip install "selgrad[cluster]"' in capsys.readouterr().err


# the task `trapped`


def test_trapped_counts_are_those_of_sgd_one_cell_at_a_time():
    grid = {"x0": [-1.0, -0.5], "c": [0.25, 0.5], "dtype": ["float16", "float32", "float64"]}
    options = {"width": 0.002, "height": 0.002, "trials": 200, "steps": 20}
    counts = sg.sweep(trapped, grid, options=options, chunk=5, seed=7)["trapped"]
    assert counts.shape == (2, 2, 3) and counts[..., 0].any() and counts[..., 0].min() < 200
    for i, cell in enumerate(np.ndindex(counts.shape)):
        x0, c, dtype = (axis[k] for axis, k in zip(grid.values(), cell))
        u, v = np.random.default_rng((7, i)).random((2, 200))
        T = sg.sgd(trap, x0 + 0.002 * u, steps=20, c=c + 0.002 * v, alpha=lambda k: 1 / (k + 1), dtype=dtype)
        assert counts[cell] == (T.x == 0).sum()


def test_trapped_from_the_shell_the_same_with_two_workers(tmp_path, capsys):
    arrays = []
    for workers in (1, 2):
        config = tmp_path / "trapped.toml"
        config.write_text(f"""
            task = "trapped"
            store = "trapped-{workers}.zarr"
            chunk = 3
            [options]
            trials = 50
            [grid]
            x0 = {{start = -2.0, stop = -0.1, num = 4}}
            c = [0.0, 0.5]
            dtype = ["float16", "float64"]
        """)
        assert main(["sweep", str(config), "--quiet", "--workers", str(workers)]) == 0
        assert "trapped  int64  4x2x2" in capsys.readouterr().out
        arrays.append(tree(tmp_path / f"trapped-{workers}.zarr"))
    assert arrays[0] == arrays[1]


def test_a_dtype_sgd_does_not_know_is_one_sentence():
    with pytest.raises(sg.SweepError, match=r"failed: InputError: Unknown dtype .*\.$"):
        sg.sweep(trapped, {"x0": [-1.0], "c": [0.5], "dtype": ["float8"]})
