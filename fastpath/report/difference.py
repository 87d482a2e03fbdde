"""Two certificates of one test set, side by side: settings, labels, radii, accuracy."""

from dataclasses import dataclass
from typing import Any

from bagcert.fastpath.report.accuracy import rows_at
from bagcert.reference.bounds import Abstention, rank
from bagcert.reference.certificate.schema import CertificateFile, Row, encode_header
from bagcert.reference.terminal.tables import print_table

__all__ = ["Difference", "RowChange", "difference", "print_difference"]


@dataclass(frozen=True)
class RowChange:
    """One example of which the two say different things; an abstention has the radius None."""

    index: int
    label: tuple[int, int]
    radius: tuple[int | None, int | None]
    abstain: tuple[str | None, str | None]

    @property
    def size(self) -> tuple[bool, int]:
        """How much it changed: other labels first, then by the radius, an abstention being -1."""
        before, after = (-1 if r is None else r for r in self.radius)
        return self.label[0] != self.label[1], abs(after - before)

    def as_fields(self) -> dict[str, Any]:
        """Return the change as an object of pairs."""
        return {
            "index": self.index, "label": list(self.label), "radius": list(self.radius),
            "abstain": list(self.abstain),
        }  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What differs between two certificates A and B of the same examples."""

    #: Fields of the header and of its provenance that differ: name, in A, in B; None is not stated.
    settings: list[tuple[str, Any, Any]]
    examples: int
    #: Rows that are certified in both, in A alone, in B alone, in neither.
    certified: tuple[int, int, int, int]
    #: Rows with another predicted label.
    labels_changed: int
    #: Rows with the same label whose radius in B is larger and smaller; an abstention is below 0.
    larger: int
    smaller: int
    #: Sums of the radii, an abstention counting nothing.
    radius_sums: tuple[int, int]
    #: (r, in A, in B): rows certified at r with their true label; None without truth in both.
    accuracy: list[tuple[int, int, int]] | None
    #: All rows that differ in label, radius or reason, the largest changes first.
    rows: list[RowChange]

    def as_fields(self) -> dict[str, Any]:
        """Return the difference as one JSON object; nothing is left out."""
        names = ("both", "a_alone", "b_alone", "neither")
        return {
            "settings": {name: [a, b] for name, a, b in self.settings},
            "examples": self.examples,
            "certified": dict(zip(names, self.certified, strict=True)),
            "labels_changed": self.labels_changed,
            "radius_larger_in_b": self.larger,
            "radius_smaller_in_b": self.smaller,
            "radius_sums": list(self.radius_sums),
            "certified_accuracy": self.accuracy,
            "rows": [row.as_fields() for row in self.rows],
        }


def difference(a: CertificateFile, b: CertificateFile, radii: list[int]) -> Difference:
    """Compare two certificates row by row.

    Args:
        a, b: of the same test examples: the same indices and, where both state them, the same
            class names and true labels. What trained the models may differ in everything.
        radii: at which certified accuracy is compared.

    Raises:
        ValueError: they are not of the same test set; the message says why.
    """
    _refuse_other_examples(a, b)
    changes, both = [], [0, 0, 0, 0]
    larger = smaller = labels_changed = 0
    sums = [0, 0]
    for pair in zip(a.rows, b.rows, strict=True):
        change = _change(*pair)
        before, after = (-1 if r is None else r for r in change.radius)
        both[2 * (before < 0) + (after < 0)] += 1
        sums = [sums[0] + max(before, 0), sums[1] + max(after, 0)]
        if change.label[0] != change.label[1]:
            labels_changed += 1
        else:
            larger += after > before
            smaller += after < before
        if any(x != y for x, y in (change.label, change.radius, change.abstain)):
            changes.append(change)
    changes.sort(key=lambda row: (row.size, -row.index), reverse=True)
    accuracy = None
    mine, others = a.certified_accuracy, b.certified_accuracy
    if mine is not None and others is not None:
        accuracy = [(r, rows_at(mine, r), rows_at(others, r)) for r in radii]
    return Difference(
        settings=_settings(a, b),
        examples=len(a.rows),
        certified=(both[0], both[1], both[2], both[3]),
        labels_changed=labels_changed,
        larger=larger,
        smaller=smaller,
        radius_sums=(sums[0], sums[1]),
        accuracy=accuracy,
        rows=changes,
    )


def print_difference(found: Difference, names: tuple[str, str], most: int) -> None:
    """Print tables of what differs; at most ``most`` rows, the largest changes."""
    if found.settings:
        print_table(("setting", *names), found.settings)
    else:
        print("the settings are equal")
    both, a_alone, b_alone, neither = found.certified
    print_table(
        (f"of {found.examples} examples", "rows"),
        [
            ("certified in both", both),
            (f"certified in {names[0]} alone", a_alone),
            (f"certified in {names[1]} alone", b_alone),
            ("certified in neither", neither),
            ("other labels", found.labels_changed),
            (f"same label, larger radius in {names[1]}", found.larger),
            (f"same label, smaller radius in {names[1]}", found.smaller),
            (f"sum of the radii in {names[0]}", found.radius_sums[0]),
            (f"sum of the radii in {names[1]}", found.radius_sums[1]),
        ],
    )
    if found.accuracy is not None:
        print_table(("certified accuracy at r", *names), found.accuracy)
    if found.rows[:most]:
        a, b = names
        heads = ("index", f"label in {a}", f"in {b}", f"radius in {a}", f"in {b}")
        print_table(heads, map(_cells, found.rows[:most]))
    if len(found.rows) > most:
        print(f"{len(found.rows) - most} more rows differ; --rows shows more, --json all")


def _cells(row: RowChange) -> tuple[object, ...]:
    radii = (r if why is None else why for r, why in zip(row.radius, row.abstain, strict=True))
    return row.index, *row.label, *radii


def _refuse_other_examples(a: CertificateFile, b: CertificateFile) -> None:
    stated = (
        (a.header.classes, b.header.classes, "classes"),
        (a.header.class_names, b.header.class_names, "class_names"),
    )
    for mine, other, name in stated:
        if mine is not None and other is not None and mine != other:
            raise ValueError(f"not of one test set: {name} differ")
    if len(a.rows) != len(b.rows):
        raise ValueError(f"not of one test set: {len(a.rows)} examples and {len(b.rows)}")
    for row, other_row in zip(a.rows, b.rows, strict=True):
        if row.index != other_row.index:
            raise ValueError(f"not of one test set: indices {row.index} and {other_row.index}")
        if None not in (row.truth, other_row.truth) and row.truth != other_row.truth:
            raise ValueError(f"not of one test set: index {row.index} has two true labels")


def _settings(a: CertificateFile, b: CertificateFile) -> list[tuple[str, Any, Any]]:
    """Fields of both headers that differ, provenance among them, in the order of the file."""
    flat = []
    for file in (a, b):
        fields = encode_header(file.header)
        notes = fields.pop("provenance", {})
        fields.pop("class_names", None)
        flat.append(fields | {f"provenance.{key}": text for key, text in notes.items()})
    names = dict.fromkeys([*flat[0], *flat[1]])
    return [
        (name, flat[0].get(name), flat[1].get(name))
        for name in names
        if flat[0].get(name) != flat[1].get(name)
    ]


def _change(a: Row, b: Row) -> RowChange:
    (label_a, radius_a, why_a), (label_b, radius_b, why_b) = map(_said, (a, b))
    return RowChange(a.index, (label_a, label_b), (radius_a, radius_b), (why_a, why_b))


def _said(row: Row) -> tuple[int, int | None, str | None]:
    """The label, which an abstaining row has as well; the radius; or why there is none."""
    if isinstance(row.outcome, Abstention):
        return rank(row.counts)[0], None, row.outcome.reason.value
    return row.outcome.label, row.outcome.radius, None
