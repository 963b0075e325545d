"""What the fault tests share beside `tests/conftest.py`."""
