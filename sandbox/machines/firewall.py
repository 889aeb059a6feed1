"""Security groups: packet filters on the host's end of the public cards, out of reach of the instances.

A group filters what leaves a card's machine and what goes to it, whoever the other end is: the world, the host, a
container or another instance. A card without a group passes nothing.
"""

from dataclasses import dataclass

from .engine import privileged


@dataclass(frozen=True)
class Rule:
    """One line of a group; rules apply in order. An empty `ports` means all, else it is (from, to)."""

    direction: str  # inbound, outbound
    accept: bool
    protocol: str = "ANY"  # TCP, UDP, ICMP, ANY
    network: str = "0.0.0.0/0"
    ports: tuple = ()

    def expression(self):
        """The rule in nft's words; None for one that concerns IPv6 alone."""
        if ":" in self.network:
            return None
        words = (
            []
            if self.network == "0.0.0.0/0"
            else ["ip", "saddr" if self.direction == "inbound" else "daddr", self.network]
        )
        protocol = self.protocol.lower()
        if self.ports:
            first, last = self.ports
            words += ["meta l4proto { tcp, udp } th" if protocol == "any" else protocol, "dport", f"{first}-{last}"]
        elif protocol != "any":
            words += ["ip", "protocol", protocol]
        return " ".join([*words, "return" if self.accept else "drop"])


@dataclass(frozen=True)
class Group:
    rules: tuple = ()
    stateful: bool = True
    inbound: bool = True
    """Whether what no rule mentions is let in."""
    outbound: bool = True

    def chain(self, direction):
        """The rules of one direction as lines of an nft chain. `return` goes on to the filter of the other end."""
        lines = ["ct state established,related return"] if self.stateful else []
        lines += filter(None, (rule.expression() for rule in self.rules if rule.direction == direction))
        return [*lines, "return" if getattr(self, direction) else "drop"]


class Firewall:
    """The table of one sandbox in the kernel, which is also where its state is kept."""

    def __init__(self, engine, wires):
        self.engine, self.wires = engine, wires
        self.table = f"ip stackway_{engine.tag}"

    def prepare(self):
        """Make the table unless it exists: nothing passes a card before its group is known."""
        cards = f'"{self.wires.public_prefix}*"'
        _nft(f"""
            table {self.table} {{
                set cards {{ type ifname; }}
                map outbound {{ type ifname : verdict; }}
                map inbound {{ type ifname : verdict; }}
                chain leaving {{ }}
                chain arriving {{ }}
                chain forward {{ type filter hook forward priority filter + 10; }}
                chain input {{ type filter hook input priority filter + 10; }}
                chain output {{ type filter hook output priority filter + 10; }}
                chain world {{ type nat hook postrouting priority srcnat + 10; }}
            }}
            flush chain {self.table} leaving
            flush chain {self.table} arriving
            flush chain {self.table} forward
            flush chain {self.table} input
            flush chain {self.table} output
            flush chain {self.table} world
            table {self.table} {{
                chain leaving {{ iifname != @cards drop; iifname vmap @outbound; }}
                chain arriving {{ oifname != @cards drop; oifname vmap @inbound; }}
                chain forward {{ iifname {cards} jump leaving; oifname {cards} jump arriving; }}
                chain input {{ iifname {cards} jump leaving; }}
                chain output {{ oifname {cards} jump arriving; }}
                chain world {{ ip saddr {self.engine.subnet} ip daddr != {self.engine.subnet} masquerade; }}
            }}
        """)

    def set_group(self, id, group):
        """Define the group, or change it for all its cards at once. Raises EngineError on a rule nft does not take."""
        lines = []
        for direction in ("inbound", "outbound"):
            chain = f"{self.table} {_chain(direction, id)}"
            lines += [f"add chain {chain}", f"flush chain {chain}"]
            lines += [f"add rule {chain} {rule}" for rule in group.chain(direction)]
        _nft("\n".join(lines))

    def remove_group(self, id):
        """Forget a group that no card has."""
        _nft("\n".join(f"delete chain {self.table} {_chain(direction, id)}" for direction in ("inbound", "outbound")))

    def join(self, card, group):
        """Put a card, named by its host's end, under a group; it leaves the one it was in."""
        present = self._has(card)
        lines = [f'delete element {self.table} {map} {{ "{card}" }}' for map in ("outbound", "inbound")] * present
        lines += [
            f'add element {self.table} {map} {{ "{card}" : jump {_chain(map, group)} }}'
            for map in ("outbound", "inbound")
        ]
        _nft("\n".join([*lines, f'add element {self.table} cards {{ "{card}" }}']))

    def leave(self, card):
        if self._has(card):
            names = ("outbound", "inbound", "cards")
            _nft("\n".join(f'delete element {self.table} {name} {{ "{card}" }}' for name in names))

    def _has(self, card):
        """Whether the card is under a group. Where no instance ever ran there is no table."""
        return f"table {self.table}" in _nft("list tables").splitlines() and card in _nft(
            f"list set {self.table} cards"
        )

    def remove(self):
        """Delete the whole table; what does not exist is fine."""
        _nft(f"table {self.table} {{ }}\ndelete table {self.table}")


def _chain(direction, group):
    return f"{direction}_{group.replace('-', '')}"


def _nft(script):
    return privileged("nft", "-f", "-", stdin=script)
