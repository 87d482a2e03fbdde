"""Transfer: a frozen network's features, then a learner on the k examples (Section 5, Figure 3(a)).

The rule of soundness is kept by where the features come from. A module handed over here is copied,
put in evaluation mode, and applied to single examples as far as its result can tell: the training
loop refuses features that change with the other examples
(:mod:`bagcert.fastpath.training.preparation`).
That its weights were not computed from this training set cannot be seen from the weights: whoever
hands it over vouches for it, and the SHA-256 of the weights in the votes' header says for what.

Features that were computed elsewhere, in an array, are a data set of their own:
:func:`~bagcert.fastpath.datasets.with_features` in Python, an ``.npz`` with train_x, train_y,
test_x and test_y at the command line, whose digest goes into the votes. Of such an array nothing
can be checked but its shape: it must come from a map of single examples that was fixed without
the training set. Weights are read by nobody here: load them where you trust them (safetensors,
``torch.export``), never from a pickle.
"""

import copy
import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import (
    Learner,
    LearnerError,
    RelatesExamples,
    Subsamples,
    libraries_of,
)
from bagcert.fastpath.learners.threads import one_torch_thread

__all__ = ["Transfer"]


class Transfer:
    """``head`` on the features of a frozen torch module.

    Guarantee: the features of an example are the module's flat output for it, float32, computed on
    the CPU in one thread; they are what ``head`` is given in the place of the example.

    Args:
        module: from (m, ...) examples to (m, ...) features, one row each; a copy is taken and
            frozen.
        head: the learner on the features, such as
            :class:`~bagcert.fastpath.learners.KernelRidge` or
            :class:`~bagcert.fastpath.learners.LogisticRegression`.
        source: where the module comes from, for the votes' header; at most 200 characters.

    Raises:
        TypeError: ``module`` is no torch module, or ``head`` is a learner that relates examples.
        ValueError: ``source`` is too long.
        ImportError: torch is not installed.
    """

    def __init__(self, module: Any, head: Learner, source: str) -> None:
        try:
            import torch
        except ImportError as error:
            raise ImportError("transfer needs torch; type: pip install 'bagcert[torch]'") from error
        if not isinstance(module, torch.nn.Module):
            raise TypeError(f"module must be a torch module, not {type(module).__name__}")
        if isinstance(head, RelatesExamples):
            raise TypeError(f"head: {head.name} relates examples, which features do not need")
        if len(source) > 200:
            raise ValueError(f"source: {len(source)} characters, more than 200")
        self._module = copy.deepcopy(module).cpu().eval().requires_grad_(False)
        self._head, self._source = head, source
        self._digest = _digest(self._module)

    @property
    def name(self) -> str:
        """``transfer``: not in the registry, since a header cannot hold the module."""
        return "transfer"

    @property
    def ignores_seed(self) -> bool:
        """Whether the head does."""
        return self._head.ignores_seed

    @property
    def libraries(self) -> tuple[str, ...]:
        """``torch``, and the head's."""
        return ("torch", *libraries_of(self._head))

    @property
    def settings(self) -> dict[str, str]:
        """Source and digest of the module, the head, and the head's settings."""
        of_head = {f"head_{name}": value for name, value in self._head.settings.items()}
        return {
            "source": self._source,
            "module": type(self._module).__name__,
            "module_sha256": self._digest,
            "head": self._head.name,
            **of_head,
        }

    def features(self, example: NDArray[Any]) -> NDArray[Any]:
        """Return the head's features of the module's output for one example."""
        found: NDArray[Any] = self.features_of(example[None])[0]
        return found

    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        """Return them for m examples.

        Raises:
            LearnerError: the module fails on such examples, or does not return a row for each.
        """
        import torch

        with one_torch_thread(), torch.inference_mode():
            try:
                found = self._module(torch.from_numpy(np.array(examples, np.float32)))
            except (RuntimeError, TypeError, ValueError) as error:
                raise LearnerError(f"transfer: the module failed: {error}") from error
        if not isinstance(found, torch.Tensor) or found.shape[:1] != (len(examples),):
            raise LearnerError("transfer: the module must return one row for each example")
        rows = found.reshape(len(examples), -1).numpy()
        return np.stack([self._head.features(row) for row in rows])

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[Any]:
        """Return the head's hard labels (B, e)."""
        return self._head.fit_predict(batch, test_features, seeds)


def _digest(module: Any) -> str:
    """SHA-256 of a module's parameters and buffers: name, dtype, shape and bytes, by name."""
    import torch

    digest = hashlib.sha256(b"bagcert-module/1\n")
    for name, value in sorted(module.state_dict().items()):
        flat = value.detach().cpu().contiguous().reshape(-1)
        shape = ",".join(map(str, value.shape))
        digest.update(f"{name} {value.dtype} {shape}\n".encode())
        digest.update(flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b"")
    return digest.hexdigest()
