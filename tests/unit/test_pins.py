"""What `make` installs: one version of each package, and the hash of every file but torch's."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)")


def pins(name: str) -> dict[str, tuple[str, list[str]]]:
    """The version of each package, and its hashes."""
    found: dict[str, tuple[str, list[str]]] = {}
    package = ""
    for line in (ROOT / name).read_text().splitlines():
        if start := PIN.match(line):
            package = canonicalize_name(start[1])
            assert package not in found
            found[package] = start[2], []
        else:
            assert line.startswith(("#", "    --hash=sha256:")), line
        found.get(package, ("", []))[1].extend(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    return found


def test_every_pin_has_hashes_but_torchs() -> None:
    due, hashed = pins("constraints.txt"), pins("requirements-ci.txt")
    del due["torch"]
    assert {name: version for name, (version, _) in hashed.items()} == {
        name: version for name, (version, _) in due.items()
    }
    assert all(hashes for _, hashes in hashed.values())


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    pinned = pins("constraints.txt")
    for text in [*project["dependencies"], *(text for extra in extras for text in extra)]:
        wanted = Requirement(text)
        if wanted.name != "bagcert":
            assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)][0]), text
