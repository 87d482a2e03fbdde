"""The ledger itself: all claims in the paper's order, and their checks run side by side."""

import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import cache
from itertools import chain
from multiprocessing import active_children, get_context
from typing import Final

from bagcert.proofs_checks.claims import (
    appendix_a,
    attacks,
    confidence,
    corollaries,
    coverage,
    equation7,
    gaps,
    lemma1,
    program,
    setting,
    theorem1,
    theorem2,
)
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Found, status_of
from bagcert.proofs_checks.ledger import coq
from bagcert.proofs_checks.ledger.recheck import Checked
from bagcert.reference.arithmetic.arguments import nearest

__all__ = ["LEDGER", "chosen", "examine", "gathered", "run"]

#: Modules of claims, in the paper's order. A new one is added here.
_MODULES: Final = (
    setting,
    lemma1,
    appendix_a,
    theorem1,
    gaps,
    attacks,
    equation7,
    theorem2,
    corollaries,
    confidence,
    coverage,
    program,
)


@cache
def gathered(checked: Checked | None = None) -> tuple[Claim, ...]:
    """Return every claim; what Coq proves of them is as it was found in this run, if at all."""
    printed = chain.from_iterable(module.CLAIMS for module in _MODULES)
    beside = (coq.with_theorems(claim, checked=checked) for claim in printed)
    return (*beside, *coq.claims_of(checked=checked))


#: Every claim, with the proofs not checked again.
LEDGER: Final = gathered()


def chosen(ids: Sequence[str], ledger: Sequence[Claim] = LEDGER) -> tuple[Claim, ...]:
    """Return the claims of these ids, in the ledger's order; all of them where none is named.

    Raises:
        ValueError: an id that does not exist, with those that do; or two claims of one id.
    """
    known = [claim.id for claim in ledger]
    if len(set(known)) < len(known):
        raise ValueError("two claims of the ledger have the same id")
    for name in ids:
        if name not in known:
            raise ValueError(
                f"claim: there is no {name!r:.60}; the nearest are {nearest(name, known)}; "
                f"type: bagcert claims (it checks and lists all {len(known)})"
            )
    return tuple(claim for claim in ledger if not ids or claim.id in ids)


def examine(claim: Claim) -> Found:
    """Run a claim's checks and say what follows. A check that raises supports nothing."""
    start = time.perf_counter()
    findings = tuple(_checked(evidence) for _, evidence in claim.evidence)
    return Found(
        claim.id, status_of(claim, findings), findings, round(time.perf_counter() - start, 2)
    )


def run(
    claims: Sequence[Claim],
    processes: int,
    *,
    checked: Checked | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> list[Found]:
    """Examine claims of the ledger, in so many processes (1: in this one); in order.

    ``claims`` are of ``gathered(checked)``. Interrupted, it ends its processes.
    """
    if processes == 1 or len(claims) == 1:
        found = []
        for done, claim in enumerate(claims, start=1):
            found.append(examine(claim))
            progress(done, len(claims))
        return found
    # A child imports the ledger anew and finds its claim by name: checks need not be picklable.
    others = set(active_children())
    with ProcessPoolExecutor(
        processes, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN)
    ) as pool:
        futures = [pool.submit(_examine_named, claim.id, checked) for claim in claims]
        try:
            waiting: set[Future[Found]] = set(futures)
            while waiting:
                _, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                progress(len(claims) - len(waiting), len(claims))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(active_children()) - others:
                child.terminate()
            raise
        return [future.result() for future in futures]


def _examine_named(name: str, checked: Checked | None) -> Found:
    return examine(chosen([name], gathered(checked))[0])


def _checked(evidence: Evidence) -> Finding:
    try:
        return evidence.check()
    except Exception as error:
        return Finding(False, f"the check failed: {type(error).__name__}: {error}")
