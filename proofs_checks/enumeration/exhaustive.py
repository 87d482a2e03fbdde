"""Theorems 1 and 2 by enumeration: no certified radius is unsound, none can be improved.

For every small n, k and c, and every p_l = a / n^k and p_s = b / n^k, the certified radius r* is
compared with what brute force finds:

* **every learner** (:mod:`bagcert.proofs_checks.enumeration.learners`): at each r, the smallest
  margin of any deterministic learner consistent with eq (2), under any D' that eq (1) admits. The
  last r at which all of them keep the vote must be at least r*, and equal where Theorem 2 assumes
  ``a + b <= n^k <= a + (c-1) b``. For few lists the learners are gone through one by one as
  well, and must give the same margins;
* **the optimum's proof** (:mod:`bagcert.proofs_checks.tightness.optimum`), where those are too
  many: for all (a, b), or for a sample, as the scale says;
* **every list**: A* of Theorem 2 answers each list of D and each of D', and what it answered is
  counted: eq (2) holds, and the vote is overturned.

Run ``python -m bagcert.proofs_checks.enumeration.exhaustive [--full]``; exit status 1 at any
failure.
"""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bagcert.proofs_checks.enumeration.learners import Table, counted_margins, literal_margins
from bagcert.proofs_checks.enumeration.visits import visit
from bagcert.proofs_checks.tightness.optimum import optimum_radius
from bagcert.reference.poisoning import Attack, Poisoned
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import certified_poisoning_size
from bagcert.reference.theorem2.learner import adversary

__all__ = ["FULL", "QUICK", "Report", "Scale", "run"]

_Ints = npt.NDArray[np.int64]


class Scale(NamedTuple):
    """How much is enumerated."""

    #: Largest n, k and c.
    n: int
    k: int
    classes: int
    #: Learners are counted for every (a, b) if n^k is at most this, or if c = 2.
    lists: int
    #: Beyond, the optimum's proof decides so many sampled (a, b) for each attack.
    pairs: int
    #: Learners are also gone through one by one where they are no more than this.
    learners: int
    #: Learners A* that answer every list, for each n, k, c and attack.
    visits: int


#: Seconds: what the tests run.
QUICK: Final = Scale(n=6, k=4, classes=4, lists=81, pairs=60, learners=2**16, visits=2)
#: Minutes: every (a, b) where there are at most 10^5, and 10^5 sampled where there are more.
FULL: Final = Scale(n=6, k=4, classes=4, lists=256, pairs=100_000, learners=2**22, visits=40)


@dataclass
class Report:
    """What was enumerated, and what failed."""

    #: (n, k, c, attack, a, b) compared with all learners, and with the optimum's proof.
    by_learners: int = 0
    by_optimum: int = 0
    #: Of both: those in which Theorem 2's assumptions hold, so that equality is owed.
    tight: int = 0
    #: Learners gone through one by one; combinations counted.
    literal: int = 0
    counted: int = 0
    #: A* that answered every list, and the lists.
    adversaries: int = 0
    lists: int = 0
    #: Descriptions of settings: r* too large; r* too small; A* not as Theorem 2 says.
    unsound: list[str] = field(default_factory=list)
    improvable: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether nothing failed."""
        return not (self.unsound or self.improvable or self.wrong)


def run(
    scale: Scale, *, progress: Callable[[int, int], object] = lambda done, total: None
) -> Report:
    """Enumerate at a scale. Deterministic: the samples are drawn with a fixed seed."""
    report = Report()
    settings = [
        (n, k, c)
        for n in range(1, scale.n + 1)
        for k in range(1, scale.k + 1)
        for c in range(2, scale.classes + 1)
    ]
    for done, (n, k, c) in enumerate(settings, start=1):
        drawn = random.Random(n * 10_000 + k * 100 + c)
        for attack in Attack:
            if c == 2 or n**k <= scale.lists:
                _by_learners(n, k, c, attack, scale, report)
            else:
                _by_optimum(n, k, c, attack, scale, drawn, report)
            for _ in range(scale.visits):
                _by_lists(n, k, c, attack, drawn, report)
        progress(done, len(settings))
    return report


def _certified(n: int, k: int, attack: Attack, every: int) -> _Ints:
    """r* at [a, b] for p_l = a / n^k, p_s = b / n^k; -1 for none, -2 where residuals disagree.

    Asked for at every (a, b) if n^k <= ``every``, else for each a - b at its least, its middle and
    its largest b, between which the answer of the larger is repeated.
    """
    lists = n**k
    found = np.empty((lists + 1, lists + 1), np.int64)
    for lead in range(-lists, lists + 1):
        first, last = max(0, -lead), lists - max(0, lead)
        asked = range(first, last + 1) if lists <= every else {first, (first + last) // 2, last}
        for b in sorted(asked):
            p_l, p_s = Fraction(lead + b, lists), Fraction(b, lists)
            radii = {
                certified_poisoning_size(n, k, p_l, p_s, attack=attack, residual=residual)
                for residual in Residual
            }
            radius = -2 if len(radii) > 1 else next(iter(radii))
            rest = np.arange(b, last + 1)
            found[rest + lead, rest] = -1 if radius is None else radius
    return found


def _by_learners(n: int, k: int, c: int, attack: Attack, scale: Scale, report: Report) -> None:
    lists = n**k
    alive = np.ones((lists + 1, lists + 1), bool)
    brute = np.full((lists + 1, lists + 1), -1, np.int64)
    # A larger budget admits every smaller change: "alive" is kept from one r to the next.
    for r in range(n + 1):
        for poisoned in _all_poisoned(n, r, attack):
            alive &= _margins(n, k, c, poisoned, scale, report) > 0
        brute[alive] = r
    ended = attack == Attack.DELETE  # no larger attack: nothing overturns at r = n
    if ended:
        brute = np.minimum(brute, n - 1)
    a, b = np.indices(brute.shape)
    certified = _certified(n, k, attack, scale.lists)
    assumed = (a + b <= lists) & (lists <= a + (c - 1) * b)
    report.by_learners += brute.size
    report.tight += int(assumed.sum())
    for bad, where in (
        (certified > brute, report.unsound),
        (certified == -2, report.wrong),
        (assumed & (certified < brute), report.improvable),
    ):
        for i, j in np.argwhere(bad)[:10]:
            where.append(
                f"n={n} k={k} c={c} {attack} a={i} b={j}: {certified[i, j]}, {brute[i, j]}"
            )


def _all_poisoned(n: int, r: int, attack: Attack) -> Iterator[Poisoned]:
    """Every (n', m) of eq (1) that needs the whole budget r, from the definition."""
    for size in range(1, n + r + 1):
        kept = max(n, size) - r
        made = {
            Attack.ANY: True,
            Attack.MODIFY: size == n,
            Attack.DELETE: size == kept,
            Attack.INSERT: kept == n,
        }
        if 0 <= kept <= min(n, size) and made[attack]:
            yield Poisoned(size, kept)


def _margins(n: int, k: int, c: int, poisoned: Poisoned, scale: Scale, report: Report) -> Table:
    """The smallest margin under D' of any learner with P = a, S = b, at [a, b]."""
    shared = poisoned.kept**k
    table, combinations = _counted(shared, n**k - shared, c)
    report.counted += combinations
    inserted = poisoned.size**k - shared
    margins: Table = table - inserted
    if c ** (n**k + inserted) <= scale.learners:
        literal, learners = literal_margins(n, k, poisoned, c)
        report.literal += learners
        # Both name the same infeasible (a, b): there are none for c >= 2, as l may have all.
        if not np.array_equal(literal, margins):
            report.wrong.append(
                f"n={n} k={k} c={c} {poisoned}: counted and literal learners differ"
            )
    return margins


@lru_cache(maxsize=64)
def _counted(shared: int, removed: int, c: int) -> tuple[Table, int]:
    return counted_margins(shared, removed, c)


def _by_optimum(
    n: int, k: int, c: int, attack: Attack, scale: Scale, drawn: random.Random, report: Report
) -> None:
    lists = n**k
    for _ in range(scale.pairs):
        a = drawn.randint(0, lists)
        # Half of the sample where the assumptions hold, if they can.
        low, high = -(-(lists - a) // (c - 1)), lists - a
        b = drawn.randint(low, high) if drawn.random() < 0.5 else drawn.randint(0, lists)
        p_l, p_s = Fraction(a, lists), Fraction(b, lists)
        found = certified_poisoning_size(n, k, p_l, p_s, attack=attack)
        radius = -1 if found is None else found
        best = optimum_radius(n, k, p_l, p_s, c, attack)
        reached = -1 if best is None else best
        assumed = a + b <= lists <= a + (c - 1) * b
        report.by_optimum += 1
        report.tight += assumed
        said = f"n={n} k={k} c={c} {attack} a={a} b={b}: {radius}, {reached}"
        if radius > reached:
            report.unsound.append(said)
        if assumed and radius < reached:
            report.improvable.append(said)


def _by_lists(n: int, k: int, c: int, attack: Attack, drawn: random.Random, report: Report) -> None:
    """Build A* at r* + 1 for bounds off the grid as well, and let it answer every list."""
    lists = n**k
    residual = drawn.choice([Residual.NONE, Residual.INTEGRAL, Residual.PAPER])
    parts = 1 if residual == Residual.PAPER else drawn.choice([1, 2, 3, 7])
    a = drawn.randint(-(-lists * parts // c), lists * parts)
    rest = lists * parts - a
    b = drawn.randint(-(-rest // (c - 1)), min(rest, a)) if -(-rest // (c - 1)) <= a else rest
    p_l, p_s = Fraction(a, lists * parts), Fraction(b, lists * parts)
    radius = certified_poisoning_size(n, k, p_l, p_s, attack=attack, residual=residual)
    r = 0 if radius is None else radius + 1
    said = f"n={n} k={k} c={c} {attack} {residual} p_l={p_l} p_s={p_s} r={r}"
    if attack == Attack.DELETE and r == n:
        return
    try:
        learner = adversary(n, k, p_l, p_s, r, c, attack=attack, residual=residual)
    except ValueError as error:
        # Rounding for deterministic learners can break an assumption: that is said by name.
        if residual != Residual.INTEGRAL or "Theorem 2 assumes" not in str(error):
            report.wrong.append(f"{said}: {error}")
        return
    report.adversaries += 1
    report.lists += lists + learner.poisoned.size**k
    report.wrong.extend(f"{said}: {fault}" for fault in visit(learner, p_l, p_s))


def main(argv: list[str]) -> int:
    """Print what was enumerated; 1 if anything failed."""
    from bagcert.reference.terminal.console import progress_bar
    from bagcert.reference.terminal.tables import print_table

    scale = FULL if argv == ["--full"] else QUICK
    total = scale.n * scale.k * (scale.classes - 1)
    with progress_bar("n, k and c", total) as advance:
        report = run(scale, progress=advance)
    counts = {name: x if isinstance(x, int) else len(x) for name, x in vars(report).items()}
    print_table(("", "number"), [(name.replace("_", " "), x) for name, x in counts.items()])
    for said in (*report.unsound, *report.improvable, *report.wrong)[:20]:
        print(said)
    return 0 if report.fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
