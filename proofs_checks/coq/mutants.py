"""Breaks the theorems of Statements.v on purpose: each edit must be seen.

    cd .. && python3 -m coq.mutants          (``make mutants``)

* Each statement replaced by ``True``, and each hypothesis of each theorem dropped: the type that
  Coq prints is not the pinned one. The unedited statements, read in the same way, are.
* The proof of each edited statement, hypothesis dropped or conclusion stronger, no longer fits:
  a textual edit, which says nothing of whether the edited statement is true.
* Some edited statements are refuted: Coq proves their negation, without axioms.

Standard library only. Exit status 1: an edit was not seen, or Coq did not read it.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate

from .edits import MUTANTS, Mutant
from .verify import CLOSED, COQ, FOLDER, PINS, THEOREM, ask, entries, showing, statements

__all__ = ["Statement", "main"]


@dataclass(frozen=True)
class Statement:
    """A theorem's text, cut into name, variables, hypotheses and conclusion, and its proof."""

    name: str
    variables: str
    hypotheses: tuple[str, ...]
    #: Definitions (``let ... in``) before each of the hypotheses.
    lets: tuple[str, ...]
    conclusion: str
    proof: str

    def without(self, dropped: int | None) -> str:
        """Return the statement with one of its hypotheses dropped, or all of it."""
        parts = (
            let if at == dropped else f"{let} {text} ->"
            for at, (let, text) in enumerate(zip(self.lets, self.hypotheses, strict=True))
        )
        return f"{self.variables}: {' '.join(parts)} {self.conclusion}"


def main() -> int:
    """Make every edit; say of each whether it was seen."""
    stated = [_cut(name) for name in THEOREM.findall(statements())]
    dropped = [(one, at) for one in stated for at in range(len(one.hypotheses))]
    unseen = _unpinned(stated, dropped)
    edits = [
        (f"{one.name} without {_spelled(one.hypotheses[at])}", one.name, one.without(at), one)
        for one, at in dropped
    ]
    by_name = {one.name: one for one in stated}
    for mutant in MUTANTS:
        one = by_name[mutant.theorem]
        if mutant.after:
            edits.append(
                (
                    f"{one.name}: {_spelled(mutant.before)} -> {_spelled(mutant.after)}",
                    one.name,
                    _edited(mutant, one),
                    one,
                )
            )
    # The unedited statements stand among them: their proofs must fit.
    edits += [(f"{one.name}, unedited", one.name, one.without(None), one) for one in stated]
    with ThreadPoolExecutor(2) as pool:
        verdicts = [*pool.map(_fallen, (edits[::2], edits[1::2]))]
    for at, (said, *_) in enumerate(edits):
        verdict = verdicts[at % 2][at // 2]
        if verdict != ("fits" if at >= len(edits) - len(stated) else "falls"):
            unseen.append(f"{said}: {verdict}")
    refuted = _refuted(by_name)
    for mutant, answer in refuted.items():
        what = (
            f"{mutant.theorem}: {_spelled(mutant.before)} -> {_spelled(mutant.after) or 'nothing'}"
        )
        print(f"refuted: {what}")
        if answer != CLOSED:
            unseen.append(f"{what}: {answer}")
    for what in unseen:
        print(f"error: survives: {what}", file=sys.stderr)
    print(
        f"{len(stated)} statements replaced by True, {len(dropped)} hypotheses dropped: none is as "
        f"pinned. Of {len(edits) - len(stated)} edited statements no proof fits; {len(refuted)} "
        "are refuted (Coq proves their negation), the others textual edits"
    )
    return 1 if unseen else 0


def _cut(name: str) -> Statement:
    """Find a theorem in Statements.v, and cut its statement at its own arrows."""
    found = re.search(rf"^Theorem {name}\b(.*?)\.\n(Proof\..*?Qed\.)$", statements(), re.M | re.S)
    if found is None:
        raise ValueError(f"no theorem of this name: {name}")
    text, proof = found[1], found[2]
    depths = list(accumulate((sign in "([{") - (sign in ")]}") for sign in text))
    colon = next(at for at, depth in enumerate(depths) if not depth and text[at] == ":")
    parts: list[tuple[str, str]] = []
    last = colon + 1
    for word in re.finditer(r"(?<!<)->|\b(?:forall|exists)\b", text):
        if word.start() > colon and not depths[word.start()]:
            if word[0] != "->":
                break
            part = re.fullmatch(r"(let .* in\b)?(.*)", text[last : word.start()].strip(), re.S)
            assert part
            parts.append((part[1] or "", part[2].strip()))
            last = word.end()
    lets, hypotheses = tuple(let for let, _ in parts), tuple(what for _, what in parts)
    return Statement(name, text[:colon], hypotheses, lets, text[last:].strip(), proof)


def _spelled(text: str) -> str:
    return repr(" ".join(text.split())) if text else ""


def _edited(mutant: Mutant, one: Statement) -> str:
    text = re.search(rf"^Theorem {one.name}\b(.*?)\.\nProof", statements(), re.M | re.S)
    if text is None or text[1].count(mutant.before) != 1:
        raise ValueError(f"the statement has it not once: {mutant}")
    return text[1].replace(mutant.before, mutant.after)


def _unpinned(stated: list[Statement], dropped: list[tuple[Statement, int]]) -> list[str]:
    """Have Coq print every edited statement as in pins.txt; name those that are as pinned."""
    pinned = entries(PINS.read_text(encoding="utf-8"))
    asked = [(one, one.without(None), True) for one in stated]
    asked += [(one, ": True", False) for one in stated]
    asked += [(one, one.without(at), False) for one, at in dropped]
    texts = [
        f"Module M{at}. Theorem {one.name} {text}. Admitted. End M{at}.\nCheck M{at}.{one.name}."
        for at, (one, text, _) in enumerate(asked)
    ]
    # Implicit arguments as Statements.v has them, or its text does not read the same.
    implicit = "Set Implicit Arguments.\nUnset Strict Implicit.\n"
    unseen = []
    for at, answer in enumerate(ask(showing() + implicit, texts)):
        one, _, same = asked[at]
        answer = answer.removeprefix(f"M{at}.")
        if (pinned[f"theorem {one.name}"].strip() == answer) != same:
            unseen.append(f"{one.name}: {'read otherwise' if same else 'as pinned'}: {answer}")
    return unseen


def _session(text: str) -> str:
    """Hand a text to Coq's toplevel, which goes on after an error; return what it says."""
    done = subprocess.run(
        ("coqtop", "-quiet", *COQ),
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        input=text,
    )
    if done.returncode or "the end" not in done.stdout:
        sys.exit(f"error: coqtop: exit status {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _preamble() -> str:
    return statements()[: statements().index("(** * ")]


def _fallen(edits: list[tuple[str, str, str, Statement]]) -> list[str]:
    """Say of each edit whether Coq reads the statement and then refuses its proof."""
    lines = [_preamble(), "Set Default Timeout 20."]
    for at, (_, name, text, one) in enumerate(edits):
        lines.append(f'Theorem {name}_{at} {text}.\nProof. idtac "read {at};".\n{one.proof[6:]}')
        lines.append(f"Abort All.\nCheck {name}_{at}.")
        lines.append(f'Goal True. idtac "after {at};". Abort.')
    lines.append('Goal True. idtac "the end". Abort.\n')
    said = _session("\n".join(lines))
    verdicts = []
    for at, (_, name, _, _) in enumerate(edits):
        if f"read {at};" not in said:
            verdicts.append("Coq cannot read it")
        elif re.search(rf"^{name}_{at}\s*$\s*:", said, re.M) or f"{name}_{at} is defined" in said:
            verdicts.append("fits")
        else:
            verdicts.append("falls")
    return verdicts


def _refuted(by_name: dict[str, Statement]) -> dict[Mutant, str]:
    """Prove the negation of each edited statement that has a refutation; tell its assumptions."""
    chosen = [mutant for mutant in MUTANTS if mutant.refutation]
    lines = [_preamble(), "From Bagcert Require Import Needed Sharp Dropped."]
    for at, mutant in enumerate(chosen):
        one = by_name[mutant.theorem]
        text = _edited(mutant, one) if mutant.after else one.without(_index(mutant, one))
        depths = accumulate((sign == "(") - (sign == ")") for sign in text)
        colon = next(i for i, depth in enumerate(depths) if not depth and text[i] == ":")
        goal = (
            f"~ (forall {text[:colon]}, {text[colon + 1 :]})"
            if text[:colon].strip()
            else f"~ ({text[colon + 1 :]})"
        )
        lines.append(f"Theorem refuted_{at} : {goal}.\nProof. {mutant.refutation} Qed.")
    queries = [f"Print Assumptions refuted_{at}." for at in range(len(chosen))]
    return dict(zip(chosen, ask("\n".join(lines) + "\n", queries), strict=True))


def _index(mutant: Mutant, one: Statement) -> int:
    return [" ".join(text.split()) for text in one.hypotheses].index(mutant.before)


if __name__ == "__main__":
    sys.exit(main())
