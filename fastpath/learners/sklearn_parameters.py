"""Parameters of scikit-learn's estimators: how a header spells them, and which are refused."""

import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["parse", "random_states", "refuse_keyed_by_label", "remedy", "spell"]

_WORDS: Final = {"True": True, "False": False, "None": None}
#: Layers of a perceptron.
_SIZES: Final = re.compile(r"\(\d{1,6}(, ?\d{1,6})*,?\)")


def random_states(estimator: Any) -> list[str]:
    """Return the names of all ``random_state`` parameters, those of parts included."""
    return [
        name
        for name in estimator.get_params(deep=True)
        if name.rpartition("__")[2] == "random_state"
    ]


def parse(text: str) -> Any:
    """Return the value that a header spells: a plain one, or the layers of a perceptron."""
    if _SIZES.fullmatch(text):
        return tuple(map(int, re.findall(r"\d+", text)))
    if text in _WORDS:
        return _WORDS[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def spell(name: str, value: Any) -> str:
    """Spell a parameter so that equal ones are spelled alike, in every process.

    Raises:
        ValueError: it would be spelled by where it lies in memory.
    """
    if isinstance(value, str):
        return value
    if callable(value) and not hasattr(value, "get_params"):
        module, title = getattr(value, "__module__", None), getattr(value, "__qualname__", "<")
        if module is None or "<" in title:
            raise ValueError(
                f"estimator: {name} is a function without a name of its own; "
                f"define it with def at the top of a module"
            )
        return f"{module}.{title}"
    if hasattr(value, "get_params"):
        inner = ", ".join(
            f"{key}={spell(f'{name}__{key}', of)}"
            for key, of in sorted(value.get_params(deep=False).items())
            if key != "random_state"
        )
        return f"{type(value).__name__}({inner})"
    if isinstance(value, (list, tuple)):
        return f"({', '.join(spell(name, of) for of in value)})"
    text = repr(value)
    if " at 0x" in text:
        raise ValueError(
            f"estimator: {name} is a {type(value).__name__}, which no votes header can spell"
        )
    return text


#: Parameters whose values belong to labels by name or by place.
_KEYED: Final = ("class_weight", "classes", "class_prior", "priors", "monotonic_cst")


def refuse_keyed_by_label(parameters: Mapping[str, Any]) -> None:
    """Refuse what belongs to labels by name or place: labels are renumbered for each model.

    Raises:
        ValueError: naming the parameter.
    """
    for name, value in parameters.items():
        title = name.rpartition("__")[2]
        if title in _KEYED and value is not None and not isinstance(value, str):
            raise ValueError(
                f"estimator: {name} is keyed by label, but a base model numbers only the labels "
                f"that it has drawn, so that it would reach another class; leave it out"
            )


def remedy(estimator: Any) -> str:
    """What helps an estimator that small samples defeat."""
    parameters = estimator.get_params(deep=False)
    if "reg_param" in parameters:  # of quadratic discriminants
        sparse = "solver=eigen and shrinkage=0.5" if "solver" in parameters else "reg_param=0.1"
        return f"; set {sparse}, and a k so large that no list has a class only once"
    if "shrinkage" in parameters:  # of linear ones
        return "; choose a k larger than the number of classes"
    return "; choose a larger k or another estimator"
