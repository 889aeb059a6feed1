"""Cockpit, cockpit/v1: data sources that take what is pushed with a token, Grafana's users, alerts and who is told of them.

Shapes: scaleway-sdk-python, scaleway/cockpit/v1/types.py. What is not served, and why: docs/sandbox.md#cockpit.
"""
