"""What an index knows against the pinned releases: ``python tests/known_vulnerabilities.py URL``.

``make audit-dependencies`` asks the same of services that not every machine reaches. URL is that
of an index which answers ``URL/pypi/NAME/VERSION/json`` or, for its newest release alone,
``URL/pypi/NAME/json`` (PyPI's JSON interface; the field is ``vulnerabilities``). First a release
that has some is asked about: an index that knows of none there cannot say anything of the others.

The last lines tell how many releases have none, which could not be asked about, and which have
some; the exit status is 0, 2 and 1 then.
"""

import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PINNED = Path(__file__).parents[1] / "constraints.txt"
#: A release with known vulnerabilities, the last of its project.
KNOWN = "pycrypto", "2.6.1"
#: Bytes of the longest answer.
_MOST = 2**26


def pins(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, version) of each line NAME==VERSION."""
    for line in text.splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;#]+)", line):
            yield found[1], found[2]


def asked(url: str) -> dict[str, Any] | None:
    """Return the JSON object at an address, or None if there is none."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            found: dict[str, Any] = json.loads(answer.read(_MOST))
            return found
    except (OSError, ValueError):
        return None


def known(index: str, name: str, version: str) -> list[str] | None:
    """Return what is known against a release, or None if the index does not say."""
    for path in (f"{name}/{version}", name):
        found = asked(f"{index.rstrip('/')}/pypi/{path}/json")
        if found and found["info"]["version"] == version and "vulnerabilities" in found:
            return [each["id"] for each in found["vulnerabilities"] if not each.get("withdrawn")]
    return None


def main(index: str) -> int:
    """Ask about each pinned release."""
    if not known(index, *KNOWN):
        print("this index knows nothing against {}=={}: it cannot be asked".format(*KNOWN))
        return 2
    answers = {f"{n}=={v}": known(index, n, v) for n, v in pins(PINNED.read_text())}
    silent = [name for name, found in answers.items() if found is None]
    bad = {name: found for name, found in answers.items() if found}
    print(f"none known: {len(answers) - len(silent) - len(bad)} of {len(answers)}")
    print(f"not known to the index: {' '.join(silent) or 'none'}")
    print(f"known: {bad or 'none'}")
    return 1 if bad else 2 if silent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
