"""Which extra of the package brings a library that is not installed."""

from typing import Final

__all__ = ["missing_library"]

#: Module (or, where a version is asked for, distribution), the name under which it is installed,
#: and the extra of ``pyproject.toml`` that has it.
_EXTRAS: Final = {
    "sklearn": ("scikit-learn", "train"),
    "scikit-learn": ("scikit-learn", "train"),
    "joblib": ("scikit-learn", "train"),
    "jinja2": ("Jinja2", "plot"),
    "matplotlib": ("matplotlib", "plot"),
    "PIL": ("pillow", "plot"),
    "scipy": ("scipy", "fast"),
    "gmpy2": ("gmpy2", "fast"),
    "torch": ("torch", "torch"),
    "efficientnet-lite-pytorch": ("efficientnet-lite-pytorch", "imagenet"),
    "cloudpickle": ("cloudpickle", "dask"),
    "cryptography": ("cryptography", "dask"),
    "dask": ("dask", "dask"),
    "distributed": ("distributed", "dask"),
    "flint": ("python-flint", "proofs"),
    "pandas": ("pandas", "export"),
    "opacus": ("opacus", "compare"),
}


def missing_library(module: str | None) -> str:
    """Return one line that says what is missing and what to type."""
    top = (module or "").partition(".")[0]
    if top not in _EXTRAS:
        return f"{top or 'a library'} is not installed; type: pip install {top or 'it'}"
    name, extra = _EXTRAS[top]
    return f"{name} is not installed; type: pip install 'bagcert[{extra}]'"
