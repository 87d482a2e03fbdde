"""The edits that mutants.py makes of Statements.v, beside dropping each hypothesis."""

from typing import Final, NamedTuple

__all__ = ["MUTANTS", "Mutant"]


class Mutant(NamedTuple):
    """An edit of one statement: refuted, where Coq proves that the edited statement is false.

    Without a refutation it is a textual edit and no more: the proof that is there no longer
    fits, which says nothing of whether the edited statement is true.
    Where ``after`` is empty, ``before`` is a whole hypothesis.
    """

    theorem: str
    before: str
    after: str
    refutation: str = ""


#: Edits with a refutation, and statements that are stronger by one. Every hypothesis of every
#: theorem is dropped besides.
MUTANTS: Final = (
    # Hypotheses deleted, where Coq proves that what is left is false.
    Mutant(
        "file_end_to_end",
        "(forall i, suits (h_residual h) (at_example J i))",
        "",
        "move=> claim; apply: needs_suits; exact: claim.",
    ),
    Mutant(
        "file_end_to_end",
        "h_scope h = Simultaneous",
        "",
        "move=> claim; apply: needs_scope; exact: claim.",
    ),
    Mutant(
        "file_end_to_end",
        "e = N.to_nat (h_examples h)",
        "",
        "move=> claim; apply: needs_examples; exact: claim.",
    ),
    Mutant(
        "theorem1",
        "bounded A D l pl ps",
        "",
        "move=> claim; apply: theorem1_needs_bounds; exact: claim.",
    ),
    Mutant(
        "theorem1_integral",
        "  deterministic A ->\n",
        "  is_learner A ->\n",
        "move=> claim; apply: integral_needs_deterministic; exact: claim.",
    ),
    Mutant(
        "any_is_modify",
        "G <= (n ^ k)%:R",
        "",
        "move=> claim; apply: worst_needs_gap => k n r G n_gt0; rewrite modify_okE; exact: claim.",
    ),
    # Strengthened by one.
    Mutant(
        "mass_lower",
        "(m ^ k)%:R)",
        "(m ^ k)%:R - 1)",
        "move=> claim; apply: mass_no_more; exact: claim.",
    ),
    Mutant(
        "theorem1",
        "poisoned r D",
        "poisoned r.+1 D",
        "move=> claim; apply: theorem1_no_more; exact: claim.",
    ),
    Mutant(
        "theorem1",
        "(n ^ k)%:R < 0",
        "(n ^ k)%:R <= 0",
        "move=> claim; apply: theorem1_strict; exact: claim.",
    ),
    Mutant("corollary1", "modified r D", "modified r.+1 D"),
    Mutant(
        "corollary1_closed",
        "(r <= n - t.+1)",
        "(r <= n - t)",
        "move=> claim; apply: corollary1_no_more => *; rewrite modify_okE; exact: claim.",
    ),
    Mutant("corollary2_closed", "(r <= n - t.+1)", "(r <= n - t)"),
    Mutant("corollary3_closed", "(r <= t - n)", "(r <= t.+1 - n)"),
    Mutant("bisection", "holds k n r G <-> (r <= R)", "holds k n r G <-> (r <= R.+1)"),
    Mutant("exact_radius", "<-> (r <= R)", "<-> (r <= R.+1)"),
    Mutant("criterion_falls", "x ^ K <= 2 * (x - r) ^ K", "x ^ K <= 2 * (x - r) ^ K + 1"),
    Mutant("selected_level", "(c.-1)%:R * b'", "(c.-2)%:R * b'"),
    Mutant("simuem_level", "(c + 2)%:R", "(c + 1)%:R"),
    Mutant("checker_certifies", "reaches a (N.to_nat r)", "reaches a (N.to_nat r).+1"),
)
