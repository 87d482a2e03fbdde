"""From an ensemble that somebody already has to certificates: scikit-learn's, or any function's."""
