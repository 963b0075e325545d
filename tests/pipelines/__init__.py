"""Tests of the pipelines: the command line, run for real."""
