"""The page for the people who run outreach: headline numbers, funnel, trend, campaigns, senders, loads.

What it is asked to show is in `filters`, every number in `figures`, which asks the marts through `marts`; `charts`
makes Vega-Lite of them, `page` HTML, and `server` puts it on a port of this machine or into a file.
"""
