"""Every public name stands on the page of the API."""

from pathlib import Path

import bagcert.fastpath
import bagcert.sklearn

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_public_name_is_on_the_page() -> None:
    assert "::: bagcert.reference\n" in PAGE  # all members of its __all__
    shown = {line.rpartition(".")[2] for line in PAGE.splitlines() if line.startswith("::: ")}
    public = {*bagcert.fastpath.__all__, *bagcert.sklearn.__all__} - {"REASONS"}
    assert public <= shown
