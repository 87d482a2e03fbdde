"""What an audit finds beyond the kernel: in votes, in a data set, in models trained again."""

from pathlib import Path
from typing import Any, NamedTuple

from bagcert.fastpath.audit.comparison import compare_with_data, compare_with_votes
from bagcert.fastpath.audit.replay import Replay, replay
from bagcert.fastpath.votes.votes import read_votes
from bagcert.reference.terminal.console import progress_bars

__all__ = ["Findings", "findings"]


class Findings(NamedTuple):
    """What was found: lines that contradict the certificate, lines that do not, and as fields."""

    differences: list[str]
    lines: list[str]
    fields: dict[str, Any]


def findings(
    certificate: Path,
    *,
    votes: Path | None,
    data: str | None,
    replay_models: int | None,
    data_dir: Path | None,
) -> Findings:
    """Compare the certificate with what was named, then train models again.

    Models are trained only where nothing contradicts: they are the votes' models, and must be
    the certificate's.

    Raises:
        ValueError: votes or data that cannot be used, as
        :func:`~bagcert.fastpath.audit.replay.replay`.
    """
    differences: list[str] = []
    lines: list[str] = []
    fields: dict[str, Any] = {}
    if votes is not None:
        differences += compare_with_votes(certificate, votes)
        if not differences:
            lines.append(f"MATCHES {votes}: counts, n, k and digest are those of the votes")
    if data is not None:
        differences += compare_with_data(certificate, data, data_dir)
    if votes is not None and replay_models is not None and not differences:
        found = _replayed(votes, replay_models, data, data_dir)
        differences += _contradictions(found)
        lines += _established(found)
        fields["replay"] = {
            "models": found.models,
            "replayed": list(found.replayed),
            "differing": {str(row): count for row, count in found.differing.items()},
            "forged_at_most": found.shares(),
            "versions": list(found.versions),
        }
    return Findings(differences, lines, fields)


def _replayed(path: Path, count: int, data: str | None, data_dir: Path | None) -> Replay:
    votes = read_votes(path)
    stages = ("features", 1), ("training again", count)
    with progress_bars(*stages) as (preparing, progress):
        return replay(
            votes, count, data=data, data_dir=data_dir,
            progress=progress, preparing=preparing,
        )  # fmt: skip


def _contradictions(found: Replay) -> list[str]:
    return [
        f"model {row}: {count} of {found.examples} predictions are not those it has here"
        for row, count in found.differing.items()
    ]


def _established(found: Replay) -> list[str]:
    """What a replay says, and what it does not."""
    what = f"REPLAYED {len(found.replayed)} of {found.models} models, drawn at random"
    shares = found.shares()
    if shares is None:
        reasons = "; ".join(found.versions) or "the same versions are stated, but processors round"
        return [
            f"{what}: {len(found.differing)} differ, which is not yet a forgery: "
            f"on other hardware or software some predictions may ({reasons})"
        ]
    if len(found.replayed) == found.models:
        return [f"{what}: none differs, so that none was forged"]
    (first, share), *others = shares.items()
    stated = f"at most {share} of all models were forged, at confidence {first}"
    more = (f"; at most {share}, at confidence {name}" for name, share in others)
    return [f"{what}: none differs; {stated}{''.join(more)}"]
