"""When a list must be read whole again."""

from sources.sweeps import interval_days, sweep_due

__all__ = ["interval_days", "sweep_due"]
