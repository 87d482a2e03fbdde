"""The notebooks run from top to bottom, at small sizes, and their pictures say what they show."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
#: Before the first cell: no picture is shown without names of its axes and a title.
NAMED = """
import matplotlib.pyplot as plt


def show_named(show=plt.show):
    for figure in map(plt.figure, plt.get_fignums()):
        for axes in figure.axes:
            beside = axes.get_shared_y_axes().get_siblings(axes)
            assert axes.get_xlabel(), "an axis without a name"
            assert any(one.get_ylabel() for one in beside), "an axis without a name"
            assert axes.get_title() or figure.get_suptitle(), "what is held fixed?"
    show()


plt.show = show_named
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")  # of the notebook machinery, not of ours
def test_a_notebook_runs_in_any_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BAGCERT_NOTEBOOK_MODELS", "200")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells.insert(0, nbformat.v4.new_code_cell(NAMED))  # type: ignore[no-untyped-call]
    elsewhere = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=elsewhere)
    ran = client.execute()
    images = [
        output
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert images, "a notebook explains with pictures"


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
