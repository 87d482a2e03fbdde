"""Four routes to a verdict on one certificate file, compared on generated files.

The kernel and the second checker share no code with each other or with the rest, and say VALID,
INVALID or MALFORMED, and the line. ``reference`` and the fast path have no verdict of their own
on a file, but they have one on its counts: a file is accepted where it says what they certify.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bagcert.fastpath.certification.bulk import REASONS, certify_votes
from bagcert.proofs_checks.forgeries import generated
from bagcert.proofs_checks.second_opinion import second_opinion, text_of
from bagcert.reference import checker
from bagcert.reference.algorithm1 import Certificate, witness_size
from bagcert.reference.arithmetic.arguments import as_rational
from bagcert.reference.bounds import Abstention, Method, Reason, rank
from bagcert.reference.certificate.reader import CertificateError, read_certificate
from bagcert.reference.certificate.schema import Header, Row, Scope
from bagcert.reference.certificate.writer import write_certificate
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["Comparison", "compare", "fast_path_accepts", "reference_accepts"]


@dataclass
class Comparison:
    """What was compared: files by the kernel's verdict, and those on which any route differs."""

    seen: Counter[str] = field(default_factory=Counter)
    differ: int = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.seen.items()))
        return (
            f"{self.seen.total()} files: kernel, reference, fast path and second checker differ "
            f"on {self.differ} ({kinds})"
        )


def compare(
    seeds: Iterable[int], differs: Callable[[str], object] = lambda text: None
) -> Comparison:
    """Ask all four about the generated file of each seed (even: true; odd: forged, resealed).

    They agree where kernel and second checker give the same verdict at the same line, and the
    other two accept just what the kernel calls VALID. ``differs`` is told of each other file.
    """
    found = Comparison()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cert.jsonl"
        for seed in seeds:
            name, content = generated(seed)
            path.write_bytes(content)
            kernel, second = checker.check(path), second_opinion(path)
            accepted = reference_accepts(path), fast_path_accepts(path)
            same = (kernel.status, kernel.line) == (second.status, second.line)
            if not same or accepted != (kernel.status == "VALID",) * 2:
                found.differ += 1
                said = ["accepts" if accepts else "refuses" for accepts in accepted]
                differs(
                    f"seed {seed}, {name}: kernel {kernel}; second checker {second}; "
                    f"reference {said[0]}; fast path {said[1]}"
                )
            found.seen[f"{kernel.status} {'forged' if name else 'true'}"] += 1
    return found


def reference_accepts(path: Path) -> bool:
    """Whether ``reference`` reads the file, and certifies of each row's counts what it says."""
    try:
        file = read_certificate(path)
    except CertificateError:
        return False
    return all(row.outcome == file.header.certify(row.counts) for row in file.rows)


def fast_path_accepts(path: Path) -> bool:
    """Whether the file's text is, byte for byte, what the fast path certifies of its counts.

    Header, indices, counts and truth are taken from the file by Python's own JSON reader; labels,
    bounds, radii and reasons are computed in bulk, and all is printed anew.
    """
    again = path.with_suffix(".again")
    try:
        with path.open("rb") as source:
            text = b"".join(text_of(source))
        first, *rows, _ = map(json.loads, text.splitlines())
        header = _header(first)
        write_certificate(again, header, _rows(header, rows), force=True)
    except (EOFError, zlib.error, ValueError, TypeError, KeyError, AttributeError, OverflowError,
            RecursionError):  # fmt: skip
        return False
    return again.read_bytes() == text


def _header(stated: dict[str, Any]) -> Header:
    names = stated.get("class_names")
    return Header(
        **{key: stated[key] for key in ("n", "k", "classes", "models", "examples")},
        alpha=as_rational("alpha", stated["alpha"]),
        method=Method(stated["method"]),
        scope=Scope(stated["scope"]),
        attack=Attack(stated["attack"]),
        residual=Residual(stated["residual"]),
        class_names=None if names is None else tuple(names),
        provenance=stated.get("provenance"),
    )


def _rows(header: Header, stated: list[dict[str, Any]]) -> Iterator[Row]:
    """Certify the counts in bulk."""
    found = certify_votes(
        np.array([row["counts"] for row in stated]),
        header.n,
        header.k,
        header.alpha,
        method=header.method,
        scope=header.scope,
        attack=header.attack,
        residual=header.residual,
        ignores_seed=True,
        cached=False,
    )
    columns = (found.label, found.p_lower, found.p_upper, found.radius, found.reason)
    claims = zip(*(column.tolist() for column in columns), strict=True)
    for row, (label, low, high, radius, reason) in zip(stated, claims, strict=True):
        outcome: Certificate | Abstention
        if reason:
            outcome = Abstention(Reason(REASONS[reason]))
        else:
            second, bounds = rank(row["counts"])[1], (Fraction(low), Fraction(high))
            worst = witness_size(header.n, header.k, radius, header.attack)
            outcome = Certificate(label, second, *bounds, radius, worst)
        yield Row(row["index"], row["counts"], outcome, row.get("truth"))
