#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up products and their prices: product_catalog/v2alpha1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: product_catalog_info
short_description: Look up products and their prices
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the products of Scaleway's public catalogue that match every option given, with their prices before tax.
  - They are what is sold in the zone, in the region, and everywhere alike.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.zone
options:
  product_types:
    description: Families, such as V(instance) or V(load_balancer). A product of a family that the API has no name for is found without.
    type: list
    elements: str
  api_ids:
    description: Types as the product's own API calls them, such as V(DEV1-S); known to instances and load balancers.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up what a server costs
  stackway.scaleway.product_catalog_info:
    api_ids: [DEV1-S]
  register: found

- name: Show its price
  ansible.builtin.debug:
    msg: "{{ price.units + price.nanos / 1000000000 }} {{ price.currency_code }} per {{ found.products[0].unit_of_measure.unit }}"
  vars:
    price: "{{ found.products[0].price.retail_price }}"
"""

RETURN = r"""
products:
  description: What was found, as the API returned it.
  returned: success
  type: list
  elements: dict
  contains:
    sku: {description: Identifier of the product., type: str, returned: always, sample: /compute/dev1_s/run_par1}
    product: {description: Name of the product., type: str, returned: always, sample: DEV1-S}
    price: {description: "C(retail_price) with C(currency_code), C(units) and C(nanos), billionths of a unit.", type: dict, returned: always}
    unit_of_measure: {description: "What the price is for: C(unit) and C(size), how many of it.", type: dict, returned: always}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.product_catalog import Product
from ..module_utils.run import run


class ProductInfo(Info):
    resource = Product


def main():
    run(ProductInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
