"""What every module promises, as data: one file per product, each with CASES."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """The life of one resource. Values may be templates that use what `setup` registered.

    create   options that create it
    changes  {option: new value}, applied one after the other, each alone
    setup    tasks that make what it needs, as Ansible writes them: {"stackway.scaleway.vpc": {...}, "register": "vpc"}
    cleanup  tasks that remove that again, in this order
    absent   options that name it for removal; default: those of `create` that are in `key`
    refused  [(options, pattern)]: what must be refused before anything is sent, and words that the message must have
    """

    module: str
    create: dict
    changes: dict = field(default_factory=dict)
    key: tuple[str, ...] = ("name",)
    setup: list[dict] = field(default_factory=list)
    cleanup: list[dict] = field(default_factory=list)
    absent: dict | None = None
    refused: list[tuple[dict, str]] = field(default_factory=list)
    label: str = ""

    def __str__(self) -> str:
        return f"{self.module}{'-' if self.label else ''}{self.label}"

    def gone(self) -> dict:
        options = self.absent if self.absent is not None else {name: self.create[name] for name in self.key}
        return options | {"state": "absent"}
