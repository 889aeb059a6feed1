"""A local Scaleway: the HTTP API, and real servers behind it. Start with `python -m sandbox up`."""
