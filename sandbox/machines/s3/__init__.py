"""An S3 server: who may do what (`access`), proof of identity (`signature`), storage (`engine`), HTTP (`gateway`)."""
