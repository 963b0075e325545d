"""What every secret of the sandboxes begins with, so that a leak can be recognised wherever it shows."""

CANARY = "canary-"
"""Part of each secret, token, key and secret address; of nothing else."""
