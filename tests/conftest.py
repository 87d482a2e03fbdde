"""What all tests share: nothing is kept in the user's own cache."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.getbasetemp() / "bagcert-cache"
    monkeypatch.setenv("BAGCERT_CACHE", str(folder))
