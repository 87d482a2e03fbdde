"""An explanation in words for people, and as fields for programs; every number exact."""

from fractions import Fraction
from typing import Any

from bagcert.reference.arithmetic.spelling import (
    decimal_enclosure,
    margin,
    scientific,
    spell_grid_point,
    spell_rational,
)
from bagcert.reference.bounds import Abstention, Reason, proven_level
from bagcert.reference.certificate.schema import Header, Scope
from bagcert.reference.explanation.steps import Explanation
from bagcert.reference.poisoning import Attack
from bagcert.reference.terminal.printable import printable
from bagcert.reference.theorem1 import Worst

__all__ = ["as_fields", "as_story"]

_ATTACKS = {
    Attack.ANY: "modified, deleted or inserted",
    Attack.MODIFY: "modified",
    Attack.DELETE: "deleted",
    Attack.INSERT: "inserted",
}
_ABSTENTIONS = {
    Reason.SELECTION: "the sign test cannot tell the label from the runner-up",
    Reason.BOUNDS: "the label's lower bound does not exceed the others' upper bound",
    Reason.RESIDUAL: "the residuals of eq (21) take the whole lead",
}
_NAME = 40


def as_fields(header: Header, found: Explanation) -> dict[str, Any]:
    """Return an explanation as one JSON object; rationals as ``p/q``, lists as in ``radius``."""
    reason = found.row.outcome.reason.value if isinstance(found.row.outcome, Abstention) else None

    def lists(value: Fraction | None) -> str | None:
        return None if value is None else margin(value, header.n, header.k, whole=True)

    def poisoning(worst: Worst | None) -> dict[str, Any] | None:
        if worst is None:
            return None
        size, kept = worst.poisoned
        return {"size": size, "kept": kept, "margin": lists(-worst.left)}

    sign = found.levels.sign_test
    return {
        "index": found.row.index,
        "counts": list(found.row.counts),
        "truth": found.row.truth,
        "n": header.n,
        "k": header.k,
        "models": header.models,
        "method": header.method.value,
        "attack": header.attack.value,
        "residual": header.residual.value,
        "label": found.label,
        "runner_up": found.runner_up,
        "abstain": reason,
        "radius": found.radius,
        "level_of_this_example": spell_rational(header.level),
        "level_of_the_bounds": spell_rational(found.levels.bound),
        "level_of_the_sign_test": None if sign is None else spell_rational(sign),
        "sign_test": None if sign is None else scientific(*found.sign_test, digits=12),
        "p_lower": spell_grid_point(found.p_lower),
        "p_upper": spell_grid_point(found.p_upper),
        "gap": lists(found.gap),
        "worst_at_radius": poisoning(found.at_radius),
        "not_certified": found.target,
        "worst_there": poisoning(found.beyond),
        "gap_to_exceed": lists(found.needed_gap),
        "votes_to_move": found.moved_votes,
        "models_with_these_shares": found.more_models,
        "radius_no_number_of_models_exceeds": found.limit,
    }


def as_story(header: Header, found: Explanation) -> list[tuple[str, list[str]]]:
    """Return paragraphs, each a title and its lines."""
    return [
        _claim(header, found),
        ("votes", _votes(header, found)),
        ("level", _level(header, found)),
        (f"why label {found.label}", _label(header, found)),
        ("bounds", _bounds(header, found)),
        *_radius(header, found),
        (_wish(found), _more(header, found)),
    ]


def _claim(header: Header, found: Explanation) -> tuple[str, list[str]]:
    what = f"example {found.row.index}: label {_named(header, found.label)}"
    if isinstance(found.row.outcome, Abstention):
        reason = found.row.outcome.reason
        return f"{what}, not certified ({reason.value})", [f"{_ABSTENTIONS[reason]}."]
    how = _ATTACKS[header.attack]
    changes = "1 change" if found.radius == 1 else f"{found.radius} changes"
    lines = [
        f"However an attacker spends {changes} on the {header.n} training examples,",
        f"each one {how}, bagging still predicts this label here.",
    ]
    if (header.provenance or {}).get("transductive") == "true":
        lines += [
            "By the learner's own statement the label may depend on the other test examples: this",
            f"is about all {header.examples} of them as they stood, and nobody may change another.",
        ]
    return f"{what}, certified at radius {found.radius}", lines


def _named(header: Header, label: int) -> str:
    if header.class_names is None:
        return str(label)
    return f"{label} ({printable(header.class_names[label], _NAME)})"


def _votes(header: Header, found: Explanation) -> list[str]:
    counts = found.row.counts
    top, second = counts[found.label], counts[found.runner_up]
    rest = header.models - top - second
    lines = [
        f"{top} of {header.models} models for it, {second} for label "
        f"{_named(header, found.runner_up)}, the runner-up, {rest} for all others"
    ]
    if found.row.truth is not None:
        right = "correct" if found.row.truth == found.label else "not what is predicted"
        lines.append(f"true label: {_named(header, found.row.truth)}, {right}")
    return lines


def _level(header: Header, found: Explanation) -> list[str]:
    shared = f" over {header.examples} examples" if header.scope == Scope.SIMULTANEOUS else ""
    sign = found.levels.sign_test
    spent = f"{spell_rational(found.levels.bound)} for each bound"
    if sign is not None:
        spent += f", {spell_rational(sign)} for the sign test against each other label"
    proven = proven_level(header.level, header.classes, header.method)
    return [
        f"alpha = {spell_rational(header.alpha)}{shared}: "
        f"{spell_rational(header.level)} for this one",
        f"spent by the method {header.method.value}: {spent}",
        f"proven: Pr(this certificate is issued, and wrong) <= {spell_rational(proven)}",
    ]


def _label(header: Header, found: Explanation) -> list[str]:
    counts, sign = found.row.counts, found.levels.sign_test
    top, second = counts[found.label], counts[found.runner_up]
    equal = top == second
    lines = ["no label has more votes" + ("; of equal ones the smallest is taken" if equal else "")]
    if sign is not None:
        low = found.sign_test[0]
        fits = "at most" if found.sign_test[1] <= sign else "above"
        if low <= sign < found.sign_test[1]:
            fits = "next to"
        lines += [
            f"sign test: if both were equally likely, {top} or more of their {top + second} votes",
            f"would go to it with probability {scientific(*found.sign_test)}, "
            f"{fits} {scientific(sign, sign)}",
        ]
    return lines


def _bounds(header: Header, found: Explanation) -> list[str]:
    low, high = found.p_lower, found.p_upper
    return [
        f"p_lower = {spell_grid_point(low)} = {decimal_enclosure(low)}",
        f"p_upper = {spell_grid_point(high)} = {decimal_enclosure(high)}",
        f"gap of lists ({header.residual.value}): {_lists(header, found.gap)}",
    ]


def _radius(header: Header, found: Explanation) -> list[tuple[str, list[str]]]:
    paragraphs = []
    if found.radius is not None and found.at_radius is not None:
        lines = [*_worst(header, found.at_radius), "above 0: survived, and so is all that is less"]
        paragraphs.append((f"why radius {found.radius}", lines))
    if found.radius is None:
        return paragraphs
    if found.beyond is None:
        lines = ["no larger attack exists: nothing would be left of the training set"]
    else:
        lines = [*_worst(header, found.beyond), "not above 0: not certified"]
    return [*paragraphs, (f"why not {found.target}", lines)]


def _lists(header: Header, value: Fraction) -> str:
    return margin(value, header.n, header.k, whole=False)


def _worst(header: Header, worst: Worst) -> list[str]:
    size, kept = worst.poisoned
    changed = min(header.n, size) - kept
    kinds = [f"{changed} modified"] * (changed > 0)
    kinds += [f"{header.n - size} deleted"] * (size < header.n)
    kinds += [f"{size - header.n} inserted"] * (size > header.n)
    return [
        f"worst attack: n' = {size} examples, m = {kept} of them kept"
        + (f" ({', '.join(kinds)})" if kinds else ""),
        f"margin: {_lists(header, -worst.left)}",
    ]


def _wish(found: Explanation) -> str:
    return f"what would certify {found.target}"


def _more(header: Header, found: Explanation) -> list[str]:
    if found.needed_gap is None:
        return ["nothing: there is no larger attack"]
    lines = [f"a gap of lists above {_lists(header, found.needed_gap)}"]
    sign = found.levels.sign_test
    if sign is not None and found.sign_test[0] > sign:
        lines.insert(0, f"a sign test of at most {scientific(sign, sign)}, and")
    if found.moved_votes is None:
        lines.append(f"with {header.models} models: nothing, not even all of their votes")
    else:
        lines.append(
            f"with {header.models} models: {found.moved_votes} of their votes moved here from "
            f"the strongest other labels, and no fewer"
        )
    if found.more_models is not None:
        lines.append(f"with the same shares of votes: {found.more_models} models are enough")
    elif found.limit is not None and found.limit >= found.target:
        lines.append("with the same shares of votes: more models than the limit allows")
    if found.levels.bound >= Fraction(1, 2):
        return lines
    reach = "none" if found.limit is None else f"radius {found.limit}"
    lines.append(f"with the same shares of votes, however many models: {reach} at most")
    return lines
