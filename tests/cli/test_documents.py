"""Every command in a document runs, and prints what stands below it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from documents import blocks, files, masked, printed  # type: ignore[import-not-found]

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_shows_is_what_its_commands_print(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, content in files(text).items():
        (tmp_path / name).write_text(content)
    for block in blocks(text):
        for line, output in block.commands:
            assert masked(printed(line, tmp_path)) == masked(output), line


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_program_that_a_document_shows_is_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shown = files(text)
    assert text.count("```python") == len(shown), "a block of Python begins with # NAME.py"
    lines = [command.line for block in blocks(text) for command in block.commands]
    assert [f"python {name}" for name in shown if f"python {name}" not in lines] == []


def test_the_readme_has_commands_that_are_run() -> None:
    found = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    assert sum(len(block.commands) for block in found) >= 4


def test_a_wrong_line_below_a_command_is_found(tmp_path: Path) -> None:
    (block,) = blocks("```console\n$ echo one; echo two >&2\none\ntwo\n```\n")
    (command,) = block.commands
    assert masked(printed(command.line, tmp_path)) == masked(command.output) == "one\ntwo"
    assert masked("took 1.2 s, 30 ms") == masked("took 44 s, 7.5 ms") != masked("took 1.2 m")


def test_how_far_a_slow_machine_has_come_is_no_difference() -> None:
    slow = "bagcert: planning: 1 of 1\nbagcert: training: 300 of 1000, 12.3/s, 57 s left\n"
    assert masked(f"VALID\n{slow}bagcert: wrote a\n") == masked("VALID\nbagcert: wrote a\n")
    other = "bagcert: examples: 3 of 4 abstain\n"
    assert masked(f"VALID\n{other}") != masked("VALID\n")
