"""What ``make proofs`` does after compiling: audit the theorems. mutants.py breaks them on purpose.

    python3 verify.py            pins.txt, coqchk, Print Assumptions of every theorem of
                                 Statements.v, then build/verified.json, which ``bagcert
                                 claims`` reads
    python3 verify.py --pin      write pins.txt anew, after a statement was changed on purpose

pins.txt holds the type of every theorem as Coq prints it, and a digest of the printed
definition of every word of this project that a theorem or such a word rests on. A statement
replaced by ``True``, one without a hypothesis, or a word that means something else, differs:
mutants.py shows it, of each statement and each hypothesis.

Standard library only: it runs before anything is installed. Exit status 1: a statement is not
the pinned one, a theorem rests on an axiom, or Coq did not answer.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

__all__ = [
    "COQ",
    "FOLDER",
    "PINS",
    "THEOREM",
    "ask",
    "differing",
    "entries",
    "main",
    "showing",
    "statements",
]

FOLDER: Final = Path(__file__).resolve().parent
BUILD: Final = FOLDER / "build"
PINS: Final = FOLDER / "pins.txt"
FORMAT: Final = "bagcert-coq/1"
CLOSED: Final = "Closed under the global context"
#: As in _CoqProject.
COQ: Final = ("-q", "-R", ".", "Bagcert", "-w", "-notation-overridden,-ambiguous-paths")
THEOREM: Final = re.compile(r"^Theorem\s+(\w+)", re.MULTILINE)
#: coqchk's summary must say this of axioms and of each way round the kernel's rules.
_NONE: Final = (
    "Axioms",
    "Constants/Inductives relying on type-in-type",
    "Constants/Inductives relying on unsafe (co)fixpoints",
    "Inductives whose positivity is assumed",
)


def statements() -> str:
    """Return the text of Statements.v."""
    return (FOLDER / "Statements.v").read_text(encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Verify, or with ``--pin`` write down what the statements are."""
    BUILD.mkdir(exist_ok=True)
    match arguments:
        case []:
            return _verify()
        case ["--pin"]:
            PINS.write_text(_printed(), encoding="utf-8")
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def _verify() -> int:
    names = THEOREM.findall(statements())
    pinned = _pinned()
    sources = {path.name: _digest(path) for path in sorted(FOLDER.glob("*.v"))}
    theorems = _closed(names)
    modules = [f"Bagcert.{Path(name).stem}" for name in sources if name != "Extract.v"]
    checked = _coqchk(modules)
    # Sources edited meanwhile would be vouched for by objects of the older ones.
    if sources != {path.name: _digest(path) for path in sorted(FOLDER.glob("*.v"))}:
        print("error: a source changed while it was checked; run it again", file=sys.stderr)
        return 1
    if not (names and pinned and checked and all(theorems.values())):
        return 1
    version = re.search(r"version (\S+)", _run("coqc", "--version").stdout)
    record = {
        "format": FORMAT,
        "coq": version[1] if version else "",
        "sources": sources,
        "theorems": theorems,
    }
    aside = BUILD / "verified.json.tmp"
    aside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(aside, BUILD / "verified.json")
    print(
        f"{len(names)} theorems of Statements.v: as pinned, no axioms (Print Assumptions, coqchk)"
    )
    return 0


def _pinned() -> bool:
    """Compare the printed statements, and all words that they rest on, with pins.txt."""
    found = differing(PINS.read_text(encoding="utf-8"), _printed())
    for name, what in found.items():
        print(f"error: {name}: {what}; if meant: python3 verify.py --pin", file=sys.stderr)
    return not found


def differing(pinned: str, printed: str) -> dict[str, str]:
    """Say of each entry that is not the same in two texts of pins what is wrong with it."""
    old, new = entries(pinned), entries(printed)
    return {
        name: "not as pinned" if name in old and name in new else "pinned or stated, not both"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def entries(text: str) -> dict[str, str]:
    """Split a text of pins at its headings."""
    return dict(
        re.findall(r"^(theorem \w+|word [\w.]+)(.*?)(?=^theorem |^word |\Z)", text, re.M | re.S)
    )


def showing() -> str:
    """Return the words that set Coq to print statements as pins.txt has them."""
    head = statements()[: statements().index("Set Implicit Arguments.")]
    return (
        head + "From Bagcert Require Import Statements.\nSet Printing Width 96.\n"
        "Import Order.Theory GRing.Theory Num.Theory.\nLocal Open Scope ring_scope.\n"
    )


def _printed() -> str:
    """Have Coq print every statement, then in normal form every word that it rests on."""
    names = THEOREM.findall(statements())
    shown = ask(showing(), [f"Check Statements.{name}." for name in names])
    modules = [path.stem for path in sorted(FOLDER.glob("*.v")) if path.stem != "Extract"]
    plain = (
        f"From Bagcert Require {' '.join(modules)}.\nSet Printing All.\nSet Printing Width 96.\n"
    )
    word = re.compile(rf"\b(?:{'|'.join(modules)})(?:\.\w+)+")
    full = ask(plain, [f"Check Statements.{name}." for name in names])
    known: dict[str, str] = {}
    fresh = sorted({found for text in full for found in word.findall(text.partition(":")[2])})
    while fresh:
        texts = ask(plain, [f"Print {name}." for name in fresh])
        known |= dict(zip(fresh, texts, strict=True))
        fresh = sorted({w for text in texts for w in word.findall(text)} - known.keys())
    lines = [f"theorem {n}\n{text}" for n, text in zip(names, shown, strict=True)]
    digests = (hashlib.sha256(text.encode()).hexdigest() for text in full)
    lines += [f"word Statements.{n} {digest}" for n, digest in zip(names, digests, strict=True)]
    lines += [
        f"word {n} {hashlib.sha256(t.encode()).hexdigest()}" for n, t in sorted(known.items())
    ]
    return "\n".join(lines) + "\n"


def ask(preamble: str, queries: list[str]) -> list[str]:
    """Return what Coq answers to each query; leave with its own words where it does not.

    A process that was killed leaves part of its output or none: asked once more, and said.
    """
    mark = 'Goal True. idtac "---". Abort.\n'
    text = preamble + "".join(f"{mark}{query}\n" for query in queries) + mark
    done = _compile(text)
    if done.returncode < 0 or (done.returncode == 0 and done.stdout.count("---\n") <= len(queries)):
        print(f"coqc: {_told(done)}; asking once more", file=sys.stderr)
        done = _compile(text)
    answers = [answer.strip() for answer in done.stdout.split("---\n")[1:-1]]
    if done.returncode or len(answers) != len(queries) or not all(answers):
        silent = [q for q, answer in zip(queries, answers, strict=False) if not answer]
        sys.exit(f"error: {(silent or queries)[0]} ...: {_told(done)}")
    return answers


def _told(done: subprocess.CompletedProcess[str]) -> str:
    said = done.stderr.strip() or "nothing on standard error"
    return f"exit status {done.returncode}, {len(done.stdout)} characters of output, {said}"


def _closed(names: list[str]) -> dict[str, bool]:
    """Ask Coq for the assumptions of each theorem."""
    answers = ask(
        "From Bagcert Require Statements.\n",
        [f"Print Assumptions Statements.{name}." for name in names],
    )
    for name, answer in zip(names, answers, strict=True):
        if answer != CLOSED:
            print(
                f"error: {name} is not closed under the global context: {answer}", file=sys.stderr
            )
    return {name: answer == CLOSED for name, answer in zip(names, answers, strict=True)}


def _coqchk(modules: list[str]) -> bool:
    """Have the independent checker read every compiled file again."""
    done = _run("coqchk", "-silent", "-o", "-R", ".", "Bagcert", *modules)
    said = done.stdout + done.stderr
    missing = [what for what in _NONE if f"\n* {what}: <none>" not in said]
    for what in missing:
        print(f"error: coqchk does not say of this that there is none: {what}", file=sys.stderr)
    if done.returncode or missing:
        print(said.strip(), file=sys.stderr)
    return done.returncode == 0 and not missing


def _compile(text: str) -> subprocess.CompletedProcess[str]:
    """Run Coq on a text that is no part of the project."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "scratch.v"
        source.write_text(text, encoding="utf-8")
        return _run("coqc", *COQ, str(source))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
