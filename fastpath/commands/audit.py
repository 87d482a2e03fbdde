"""``bagcert audit``: is every number in a certificate file true?"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

if TYPE_CHECKING:
    from bagcert.fastpath.audit.findings import Asked

from bagcert.fastpath.audit.second import Said, ask
from bagcert.fastpath.commands.options import DataDir, Scale, datasets, refuse_twice
from bagcert.fastpath.commands.reading import Reading, reads_votes
from bagcert.reference.certificate.held import Held, held
from bagcert.reference.checker import Verdict
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import FALSE, say, show, tell
from bagcert.reference.terminal.listing import Group, listed
from bagcert.reference.terminal.sources import SourceError

__all__ = ["audit"]

_STATUSES: Final = ("VALID", "INVALID", "MALFORMED")
_NOTHING: Final[Mapping[str, Any]] = {"compared": []}


class _Audited(NamedTuple):
    """What is said of one file."""

    verdict: Verdict
    differences: Sequence[str] = ()
    #: Items compared, as text and as fields.
    lines: Sequence[str] = ()
    fields: Mapping[str, Any] = _NOTHING
    #: Whether a second checker gives another verdict.
    doubted: bool = False

    @property
    def status(self) -> int:
        """The exit status that this file alone would have."""
        if self.doubted:
            return FALSE
        return self.verdict.exit_status or (FALSE if self.differences else 0)

    def said(self) -> list[str]:
        """Return its lines on standard output."""
        return [str(self.verdict), *self.lines]

    def remarks(self, asked: bool) -> list[str]:
        """Return what is added on standard error: what was not judged, or not compared."""
        doubt = "one of the two checkers is wrong: please report this file, as SECURITY.md says"
        first = [doubt] if self.doubted else []
        if self.verdict.status == "VALID":
            return first + self.verdict.remark.splitlines()
        why = "nothing was compared: a certificate that is not VALID certifies nothing"
        return [*first, why] if asked else first

    def as_fields(self) -> dict[str, Any]:
        """Return it as one JSON object."""
        verdict = self.verdict
        return {
            "verdict": verdict.status,
            "line": verdict.line,
            "field": verdict.field,
            "message": verdict.message,
            "differences": list(self.differences),
            **self.fields,
        }


@listed(
    Group.READ,
    "bagcert audit cert.jsonl --votes votes.csv",
    "bagcert audit first.jsonl second.jsonl",
)
@reads_votes
def audit(
    certificates: Annotated[
        list[Path],
        typer.Argument(
            help="Certificate files (.jsonl, .jsonl.gz); - is standard input.",
            metavar="certificate",
        ),
    ],
    reading: Reading,
    votes: Annotated[
        Path | None,
        typer.Option(help="Votes with which the certificate is compared, item by item."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Data set, by name or as a file .npz, that the certificate must be about.",
            autocompletion=datasets,
        ),
    ] = None,
    replay: Annotated[
        int | None,
        typer.Option(
            metavar="M",
            help="Train M models of --votes again, chosen at random: do they predict the same?",
        ),
    ] = None,
    trust_settings: Annotated[
        bool,
        typer.Option(
            "--trust-settings", help="Let --replay train with whatever settings the votes ask for."
        ),
    ] = False,
    data_dir: DataDir = None,
    scale: Scale = None,
    second_opinion: Annotated[
        bool,
        typer.Option("--second-opinion", help="Ask the checker that Coq proved, too."),
    ] = False,
    as_json: Json = False,
) -> int:
    """Decide whether every number in a certificate file is true: VALID, INVALID or MALFORMED.

    Exit status 0 if it is and nothing that it was compared with differs, 1 if it is not or
    something differs, 2 if a file cannot be used, or a second opinion cannot be had; of several
    files, the worst.
    """
    if votes is None and (about := [*reading.stated(), *["--replay"][: replay is not None]]):
        raise ValueError(f"{about[0]}: is about votes; name them: --votes")
    if votes is not None and len(certificates) > 1:
        raise ValueError(
            f"--votes: is compared with one certificate; type: bagcert audit FILE --votes {votes}"
        )
    refuse_twice(certificates)
    if scale is not None and data is None:
        raise ValueError("--scale: is about a file of arrays; name it: --data FILE.npz")
    asks = None
    if [votes, reading.n, reading.k, data] != [None] * 4:

        @cache
        def asks() -> "Asked":
            from bagcert.fastpath.audit.findings import Asked

            counted = None if votes is None else reading.votes(votes)
            stated = (reading.n, reading.k, data, data_dir, replay, trust_settings, scale)
            return Asked(counted, str(votes), *stated)

    if len(certificates) > 1:
        return _several(certificates, asks, second_opinion, as_json)
    with held(certificates[0]) as kept:
        found = _audited(kept, asks, second_opinion)
    if as_json:
        show(found.as_fields(), as_json)
    else:
        tell(*found.said())
    if remarks := found.remarks(asks is not None):
        say("\n".join(remarks))
    return found.status


def _audited(kept: Held, asks: "Callable[[], Asked] | None", second_opinion: bool) -> _Audited:
    """Judge one file, and compare it with what is asked, if it is VALID."""
    # Before the kernel's work: the second checker may not be built.
    opinion = ask(kept) if second_opinion else None
    verdict = kept.judge()
    made = _Audited(verdict)
    if verdict.status == "VALID" and asks is not None:
        from bagcert.fastpath.audit.findings import findings

        found = findings(*kept.iterate(), asks())
        made = _Audited(verdict, found.differences, found.lines(), found.fields)
    return made if opinion is None else _beside(made, *opinion)


def _beside(made: _Audited, checker: str, second: Said) -> _Audited:
    """Add what the second checker says."""
    from bagcert.fastpath.audit.comparison import Outcome, compare_with_second

    item = compare_with_second(made.verdict, checker, second)
    doubted = item.outcome == Outcome.DIFFERS
    return made._replace(
        differences=[*made.differences, *[f"{item.name}: {item.text}"][: int(doubted)]],
        lines=[*made.lines, str(item)],
        fields={**made.fields, "compared": [*made.fields["compared"], item.as_fields()]},
        doubted=doubted,
    )


def _several(
    paths: list[Path],
    asks: "Callable[[], Asked] | None",
    second_opinion: bool,
    as_json: bool,
) -> int:
    """Audit one file after another, each line naming its file; one that cannot be read is none."""
    made: list[tuple[Path, _Audited]] = []
    for path in paths:
        with ExitStack() as stack:
            try:
                kept = stack.enter_context(held(path))
            except (OSError, SourceError) as error:
                found = _Audited(_unreadable(path, error))
            else:
                found = _audited(kept, asks, second_opinion)
        made.append((path, found))
        if not as_json:
            tell(*(f"{path}: {line}" for line in found.said()))
        for line in found.remarks(asks is not None):
            say(f"{path}: {line}")
    counts = Counter(found.verdict.status for _, found in made)
    if as_json:
        files = [{"file": str(path), **found.as_fields()} for path, found in made]
        show({"files": files, **{name.lower(): counts[name] for name in _STATUSES}}, as_json)
    else:
        differing = sum(
            found.verdict.status == "VALID" and bool(found.differences) for _, found in made
        )
        ending = f"; {differing} VALID with differences" if differing else ""
        tell(f"{len(made)} files: {', '.join(f'{counts[x]} {x}' for x in _STATUSES)}{ending}")
    return max(found.status for _, found in made)


def _unreadable(path: Path, error: OSError | SourceError) -> Verdict:
    """Say, as the kernel does, that what cannot be read is no certificate."""
    reason = error.strerror if isinstance(error, OSError) else None
    why = reason or str(error).removeprefix(f"{path}: ")
    return Verdict("MALFORMED", None, None, f"cannot be read: {why}")
