"""A hook of mkdocs: each notebook as a page, with the outputs that are kept in it.

Nothing is executed here (the tests do that), and nothing is fetched by a reader's browser: formulas
become MathML, which browsers draw by themselves.
"""

import base64
import re
from pathlib import Path
from typing import Any

import nbformat
from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_FORMULA = re.compile(r"\$([^$]+)\$")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook, and its pictures."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        text, pictures = page(nbformat.read(path, as_version=4), path.stem)
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=text))
        for name, content in pictures.items():
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    return files


def page(notebook: Any, stem: str) -> tuple[str, dict[str, bytes]]:
    """Return a notebook as Markdown, and its pictures by the names under which it shows them."""
    parts, pictures = [], {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(_FORMULA.sub(_mathml, cell.source))
            continue
        parts.append(_fenced("python", cell.source))
        for output in cell.outputs:
            if "text" in output:
                parts.append(_fenced("text", output.text))
            elif "image/png" in output.data:
                name = f"{stem}-{len(pictures) + 1}.png"
                pictures[name] = base64.b64decode(output.data["image/png"])
                parts.append(f"![what the code above draws]({name})")
    return "\n\n".join(parts) + "\n", pictures


def _mathml(formula: re.Match[str]) -> str:
    # In a span: Markdown takes a line that begins with <math> for a block of HTML.
    return f'<span class="formula">{convert(formula[1])}</span>'


def _fenced(kind: str, text: str) -> str:
    return f"````{kind}\n{text.rstrip()}\n````"
