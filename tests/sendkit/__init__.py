"""Tests of the SendKit source."""
