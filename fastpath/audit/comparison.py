"""Beyond the kernel: is a certificate about these votes, this data set, this n and k?

Every item that was asked about is answered by itself: it agrees, it differs, or one side does not
state it. What is in no item was not compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bagcert.fastpath.audit.second import Said, spelled
from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.untrusted.maps import release_pages
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.certificate.schema import Header, Row
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.printable import printable

__all__ = [
    "Item",
    "Outcome",
    "compare_with_data",
    "compare_with_second",
    "compare_with_stated",
    "compare_with_votes",
]

#: Characters of a value, such as a list of class names, that an item spells.
_SHOWN = 100
#: Rows of votes looked at together.
_BLOCK = 2**14
#: Items about what a certificate assumes by its learner's own statement, and their notes.
_OWN_ASSUMPTIONS = {"looked at": "looked_at", "transductive": "transductive"}
_SILENT = "the certificate does not state it"


class Outcome(StrEnum):
    """How one item came out."""

    AGREES = "agrees"
    DIFFERS = "differs"
    #: By the certificate, by the other side, or by neither: there was nothing to compare.
    NOT_STATED = "not stated"


@dataclass(frozen=True)
class Item:
    """One thing that a certificate may state, beside what ``source`` states of it."""

    name: str
    source: str
    outcome: Outcome
    #: What agrees, how it differs, or who does not state it.
    text: str

    def __str__(self) -> str:
        return f"{self.outcome.upper()} {self.name}: {self.text}"

    def as_fields(self) -> dict[str, str]:
        """Return the item as an object of strings."""
        return {
            "item": self.name, "with": self.source, "outcome": self.outcome.value,
            "text": self.text,
        }  # fmt: skip


def compare_with_votes(
    header: Header, rows: Iterable[Row], votes: Votes, source: str
) -> list[Item]:
    """Return each item of a certificate beside the votes that ``source`` holds.

    Items: ``examples``, ``classes``, ``models`` and every row of ``counts``; the digest of the
    counts; ``n``, ``k``, true labels, class names and the data set's digest as far as both state
    them; under the residual ``integral``, whether the learner ignores its seed, without which the
    certificate proves nothing; and what either states of the assumptions that are the learner's
    own: the data sets that were looked at, and whether labels depend on the other test examples. A
    certificate that passes over the latter differs. Rows are taken one by one, once.
    """
    stated = votes.header
    notes = header.provenance or {}
    examples, classes = votes.counts.shape
    found = [
        _item(name, source, mine, theirs)
        for name, mine, theirs in (
            ("examples", header.examples, examples),
            ("classes", header.classes, classes),
            ("models", header.models, votes.models),
        )
    ]
    alike = votes.counts.shape == (header.examples, header.classes)
    counts, truth = _of_rows(rows, votes, source, alike)
    found.append(counts)
    found.append(_item("votes digest", source, notes.get("votes_sha256"), votes.digest))
    found += [
        _item(name, source, getattr(header, name), getattr(stated, name, None))
        for name in ("n", "k")
    ]
    found.append(truth)
    names = votes.class_names
    mine = None if header.class_names is None else list(header.class_names)
    found.append(_item("class names", source, mine, list(names) if names else None))
    digests = notes.get("dataset_digest"), getattr(stated, "dataset_digest", None)
    found.append(_item("data digest", source, *digests))
    if header.residual == Residual.INTEGRAL:
        found.append(_item("ignores seed", source, True, getattr(stated, "ignores_seed", None)))
    of_votes = {} if stated is None else stated.provenance()
    for name, note in _OWN_ASSUMPTIONS.items():
        noted, voted = notes.get(note), of_votes.get(note)
        if note == "transductive" and noted is None and voted == "true":
            text = f"{source} says that a label may depend on the other test examples; {_SILENT}"
            found.append(Item(name, source, Outcome.DIFFERS, text))
        elif noted is not None or voted is not None:
            found.append(_item(name, source, noted, voted))
    return found


def compare_with_data(header: Header, data: Dataset, source: str) -> list[Item]:
    """Return each item of a certificate beside the data set that ``source`` names."""
    digest = (header.provenance or {}).get("dataset_digest")
    return [
        _item("data digest", source, digest, data.digest),
        _item("n", source, header.n, len(data.train_y)),
        _item("classes", source, header.classes, data.classes),
    ]


def compare_with_stated(header: Header, n: int | None, k: int | None) -> list[Item]:
    """Return n and k beside what the auditor states of them, where they do."""
    return [
        _item(name, f"--{name}", getattr(header, name), value)
        for name, value in (("n", n), ("k", k))
        if value is not None
    ]


def compare_with_second(verdict: Said, checker: str, second: Said) -> Item:
    """Return the kernel's verdict beside a second one: they agree if status and line are equal."""
    same = (verdict.status, verdict.line) == (second.status, second.line)
    return Item(
        "second opinion",
        checker,
        Outcome.AGREES if same else Outcome.DIFFERS,
        f"the kernel says {spelled(verdict)}; {checker} says {spelled(second)}",
    )


def _item(name: str, source: str, mine: Any, theirs: Any) -> Item:
    """Compare one value; None is not stated."""
    if mine is None or theirs is None:
        who = ["the certificate"] * (mine is None) + [source] * (theirs is None)
        more = f"; --{name} can state it" if mine is not None and name in ("n", "k") else ""
        return Item(name, source, Outcome.NOT_STATED, f"not by {', nor by '.join(who)}{more}")
    shown = _shown(mine)
    if mine == theirs:
        return Item(name, source, Outcome.AGREES, f"{shown}, as in {source}")
    text = f"the certificate has {shown}, {source} has {_shown(theirs)}"
    return Item(name, source, Outcome.DIFFERS, text)


def _shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return printable(text, _SHOWN)


def _of_rows(rows: Iterable[Row], votes: Votes, source: str, alike: bool) -> tuple[Item, Item]:
    """The counts and the true labels of every row, beside those of the votes."""
    counts, labels = _Differing("counts"), _Differing("true labels")
    stated = False
    for row, (votes_of, label) in zip(rows, _by_row(votes), strict=alike):
        stated = row.truth is not None
        if not alike:
            break
        counts.look(row, list(row.counts) != votes_of)
        labels.look(row, row.truth != label)
    if votes.labels is None or not stated:
        theirs = None if votes.labels is None else True
        truth = _item(labels.name, source, stated or None, theirs)
    elif alike:
        truth = labels.item(source)
    else:
        truth = Item(labels.name, source, Outcome.DIFFERS, "they are of other rows")
    if alike:
        return counts.item(source), truth
    shape = " × ".join(map(str, votes.counts.shape))
    text = f"the rows cannot be compared: {source} has {shape} of them"
    return Item(counts.name, source, Outcome.DIFFERS, text), truth


def _by_row(votes: Votes) -> Iterator[tuple[list[int], int | None]]:
    for start in range(0, len(votes.counts), _BLOCK):
        part = slice(start, start + _BLOCK)
        counts = votes.counts[part].tolist()
        labels = [None] * len(counts) if votes.labels is None else votes.labels[part].tolist()
        yield from zip(counts, labels, strict=True)
        release_pages(votes.counts, votes.labels)


@dataclass
class _Differing:
    """How many rows differ in something, and the first that does."""

    name: str
    rows: int = 0
    wrong: int = 0
    first: int | None = None

    def look(self, row: Row, differs: bool) -> None:
        self.rows += 1
        if differs:
            self.wrong += 1
            self.first = row.index if self.first is None else self.first

    def item(self, source: str) -> Item:
        if self.wrong:
            share = f"{self.wrong} of {self.rows} rows are not"
            text = f"index {self.first} is not as in {source}; {share}"
            return Item(self.name, source, Outcome.DIFFERS, text)
        return Item(self.name, source, Outcome.AGREES, f"all {self.rows} rows, as in {source}")
