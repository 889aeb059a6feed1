"""Serverless Containers, containers/v1 (tokens: containers/v1beta1): namespaces, containers, their domains and triggers.

Shapes: scaleway-sdk-python, scaleway/container/v1/types.py. What is not served, and why: docs/sandbox.md#containers.
"""
