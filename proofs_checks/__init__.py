"""Evidence: each claim of the paper, with the check that supports or refutes it."""
