"""Any way to train: a function of the drawn indices and a seed, and certificates of its ensemble.

>>> import numpy as np
>>> x, y = np.linspace(0, 1, 200), np.arange(200) // 100
>>> tested = np.array([0.1, 0.9])
>>> def nearest(indices, seed):
...     distances = np.abs(tested[:, None] - x[indices][None, :])
...     return y[indices][distances.argmin(axis=1)]
>>> found = certify_ensemble(nearest, n=200, k=10, examples=2, classes=2, models=500, seed=1)
>>> found.labels.tolist(), found.radius.tolist()
([0, 1], [12, 12])
"""

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from os import PathLike
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.bridges.certified import CertifiedPredictions, Statement
from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.draws.streams import MAX_SEED
from bagcert.fastpath.training.gathering import Ensemble, gather, shards_of
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_LIST_BITS, MAX_MODELS, MAX_TESTED
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["Lists", "TrainAndPredict", "certify_ensemble", "replay_ensemble", "votes_of"]

#: From the k drawn indices, in draw order, and the model's seed, to its (e,) labels in [0, c).
TrainAndPredict = Callable[[NDArray[np.int64], int], Any]
#: From a model's index to its k drawn indices and its seed.
Lists = Callable[[int], tuple[NDArray[np.int64], int]]
#: Models whose votes are saved together.
SHARD: Final = 25


def certify_ensemble(
    train_and_predict: TrainAndPredict,
    n: int,
    k: int,
    *,
    examples: int,
    classes: int | Sequence[Any],
    models: int,
    seed: int,
    labels: Any = None,
    ignores_seed: bool = False,
    transductive: bool = False,
    alpha: Fraction | int | str = "1/1000",
    method: Method | str = Method.SELECTED,
    scope: Scope | str = Scope.SIMULTANEOUS,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
    checkpoint: str | PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CertifiedPredictions:
    """Train N models by a function of yours, count their hard votes, certify.

    Model i is ``train_and_predict(indices, seed)``: the k indices of its training examples (an
    example that was drawn twice is there twice) and a seed of its own; it returns one label for
    each test example. Guarantee: as :class:`CertifiedPredictions`, **if the function keeps the
    soundness rule**: its answer may depend on the training set through the drawn examples alone.
    A scaler, a vocabulary or a threshold that was fitted on all of it voids the certificate, and
    nothing here can see that. Nor can it see whether the answer for one test example depends on the
    other test examples: the certificate is then about the test set as it stands, and
    ``transductive`` has to say so.

    Args:
        train_and_predict: the function; one of the form ``def name`` at the top of a module is
            named in the votes' header, and so can be resumed and replayed.
        n: training examples. k: drawn for each model, with replacement.
        examples: e, the test examples.
        classes: c, or the c labels themselves, in the order of the integers that are returned.
        models, seed: N, and the seed of the lists.
        labels: the true labels (e,), as integers in [0, c), if they are known.
        ignores_seed: whether the function does; ``integral`` wants it.
        transductive: whether an answer may depend on the other test examples.
        alpha, method, scope, attack, residual: as in :func:`~bagcert.fastpath.certify_votes`.
        checkpoint: a folder that keeps finished models: the same call goes on where it stopped.
        progress: called with (models done, models).

    Raises:
        TypeError, ValueError: an argument outside its domain; labels of the wrong shape or kind,
            naming the model; a function without a name of its own, with ``checkpoint``.
    """
    statement = Statement.given(alpha, method, scope, attack, residual)
    k = as_integer("k", k, 1, MAX_LIST_BITS)
    models, seed = (
        as_integer("models", models, 1, MAX_MODELS),
        as_integer("seed", seed, 0, MAX_SEED),
    )
    examples = as_integer("examples", examples, 1, MAX_TESTED)
    named = np.arange(classes) if isinstance(classes, int) else np.asarray(classes)
    as_integer("classes", len(named), 2, MAX_CLASSES)
    name = _name(train_and_predict)
    if checkpoint is not None and name is None:
        raise ValueError(
            "train_and_predict: a checkpoint needs a function with a name of its own; "
            "define it with def at the top of a module"
        )
    header = VotesHeader(
        n=n,
        k=k,
        models=models,
        classes=len(named),
        seed=seed,
        first_model=0,
        learner=name or "a function",
        ignores_seed=ignores_seed,
        transductive=transductive or None,
        versions=software_versions(),
        class_names=tuple(str(label) for label in named.tolist()),
    )
    votes = votes_of(
        train_and_predict,
        header,
        examples,
        labels=labels,
        lists=partial(_drawn, header),
        checkpoint=checkpoint,
        progress=progress,
    )
    return CertifiedPredictions.of(votes, named, statement)


def votes_of(
    train_and_predict: TrainAndPredict,
    header: VotesHeader,
    examples: int,
    *,
    lists: Lists,
    labels: Any = None,
    checkpoint: str | PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Votes:
    """Return the votes of the models that ``header`` describes, on the lists that are given."""
    truth = None if labels is None else np.asarray(labels, np.int64)

    def predict(part: range) -> NDArray[np.int32]:
        return _rows(train_and_predict, lists, header.classes, part, examples)

    return gather(
        Ensemble(range(header.models), examples, header.classes, header.text(), truth, header),
        shards_of(predict, header.classes, keep=True),
        checkpoint=checkpoint,
        keep_predictions=True,
        progress=progress,
        shard=SHARD,
    )


def replay_ensemble(
    found: CertifiedPredictions, train_and_predict: TrainAndPredict, count: int
) -> dict[int, int]:
    """Train ``count`` models again, drawn with the operating system's randomness, and compare.

    Returns:
        the models that came out otherwise, each with the number of examples on which it did.

    Raises:
        ValueError: votes without predictions or seed; ``count`` outside [1, N].
    """
    header, predictions = found.votes.header, found.votes.predictions
    if header is None or header.seed is None or predictions is None:
        raise ValueError("replay: these votes state no seed, or keep no predictions")
    count = as_integer("count", count, 1, header.models)
    chosen = sorted(random.SystemRandom().sample(range(header.models), count))
    differing = {}
    for model in chosen:
        one = range(model, model + 1)
        lists = partial(_drawn, header)
        again = _rows(train_and_predict, lists, header.classes, one, predictions.shape[1])[0]
        if wrong := int((again != predictions[model]).sum()):
            differing[model] = wrong
    return differing


def _drawn(header: VotesHeader, model: int) -> tuple[NDArray[np.int64], int]:
    seed = header.seed or 0
    return draw(seed, model, header.n, header.k), model_seed(seed, model)


def _rows(
    train_and_predict: TrainAndPredict, lists: Lists, classes: int, models: range, examples: int
) -> NDArray[np.int32]:
    rows = np.empty((len(models), examples), np.int32)
    for row, model in enumerate(models):
        answer = np.asarray(train_and_predict(*lists(model)))
        if answer.shape != (examples,) or answer.dtype.kind not in "iu":
            raise ValueError(
                f"model {model}: train_and_predict must return {examples} integer labels, "
                f"not {answer.shape} × {answer.dtype}"
            )
        if answer.min() < 0 or answer.max() >= classes:
            raise ValueError(f"model {model}: a label lies outside 0..{classes - 1}")
        rows[row] = answer
    return rows


def _name(function: Any) -> str | None:
    module, title = getattr(function, "__module__", None), getattr(function, "__qualname__", "<")
    return None if module in (None, "__main__") or "<" in title else f"{module}.{title}"
