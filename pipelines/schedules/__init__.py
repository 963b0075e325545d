"""How to run `outreach` on a schedule: a file for each scheduler, see docs/schedules.md."""
