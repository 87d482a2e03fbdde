"""Beyond the kernel: does a certificate speak of these votes, and of this data set?"""

from os import PathLike
from pathlib import Path

from bagcert.fastpath.votes.votes import read_votes
from bagcert.reference.certificate.reader import read_certificate

__all__ = ["compare_with_data", "compare_with_votes"]


def compare_with_votes(certificate: str | PathLike[str], votes: str | PathLike[str]) -> list[str]:
    """Return every way in which a certificate is not about ``votes``, one line each.

    Compared: the number of examples, every row's counts, n and k where the votes state them,
    true labels where both do, and the digest of the counts where the certificate states one.
    """
    file = read_certificate(certificate)
    header = file.header
    counted = read_votes(votes, n=header.n, k=header.k)
    found = []
    source = counted.header or {}
    for name, stated in (("n", header.n), ("k", header.k)):
        if source.get(name, stated) != stated:
            found.append(f"{name}: the certificate has {stated}, the votes {source[name]}")
    shape = (header.examples, header.classes)
    if counted.counts.shape != shape:
        return [*found, f"counts: the certificate has {shape}, the votes {counted.counts.shape}"]
    for row, counts in zip(file.rows, counted.counts.tolist(), strict=True):
        if list(row.counts) != counts:
            found.append(f"index {row.index}: counts are not those of the votes")
            break
    if counted.labels is not None:
        for row, label in zip(file.rows, counted.labels.tolist(), strict=True):
            if row.truth is not None and row.truth != label:
                found.append(f"index {row.index}: truth is {row.truth}, the votes say {label}")
                break
    stated_digest = (header.provenance or {}).get("votes_sha256")
    if stated_digest is not None and stated_digest != counted.digest:
        found.append(f"votes_sha256: the certificate has {stated_digest}, not {counted.digest}")
    return found


def compare_with_data(
    certificate: str | PathLike[str],
    dataset: str,
    data_dir: str | PathLike[str] | None = None,
) -> list[str]:
    """Return how the data set that ``dataset`` names differs from the one that is stated."""
    from bagcert.fastpath.datasets import load_dataset

    header = read_certificate(Path(certificate)).header
    data = load_dataset(dataset, data_dir)
    stated = (header.provenance or {}).get("dataset_digest")
    found = []
    if stated is None:
        found.append("dataset_digest: the certificate states none")
    elif stated != data.digest:
        found.append(f"dataset_digest: the certificate has {stated}, {dataset} has {data.digest}")
    if len(data.train_y) != header.n:
        found.append(f"n: the certificate has {header.n}, {dataset} has {len(data.train_y)}")
    return found
