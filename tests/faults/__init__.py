"""Faults that a load survives: nothing lost, nothing doubled, nothing leaked."""
