"""The ledger: every claim of the paper, with the check that supports or refutes it.

A module of this package that holds claims exposes ``CLAIMS``; :mod:`.ledger` gathers them.
"""
