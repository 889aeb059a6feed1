#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object Storage buckets: S3, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: object_bucket_info
short_description: List Object Storage buckets
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - With a name, one bucket and all its settings; without, the project's buckets in the region.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
requirements:
  - boto3
options:
  name:
    description: Name of the bucket. One that does not exist gives an empty list.
    type: str
  s3_url:
    description:
      - The S3 endpoint. Default is E(AWS_ENDPOINT_URL_S3), then C(s3_endpoint) of the profile, then
        C(https://s3.<region>.scw.cloud).
    type: str
"""

EXAMPLES = r"""
- name: Look at a bucket
  stackway.scaleway.object_bucket_info:
    name: shop-media
  register: media
"""

RETURN = r"""
buckets:
  description: The buckets; each has the keys that M(stackway.scaleway.object_bucket) returns.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the bucket., type: str, returned: always, sample: shop-media}
    public_url:
      description: Where public objects are found.
      type: str
      returned: always
      sample: https://shop-media.s3.fr-par.scw.cloud
    acl: {description: Who may list its objects., type: str, returned: with O(name), sample: private}
    policy: {description: Its policy., type: dict, returned: with O(name)}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.object_bucket import ObjectBucket
from ..module_utils.run import run


class ObjectBucketInfo(Info):
    resource = ObjectBucket

    @classmethod
    def look_up(cls, client, params):
        resource = ObjectBucket(client, params)
        if "name" not in resource.options:
            return [resource.record(bucket["Name"]) for bucket in resource.s3.call("list_buckets")["Buckets"]]
        resource.options |= dict.fromkeys(ObjectBucket.settings)
        found = resource.get({"name": resource.options["name"]})
        return [found] if found else []


def main():
    run(ObjectBucketInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
