# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NATS accounts: mnq/v1beta1."""

from __future__ import annotations

from ..resource import Resource


class NatsAccount(Resource):
    api = "mnq.v1beta1.MnqV1Beta1NatsAPI"
    noun = "nats_account"
