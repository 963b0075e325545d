"""The files of `pipelines/schedules`, run for real."""
