"""Keeps what Ansible builds of a module to send it to a host: a fifth of the processor's time of a playbook, and the same in each of them.

Ansible has it in the temporary folder of a run; this makes the folder one of the tests, which $PAYLOADS names.
"""

from __future__ import annotations

import os
from pathlib import Path

from ansible import constants
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: payloads
type: aggregate
short_description: Keep what is sent to hosts
description: [Keeps what is sent to hosts.]
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "payloads"

    def __init__(self):
        super().__init__()
        payloads = Path(os.environ["PAYLOADS"])
        payloads.mkdir(exist_ok=True)
        Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache").symlink_to(payloads)
