"""Fast: trains ensembles, counts votes, certifies in bulk (numpy, scikit-learn).

Importing this package imports nothing heavy, so that ``bagcert audit`` starts at once where
neither numpy nor scikit-learn is needed; take names from its modules.
"""
