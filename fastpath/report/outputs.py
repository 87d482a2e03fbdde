"""What ``bagcert report`` is asked to write, refused before any work where it cannot be."""

from collections.abc import Sequence
from importlib import import_module
from os import PathLike, fspath
from pathlib import Path

from bagcert.fastpath.report import picture
from bagcert.fastpath.report.page import render
from bagcert.reference.terminal.outputs import refuse_existing, refuse_suffix
from bagcert.reference.terminal.sources import STANDARD_INPUT

__all__ = ["refuse_outputs"]


def refuse_outputs(
    certificates: Sequence[Path],
    *,
    page: Path | None,
    plot: Path | None,
    data: str | None = None,
    others: Sequence[Path] = (),
    force: bool = False,
) -> None:
    """Refuse outputs that could not be written, and options that would do nothing.

    ``others`` are files that are read as well: no output may be one of them.

    Raises:
        OutputError: an ending that does not say what will be in the file; a file that exists,
            without ``force``, or that is one of those read, with it.
        ModuleNotFoundError: a library that is needed, and not installed.
        ValueError: other certificates without a picture, a data set without a page, or a page
            of standard input, which has no name under which its audit could be repeated.
    """
    if plot is None and len(certificates) > 1:
        raise ValueError("--with: other certificates are drawn in a picture; name it with --plot")
    if page is None and data is not None:
        raise ValueError("--data: its images are shown on the page; name it with --output")
    if page is not None and fspath(certificates[0]) == STANDARD_INPUT:
        raise ValueError("--output: the page says how to repeat the audit; save - as a file first")
    inputs: list[str | PathLike[str]] = [*certificates, *others]
    if data is not None and data.endswith(".npz"):
        inputs.append(data)
    if page is not None:
        _refuse(page, render.SUFFIXES, inputs, force)
        import_module("jinja2")
    if plot is not None:
        _refuse(plot, picture.SUFFIXES, inputs, force)
        import_module("matplotlib")
    if page is not None and plot is not None and fspath(page.resolve()) == fspath(plot.resolve()):
        raise ValueError(f"{plot}: is the page as well; choose another name for the picture")


def _refuse(
    path: Path, suffixes: tuple[str, ...], inputs: Sequence[str | PathLike[str]], force: bool
) -> None:
    refuse_suffix(path, *suffixes)
    refuse_existing(path, force=force, inputs=inputs)
