"""Links the three houses into ``.src/bagcert`` when bagcert is installed in editable mode.

``reference/``, ``fastpath/`` and ``proofs_checks/`` stand at the top of the checkout; Python
imports them as ``bagcert.reference`` and so on. A wheel and an sdist map them by
``pyproject.toml`` alone, without any link. An editable installation needs a folder that looks like
the package: this hook makes the links, so that git holds none. ``python hatch_build.py`` makes
them without installing.
"""

import os
import sys
from pathlib import Path
from typing import Any, Final

HOUSES: Final = ("reference", "fastpath", "proofs_checks")


def link_houses(root: Path) -> None:
    """Make ``.src/bagcert/HOUSE`` lead to ``HOUSE``, for each house: a junction on Windows.

    Raises:
        OSError: something else bears that name, or the file system knows no links.
    """
    for house in HOUSES:
        link = root / ".src" / "bagcert" / house
        if link.is_dir() and os.path.samefile(link, root / house):
            continue
        if os.path.lexists(link):
            if not (link.is_symlink() or link.is_file()):
                raise FileExistsError(f"{link}: a folder of that name is in the way; remove it")
            link.unlink()  # a stale link, or the text that git writes where links are unknown
        try:
            _link(link, root / house)
        except OSError as error:
            raise OSError(
                f"{link}: cannot be linked ({error.strerror}); install without --editable"
            ) from error


def _link(link: Path, house: Path) -> None:
    if sys.platform == "win32":
        import _winapi  # a junction needs no privilege, unlike a symbolic link

        _winapi.CreateJunction(str(house), str(link))
    else:
        link.symlink_to(Path("..") / ".." / house.name, target_is_directory=True)


if __name__ == "__main__":
    link_houses(Path(__file__).resolve().parent)
else:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class HousesHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
        """Runs before a wheel is built; ``version`` is ``editable`` or ``standard``."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Make the links that an editable installation follows."""
            if version == "editable":
                link_houses(Path(self.root))
