"""The paper's figures, made again: curves of certified accuracy, as CSV, PNG and printed tables."""
