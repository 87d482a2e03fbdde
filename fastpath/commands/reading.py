"""How votes from elsewhere are read: the same options in every command that reads votes."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bagcert.fastpath.untrusted.table_options import LabelKind, TableOptions

if TYPE_CHECKING:
    from bagcert.fastpath.votes.votes import Votes

__all__ = ["Reading", "reads_votes"]

#: Options that say how a table is read stand by themselves in the help of every command.
_option: Final = partial(typer.Option, rich_help_panel="How votes are read")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a command line says of a votes file that the file may not say itself."""

    n: Annotated[
        int | None,
        typer.Option("--n", help="Training examples in all, n, where the votes state none."),
    ] = None
    k: Annotated[
        int | None, typer.Option("--k", help="Training examples drawn for each model, k, likewise.")
    ] = None
    predictions: Annotated[
        bool | None,
        _option(
            "--predictions/--no-predictions",
            help="Whether a row is one model's labels (N × e), or one example's counts (e × c).",
        ),
    ] = None
    classes: Annotated[
        int | None,
        _option("--classes", help="Labels that there are, c, where --predictions cannot tell."),
    ] = None
    separator: Annotated[
        str | None,
        _option(help="What stands between columns of a text: comma, semicolon or tab."),
    ] = None
    header: Annotated[
        bool | None,
        _option(
            "--header/--no-header",
            help="Whether the first line of a text holds the columns' names.",
        ),
    ] = None
    label_column: Annotated[
        str | None, _option(metavar="NAME", help="The column of true labels.")
    ] = None
    index_column: Annotated[
        str | None, _option(metavar="NAME", help="A column of row names, which is not read.")
    ] = None
    drop_column: Annotated[
        list[str] | None,
        _option(metavar="NAME", help="A column that is no class, like a total."),
    ] = None
    keep_column: Annotated[
        list[str] | None,
        _option(metavar="NAME", help="A column that is a class all the same."),
    ] = None
    labels: Annotated[
        Path | None, _option("--labels", help="A file of true labels, one a line, or .npy.")
    ] = None
    label_kind: Annotated[
        LabelKind | None, _option(help="True labels: names of columns, or positions from 0.")
    ] = None

    def votes(self, path: Path, *, n: int | None = None, k: int | None = None) -> "Votes":
        """Return the votes in a file, read as the options say.

        With ``predictions`` unsaid a bare table (.csv, .npy) is one of counts, unless every
        number in it is smaller than its columns are many: labels of models may look like that,
        and counts of many models do not, so it is asked about.

        Args:
            path: the file.
            n, k: what is stated of the votes; an audit, which compares them, states nothing.

        Raises:
            ValueError: such a table; or as :func:`~bagcert.fastpath.votes.file.read_votes`.
            OSError: the file cannot be read.
        """
        from bagcert.fastpath.untrusted.maps import blocks
        from bagcert.fastpath.votes.file import read_votes
        from bagcert.fastpath.votes.votes import VotesError

        table = TableOptions(
            separator=self.separator,
            header=self.header,
            label_column=self.label_column,
            index_column=self.index_column,
            drop_columns=tuple(self.drop_column or ()),
            keep_columns=tuple(self.keep_column or ()),
            labels=self.labels,
            label_kind=self.label_kind,
        )
        predictions = self.predictions is True
        votes = read_votes(
            path, n=n, k=k, predictions=predictions, classes=self.classes, table=table
        )
        rows, columns = votes.counts.shape
        unsaid = self.predictions is None and path.suffix != ".npz"
        if unsaid and all(block.max() < columns for block in blocks(votes.counts)):
            raise VotesError(
                f"{path}: may be counts ({rows} examples × {columns} classes, {votes.models} "
                f"models) or labels ({rows} models × {columns} examples); say --no-predictions "
                f"for counts, --predictions for labels"
            )
        return votes

    def files(self) -> list[Path]:
        """Return the files that are read beside the votes: none of them may be an output."""
        return [] if self.labels is None else [self.labels]

    def stated(self, *, sizes: bool = False) -> list[str]:
        """Return the options that were given, as they are typed; --n and --k with ``sizes``."""
        return [
            f"--{field.name.replace('_', '-')}"
            for field in fields(self)
            if (sizes or field.name not in ("n", "k")) and getattr(self, field.name) is not None
        ]


def reads_votes(run: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that takes a :class:`Reading`, ``reading``, an option for each of its fields.

    The options stand after the command's own, in the order of the fields.
    """
    own = inspect.signature(run)
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type
        )
        for field in fields(Reading)
    ]

    @wraps(run)
    def wrapped(**given: Any) -> Any:
        said = {field.name: given.pop(field.name) for field in fields(Reading)}
        return run(**given, reading=Reading(**said))

    others = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in own.parameters.items()
        if name != "reading"
    ]
    wrapped.__signature__ = own.replace(parameters=[*others, *shared])  # type: ignore[attr-defined]
    wrapped.__annotations__ = {
        parameter.name: parameter.annotation for parameter in (*others, *shared)
    } | {"return": own.return_annotation}
    return wrapped
