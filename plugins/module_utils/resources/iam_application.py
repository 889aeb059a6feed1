# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications: iam/v1alpha1."""

from __future__ import annotations

from ..resource import Resource


class IamApplication(Resource):
    api = "iam.v1alpha1.IamV1Alpha1API"
    noun = "application"
    create_with = {"description": ""}
