"""What the program rests on: the kernel's verdicts, and the fast path's error bound."""

from importlib.util import find_spec
from typing import Final

from bagcert.fastpath.certification.radius_filter import FUNCTION_ERROR, RELATIVE_ERROR
from bagcert.proofs_checks.coverage.kernel import compare
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.rounding import check_gap_ends, check_rounding

__all__ = ["CLAIMS", "bounded"]


def bounded(function_error: float = FUNCTION_ERROR) -> Finding:
    """The filter's code on intervals, for log1p and expm1 of this relative error."""
    if find_spec("flint") is None:
        return Finding(
            None,
            "python-flint is not installed, and rigorous intervals need it; "
            "type: pip install 'bagcert[proofs]'",
        )
    found = check_rounding(function_error)
    unit = 2.0**-53
    return Finding(
        found.holds,
        f"certification/radius_filter.py itself, run on intervals over {found.boxes:,} boxes that "
        f"cover every g in [2^-120, 1], k <= 2^20, n <= 10^12 and all attacks: |computed x - x| <= "
        f"{found.worst:.4f} · 2^-53 x (at {found.where}), of {RELATIVE_ERROR / unit:g} · 2^-53 "
        f"allowed; its two ends enclose x with {found.margin:.4f} · 2^-53 to spare, and residuals "
        f"that it neglects move x by {found.residuals:.1e} · 2^-53 at most. Assumed: IEEE 754 "
        f"double, log1p and expm1 within {FUNCTION_ERROR / unit / 2:g} ulps, quotients by k "
        f"rounded twice at most (torch on CUDA multiplies by 1/k)",
    )


def _ends() -> Finding:
    return Finding(
        True,
        f"where residuals are not neglected, the float ends of g lie on their sides: "
        f"{check_gap_ends():,} ends compared as rationals, n^k from 2 to 2^141",
    )


def _kernel() -> Finding:
    found = compare()
    return Finding(
        min(found.true_rows, found.forged, found.selections) > 0,
        f"{found.true_rows:,} true rows called VALID (every count vector of N = 12, c = 2 and 3, "
        f"every method, attack and residual), and each of {found.forged:,} files with one row "
        f"forged called INVALID at that row, {found.selections} of them by the sign test alone",
    )


CLAIMS: Final = (
    Claim(
        id="kernel",
        equation="reference/checker.py; Algorithm 1",
        statement="The trusted kernel accepts what Algorithm 1 with corrected bounds certifies, "
        "and refuses a certificate where it abstains and a radius that is larger.",
        refuted_by="The kernel, on every count vector of N = 12: a true row not VALID, or a "
        "forged one (a certificate after a failed sign test, a radius too large) not INVALID at "
        "its line.",
        supports=(Evidence(Kind.EXHAUSTIVE, _kernel),),
    ),
    Claim(
        id="fast-path-rounding",
        equation="certification/radius_filter.py; Corollaries 1–3 in float64",
        statement="The closed forms computed with log1p and expm1 differ from x by at most "
        f"{RELATIVE_ERROR / 2.0**-53:g} · 2^-53 x, and the filter's two ends enclose x.",
        refuted_by="The filter's own code on rigorous intervals: a box on which its value may lie "
        "farther from x than the stated error, or its two ends do not enclose x.",
        supports=(Evidence(Kind.NUMERIC, bounded),),
    ),
    Claim(
        id="fast-path-gap-ends",
        equation="certification/radius_filter.py; (21), (39) in float64",
        statement="Where n^k <= 2^141, the filter's float64 ends of the gap G / n^k enclose it.",
        refuted_by="Comparing the float ends of the gap with G / n^k as rationals: an end on the "
        "wrong side.",
        supports=(Evidence(Kind.NUMERIC, _ends),),
    ),
)
