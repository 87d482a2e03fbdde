"""What an audit finds beyond the kernel: in votes, in a data set, in models trained again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from bagcert.fastpath.audit.comparison import (
    Item,
    Outcome,
    compare_with_data,
    compare_with_stated,
    compare_with_votes,
)
from bagcert.fastpath.audit.replay import Replay, replay
from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.certificate.schema import Header, Row
from bagcert.reference.terminal.console import progress_bars, say
from bagcert.reference.terminal.foreign import own_output

__all__ = ["Asked", "Findings", "findings"]


@dataclass(frozen=True)
class Asked:
    """What certificates are to be compared with; nothing where it is None."""

    #: The votes, and what lines call them.
    votes: Votes | None = None
    votes_name: str = ""
    n: int | None = None
    k: int | None = None
    data: str | None = None
    data_dir: Path | None = None
    #: Models to train again.
    replay: int | None = None
    trust_settings: bool = False
    #: Of the integers in a file of arrays that states none.
    scale: int | None = None

    @cached_property
    def dataset(self) -> Dataset | None:
        """What ``data`` names, read once for however many certificates.

        Raises:
            ValueError: there is no such data set, or its files are not there.
        """
        if self.data is None:
            return None
        return load_dataset(self.data, self.data_dir, scale=self.scale)


class Findings(NamedTuple):
    """What was found: items compared, what training again contradicts or establishes, as fields."""

    items: list[Item]
    contradictions: list[str]
    established: list[str]
    fields: dict[str, Any]

    @property
    def differences(self) -> list[str]:
        """What contradicts the certificate, one line each."""
        wrong = [item for item in self.items if item.outcome == Outcome.DIFFERS]
        return [f"{item.name}: {item.text}" for item in wrong] + self.contradictions

    def lines(self) -> list[str]:
        """Every item and every contradiction, what differs first, then what was established."""
        first = [Outcome.DIFFERS, Outcome.AGREES, Outcome.NOT_STATED]
        items = sorted(self.items, key=lambda item: first.index(item.outcome))
        wrong = [f"DIFFERS {text}" for text in self.contradictions]
        return wrong + [str(item) for item in items] + self.established


def findings(
    header: Header, rows: Iterable[Row], asked: Asked, tell: Callable[[str], None] = say
) -> Findings:
    """Compare a certificate with what was named, then train models again.

    Rows are taken one by one, once, and only to be compared with votes.
    Models are trained only where nothing contradicts: they are the votes' models, and must be
    the certificate's. ``tell`` is told what will be run before it is.

    Raises:
        ValueError: data that cannot be used, or as :func:`~bagcert.fastpath.audit.replay.replay`.
    """
    items = compare_with_stated(header, asked.n, asked.k)
    if asked.votes is not None:
        items += compare_with_votes(header, rows, asked.votes, asked.votes_name)
    if asked.dataset is not None:
        items += compare_with_data(header, asked.dataset, str(asked.data))
    found = Findings(items, [], [], {"compared": [item.as_fields() for item in items]})
    if asked.votes is None or asked.replay is None:
        return found
    if found.differences:
        found.established.append("no model was trained again: these are other votes")
        return found
    again = _replayed(asked.votes, asked.replay, asked, tell)
    found.contradictions.extend(_contradictions(again))
    found.established.extend(_established(again))
    found.fields["replay"] = {
        "models": again.models,
        "replayed": list(again.replayed),
        "differing": {str(row): count for row, count in again.differing.items()},
        "forged_at_most": again.shares(),
        "versions": list(again.versions),
    }
    return found


def _replayed(votes: Votes, count: int, asked: Asked, tell: Callable[[str], None]) -> Replay:
    stages = ("features", 1), ("training again", count)
    with progress_bars(*stages) as (preparing, progress), own_output():
        return replay(
            votes,
            count,
            data=asked.data,
            data_dir=asked.data_dir,
            trust_settings=asked.trust_settings,
            scale=asked.scale,
            tell=tell,
            progress=progress,
            preparing=preparing,
        )


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
