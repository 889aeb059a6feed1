"""Edge Services, edge-services/v1beta1: pipelines of stages between a name and an origin.

Shapes: scaleway-sdk-python, scaleway/edge_services/v1beta1/types.py. What is not served, and why: docs/sandbox.md#edge-services.
"""

BASE = "/edge-services/v1beta1"
MISSING = "Not Found"
