"""The GitHub action's shell step, run as a runner would: which arguments reach the command."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ACTION = yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text())


def arguments_of(folder: Path, **inputs: str) -> Any:
    """Run the last step with a command that writes down its arguments."""
    programs = folder / "bagcert" / "bin"
    programs.mkdir(parents=True)
    program = programs / "bagcert"
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], open('found', 'w'))\n"
    )
    program.chmod(0o755)
    given = {name: entry.get("default", "") for name, entry in ACTION["inputs"].items()} | inputs
    step = ACTION["runs"]["steps"][-1]
    variables = {
        name: given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, value in step["env"].items()
    }
    subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder, env={**os.environ, **variables, "RUNNER_TEMP": str(folder)}, check=True,
    )  # fmt: skip
    return json.loads((folder / "found").read_text())


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("", []),
        ("--attack all", ["--attack", "all"]),
        ("--attack all\n--residual all\n", ["--attack", "all", "--residual", "all"]),
        ("\n--attack all", ["--attack", "all"]),
        ("--counts '95, 5' --alpha \"1/10\"", ["--counts", "95, 5", "--alpha", "1/10"]),
        ("--counts '$(touch stolen)' `touch stolen`",
         ["--counts", "$(touch stolen)", "`touch", "stolen`"]),
    ],
)  # fmt: skip
def test_arguments_arrive_as_a_shell_would_split_them(
    tmp_path: Path, text: str, due: list[str]
) -> None:
    found = arguments_of(tmp_path, arguments=text, votes="votes.npz")
    junit = ["--junit", "bagcert-crosscheck.xml", "--force"]
    assert found == ["crosscheck", *due, *junit, "--", "votes.npz"]
    assert not (tmp_path / "stolen").exists()


def test_without_votes_random_and_boundary_rows_are_compared(tmp_path: Path) -> None:
    found = arguments_of(tmp_path, junit=os.devnull)
    assert found == [
        "crosscheck", "--random", "100000", "--boundary", "--n", "60000", "--k", "100",
        "--junit", os.devnull, "--force",
    ]  # fmt: skip


def test_a_name_that_begins_with_a_hyphen_is_a_name(tmp_path: Path) -> None:
    assert arguments_of(tmp_path, votes="-x votes.npz")[-2:] == ["--", "-x votes.npz"]


def test_a_quote_that_is_not_closed_fails_and_drops_nothing(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        arguments_of(tmp_path, arguments="--counts '95", votes="votes.npz")
    assert not (tmp_path / "found").exists()
