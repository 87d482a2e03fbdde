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
from typing import Final, NamedTuple

from .verify import CLOSED, COQ, FOLDER, PINS, THEOREM, ask, entries, showing, statements

__all__ = ["MUTANTS", "Mutant", "main"]


class Mutant(NamedTuple):
    """An edit of one statement: refuted, where Coq proves that the edited statement is false.

    Without a refutation it is a textual edit and no more: the proof that is there no longer
    fits, which says nothing of whether the edited statement is true.
    Where ``after`` is empty, ``before`` is a whole hypothesis.
    """

    theorem: str
    before: str
    after: str
    refutation: str = ""


#: Edits with a refutation, and statements that are stronger by one. Every hypothesis of every
#: theorem is dropped besides.
MUTANTS: Final = (
    # Hypotheses deleted, where Coq proves that what is left is false.
    Mutant(
        "theorem1",
        "bounded A D l pl ps",
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
        "G <= (n ^ k)%:R",
        "",
        "move=> claim; apply: worst_needs_gap => k n r G n_gt0; rewrite modify_okE; exact: claim.",
    ),
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
    Mutant("selected_level", "(c.-1)%:R * b'", "(c.-2)%:R * b'"),
    Mutant("simuem_level", "(c + 2)%:R", "(c + 1)%:R"),
    Mutant("checker_certifies", "reaches a (N.to_nat r)", "reaches a (N.to_nat r).+1"),
)


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
    half = len(edits) // 2
    with ThreadPoolExecutor(2) as pool:
        falls = [fell for part in pool.map(_fallen, (edits[:half], edits[half:])) for fell in part]
    for (said, *_), fell in zip(edits, falls, strict=True):
        if fell != "falls":
            unseen.append(f"{said}: {fell}")
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
        f"pinned. Of {len(edits)} edited statements no proof fits; {len(refuted)} are refuted "
        "(Coq proves their negation), the others textual edits"
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
            verdicts.append("its proof fits")
        else:
            verdicts.append("falls")
    return verdicts


def _refuted(by_name: dict[str, Statement]) -> dict[Mutant, str]:
    """Prove the negation of each edited statement that has a refutation; tell its assumptions."""
    chosen = [mutant for mutant in MUTANTS if mutant.refutation]
    lines = [_preamble(), "From Bagcert Require Import Needed Sharp."]
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
