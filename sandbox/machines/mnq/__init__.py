"""A server of SQS and SNS: who may do what (`access`), queues and topics (`engine`), HTTP (`gateway`), subscribers (`outbox`)."""
