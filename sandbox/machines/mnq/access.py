"""What the permissions of credentials open: `can_publish`, `can_receive` and `can_manage`, as the SDK describes them."""

from dataclasses import dataclass

ANY = frozenset({"can_publish", "can_receive", "can_manage"})
"""Reading what a queue or topic is like: which permission the real service wants for it is not evidenced."""

PUBLISH, RECEIVE, MANAGE = (frozenset({name}) for name in ("can_publish", "can_receive", "can_manage"))
SUBSCRIBE = RECEIVE | MANAGE

NEEDED = {
    "sqs": {
        **dict.fromkeys(("SendMessage", "SendMessageBatch"), PUBLISH),
        **dict.fromkeys(("ReceiveMessage", "DeleteMessage", "DeleteMessageBatch"), RECEIVE),
        **dict.fromkeys(("ChangeMessageVisibility", "ChangeMessageVisibilityBatch"), RECEIVE),
        **dict.fromkeys(("CreateQueue", "DeleteQueue", "SetQueueAttributes", "PurgeQueue"), MANAGE),
        **dict.fromkeys(("TagQueue", "UntagQueue"), MANAGE),
        **dict.fromkeys(("GetQueueUrl", "GetQueueAttributes", "ListQueues", "ListQueueTags"), ANY),
        "ListDeadLetterSourceQueues": ANY,
    },
    "sns": {
        **dict.fromkeys(("Publish", "PublishBatch"), PUBLISH),
        **dict.fromkeys(("Subscribe", "Unsubscribe", "SetSubscriptionAttributes"), SUBSCRIBE),
        **dict.fromkeys(("CreateTopic", "DeleteTopic", "SetTopicAttributes"), MANAGE),
        **dict.fromkeys(("TagResource", "UntagResource"), MANAGE),
        **dict.fromkeys(("GetTopicAttributes", "GetSubscriptionAttributes", "ListTopics"), ANY),
        **dict.fromkeys(("ListSubscriptions", "ListSubscriptionsByTopic", "ListTagsForResource"), ANY),
    },
}
"""Service -> action -> permissions, of which credentials need one. What is not here is not served."""


@dataclass
class Caller:
    """Whom an access key stands for, in one region."""

    secret_key: str
    project_id: str
    region: str
    permissions: frozenset[str]

    def may(self, service: str, action: str) -> bool:
        return bool(NEEDED[service][action] & self.permissions)
