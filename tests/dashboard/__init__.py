"""The dashboard: its numbers, and what a person does with it in a browser."""
