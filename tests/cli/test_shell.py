"""Shell manners: help in groups with examples that run, versions, completion."""

import json
import os
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import bagcert
from bagcert.__main__ import app
from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import learner_names, load_learner
from bagcert.fastpath.paper import experiments
from bagcert.fastpath.paper.figures.made import FIGURES
from bagcert.reference.terminal.listing import Group, Listing, listing_of

run = CliRunner()
LISTED: dict[str, Listing] = {
    str(command.callback.__name__): listing_of(command.callback)
    for command in app.registered_commands
    if command.callback is not None
}
EXAMPLES = [(name, line) for name, listing in LISTED.items() for line in listing.examples]


def output(*args: str, **variables: str) -> str:
    result = run.invoke(app, list(args), prog_name="bagcert", env=variables)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_help_is_asked_for_in_two_ways_everywhere() -> None:
    for before in ([], *([name] for name in LISTED)):
        assert output(*before, "-h") == output(*before, "--help") != ""


def test_every_command_stands_once_and_in_its_group() -> None:
    panel, shown = "", {}
    for line in output("-h", COLUMNS="100").splitlines():
        if title := re.match(r"╭─ (.*?) ─", line):
            panel = title[1]
        elif (name := re.match(r"│ (\w+) ", line)) and panel in list(Group):
            assert name[1] not in shown
            shown[name[1]] = panel
    assert shown == {name: listing.group.value for name, listing in LISTED.items()}
    assert list(dict.fromkeys(shown.values())) == [group.value for group in Group]


@pytest.mark.parametrize("name", LISTED)
def test_help_ends_with_the_examples_and_explains_each_option(name: str) -> None:
    examples = LISTED[name].examples
    assert 1 <= len(examples) <= 2
    assert all(line.startswith(f"bagcert {name} ") for line in examples)
    words = " ".join(output(name, "-h", COLUMNS="100").split())
    title = "Example:" if len(examples) == 1 else "Examples:"
    assert words.endswith(" ".join((title, *examples)))
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    short = [one.name for one in command.params if len((one.help or "").split()) < 3]
    assert not short


def test_every_learner_is_named_where_one_is_chosen() -> None:
    words = output("train", "-h", COLUMNS="200")
    assert [name for name in learner_names() if name not in words] == []


def test_each_learner_is_listed_with_settings_that_make_it_again() -> None:
    lines = output("train", "--learners").splitlines()
    assert [line.partition(": ")[0] for line in lines[::2]] == [*learner_names()]
    assert all(len(line.partition(": ")[2].split()) > 2 for line in lines[::2])
    for name, line in zip(learner_names(), lines[1::2], strict=True):
        settings = dict(text.split("=", 1) for text in shlex.split(line))
        if name == "sklearn":
            assert settings == {"estimator": "NAME"}
        else:
            assert load_learner(name, settings) == load_learner(name)
            assert settings == load_learner(name).settings


def test_a_stranger_is_told_a_first_command_that_runs() -> None:
    words = " ".join(output("-h", COLUMNS="100").split())
    assert words.endswith(f"label: {LISTED['certify'].examples[0]}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that examples name, and a small stand-in for MNIST."""
    monkeypatch.chdir(tmp_path)
    Path("votes.csv").write_text("990,10\n700,300\n501,499\n")
    for name, method in (("cert", "selected"), ("first", "selected"), ("second", "cohen")):
        output(*f"certify votes.csv --n 60000 --k 100 --method {method} -o {name}.jsonl".split())
    drawn = np.random.default_rng(0)
    x, y = drawn.random((60, 28, 28), dtype=np.float32), np.arange(60) % 2
    data = Dataset("mnist17", x[:40], y[:40], x[40:], y[40:], 2, ("1", "7"))
    np.savez("data.npz", train_x=x[:40], train_y=y[:40], test_x=x[40:], test_y=y[40:], classes=2)
    for name, first in (("first", "0"), ("second", "4")):
        train = "train --dataset data.npz --k 2 --models 4 --first-model"
        output(*train.split(), first, "-o", f"{name}.npz")
    monkeypatch.setattr(experiments, "load_dataset", lambda *_: data)
    return tmp_path


@pytest.mark.parametrize(("name", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
@pytest.mark.usefixtures("folder")
def test_an_example_runs_as_it_stands(name: str, line: str) -> None:
    program, *args = shlex.split(line)
    if "--output" in args or "-o" in args:
        Path(args[-1]).unlink(missing_ok=True)
    assert program == "bagcert"
    assert output(*args) != ""


def test_the_version_is_that_of_everything_that_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *lines = output("--version").splitlines()
    assert first.split() == ["bagcert", bagcert.__version__]
    shown = dict(line.split(maxsplit=1) for line in lines)
    assert shown["python"] == ".".join(map(str, sys.version_info[:3]))
    assert shown["numpy"] == metadata.version("numpy") == np.__version__
    assert {"scipy", "gmpy2", "python-flint", "scikit-learn", "torch"} <= set(shown)

    def none(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", none)
    assert re.search(r"^torch +not installed$", output("--version"), re.MULTILINE)
    found = json.loads(output("--version", "--json"))
    assert (found["bagcert"], found["torch"]) == (bagcert.__version__, None)
    assert set(found) == {"bagcert", *shown}


def test_neither_version_nor_help_imports_what_is_heavy() -> None:
    code = (
        "import atexit, sys; from bagcert.__main__ import main; "
        "heavy = {'numpy', 'scipy', 'torch', 'sklearn', 'matplotlib', 'sympy', 'mpmath'}; "
        "atexit.register(lambda: print(*heavy & set(sys.modules), file=sys.stderr)); main()"
    )
    for args in (["--version"], ["-h"], ["audit", "-h"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True
        )
        assert done.stderr == "\n"


@pytest.mark.parametrize("line", ["--json", "--json audit c.jsonl"])
def test_json_is_asked_of_a_command(line: str) -> None:
    result = run.invoke(app, line.split(), prog_name="bagcert")
    words = "bagcert: error: --json stands behind the command; type: bagcert --help\n"
    assert (result.exit_code, result.stderr) == (2, words)


def offered(line: str) -> list[str]:
    """What bash is told may stand in the place of the last word."""
    words = line.split(" ")
    asked = {"_BAGCERT_COMPLETE": "complete_bash", "COMP_WORDS": line}
    return output(COMP_CWORD=str(len(words) - 1), **asked).split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bagcert cer", ["certify"]),
        ("bagcert re", ["report", "reproduce"]),
        ("bagcert --v", ["--version"]),
        ("bagcert --completion ", ["bash", "zsh", "fish"]),
        ("bagcert certify --me", ["--method"]),
        ("bagcert certify --label", ["--label-column", "--labels", "--label-kind"]),
        ("bagcert certify votes.csv --method s", ["simuem", "selected"]),
        ("bagcert train --dataset m", ["mnist", "mnist17"]),
        (
            "bagcert train --learner m",
            [
                "manifold-ridge",
                "metric-ridge",
                "mnist-cnn",
                "mnist-cnn-authors",
                "mnist-cnn-keras",
            ],
        ),
        ("bagcert train --engine ", ["local", "dask"]),
        ("bagcert audit c.jsonl --data dig", ["digits"]),
        ("bagcert report c.jsonl --data c", ["cifar10"]),
        ("bagcert reproduce ", [*experiments.EXPERIMENTS, *FIGURES, "all", "reported"]),
        ("bagcert claims --claim theorem-2-l", ["theorem-2-learner"]),
        ("bagcert audit c", []),  # the shell offers files
    ],
)
def test_what_is_offered(line: str, words: list[str]) -> None:
    assert offered(line) == words


def test_each_shell_asks_in_its_own_way() -> None:
    asked = {"_TYPER_COMPLETE_ARGS": "bagcert cer"}
    zsh = output(_BAGCERT_COMPLETE="complete_zsh", **asked)
    assert zsh.startswith('_arguments \'*: :(("certify":')
    fish = {"_BAGCERT_COMPLETE": "complete_fish", **asked}
    assert output(_TYPER_COMPLETE_FISH_ACTION="get-args", **fish).startswith("certify\t")
    assert output(_TYPER_COMPLETE_FISH_ACTION="is-args", **fish) == ""
    fish |= {"_TYPER_COMPLETE_ARGS": "bagcert audit c", "_TYPER_COMPLETE_FISH_ACTION": "is-args"}
    asked_for_files = run.invoke(app, [], prog_name="bagcert", env=fish)
    assert (asked_for_files.exit_code, asked_for_files.output) == (1, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_asks_this_program(shell: str) -> None:
    script = output("--completion", shell)
    assert f"_BAGCERT_COMPLETE=complete_{shell}" in script
    assert "%(" not in script


def test_bash_completes(tmp_path: Path) -> None:
    program = tmp_path / "bagcert"
    program.write_text(f"#!{sys.executable}\nfrom bagcert.__main__ import main\nmain()\n")
    program.chmod(0o755)
    lines = [
        'eval "$(bagcert --completion bash)"',
        "complete -p bagcert",
        "COMP_WORDS=(bagcert cer); COMP_CWORD=1; _bagcert_completion bagcert",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)], capture_output=True, text=True, check=True,
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    complete, *found = done.stdout.splitlines()
    assert complete.endswith("-F _bagcert_completion bagcert")
    assert found == ["certify"]


def asked_of_zsh(encoding: str, stdout: int) -> subprocess.CompletedProcess[bytes]:
    variables = {
        "_BAGCERT_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "bagcert certify --",
        "PYTHONIOENCODING": encoding,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "bagcert"],
        env=os.environ | variables, stdout=stdout, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_is_offered_can_be_encoded(encoding: str) -> None:
    done = asked_of_zsh(encoding, subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "The chance alpha, over" in done.stdout.decode(encoding)


def test_a_shell_that_no_longer_listens_is_told_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    done = asked_of_zsh("utf-8", write)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
