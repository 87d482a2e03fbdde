"""The page: what it says, gathered, and its template filled in.

The template escapes whatever it prints (Jinja's autoescape), after
:func:`~bagcert.reference.terminal.printable.printable` has spelled what changes the direction of
a line or has no width: every text on the page goes through both, wherever it came from. The
page forbids itself scripts and the network by a Content-Security-Policy.
"""

import hashlib
import shlex
from collections.abc import Sequence
from functools import partial
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any, Final

import bagcert
from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.report.accuracy import QUARTERS, Report
from bagcert.fastpath.report.judged import Judged
from bagcert.fastpath.report.labelled import Beside
from bagcert.fastpath.report.page import words
from bagcert.fastpath.report.page.charts import bars, staircase
from bagcert.fastpath.report.page.examples import strips
from bagcert.fastpath.report.page.thumbnails import check_dataset, thumbnail
from bagcert.fastpath.report.shares import percent
from bagcert.reference import checker
from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.certificate.schema import CertificateFile
from bagcert.reference.terminal.outputs import written_aside
from bagcert.reference.terminal.printable import printable

__all__ = ["SUFFIXES", "render", "write_page"]

#: What the ending of a page's name may be.
SUFFIXES: Final = (".html", ".htm")


def write_page(text: str, path: str | PathLike[str], *, force: bool = False) -> None:
    """Write a page, whole or not at all.

    Raises:
        OutputError: as :func:`~bagcert.reference.terminal.outputs.written_aside`.
    """
    with written_aside(path, force=force) as file:
        file.write(text.encode())


def render(
    found: Judged,
    wanted: Sequence[int] | None = None,
    data: Dataset | None = None,
    beside: Beside | None = None,
) -> str:
    """Return the page of a certificate that the kernel has found VALID.

    Equal certificates under one name give equal pages: there is no date on it.

    Args:
        found: the file, its digest and its verdict.
        wanted: radii of the table of certified accuracy; some even ones if None.
        data: the data set whose images are shown.
        beside: the votes that the certificate was compared with, where it was.

    Raises:
        ValueError: a verdict other than VALID, or as
            :func:`~bagcert.fastpath.report.page.thumbnails.check_dataset`.
    """
    if found.file is None:
        raise ValueError(f"{found.name}: is {found.verdict.status}; there is nothing to report")
    template = _environment().from_string(_read("page.html"))
    text: str = template.render(_content(found, found.file, wanted, data, beside), css=_style())
    return text


def _environment() -> Any:
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["many"] = "{:,}".format
    made.globals["percent"] = percent
    return made


def _style() -> Any:
    from markupsafe import Markup

    return Markup(_read("page.css"))


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _content(
    found: Judged,
    file: CertificateFile,
    wanted: Sequence[int] | None,
    data: Dataset | None,
    beside: Beside | None,
) -> dict[str, Any]:
    counted = Report.of(file, wanted)
    pictures = None if data is None else check_dataset(file, data)
    certified_right = None if counted.curve is None else counted.rows_at(0)
    return {
        "header": file.header,
        "alpha": spell_rational(file.header.alpha),
        "dataset": (file.header.provenance or {}).get("dataset"),
        "report": counted,
        "certified": len(counted.radii),
        "certified_right": certified_right,
        "half": _half(counted),
        "table": [(r, counted.rows_at(r)) for r in counted.wanted],
        "curve": staircase(counted.steps, counted.examples),
        "histogram": bars(counted.radii) if counted.radii else None,
        "spread": list(zip(QUARTERS, counted.spread, strict=False)),
        "reasons": [(words.REASONS[why], why.value, n) for why, n in counted.reasons.items()],
        "does": words.ATTACKS[file.header.attack],
        "risk": words.risk(file.header),
        "spending": words.spending(file.header),
        "assumptions": words.assumptions(file.header),
        "not_promised": words.not_promised(file.header),
        "strips": strips(file, None if data is None else partial(thumbnail, data)),
        "pictures": pictures,
        "provenance": sorted((file.header.provenance or {}).items()),
        "found": found,
        "beside": beside,
        "commands": _commands(found.name, beside),
        "kernel": hashlib.sha256(Path(checker.__file__).read_bytes()).hexdigest(),
        "version": bagcert.__version__,
    }


def _half(counted: Report) -> tuple[int, int] | None:
    """The largest radius at which at least half of the examples count, and how many do."""
    reached = [(r, rows) for r, rows in counted.steps if 2 * rows >= counted.examples]
    return reached[-1] if reached else None


def _commands(name: str, beside: Beside | None) -> list[tuple[str, str]]:
    """Command lines that repeat the verdict, and what each establishes."""
    file = _argument(name)
    votes = "VOTES" if beside is None else _argument(beside.source)
    return [
        (f"sha256sum {file}", "is it this file?"),
        (f"bagcert audit {file}", "every number in it, again"),
        (f"python3 -I checker.py {file}", "the same, without installing anything"),
        (f"bagcert audit {file} --votes {votes}", "and are these the votes of that ensemble?"),
    ]


def _argument(name: str) -> str:
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
