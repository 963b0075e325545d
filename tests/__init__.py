"""The tests; they run offline and start no server that they do not stop."""
