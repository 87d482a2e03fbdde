"""Eq (1)–(3) and the regions of Appendix A: poisoned sets, lists, label probabilities."""

from collections import Counter
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from typing import Any

from bagcert.proofs_checks.enumeration.learners import lists_of
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative
from bagcert.reference.poisoning import Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem2.assumptions import unmet_assumption

__all__ = ["CLAIMS", "reachable", "transfer"]


def reachable(n: int, r: int) -> set[tuple[int, int]]:
    """Return every (n', m) of a non-empty D' in B(D, r), by going through the sets themselves.

    D is range(n); an attacker needs at most n + r new examples, named from n on.
    """
    found = set()
    universe = range(2 * n + r)
    for size in range(1, n + r + 1):
        for poisoned in combinations(universe, size):
            kept = sum(example < n for example in poisoned)
            if max(n, size) - kept <= r:
                found.add((size, kept))
    return found


def _every_poisoned_set() -> Finding:
    cases = 0
    for n in range(1, 4):
        for r in range(n + 2):
            found = reachable(n, r)
            least = {size: min(m for s, m in found if s == size) for size, _ in found}
            expected = {size: kept_examples(n, size, r) for size in poisoned_sizes(n, r)}
            if least != expected:
                return Finding(False, f"eq (1) allows other sizes at n={n}, r={r}")
            cases += len(found)
    return Finding(
        True,
        "n' runs from max(1, n - r) to n + r, and at each n' the fewest kept examples are "
        f"max(0, max(n, n') - r): every D' for n <= 3, r <= n + 1 ({cases} pairs (n', m)).",
    )


def _spelled(data: tuple[str, ...], k: int) -> Counter[tuple[str, ...]]:
    """Count, for each list of values, the lists of k examples that spell it."""
    return Counter(product(data, repeat=k))


def _values_for_examples() -> Finding:
    """Two data sets with the same values, so r = 0 if D is read as a set of values."""
    clean, tampered = ("a", "b", "b", "b"), ("a", "a", "a", "b")
    as_values = max(len(set(clean)), len(set(tampered))) - len(set(clean) & set(tampered))
    occurring = max(len(clean), len(tampered)) - sum(value in tampered for value in clean)
    chances = [Fraction(_spelled(data, 1)["b",], len(data)) for data in (clean, tampered)]
    return Finding(
        as_values == occurring == 0 and chances == [Fraction(3, 4), Fraction(1, 4)],
        "D = {a, b, b, b} and D' = {a, a, a, b} have the same values, so no change at all; at "
        "k = 1 the learner that answers its one example says b with probability 3/4 under D and "
        "1/4 under D'.",
    )


def _copies_count() -> Finding:
    """For all learners at once: no set of value lists loses more than n^k - m^k lists."""
    cases = 0
    sets = [s for n in range(1, 5) for s in combinations_with_replacement("abc", n)]
    for k in (1, 2, 3):
        spelled = {data: _spelled(data, k) for data in sets}
        for clean, tampered in product(sets, repeat=2):
            kept = (Counter(clean) & Counter(tampered)).total()
            lost = (spelled[clean] - spelled[tampered]).total()
            won = (spelled[tampered] - spelled[clean]).total()
            if lost > len(clean) ** k - kept**k or won > len(tampered) ** k - kept**k:
                return Finding(False, f"the bound fails for {clean} and {tampered}, k={k}")
            cases += 1
    return Finding(
        True,
        "with |D ∩ D'| = m counted with copies, no learner's mass falls by more than n^k - m^k "
        f"lists or rises by more than n'^k - m^k: {cases:,} pairs of data sets of at most 4 "
        "examples of 3 values, k <= 3, all learners at once.",
    )


def _every_list() -> Finding:
    cases = 0
    for n, k in product(range(1, 6), range(1, 5)):
        for size in range(1, 6):
            for kept in range(min(n, size) + 1):
                clean, tampered = map(set, lists_of(n, k, Poisoned(size, kept)))
                regions = len(clean & tampered), len(clean - tampered), len(tampered - clean)
                if regions != (kept**k, n**k - kept**k, size**k - kept**k):
                    return Finding(
                        False, f"the regions are wrong at n={n} k={k} n'={size} m={kept}"
                    )
                cases += 1
    return Finding(
        True,
        "|E| = m^k, |B| = n^k - m^k, |B'| = n'^k - m^k, by listing them: "
        f"n, n' <= 5, k <= 4, every m ({cases} cases).",
    )


def transfer(lost: Any = None, won: Any = None) -> Finding:
    """The two transfer bounds. ``lost``: |B| less a label's part of it; ``won``: its part of B'."""
    steps = Steps()
    shared, gone, in_e = nonnegative("E B x_E")
    new = nonnegative("B'")
    rest = nonnegative("a") if lost is None else lost
    taken = nonnegative("b") if won is None else won
    clean = in_e + (gone - rest)  # a label's lists of D, of which all of B but the rest
    after = in_e + taken
    steps.nonnegative(
        "|B| = n^k - m^k, so x' - (x - (n^k - m^k)) >= 0",
        after - (clean - ((shared + gone) - shared)),
    )
    part, of_new = nonnegative("c d")
    # Likewise x = x_E + c with c >= 0, and of B' all but d >= 0.
    upper = (in_e + part) + ((shared + new) - shared) - (in_e + new - of_new)
    steps.nonnegative("|B'| = n'^k - m^k, so (x + n'^k - m^k) - x' >= 0", upper)
    return steps.finding(
        "For any randomised learner and label, with x lists of D and x' of D': "
        "x - (n^k - m^k) <= x' <= x + (n'^k - m^k)."
    )


def _attained() -> Finding:
    """Both bounds of eq (2) attained by a deterministic learner, just where the condition holds."""
    cases = 0
    for lists, classes in product(range(1, 13), (2, 3, 4)):
        counts = {
            (shares[0], max(shares[1:]))
            for shares in product(range(lists + 1), repeat=classes)
            if sum(shares) == lists
        }
        for a, b in product(range(lists + 1), repeat=2):
            low, high = Fraction(a, lists), Fraction(b, lists)
            met = unmet_assumption(lists, 1, low, high, classes, Residual.INTEGRAL) is None
            if met != ((a, b) in counts) or met != (a + b <= lists <= a + (classes - 1) * b):
                return Finding(False, f"{a} and {b} of {lists} lists, c={classes}")
            cases += 1
    return Finding(
        True,
        "some deterministic learner has p_l and max p_j exactly as bounded if and only if "
        "p_l + p_s <= 1 <= p_l + (c-1) p_s: "
        f"every share of at most 12 lists, c <= 4 ({cases} pairs).",
    )


CLAIMS = (
    Claim(
        "eq-1",
        "(1)",
        "A poisoned set within r has n - r <= n' <= n + r examples, of which at least "
        "max(n, n') - r are kept, and all of these occur.",
        refuted_by="Listing every subset of 2n + r examples: one within r whose (n', m) is not "
        "among the sizes and kept examples that the program computes.",
        supports=(Evidence(Kind.EXHAUSTIVE, _every_poisoned_set),),
    ),
    Claim(
        "eq-1-copies",
        "(1)",
        "D and D' may be read as sets of values when |D ∩ D'| is counted.",
        refuted_by="Counting lists: equal probabilities of b under D and D' at r = 0, or, with "
        "copies counted, a set of lists that loses more than n^k - m^k.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, _values_for_examples),),
        repairs=(Evidence(Kind.EXHAUSTIVE, _copies_count),),
        repair="As indexed collections: each copy of an example is its own element.",
    ),
    Claim(
        "regions",
        "Appendix A, (57)",
        "Of the n^k lists of D and the n'^k of D', m^k are shared: E, B and B' have m^k, "
        "n^k - m^k and n'^k - m^k lists.",
        refuted_by="Listing all n^k and n'^k lists: a region of another size than m^k, n^k - m^k "
        "or n'^k - m^k.",
        supports=(Evidence(Kind.EXHAUSTIVE, _every_list),),
    ),
    Claim(
        "transfer-bounds",
        "Appendix A",
        "From D to D' the mass of any label falls by at most n^k - m^k lists and rises by at most "
        "n'^k - m^k.",
        refuted_by="A pair of data sets of at most 4 examples for which counting its lists finds "
        "a larger loss or gain; or a step whose sign sympy leaves open.",
        supports=(
            Evidence(Kind.SYMBOLIC, transfer),
            Evidence(Kind.EXHAUSTIVE, _copies_count),
        ),
    ),
    Claim(
        "eq-2-attained",
        "(2)",
        "Some base learner attains both bounds of eq (2) if and only if "
        "p_l + p_s <= 1 <= p_l + (c-1) p_s.",
        refuted_by="Going through all ways to share at most 12 lists among labels: a pair of "
        "masses that is attained though it fails the condition, or meets it and is not attained.",
        supports=(Evidence(Kind.EXHAUSTIVE, _attained),),
    ),
)
