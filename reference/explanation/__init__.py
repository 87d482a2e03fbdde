"""One row of a certificate taken apart: the steps of Certify, and their story in words."""
