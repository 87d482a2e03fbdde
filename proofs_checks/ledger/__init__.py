"""All claims of the paper with their evidence, gathered and printed."""
