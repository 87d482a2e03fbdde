"""What ``make proofs`` does after compiling: audit the theorems, and break them on purpose.

    python3 verify.py            pins.txt, coqchk, Print Assumptions of every theorem of
                                 Statements.v, then build/verified.json, which ``bagcert
                                 claims`` reads
    python3 verify.py --mutants  each edit in MUTANTS must be red (see below)
    python3 verify.py --pin      write pins.txt anew, after a statement was changed on purpose

pins.txt holds the type of every theorem as Coq prints it, and a digest of the printed
definition of every word of this project that a theorem or such a word rests on. A statement
replaced by ``True``, one without a hypothesis, or a word that means something else, differs.

Standard library only: it runs before anything is installed. Exit status 1: a statement is not
the pinned one, a theorem rests on an axiom, or a mutant survives.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

__all__ = ["MUTANTS", "Mutant", "main", "statements"]

FOLDER: Final = Path(__file__).resolve().parent
BUILD: Final = FOLDER / "build"
PINS: Final = FOLDER / "pins.txt"
FORMAT: Final = "bagcert-coq/1"
CLOSED: Final = "Closed under the global context"
#: As in _CoqProject.
_COQC: Final = ("coqc", "-q", "-R", ".", "Bagcert", "-w", "-notation-overridden,-ambiguous-paths")
_THEOREM: Final = re.compile(r"^Theorem\s+(\w+)", re.MULTILINE)
#: coqchk's summary must say this of axioms and of each way round the kernel's rules.
_NONE: Final = (
    "Axioms",
    "Constants/Inductives relying on type-in-type",
    "Constants/Inductives relying on unsafe (co)fixpoints",
    "Inductives whose positivity is assumed",
)


class Mutant(NamedTuple):
    """An edit of one statement; with a refutation, a proof that the edited statement is false.

    Without one it is a textual edit and no more: the proof that is there no longer fits, which
    says nothing of whether the edited statement is true.
    """

    theorem: str
    before: str
    after: str
    refutation: str = ""


MUTANTS: Final = (
    # Hypotheses deleted.
    Mutant("end_to_end", "  BinRow.header_ok h = true ->\n", ""),
    Mutant("end_to_end", "  is_joint J ->\n", ""),
    Mutant("end_to_end", "  (forall i, suits (h_residual h) (at_example J i)) ->\n", ""),
    Mutant("end_to_end", "  h_scope h = Simultaneous ->\n", ""),
    Mutant("end_to_end", "  e = N.to_nat (h_examples h) ->\n", ""),
    Mutant("theorem1", "  is_learner A ->\n", ""),
    Mutant(
        "theorem1",
        "  bounded A D l pl ps ->\n",
        "",
        "move=> claim; apply: theorem1_needs_bounds; exact: claim.",
    ),
    Mutant(
        "theorem1_integral",
        "  deterministic A ->\n",
        "  is_learner A ->\n",
        "move=> claim; apply: integral_needs_deterministic; exact: claim.",
    ),
    Mutant(
        "any_is_modify",
        " G <= (n ^ k)%:R ->",
        "",
        "move=> claim; apply: worst_needs_gap => k n r G n_gt0; rewrite modify_okE; exact: claim.",
    ),
    Mutant("unique_maximiser", " (0 < k)%N ->", ""),
    Mutant("bisection", " G <= (n ^ k)%:R ->", ""),
    Mutant("selected_level", " Pr P (upper_fails C p s) <= b ->", ""),
    Mutant("cohen_level", " (N < 2 * x)%N ->", ""),
    Mutant("theorem2", " pl + ps <= 1 ->", ""),
    Mutant("theorem2", " injective D ->", ""),
    # Strengthened by one.
    Mutant(
        "mass_lower",
        "(m ^ k)%:R)",
        "(m ^ k)%:R - 1)",
        "move=> claim; apply: mass_no_more; exact: claim.",
    ),
    Mutant(
        "theorem1",
        "poisoned r D",
        "poisoned r.+1 D",
        "move=> claim; apply: theorem1_no_more; exact: claim.",
    ),
    Mutant(
        "theorem1",
        "(n ^ k)%:R < 0",
        "(n ^ k)%:R <= 0",
        "move=> claim; apply: theorem1_strict; exact: claim.",
    ),
    Mutant("corollary1", "modified r D", "modified r.+1 D"),
    Mutant(
        "corollary1_closed",
        "(r <= n - t.+1)",
        "(r <= n - t)",
        "move=> claim; apply: corollary1_no_more => *; rewrite modify_okE; exact: claim.",
    ),
    Mutant("corollary2_closed", "(r <= n - t.+1)", "(r <= n - t)"),
    Mutant("corollary3_closed", "(r <= t - n)", "(r <= t.+1 - n)"),
    Mutant("bisection", "holds k n r G <-> (r <= R)", "holds k n r G <-> (r <= R.+1)"),
    Mutant("exact_radius", "<-> (r <= R)", "<-> (r <= R.+1)"),
    Mutant("criterion_falls", "x ^ K <= 2 * (x - r) ^ K", "x ^ K <= 2 * (x - r) ^ K + 1"),
    Mutant("selected_level", "(c.-1)%:R * b'.", "(c.-2)%:R * b'."),
    Mutant("simuem_level", "(c + 2)%:R", "(c + 1)%:R"),
    Mutant("checker_certifies", "reaches a (N.to_nat r)", "reaches a (N.to_nat r).+1"),
)


def statements() -> str:
    """Return the text of Statements.v."""
    return (FOLDER / "Statements.v").read_text(encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Verify, or with ``--mutants`` show that the statements can fail."""
    BUILD.mkdir(exist_ok=True)
    match arguments:
        case []:
            return _verify()
        case ["--mutants"]:
            return _mutants()
        case ["--pin"]:
            PINS.write_text(_printed(), encoding="utf-8")
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def _verify() -> int:
    names = _THEOREM.findall(statements())
    pinned = _pinned()
    sources = {path.name: _digest(path) for path in sorted(FOLDER.glob("*.v"))}
    theorems = _closed(names)
    for name, closed in theorems.items():
        if not closed:
            print(f"error: {name} is not closed under the global context", file=sys.stderr)
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
    old, new = _entries(PINS.read_text(encoding="utf-8")), _entries(_printed())
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            what = "not as pinned" if name in old and name in new else "pinned or stated, not both"
            print(f"error: {name}: {what}; if meant: python3 verify.py --pin", file=sys.stderr)
    return old == new


def _entries(text: str) -> dict[str, str]:
    """Split a text of pins at its headings."""
    return dict(
        re.findall(r"^(theorem \w+|word [\w.]+)(.*?)(?=^theorem |^word |\Z)", text, re.M | re.S)
    )


def _printed() -> str:
    """Have Coq print every statement, then in normal form every word that it rests on."""
    names = _THEOREM.findall(statements())
    head = statements()[: statements().index("Set Implicit Arguments.")]
    shown = _asked(
        head + "From Bagcert Require Import Statements.\nSet Printing Width 96.\n"
        "Import Order.Theory GRing.Theory Num.Theory.\nLocal Open Scope ring_scope.\n",
        [f"Check Statements.{name}." for name in names],
    )
    modules = [path.stem for path in sorted(FOLDER.glob("*.v")) if path.stem != "Extract"]
    plain = (
        f"From Bagcert Require {' '.join(modules)}.\nSet Printing All.\nSet Printing Width 96.\n"
    )
    word = re.compile(rf"\b(?:{'|'.join(modules)})(?:\.\w+)+")
    full = _asked(plain, [f"Check Statements.{name}." for name in names])
    known: dict[str, str] = {}
    fresh = sorted({found for text in full for found in word.findall(text.partition(":")[2])})
    while fresh:
        texts = _asked(plain, [f"Print {name}." for name in fresh])
        known |= dict(zip(fresh, texts, strict=True))
        fresh = sorted({w for text in texts for w in word.findall(text)} - known.keys())
    entries = [f"theorem {n}\n{text}" for n, text in zip(names, shown, strict=True)]
    digests = (hashlib.sha256(text.encode()).hexdigest() for text in full)
    entries += [f"word Statements.{n} {digest}" for n, digest in zip(names, digests, strict=True)]
    entries += [
        f"word {n} {hashlib.sha256(t.encode()).hexdigest()}" for n, t in sorted(known.items())
    ]
    return "\n".join(entries) + "\n"


def _asked(preamble: str, queries: list[str]) -> list[str]:
    """Return what Coq answers to each query."""
    mark = 'Goal True. idtac "---". Abort.\n'
    done = _compile(preamble + "".join(f"{mark}{query}\n" for query in queries))
    if done.returncode:
        sys.exit(f"error: {queries[0]} ...: {done.stderr.strip()}")
    return [answer.strip() for answer in done.stdout.split("---\n")[1:]]


def _closed(names: list[str]) -> dict[str, bool]:
    """Ask Coq for the assumptions of each theorem."""
    asked = "".join(
        f'Goal True. idtac "theorem {name}". Abort.\nPrint Assumptions Statements.{name}.\n'
        for name in names
    )
    done = _compile(f"From Bagcert Require Statements.\n{asked}")
    if done.returncode:
        sys.exit(f"error: Print Assumptions: {done.stderr.strip()}")
    answers = dict(re.findall(r"^theorem (\w+)\n(.*?)(?=^theorem |\Z)", done.stdout, re.M | re.S))
    return {name: answers.get(name, "").strip() == CLOSED for name in names}


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


def _mutants() -> int:
    with ThreadPoolExecutor(2) as pool:
        red = list(pool.map(lambda m: _refuted(m) if m.refutation else _falls(m), MUTANTS))
    survivors = [mutant for mutant, is_red in zip(MUTANTS, red, strict=True) if not is_red]
    for mutant in survivors:
        print(f"error: survives: {mutant}", file=sys.stderr)
    refuted = sum(bool(mutant.refutation) for mutant in MUTANTS if mutant not in survivors)
    textual = len(MUTANTS) - len(survivors) - refuted
    print(
        f"{refuted} mutants are refuted: Coq proves their negation. "
        f"{textual} are textual edits: their proofs no longer fit"
    )
    return 1 if survivors else 0


def _edited(mutant: Mutant) -> tuple[str, str]:
    """Return what comes before all theorems, and the theorem with its statement edited."""
    text = statements()
    found = re.search(rf"^Theorem {mutant.theorem}\b.*?Qed\.$", text, re.MULTILINE | re.DOTALL)
    if found is None or found[0].count(mutant.before) != 1:
        raise ValueError(f"the statement is not there, or not once: {mutant}")
    return text[: text.index("(** * ")], found[0].replace(mutant.before, mutant.after)


def _refuted(mutant: Mutant) -> bool:
    """Say whether Coq accepts the refutation: a proof of the edited statement's negation."""
    preamble, changed = _edited(mutant)
    stated = changed[: changed.index("\nProof")].removeprefix(f"Theorem {mutant.theorem}")
    depths = accumulate((sign == "(") - (sign == ")") for sign in stated)
    colon = next(at for at, depth in enumerate(depths) if not depth and stated[at] == ":")
    goal = f"Goal ~ (forall {stated[:colon]}, {stated[colon + 1 :].rstrip().removesuffix('.')})."
    done = _compile(
        f"{preamble}From Bagcert Require Import Needed Sharp.\n{goal}\n"
        f"Proof. {mutant.refutation} Qed.\n"
    )
    print(f"{'refuted' if done.returncode == 0 else 'SURVIVES'}: {_spelled(mutant)}")
    return done.returncode == 0


def _spelled(mutant: Mutant) -> str:
    before, after = (" ".join(part.split()) for part in (mutant.before, mutant.after))
    return f"{mutant.theorem}: {before!r} -> {after!r}"


def _falls(mutant: Mutant) -> bool:
    """Say whether Coq reads the edited statement and then refuses its proof."""
    preamble, changed = _edited(mutant)
    done = _compile(preamble + changed + "\n")
    at = re.search(r"line (\d+), characters", done.stderr)
    proof = (preamble + changed[: changed.index("\nProof")]).count("\n") + 2
    # An error above its proof would be a statement that Coq cannot read: no evidence.
    fell = done.returncode != 0 and at is not None and int(at[1]) >= proof
    print(f"{'textual edit, proof no longer fits' if fell else 'SURVIVES'}: {_spelled(mutant)}")
    return fell


def _compile(text: str) -> subprocess.CompletedProcess[str]:
    """Run Coq on a text that is no part of the project."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "scratch.v"
        source.write_text(text, encoding="utf-8")
        return _run(*_COQC, str(source))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
