"""``make bench``: each stage, and what it costs beside finding the top two, and beside plain code.

10^6 rows, c = 10, N = 1,000, n = 60,000, k = 100, votes of all kinds. Ratios are of medians taken
in one process; the plain loop and the reference are timed on fewer rows and counted by the row.
"""

import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from bagcert.fastpath.certification.bound_table import BoundTable, SignTests
from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.fastpath.certification.radius_filter import certified_radii
from bagcert.fastpath.certification.top_two import CHUNK, top_two
from bagcert.fastpath.crosscheck.rows import random_rows
from bagcert.reference import certify

ROWS, C, N_MODELS, N, K, ALPHA = 10**6, 10, 1000, 60_000, 100, Fraction(1, 1000)


@pytest.fixture(scope="module")
def counts() -> Any:
    rows = random_rows(ROWS, C, N_MODELS, 0)
    np.random.Generator(np.random.Philox(9)).shuffle(rows)
    return rows


def plain_loop(rows: Any, alpha: float) -> list[int]:
    """The paper's recipe in floats: an interval for each count, then a binary search over r."""
    radii = []
    for row in rows:
        bounds = [
            proportion_confint(int(x), N_MODELS, alpha=2 * alpha / C, method="beta") for x in row
        ]
        label = int(np.argmax(row))
        low = bounds[label][0]
        high = min(1 - low, max(bounds[j][1] for j in range(C) if j != label))
        best, beyond = -1, N
        while beyond - best > 1:
            r = (best + beyond) // 2
            # Eq (7): n' = n, n + r or the stationary point.
            worst = max(
                (size / N) ** K - 2 * ((max(N, size) - r) / N) ** K
                for size in (N, N + r, min(max(N, r / (1 - 0.5 ** (1 / (K - 1)))), N + r))
            )
            if worst + 1 - low + high < 0:
                best = r
            else:
                beyond = r
        radii.append(best)
    return radii


def top_two_of_all(rows: Any) -> None:
    for start in range(0, len(rows), CHUNK):
        top_two(rows[start : start + CHUNK], N_MODELS, start)


def bounds_for(rows: Any) -> tuple[Any, Any]:
    table = BoundTable(N_MODELS, ALPHA / ROWS / 2)
    table.lower(np.arange(N_MODELS + 1))
    return table.lower(np.sort(rows[:50_000, 0])), table.upper(np.sort(rows[:50_000, 1]))


def test_partition(benchmark: Any, counts: Any) -> None:
    benchmark(np.partition, counts, -2, axis=1)


def test_top_two(benchmark: Any, counts: Any) -> None:
    benchmark(top_two_of_all, counts)


def test_bound_table(benchmark: Any) -> None:
    every = np.arange(N_MODELS + 1)
    benchmark(lambda: BoundTable(N_MODELS, ALPHA / ROWS / 2).lower(every))


def test_sign_tests(benchmark: Any) -> None:
    every = np.arange(N_MODELS + 1)
    benchmark(lambda: SignTests(N_MODELS, ALPHA / ROWS / 900).passes(every, 0 * every))


def test_radii(benchmark: Any, counts: Any) -> None:
    low, high = bounds_for(counts)
    benchmark(certified_radii, N, K, low, np.minimum(high, 1 - low))


def test_certify_votes(benchmark: Any, counts: Any) -> None:
    benchmark(certify_votes, counts, N, K, ALPHA)


def median_seconds(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def test_ratios(counts: Any) -> None:
    certify_votes(counts, N, K, ALPHA)  # tables and imports aside
    fast = median_seconds(lambda: certify_votes(counts, N, K, ALPHA), 7)
    floor = median_seconds(lambda: np.partition(counts, -2, axis=1), 7)
    few = counts[:40]
    plain = median_seconds(lambda: plain_loop(few, float(ALPHA / ROWS)), 3) / len(few)
    some = np.unique(counts[:300], axis=0)
    exact = median_seconds(
        lambda: [certify(row.tolist(), N, K, ALPHA / ROWS) for row in some], 1
    ) / len(some)
    row = fast / ROWS
    print(f"\ncertify_votes: {1e9 * row:.0f} ns a row, {1 / row / 1e6:.1f} million rows a second")
    print(f"  against np.partition:         {fast / floor:.2f} times its time")
    print(f"  against the plain float loop: {plain / row:,.0f} times less a row")
    print(f"  against the exact reference:  {exact / row:,.0f} times less a row")
