"""Tests of the Snov.io source."""
