"""Managed Database for PostgreSQL and MySQL, rdb/v1: every PostgreSQL instance is a server of its own.

Shapes: scaleway-sdk-python, scaleway/rdb/v1/types.py. What is not served, and why: docs/sandbox.md#rdb.
"""
