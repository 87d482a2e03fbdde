"""Votes of disjoint model ranges under one header, joined: how an ensemble is trained in parts."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes

__all__ = ["Tally", "merge_votes"]

#: What parts of one ensemble may state differently.
_OWN = {"first_model", "models"}


class Tally:
    """The votes of all of ``models``, from parts in any order: the one place where they are added.

    Memory: (e, c) counts and 33 bytes a model, whatever the number of parts; (N, e) int32 more
    where predictions are kept.
    """

    def __init__(
        self, models: range, examples: int, classes: int, *, predictions: bool, digests: bool = True
    ) -> None:
        self._models, self._seen = models, np.zeros(len(models), dtype=np.bool_)
        self._counts = np.zeros((examples, classes), dtype=np.int64)
        self._digests: NDArray[np.uint8] | None = None
        self._predictions: NDArray[np.int32] | None = None
        if digests:
            self._digests = np.empty((len(models), 32), dtype=np.uint8)
        if predictions:
            self._predictions = np.empty((len(models), examples), dtype=np.int32)

    @property
    def done(self) -> int:
        """How many models have been added."""
        return int(np.count_nonzero(self._seen))

    def add(self, first: int, part: Votes) -> None:
        """Add the votes of the models from index ``first`` on.

        Raises:
            ValueError: one of them was added before, or the part lacks what is kept.
        """
        places = slice(first - self._models.start, first - self._models.start + part.models)
        if self._seen[places].any():
            twice = first + int(self._seen[places].argmax())
            raise ValueError(f"merge: model {twice} is in two parts")
        self._seen[places] = True
        self._counts += part.counts
        for name, joined in (("digests", self._digests), ("predictions", self._predictions)):
            if joined is None:
                continue
            rows = getattr(part, name)
            if rows is None:
                raise ValueError(f"merge: the part of model {first} has no {name}")
            joined[places] = rows

    def votes(
        self, labels: NDArray[np.int64] | None = None, header: VotesHeader | None = None
    ) -> Votes:
        """Return the votes of all models; the arrays are given up, nothing can be added after.

        Raises:
            ValueError: a model is missing.
        """
        if not self._seen.all():
            missing = self._models.start + int(self._seen.argmin())
            raise ValueError(f"merge: model {missing} is in no part")
        for array in (self._counts, self._digests, self._predictions):
            if array is not None:
                array.setflags(write=False)
        return Votes(self._counts, labels, self._predictions, self._digests, header)


def merge_votes(parts: Sequence[Votes]) -> Votes:
    """Return the votes of all models of all parts, as if they had been trained at once.

    Guarantee: for parts that :func:`~bagcert.fastpath.training.ensemble.train_votes` made of the
    ranges that make up ``0..N-1``, the result equals the votes of N models, header and all.
    Predictions are kept where every part has them.

    Raises:
        ValueError: parts without a header, of another data set, learner, seed, k or version (the
            field is named), that overlap, or that leave models out between them.
    """
    if not parts:
        raise ValueError("merge: name at least one votes file")
    headers = [_header(part) for part in parts]
    basis, labels = headers[0], parts[0].labels
    for part, header in zip(parts, headers, strict=True):
        for name in sorted(field.name for field in fields(VotesHeader)):
            if name not in _OWN and getattr(header, name) != getattr(basis, name):
                raise ValueError(f"merge: the parts differ in {name}")
        if not _same(part.labels, labels):
            raise ValueError("merge: the parts differ in labels")
        if part.counts.shape != parts[0].counts.shape:
            raise ValueError("merge: the parts differ in the number of examples")
        if (part.digests is None) != (parts[0].digests is None):
            raise ValueError("merge: some parts have digests, some have none")
    first = end = min(header.first for header in headers)
    for header in sorted(headers, key=lambda header: header.first):
        if header.first > end:
            raise ValueError(f"merge: models {end} to {header.first - 1} are in no part")
        end = max(end, header.first + header.models)
    kept = all(part.predictions is not None for part in parts)
    digests = parts[0].digests is not None
    tally = Tally(range(first, end), *parts[0].counts.shape, predictions=kept, digests=digests)
    for part, header in zip(parts, headers, strict=True):
        tally.add(header.first, part)
    return tally.votes(labels, replace(basis, first_model=first, models=end - first))


def _header(part: Votes) -> VotesHeader:
    if part.header is None:
        raise ValueError("merge: votes without a header do not say which models they are of")
    return part.header


def _same(first: Any, second: Any) -> bool:
    if first is None or second is None:
        return first is second
    return bool(np.array_equal(first, second))
