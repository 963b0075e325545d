"""A local Snov.io over real HTTP: a seeded world that moves, the documented answers, limits and faults.

Used by the tests, by `outreach demo`, `outreach sandbox` and the benchmarks, so it never imports pytest.
Start at `server.SandboxServer` (how to run it), `world.World` (what it holds and how it moves) and
`faults.Fault` (what can go wrong).
"""
