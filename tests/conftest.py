"""What all tests share: nothing is kept in the user's own cache, and no test is timed."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.getbasetemp() / "bagcert-cache"
    monkeypatch.setenv("BAGCERT_CACHE", str(folder))
