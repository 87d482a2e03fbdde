"""What a stranger's votes may ask to be run: settings that cost bounded memory and time.

The header of votes names a learner and its settings, and a replay trains that learner. A setting
can ask for a billion trees, or for a layer that fills the memory. So each number in the settings
is held to a bound; who knows where the votes come from can lift it.
"""

import math
import re
from collections.abc import Mapping
from typing import Final

__all__ = ["beyond_bounds"]

#: The largest number of any setting that is not listed below.
MOST: Final = 2000
_MOST_OF: Final = {
    "batch_size": 10_000,
    "epochs": 1000,
    "max_fun": 20_000,
    "max_iter": 10_000,
    "max_leaf_nodes": 10_000,
    "n_estimators": 1000,
    "n_jobs": 64,
    "n_restarts_optimizer": 10,
    "stack": 8,
}
#: Settings that list the widths of layers: most layers, and most units of all of them together,
#: so that two neighbours have some four million weights.
_LAYERS: Final = frozenset({"hidden_layer_sizes", "layers"})
_MOST_LAYERS: Final = 32
_MOST_UNITS: Final = 4096
#: Regularisation, rates, shapes, digests and the like, whose size costs nothing.
_FREE: Final = frozenset(
    {
        "C",
        "alpha",
        "gamma",
        "lam",
        "lr",
        "l2_regularization",
        "reg_param",
        "weights_sha256",
        "verbose",
        "shape",
        "max_samples",
        "intercept_scaling",
        "var_smoothing",
        "power_t",
        "eta0",
        "tol",
        "degree",
    }
)
_NUMBER: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def beyond_bounds(settings: Mapping[str, str]) -> str | None:
    """Return why a stranger may not ask for ``settings``, or None if they may.

    Numbers are looked for wherever a text holds them, so that a list or an expression is held to
    the same bound as a plain number.
    """
    for name, text in settings.items():
        last = name.rpartition("__")[2]
        if last in _FREE:
            continue
        numbers = [float(number) for number in _NUMBER.findall(text)]
        if last in _LAYERS:
            if len(numbers) > _MOST_LAYERS or sum(numbers) > _MOST_UNITS:
                return (
                    f"{name} is {text:.60}: more than {_MOST_LAYERS} layers, or {_MOST_UNITS} units"
                )
            continue
        most = _MOST_OF.get(last, MOST)
        if any(not math.isfinite(number) or number > most for number in numbers):
            return f"{name} is {text:.60}, more than the {most} that a header may ask for"
    return None
