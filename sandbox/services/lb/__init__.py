"""Load balancers, lb/v1: every one is an HAProxy of its own.

Shapes: scaleway-sdk-python, scaleway/lb/v1/types.py. What is not served, and why: docs/sandbox.md#lb.
"""
