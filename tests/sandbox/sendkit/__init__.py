"""A local SendKit over real HTTP, beside Snov.io's: the same server, limits, faults and call log.

Start at `server.SendkitServer` (how to run it) and `world.World` (what it holds and how it moves).
"""
