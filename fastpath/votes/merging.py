"""Votes of disjoint model ranges under one header, joined: how an ensemble is trained in parts."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from bagcert.fastpath.votes.votes import Votes

__all__ = ["merge_votes"]

#: What parts of one ensemble may state differently.
_OWN = {"first_model", "models"}


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
    ordered = sorted(parts, key=_first)
    shared = _shared(ordered[0])
    for part in ordered[1:]:
        for name in sorted({*shared, *_shared(part)}):
            if shared.get(name) != _shared(part).get(name):
                raise ValueError(f"merge: the parts differ in {name}")
        if not _same(part.labels, ordered[0].labels):
            raise ValueError("merge: the parts differ in labels")
        if (part.digests is None) != (ordered[0].digests is None):
            raise ValueError("merge: some parts have digests, some have none")
    for before, after in pairwise(ordered):
        end = _first(before) + _models(before)
        if _first(after) < end:
            raise ValueError(f"merge: model {_first(after)} is in two parts")
        if _first(after) > end:
            raise ValueError(f"merge: models {end} to {_first(after) - 1} are in no part")
    predictions = [part.predictions for part in ordered]
    digests = [part.digests for part in ordered]
    return Votes(
        np.sum([part.counts for part in ordered], axis=0, dtype=np.int64),
        labels=ordered[0].labels,
        predictions=_joined(predictions),
        digests=_joined(digests),
        header={
            **(ordered[0].header or {}),
            "first_model": _first(ordered[0]),
            "models": sum(map(_models, ordered)),
        },
    )


def _shared(part: Votes) -> dict[str, Any]:
    if part.header is None:
        raise ValueError("merge: votes without a header do not say which models they are of")
    return {name: value for name, value in part.header.items() if name not in _OWN}


def _first(part: Votes) -> int:
    return int((part.header or {}).get("first_model", 0))


def _models(part: Votes) -> int:
    return int(part.counts[0].sum())


def _same(first: Any, second: Any) -> bool:
    if first is None or second is None:
        return first is second
    return bool(np.array_equal(first, second))


def _joined(arrays: Sequence[Any]) -> Any:
    return None if any(array is None for array in arrays) else np.concatenate(arrays)
