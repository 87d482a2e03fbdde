"""A pytest plugin: ``crosscheck_votes``, which compares both paths on a votes array of your own.

def test_my_ensemble(crosscheck_votes):
    crosscheck_votes(counts, n=60_000, k=100, alpha="1/1000")
"""

from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["crosscheck_votes"]


@pytest.fixture(scope="session")
def crosscheck_votes() -> Callable[..., None]:
    """A function of counts, n, k, alpha and the options of ``certify_votes``.

    It fails the test if any label, bound, radius or abstention differs between the fast path and
    the exact reference, with the smallest such row as a command.
    """

    def compare(counts: Any, n: int, k: int, alpha: Any, **options: Any) -> None:
        import numpy as np

        from bagcert.fastpath.crosscheck.comparison import Setting, crosscheck
        from bagcert.reference import Attack, Method, Residual, Scope
        from bagcert.reference.arithmetic.arguments import as_level, as_member

        unknown = set(options) - {"method", "scope", "attack", "residual"}
        if unknown:
            raise TypeError(f"unknown options: {', '.join(sorted(unknown))}")
        setting = Setting(
            n,
            k,
            as_level("alpha", alpha),
            as_member("method", options.get("method", "selected"), Method),
            as_member("scope", options.get("scope", "simultaneous"), Scope),
            as_member("attack", options.get("attack", "any"), Attack),
            as_member("residual", options.get("residual", "paper"), Residual),
        )
        report = crosscheck(np.asarray(counts), setting)
        if report.smallest is not None:
            worst = report.smallest
            pytest.fail(
                f"{report.differing} of {report.rows} rows differ; the smallest, {worst.counts}: "
                f"{worst.field} is {worst.fast}, exactly {worst.exact}\n{worst.command}",
                pytrace=False,
            )

    return compare
