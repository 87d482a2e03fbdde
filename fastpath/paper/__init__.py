"""The paper's experiments and figures, and the compared methods, trained for real."""
