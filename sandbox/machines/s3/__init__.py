"""An S3 server: who may do what (`access`), storage (`engine`), HTTP (`gateway`)."""
