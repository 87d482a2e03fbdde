"""What a crosscheck tells a continuous integration: JUnit XML and GitHub's annotations."""

import os
from collections.abc import Sequence
from os import PathLike
from typing import NamedTuple
from xml.etree import ElementTree

from bagcert.reference.terminal.outputs import written_aside
from bagcert.reference.terminal.printable import printable

__all__ = ["Case", "annotations", "write_junit"]


class Case(NamedTuple):
    """One comparison: its name, how long it took, and what differed."""

    name: str
    seconds: float
    failure: str | None


def write_junit(cases: Sequence[Case], path: str | PathLike[str], *, force: bool) -> None:
    """Write JUnit XML, one test case for each comparison; whole or not at all.

    Well-formed whatever the names hold: what XML cannot say is spelled as on a terminal.
    """
    suite = ElementTree.Element(
        "testsuite",
        name="bagcert crosscheck",
        tests=str(len(cases)),
        failures=str(sum(case.failure is not None for case in cases)),
        errors="0",
        time=f"{sum(case.seconds for case in cases):.3f}",
    )
    for case in cases:
        element = ElementTree.SubElement(
            suite,
            "testcase",
            classname="bagcert.crosscheck",
            name=printable(case.name),
            time=f"{case.seconds:.3f}",
        )
        if case.failure is not None:
            failure = ElementTree.SubElement(element, "failure", message="the two paths differ")
            failure.text = "\n".join(map(printable, case.failure.split("\n")))
    with written_aside(path, force=force) as file:
        file.write(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def annotations(cases: Sequence[Case]) -> list[str]:
    """The lines that GitHub shows beside a run; none anywhere else."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return []
    return [
        f"::error title=bagcert crosscheck: {_escaped(case.name)}::{_escaped(case.failure)}"
        for case in cases
        if case.failure is not None
    ]


def _escaped(text: str) -> str:
    # A percent sign or a line break would end the annotation, a comma or colon its title.
    text = "\n".join(map(printable, text.split("\n")))
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(sign, code)
    return text
