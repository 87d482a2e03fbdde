"""True certificate files of every kind, small and on the boundary, out of ``reference``."""

import random
from fractions import Fraction
from typing import Any, Final

from bagcert.reference import Attack, Method, Residual
from bagcert.reference.certificate.schema import Header, Row, Scope, encode_header, encode_row

__all__ = ["Fields", "true_lines"]

_ALPHAS: Final = ("1/2", "50/99", "1/20", "1/1000", "999/1000", "2/3", "1/4096", "1/123456789")
_NAMES: Final = ("cat", 'a "b"', "\\", "\u00e9", "\U0001f600", "\ud800", "\x7f\n\t", "", "x" * 256)
_SIZES: Final = (1, 2, 3, 7, 10, 400, 1000, 60_000, 10**12)
_MODELS: Final = (1, 2, 3, 10, 31, 100, 300)
#: A line of a certificate file, as an object.
Fields = dict[str, Any]


def true_lines(drawn: random.Random) -> list[Fields]:
    """Return header and rows of a true file, as objects; small settings of every kind."""
    classes, models = drawn.choice((2, 2, 3, 5)), drawn.choice(_MODELS)
    n = drawn.choice(_SIZES)
    k = drawn.choice((1, 2, 3, 20, 100)) if n < 10**12 else drawn.choice((1, 2, 20))
    indices = sorted(drawn.sample(range(20), drawn.randrange(1, 6)))
    names = drawn.sample(_NAMES, classes) if drawn.random() < 0.2 else None
    notes = {name: drawn.choice(_NAMES) for name in drawn.sample(_NAMES, 3)}
    header = Header(
        n=n,
        k=k,
        classes=classes,
        models=models,
        examples=len(indices),
        alpha=Fraction(drawn.choice(_ALPHAS)),
        method=drawn.choice([*Method]),
        scope=drawn.choice([*Scope]),
        attack=drawn.choice([*Attack]),
        residual=drawn.choice([*Residual]),
        class_names=None if names is None else tuple(names),
        provenance=notes if drawn.random() < 0.2 else None,
    )
    with_truth = drawn.random() < 0.7
    rows = []
    for index in indices:
        counts = _counts(drawn, classes, models)
        outcome = header.certify(counts)
        truth = drawn.randrange(classes) if drawn.random() < 0.3 else counts.index(max(counts))
        rows.append(encode_row(Row(index, counts, outcome, truth if with_truth else None)))
    return [encode_header(header), *rows]


def _counts(drawn: random.Random, classes: int, models: int) -> list[int]:
    """Votes for the labels: unanimous, tied, or with a lead of any size."""
    lead = drawn.choice((models, models, drawn.randrange(models + 1), (models + 1) // 2))
    counts = [0] * classes
    counts[drawn.randrange(classes)] = lead
    others = drawn.randrange(1, classes)
    for _ in range(models - lead) if models <= 31 else ():
        counts[drawn.randrange(classes)] += 1
    counts[others] += models - sum(counts)
    return counts
