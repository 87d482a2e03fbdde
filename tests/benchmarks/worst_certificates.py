"""The files that cost the kernel most for their length: seconds and steps a megabyte, memory.

`python tests/benchmarks/worst_certificates.py` builds each in memory, judges it and prints one
line. `--rows N`: longer files. The claims are made by the kernel's own functions: what is asked
here is what they cost, not whether they are right. `tests/unit/checker/test_worst_files.py` counts
the steps of short ones.
"""

import argparse
import bisect
import hashlib
import io
import json
import random
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import betaincinv

from bagcert.reference import checker

HEADER = {
    "format": "bagcert-certificate/1",
    "n": 10**12,
    "k": 26_214,
    "classes": 3,
    "models": 10**6,
    "examples": 1,
    "alpha": "9/10",
    "method": "simuem",
    "scope": "each",
    "attack": "any",
    "residual": "paper",
}


def dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def seal(lines: list[bytes]) -> bytes:
    body = b"".join(lines)
    end = {"count": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    return body + dump(end)


def largest(judge: checker.Judge, x: int) -> int:
    """The tightest bound, galloping from scipy's guess."""
    guess = int(betaincinv(x, judge.N - x + 1, float(judge.beta)) * checker.ONE)
    reach = 1
    while judge.sound(x, guess + reach) or not judge.sound(x, guess - reach):
        reach *= 2
    window = range(guess - reach, guess + reach + 1)
    return window[bisect.bisect(window, False, key=lambda t: not judge.sound(x, t)) - 1]


def row_of(judge: checker.Judge, counts: list[int]) -> dict[str, Any]:
    """What must stand after the counts."""
    n_s, n_l = sorted(counts)[-2:]
    reason = judge.reason(n_l, n_s)
    if reason:
        return {"abstain": reason}
    t_l = largest(judge, n_l)
    t_s = checker.ONE - largest(judge, judge.opposed(n_l, n_s))
    radii = range(1, judge.n)
    radius = bisect.bisect(radii, False, key=lambda r: not judge.holds(r, t_l, t_s))
    bounds = {"p_lower": checker.spelled(t_l), "p_upper": checker.spelled(t_s)}
    row = {"label": counts.index(n_l), **bounds, "radius": radius}
    worst = judge.worst(radius + 1)
    return row if worst is None else row | {"worst_size": worst}


def file_of(votes: list[list[int]], **changes: Any) -> bytes:
    head = HEADER | {"examples": len(votes), "classes": len(votes[0])} | changes
    judge = checker.Judge(head)
    rows = [{"index": i, "counts": v} | row_of(judge, v) for i, v in enumerate(votes)]
    return seal([dump(head), *map(dump, rows)])


def spread(rows: int, low: float, high: float, classes: int) -> list[list[int]]:
    """Votes that differ from row to row, so that no answer can be kept."""
    rng = random.Random(3)
    found = []
    for _ in range(rows):
        first = rng.randint(int(low * 10**6), int(high * 10**6))
        second = rng.randint((10**6 - first) // 2, min(first, 10**6 - first))
        three = [first, second, 10**6 - first - second]
        found.append(three if classes == 3 else [first, 10**6 - first])
    return found


def near(rows: int) -> list[list[int]]:
    return [[400_000 + i, 399_400 - i, 200_600] for i in range(rows)]


def meeting(rows: int) -> bytes:
    """Abstentions whose bounds meet to some 10^-9, p_l < p_s: where the kernel looks for a point
    between them it halves the grid some thirty times, and each row is short."""
    N, level = 10**6, 0.9 / 3
    first, second = np.arange(400_000, 500_000), np.arange(390_000, 500_000)
    low = betaincinv(first, N - first + 1, level)
    high = 1 - betaincinv(N - second, second + 1, level)
    place = np.searchsorted(high, low)  # the least count whose p_s is not below p_l
    first, low, place = (found[place < len(second)] for found in (first, low, place))
    apart = high[place] - low
    apart[apart < 1e-12] = 1  # floats cannot say which is larger
    votes = [
        [int(first[i]), int(second[place[i]]), int(N - first[i] - second[place[i]])]
        for i in np.argsort(apart)[:rows]
    ]
    head = HEADER | {"examples": rows}
    made = [{"index": i, "counts": v, "abstain": "bounds"} for i, v in enumerate(votes)]
    return seal([dump(head), *map(dump, made)])


#: Bounds near one half need the longest sums; few lists and close counts, searches.
FILES: dict[str, Callable[[int], bytes]] = {
    "n = 10^12, k = 26214, two classes": lambda rows: file_of(
        spread(rows, 0.6, 0.9, 2), method="cohen", alpha="1/1000"
    ),
    "beta = 0.3, three classes": lambda rows: file_of(spread(rows, 0.5, 0.7, 3)),
    "beta = 0.45, two classes": lambda rows: file_of(spread(rows, 0.6, 0.9, 2)),
    "sign tests and bounds": lambda rows: file_of(spread(rows, 0.5, 0.7, 3), method="selected"),
    "close counts": lambda rows: file_of(near(rows)),
    "close counts, sign tests": lambda rows: file_of(near(rows), method="selected"),
    "one list": lambda rows: file_of(spread(rows, 0.6, 0.9, 2), n=1, k=1),
    "large radii": lambda rows: file_of(spread(rows, 0.99, 0.999, 2), n=31, k=2**20 // 5),
    "bounds that meet": meeting,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300)
    rows = parser.parse_args().rows
    for name, make in FILES.items():
        content = make(rows)
        checker.factorials.cache_clear()
        start = time.process_time()
        examination = checker.Examination(io.BytesIO(content))
        ended = "VALID"
        try:
            for _ in examination.rows():
                pass
        except checker.Fault as fault:
            ended = f"{fault.status} at line {examination.line}: {fault.message}"
        seconds, size = time.process_time() - start, examination.size
        print(
            f"{name}: {rows} rows, {size} of {len(content)} bytes, {seconds:.2f} s, "
            f"{seconds / size * 10**6:.1f} s and {examination.work / size:.1f} million steps a "
            f"megabyte; {ended}"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
