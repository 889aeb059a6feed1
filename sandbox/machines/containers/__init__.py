"""Parts of `machines/serverless.py`."""
