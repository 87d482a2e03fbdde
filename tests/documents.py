"""The commands of a document, run in a folder of their own, and what they print put beside them.

In a document a block ``console`` holds lines that begin with ``$ ``, each a command of a shell, and
below each what it prints (standard output, then standard error). A block ``python`` whose first
line is ``# NAME.py`` is that file, there for the commands after it. Between the marks ``reported``
stands the table of what others reported (fastpath/paper/reported.toml). ``python
tests/documents.py FILE`` writes anew what the commands of FILE print, and that table; the tests
compare both.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

from bagcert.fastpath.paper.reported import load_claims, markdown

__all__ = ["Block", "Command", "blocks", "files", "masked", "printed", "with_table"]

#: A block of commands. One whose first line says ``# not run`` is for readers only.
_BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASIDE: Final = "# not run"
_TABLE: Final = re.compile(r"(?<=^<!-- reported -->\n).*?(?=^<!-- /reported -->$)", re.M | re.S)
_FILE: Final = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRESS: Final = re.compile(
    r"^bagcert: [\w -]+: \d+ of \d+(, \S+/s, \d+ s left)?\n", re.MULTILINE
)


class Command(NamedTuple):
    """One command line and the text that stands below it."""

    line: str
    output: str


class Block(NamedTuple):
    """The commands of one block, and where its text begins and ends."""

    start: int
    end: int
    commands: tuple[Command, ...]


def blocks(text: str) -> list[Block]:
    """Return the blocks of a document whose commands are run, in order."""
    found = []
    for match in _BLOCK.finditer(text):
        if match[1].startswith(_ASIDE):
            continue
        commands = []
        for part in re.split(r"^\$ ", match[1], flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            commands.append(Command(line, output))
        found.append(Block(match.start(1), match.end(1), tuple(commands)))
    return found


def files(text: str) -> dict[str, str]:
    """Return the files that a document shows, by name."""
    return {match[1]: match[2] for match in _FILE.finditer(text)}


def printed(line: str, folder: Path) -> str:
    """Return what a command prints in ``folder``: standard output, then standard error."""
    variables = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "BAGCERT_CACHE": str(folder / ".cache"),
    }
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=variables, capture_output=True, text=True, timeout=300
    )
    return done.stdout + done.stderr


def masked(text: str) -> str:
    """Return a text without what differs from run to run: seconds, rates, and spaces at an end.

    Nor with the lines of progress, which only a command prints that takes long.
    """
    text = _PROGRESS.sub("", text)
    text = re.sub(r"\b\d+(\.\d+)?(?= ?(s|ms|/s)\b)", "#", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def with_table(text: str) -> str:
    """Return a text with the table of reported and measured numbers between its marks."""
    table = markdown(load_claims())
    return _TABLE.sub(lambda _: table, text)


def _rewritten(text: str, folder: Path) -> str:
    for block in reversed([*_run(text, folder)]):
        new = "".join(f"$ {line}\n{output}" for line, output in block.commands)
        text = text[: block.start] + new + text[block.end :]
    return with_table(text)


def _run(text: str, folder: Path) -> list[Block]:
    made = []
    for name, content in files(text).items():
        (folder / name).write_text(content)
    for block in blocks(text):
        commands = []
        for line, _ in block.commands:
            output = printed(line, folder).rstrip()
            commands.append(Command(line, f"{output}\n" if output else ""))
        made.append(block._replace(commands=tuple(commands)))
    return made


if __name__ == "__main__":
    import tempfile

    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as made:
            path = Path(name)
            path.write_text(_rewritten(path.read_text(), Path(made)))
