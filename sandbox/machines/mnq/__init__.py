"""A server of SQS and SNS: who may do what (`access`), queues and topics (`engine`, on moto as `adapted`), HTTP (`gateway`), subscribers (`outbox`)."""
