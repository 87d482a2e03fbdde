"""The report as one self-contained HTML page, for whoever has never read the paper."""
