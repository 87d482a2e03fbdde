"""The exact reference: integers and rationals only, module by module beside the paper.

Jia, Cao, Gong, *Intrinsic Certified Robustness of Bagging against Data Poisoning Attacks*
(AAAI 2021). A float argument is refused by name.
"""

from bagcert.reference.algorithm1 import Certificate, certify
from bagcert.reference.bounds import (
    Abstention,
    LabelBounds,
    Method,
    Reason,
    clopper_pearson_lower,
    clopper_pearson_upper,
    label_bounds,
)
from bagcert.reference.certificate.reader import CertificateError, read_certificate
from bagcert.reference.certificate.schema import CertificateFile, Header, Row, Scope
from bagcert.reference.certificate.writer import write_certificate
from bagcert.reference.checker import Verdict
from bagcert.reference.checker import check as check_certificate
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import certified_poisoning_size
from bagcert.reference.theorem2 import AdversarialLearner, adversary

__all__ = [
    "Abstention",
    "AdversarialLearner",
    "Attack",
    "Certificate",
    "CertificateError",
    "CertificateFile",
    "Header",
    "LabelBounds",
    "Method",
    "Reason",
    "Residual",
    "Row",
    "Scope",
    "Verdict",
    "adversary",
    "certified_poisoning_size",
    "certify",
    "check_certificate",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "label_bounds",
    "read_certificate",
    "write_certificate",
]
