"""Managed Redis, redis/v1: every cluster of one or two nodes is a Redis server of its own.

Shapes: scaleway-sdk-python, scaleway/redis/v1/types.py. What is not served, and why: docs/sandbox.md#redis.
"""
