"""What a claim is, and what counts as evidence for it."""
