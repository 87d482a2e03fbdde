"""True labels as a stranger writes them: names of classes, or positions from 0."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.arrays import Expected, read_npy
from bagcert.fastpath.untrusted.errors import ArrayError, VotesError, shown
from bagcert.fastpath.untrusted.files import opened
from bagcert.fastpath.untrusted.integers import as_integers
from bagcert.fastpath.untrusted.maps import Growing, blocks
from bagcert.fastpath.untrusted.table_options import LabelKind, TableOptions
from bagcert.fastpath.untrusted.tables import read_labels
from bagcert.fastpath.untrusted.texts import Texts
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.limits import MAX_TESTED

__all__ = ["labels_in", "numbered", "with_labels"]

_EXPECTED: Final = Expected("iu", np.int64, MAX_TESTED, mapped=True)


def with_labels(votes: Votes, column: Texts | None, options: TableOptions) -> Votes:
    """Return the votes with the true labels of a column, or of a file of their own, if any.

    Args:
        votes: what they are the labels of; their class names are the names of labels.
        column: the texts of a column of true labels, or None.
        options: where else labels are, and what their texts are.

    Raises:
        VotesError: labels in two places; or as :func:`labels_in` and :func:`numbered`.
        OSError: the file of labels cannot be read.
    """
    stated = [source for source in (votes.labels, column, options.labels) if source is not None]
    if len(stated) > 1:
        raise VotesError("labels: the votes hold true labels already; leave out --labels")
    examples, classes = votes.counts.shape
    names, kind = votes.class_names or (), options.label_kind
    if column is not None:
        return replace(votes, labels=numbered(column, classes, names, kind))
    if options.labels is not None:
        return replace(votes, labels=labels_in(options.labels, examples, classes, names, kind))
    return votes


def labels_in(
    path: Path, examples: int, classes: int, names: Sequence[str], kind: LabelKind | None
) -> NDArray[np.int64]:
    """Return the true labels in a file, (examples,) int64: .npy, or text with one a line.

    Raises:
        VotesError: naming the file; as :func:`numbered`, or not one label for each example.
        OSError: the file cannot be read.
    """
    file, _ = opened(path)
    with file:
        try:
            if path.suffix.lower() == ".npy":
                found = read_npy(file, "labels", _EXPECTED)
                if found.shape != (examples,):
                    raise VotesError(f"labels: shape {found.shape}, where {examples} is due")
                return found
            texts = read_labels(file, "labels", examples, names, classes)
            return numbered(texts, classes, names, kind)
        except ArrayError as error:
            raise VotesError(f"{path}: {error}") from error


def numbered(
    texts: Texts, classes: int, names: Sequence[str], kind: LabelKind | None
) -> NDArray[np.int64]:
    """Return the labels that ``texts`` name, (rows,) int64 in [0, classes).

    Args:
        texts: one for each example, gathered for these classes and names.
        classes: c.
        names: of the classes, in order; may be empty.
        kind: what the texts are, or None: what they must be, where only one of the two fits, or
            both say the same.

    Raises:
        VotesError: they are neither, or could be either.
        ArrayError: there is no room for a file without a name.
    """
    place = {name: label for label, name in enumerate(names)}
    distinct = texts.rows
    by_name = {text: place[text] for text in distinct if text in place}
    positions = dict(zip(distinct, as_integers([*distinct]), strict=True))
    by_position = {text: at for text, at in positions.items() if at is not None and at < classes}
    fits = {
        what: found
        for what, found in ((LabelKind.NAMES, by_name), (LabelKind.POSITIONS, by_position))
        if len(found) == len(distinct) and kind in (None, what)
    }
    if not fits:
        named = kind == LabelKind.NAMES or (kind is None and bool(names) and not by_position)
        known, due = (
            (by_name, "the name of no class")
            if named
            else (by_position, f"no position in 0..{classes - 1}")
        )
        text, row = next((text, row) for text, row in distinct.items() if text not in known)
        raise VotesError(f"labels: row {row}: {shown(text, 40)} is {due}")
    first, *others = fits.values()
    for text in distinct:
        if any(other[text] != first[text] for other in others):
            raise VotesError(
                f"labels: {shown(text, 40)} could be the name of class {by_name[text]}, or "
                f"position {by_position[text]}: say --label-kind names, or --label-kind positions"
            )
    labels = np.array([first[text] for text in texts.known], np.int64)
    with Growing("labels", np.int64) as made:
        for part in texts.numbers:
            for block in blocks(part):
                made.add(labels[block])
        return made.array()
