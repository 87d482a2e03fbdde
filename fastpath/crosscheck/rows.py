"""Rows for a crosscheck: random ones, ones at every edge, and the test vectors."""

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bagcert.fastpath.certification.bound_table import BoundTable
from bagcert.fastpath.certification.bulk import REASONS, certify_votes
from bagcert.fastpath.certification.radius_filter import certified_radii

__all__ = ["edge_rows", "random_rows", "vector_differences"]

_Counts = npt.NDArray[np.int64]


def random_rows(rows: int, classes: int, models: int, seed: int) -> _Counts:
    """Votes of all kinds, near-unanimous to tied: multinomial, under Dirichlet probabilities."""
    drawn = np.random.Generator(np.random.Philox(seed))
    counts = np.empty((rows, classes), np.int64)
    for start in range(0, rows, 500):
        share = drawn.dirichlet(np.full(classes, 0.3))
        part = counts[start : start + 500]
        part[...] = drawn.multinomial(models, share, size=len(part))
    return counts


def edge_rows(rows: int, classes: int, models: int) -> _Counts:
    """Votes at every edge: unanimous, equal counts, one vote either side, zero votes.

    The largest count runs over its whole range; the second is its least, its most, and one less
    than each; the label stands first, last and between.
    """
    found: list[list[int]] = []
    least = -(-models // classes)
    tops = range(models, least - 1, -max(1, (models - least) * 12 // max(rows, 1)))
    for top in (*tops, least):
        rest = models - top
        most = min(rest, top)
        few = -(-rest // (classes - 1))
        for second in sorted({few, few + 1, most - 1, most} & set(range(few, most + 1))):
            others = _fill(rest - second, classes - 2, second)
            if others is None:
                continue
            row = [top, second, *others]
            found.extend((row, row[::-1], row[1:2] + row[:1] + row[2:]))
    return np.array(found[:rows], np.int64).reshape(-1, classes)


def _fill(rest: int, places: int, most: int) -> list[int] | None:
    filled = []
    for _ in range(places):
        filled.append(min(rest, most))
        rest -= filled[-1]
    return None if rest else filled


def vector_differences(folder: Path) -> tuple[int, int, list[str]]:
    """Compare the fast path with every vector that floats can state: (compared, left out, faults).

    Left out are radii of probabilities off the grid of 2^-53, and of p_lower below p_upper with
    ``integral``, which no votes lead to.

    Raises:
        OSError, ValueError: the folder does not hold the vectors.
    """
    compared, left_out, faults = 0, 0, []
    for name, test in _vectors(folder):
        said = f"{name}.json tcId {test['tcId']}"
        if name == "radius":
            bounds = [Fraction(test[side]) for side in ("p_lower", "p_upper")]
            if any((p * 2**53).denominator != 1 for p in bounds):
                left_out += 1
                continue
            low, high = (np.array([float(p)]) for p in bounds)
            radius = certified_radii(
                test["n"], test["k"], low, high, attack=test["attack"], residual=test["residual"]
            ).radius[0]
            found: Any = None if radius < 0 else int(radius)
        elif name == "clopper_pearson":
            table = BoundTable(test["total"], test["beta"])
            bound = table.lower if test["side"] == "lower" else table.upper
            found = float(bound([test["count"]])[0]).hex()
        else:
            found = _certified(test)
            test["result"].pop("worst_size", None)
            test["result"].pop("runner_up", None)
        compared += 1
        if found != test["result"]:
            faults.append(f"{said}: {found}, should be {test['result']}")
    return compared, left_out, faults


def _certified(test: dict[str, Any]) -> dict[str, Any]:
    row = certify_votes(
        np.array([test["counts"]]),
        test["n"],
        test["k"],
        test["alpha"],
        method=test["method"],
        attack=test["attack"],
        residual=test["residual"],
        ignores_seed=True,
        cached=False,
    )
    if row.reason[0]:
        return {"abstain": REASONS[row.reason[0]]}
    return {
        "label": int(row.label[0]),
        "p_lower": float(row.p_lower[0]).hex(),
        "p_upper": float(row.p_upper[0]).hex(),
        "radius": int(row.radius[0]),
    }


def _vectors(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("radius", "clopper_pearson", "certify"):
        content = json.loads((folder / f"{name}.json").read_text())
        if content.get("algorithm") != name or not isinstance(content.get("tests"), list):
            raise ValueError(f"{folder / name}.json: not a file of test vectors")
        if not content["tests"]:
            raise ValueError(f"{folder / name}.json: holds no tests, so that nothing is checked")
        numbers = [test["tcId"] for test in content["tests"]]
        if any(b <= a for a, b in pairwise(numbers)):
            raise ValueError(f"{folder / name}.json: tcId must increase")
        for test in content["tests"]:
            yield name, test
