# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Products of the catalogue: product_catalog/v2alpha1."""

from __future__ import annotations

from ..resource import Resource


class Product(Resource):
    """What Scaleway sells. It can only be listed."""

    api = "product_catalog.v2alpha1.ProductCatalogV2Alpha1PublicCatalogAPI"
    noun = "product"
    methods = {"list": "list_public_catalog_products"}
    key = ()

    def scope(self, name):
        """Nothing: the API takes one place at a time, and the SDK misspells the one that is everywhere."""
        return {}

    def list(self, **arguments):
        here = self.client.credentials
        return [
            product
            for product in super().list(**arguments)
            if (place := product["locality"]).get("global")
            or here.region == place.get("region")
            or here.zone == place.get("zone")
        ]
