"""The sources: what is read, and how; nothing here knows the pipelines."""
