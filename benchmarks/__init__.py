"""Benchmarks of the connector on the bundled sandbox: `python -m benchmarks`."""
