"""What a certificate's header means, in plain words: what is promised, on what, and what is not."""

from fractions import Fraction
from typing import Final, NamedTuple

from bagcert.fastpath.report.shares import percent
from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.bounds import Method, Reason, levels, proven_level
from bagcert.reference.certificate.schema import Header, Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["ATTACKS", "REASONS", "Spent", "assumptions", "not_promised", "risk", "spending"]

#: What an attacker may do to "up to r training examples".
ATTACKS: Final = {
    Attack.ANY: "modifies, removes or inserts",
    Attack.MODIFY: "modifies",
    Attack.DELETE: "removes",
    Attack.INSERT: "inserts",
}
#: Why an example has no certificate.
REASONS: Final = {
    Reason.SELECTION: "The votes do not tell the winner from the runner-up.",
    Reason.BOUNDS: "The winner's lead is smaller than the uncertainty of so few models.",
    Reason.RESIDUAL: "The lead is lost when bounds are rounded to whole lists of k examples.",
}
_METHODS: Final = {
    Method.SELECTED: "the winner's votes from below, the runner-up's from above",
    Method.SIMUEM: "one for each label: the paper's SimuEM",
    Method.COHEN: "the winner's votes from below; all others get the rest",
}


class Spent(NamedTuple):
    """One line of how the budget α was spent."""

    what: str
    amount: str
    remark: str


def risk(header: Header) -> str:
    """Return what α bounds, as one sentence."""
    proven = proven_level(header.level, header.classes, header.method)
    whole = proven * header.examples if header.scope == Scope.SIMULTANEOUS else proven
    whole = min(whole, Fraction(1))
    amount = f"{spell_rational(whole)} ({percent(whole.numerator, whole.denominator, up=True)})"
    if header.scope == Scope.SIMULTANEOUS:
        return (
            f"The chance that any of these certificates is wrong is at most {amount}, over the "
            f"random draw of the models' training lists."
        )
    return (
        f"For each example by itself, the chance that it gets a certificate and the certificate is "
        f"wrong is at most {amount}, over the random draw of the models' training lists. Among "
        f"{header.examples:,} examples some may be wrong."
    )


def spending(header: Header) -> list[Spent]:
    """Return how α was divided, line by line, in exact numbers."""
    spent = levels(header.level, header.classes, header.method)
    shared = header.scope == Scope.SIMULTANEOUS
    lines = [
        Spent(
            "whole budget, α",
            spell_rational(header.alpha),
            "for all examples together" if shared else "for each example by itself",
        ),
        Spent(
            "level of one example",
            spell_rational(header.level),
            f"α shared equally by {header.examples:,} examples" if shared else "all of α",
        ),
    ]
    if spent.sign_test is not None:
        lines.append(
            Spent(
                "sign test of the label",
                spell_rational(spent.sign_test),
                "against the other label"
                if header.classes == 2
                else f"against each of the {header.classes - 1:,} other labels",
            )
        )
    lines.append(
        Spent("each confidence bound", spell_rational(spent.bound), _METHODS[header.method])
    )
    proven = proven_level(header.level, header.classes, header.method)
    remark = "chance that one example is certified, and wrongly"
    if proven != header.level:
        remark += "; more than its level, which is not proven of SimuEM for every N"
    lines.append(Spent("proven for one example", f"at most {spell_rational(proven)}", remark))
    return lines


def assumptions(header: Header) -> list[str]:
    """Return what must be true for the certificate to mean anything; the kernel judges none."""
    found = [
        f"The counts are the votes of {header.models:,} models, each trained on its own list of "
        f"{header.k:,} examples, drawn uniformly and with replacement from the "
        f"{header.n:,} training examples.",
        "A model has seen nothing else that was computed from the training set: no scaling, "
        "vocabulary, features or settings fitted on all of it.",
        "The random seed, k, the number of models and α were fixed beforehand, not chosen among "
        "several for their outcome.",
        "Training examples are counted one by one: of two equal copies each is one example.",
    ]
    if header.residual == Residual.INTEGRAL:
        found.append(
            "A base model is a function of its list alone, and uses no randomness of its own: "
            "the rounding “integral” of this certificate is sound for such learners only."
        )
    notes = header.provenance or {}
    dataset = notes.get("dataset", "").split("+")[0]
    if "looked_at" not in notes:
        found.append(
            "The attacker had not yet changed the training set when the learner's settings were "
            "chosen, or they were chosen without it: which of the two is not stated."
        )
    elif dataset and dataset in notes["looked_at"].split(", "):
        found.append(
            f"The attacker had not yet changed {dataset} when the learner's default settings were "
            f"chosen: by its own statement, the training examples of {dataset} were looked at then."
        )
    if notes.get("transductive") == "true":
        found.append(
            "The attacker changes training examples, and no test example: by the learner's own "
            "statement, a label may depend on the other test examples. The certificate is about "
            f"these {header.examples:,} test examples together, as they stood."
        )
    return found


def not_promised(header: Header) -> list[str]:
    """Return what a reader could take the certificate to say, and it does not."""
    found = [
        "That a certified prediction is right. It cannot be changed by that many poisoned "
        "examples; it may have been wrong all along.",
        "Anything about more poisoned examples than an example's radius: the prediction may "
        "change there, or may not.",
        "Anything about examples that are not in this file, or about changed test examples.",
        f"That another {header.models:,} models vote the same. What cannot be changed is the "
        f"label that is most probable over all draws of k examples, which these models estimate.",
        "That among the certificates that were issued at most a share α is wrong. α bounds the "
        "chance that a certificate is issued and wrong.",
    ]
    if header.attack != Attack.ANY:
        found.append(
            f"Anything about an attacker who does more than the one considered here, who "
            f"{ATTACKS[header.attack]} examples and does nothing else."
        )
    return found
