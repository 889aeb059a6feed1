# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of queues: mnq/v1beta1."""

from __future__ import annotations

from ..mnq import Keys, api_of


class SqsCredentials(Keys):
    api = api_of("sqs")
    noun = plural = "sqs_credentials"
