"""Messaging: queues (SQS), topics (SNS) and NATS, mnq/v1beta1.

Shapes: scaleway-sdk-python, scaleway/mnq/v1beta1/types.py. What is not served, and why: docs/sandbox.md#mnq.
"""
