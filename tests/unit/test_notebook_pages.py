"""Each notebook is a page of the documentation, as it stands, and a reader is led to it."""

import base64
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

from notebook_pages import NOTEBOOKS, page  # type: ignore[import-not-found]

ROOT = Path(__file__).parents[2]


def test_what_a_notebook_shows_is_on_its_page() -> None:
    v4: Any = nbformat.v4
    dot = base64.b64encode(b"a picture").decode()
    code = v4.new_code_cell(
        "draw()",
        outputs=[
            v4.new_output("stream", text="drawn ```\n"),
            v4.new_output("display_data", data={"image/png": dot, "text/plain": "<Figure>"}),
        ],
    )
    cells = [v4.new_markdown_cell("# Why\n\n$r^*$ costs $\\alpha$, not `$`."), code]
    text, pictures = page(v4.new_notebook(cells=cells), "why")
    assert text.startswith('# Why\n\n<span class="formula"><math')
    assert text.count("<math") == 2
    assert "`$`" in text
    assert "````python\ndraw()\n````\n\n````text\ndrawn ```\n````\n\n" in text
    assert pictures == {"why-1.png": b"a picture"}
    assert text.endswith("(why-1.png)\n")


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_reader_is_led_to_every_notebook(path: Path) -> None:
    for document in ("mkdocs.yml", "docs/index.md"):
        assert f"notebooks/{path.stem}.md" in (ROOT / document).read_text("utf-8"), document
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs), "run, and kept"
    assert "$" not in page(notebook, path.stem)[0].replace("$ bagcert", "")
