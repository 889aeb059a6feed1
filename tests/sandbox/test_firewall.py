"""Security groups in the words of nft. That these words hold is shown by tests/integration/test_instance.py."""

import pytest

from sandbox.machines.firewall import Group, Rule
from sandbox.machines.instance import Instances
from sandbox.settings import Settings


@pytest.mark.parametrize(
    ("rule", "expression"),
    [
        (Rule("inbound", True), "return"),
        (Rule("inbound", False, "ICMP"), "ip protocol icmp drop"),
        (Rule("inbound", True, "TCP", ports=(22, 22)), "tcp dport 22-22 return"),
        (Rule("inbound", True, "UDP", "192.0.2.0/24", (1, 9)), "ip saddr 192.0.2.0/24 udp dport 1-9 return"),
        (Rule("outbound", False, "TCP", "192.0.2.7", (25, 25)), "ip daddr 192.0.2.7 tcp dport 25-25 drop"),
        (Rule("outbound", False, "ANY", ports=(53, 53)), "meta l4proto { tcp, udp } th dport 53-53 drop"),
        (Rule("outbound", False, "TCP", "::/0", (25, 25)), None),
    ],
)
def test_a_rule_in_words(rule, expression):
    assert rule.expression() == expression


def test_rules_keep_their_order_and_the_policy_comes_last():
    rules = (Rule("inbound", True, "TCP", ports=(80, 80)), Rule("outbound", False), Rule("inbound", False, "TCP"))
    group = Group(rules, stateful=True, inbound=False)
    assert group.chain("inbound") == [
        "ct state established,related return",
        "tcp dport 80-80 return",
        "ip protocol tcp drop",
        "drop",
    ]
    assert Group(rules, stateful=False).chain("outbound") == ["drop", "return"]


def test_a_machine_is_deleted_where_none_ever_ran():
    Instances(Settings(name="stackway-test-empty", subnet="10.119.0.0/16")).delete("nothing")
