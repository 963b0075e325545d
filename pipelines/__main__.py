"""`python -m pipelines` is the command line `outreach`."""

from pipelines.cli import main

main()
