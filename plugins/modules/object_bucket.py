#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object Storage buckets: S3."""

from __future__ import annotations

DOCUMENTATION = r"""
module: object_bucket
short_description: Manage Object Storage buckets
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A bucket and its settings. A setting that is left out is left alone; an empty one is removed.
  - A bucket is private unless told otherwise.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
requirements:
  - boto3
options:
  name:
    description: Name of the bucket, unique across all of Scaleway.
    type: str
    required: true
  s3_url:
    description:
      - The S3 endpoint. Default is E(AWS_ENDPOINT_URL_S3), then C(s3_endpoint) of the profile, then
        C(https://s3.<region>.scw.cloud).
    type: str
  acl:
    description:
      - Who may list the bucket's objects, besides those whom IAM permits. It says nothing of the objects, which have ACLs of
        their own; O(policy) can open all of them. Default is V(private) for a new bucket.
    type: str
    choices: [private, public-read, public-read-write, authenticated-read]
  policy:
    description:
      - Bucket policy, compared by its meaning. It is exhaustive since version C(2023-04-17), whoever is not allowed by it is
        refused; name your own principal in it, or only the organization's owner can change the bucket again.
    type: dict
  cors:
    description: Rules for cross-origin requests; the first that matches applies.
    type: list
    elements: dict
    suboptions:
      allowed_origins: {description: "Origins, with at most one C(*) each.", type: list, elements: str, required: true}
      allowed_methods: {description: "Methods, such as V(GET).", type: list, elements: str, required: true}
      allowed_headers: {description: Headers that a request may have., type: list, elements: str}
      expose_headers: {description: Headers of the answer that scripts may see., type: list, elements: str}
      max_age_seconds: {description: "How long a browser may remember the answer, in seconds.", type: int}
  lifecycle:
    description: What becomes of objects as they age. A rule needs at least one action.
    type: list
    elements: dict
    suboptions:
      id: {description: Name of the rule., type: str, required: true}
      enabled: {description: Whether the rule is in force., type: bool, default: true}
      prefix: {description: Only for objects whose key begins so., type: str}
      tags: {description: Only for objects with these tags., type: dict}
      expiration:
        description: When objects are deleted.
        type: dict
        suboptions:
          days: {description: Days after their creation., type: int}
          date: {description: "From this day on, such as V(2030-01-01).", type: str}
          expired_object_delete_marker: {description: Whether delete markers without versions go., type: bool}
      transitions:
        description: When objects change their storage class.
        type: list
        elements: dict
        suboptions:
          days: {description: Days after their creation., type: int}
          date: {description: "From this day on, such as V(2030-01-01).", type: str}
          storage_class: {description: The new class., type: str, choices: [ONEZONE_IA, GLACIER], required: true}
      noncurrent_version_expiration:
        description: When versions that are not current any more are deleted.
        type: dict
        suboptions:
          noncurrent_days: {description: Days since they were replaced., type: int, required: true}
          newer_noncurrent_versions: {description: How many of them stay., type: int}
      abort_incomplete_multipart_upload:
        description: When uploads that were never finished are given up.
        type: dict
        suboptions:
          days_after_initiation: {description: Days since they began., type: int, required: true}
  versioning:
    description: Whether old versions of objects are kept. Taken back, it is suspended; versions that exist stay.
    type: bool
  website:
    description: Serve the bucket as a website.
    type: dict
    suboptions:
      index_document: {description: What a folder shows., type: str}
      error_document: {description: Key of the page for what does not exist., type: str}
  tags:
    description: Tags of the bucket.
    type: dict
  object_lock:
    description: Whether objects can be locked. It is decided when the bucket is created, and implies versioning.
    type: bool
  default_retention:
    description: How long new objects are locked. For a bucket with O(object_lock).
    type: dict
    suboptions:
      mode: {description: Whether a permission can lift the lock., type: str, choices: [GOVERNANCE, COMPLIANCE]}
      days: {description: Length in days., type: int}
      years: {description: Length in years., type: int}
  force:
    description: With O(state=absent), delete the bucket with all that it holds, old versions and unfinished uploads too.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have a bucket for uploads that a browser may write to
  stackway.scaleway.object_bucket:
    name: shop-media
    region: fr-par
    tags: {env: prod}
    cors:
      - allowed_origins: ["https://shop.example.com"]
        allowed_methods: [GET, PUT]
        allowed_headers: ["*"]
        max_age_seconds: 3600
    lifecycle:
      - id: unfinished
        abort_incomplete_multipart_upload: {days_after_initiation: 7}
  register: media

- name: Let anybody read the objects, and one application write them
  stackway.scaleway.object_bucket:
    name: shop-media
    policy:
      Version: "2023-04-17"
      Id: shop-media
      Statement:
        - Sid: read
          Effect: Allow
          Principal: "*"
          Action: ["s3:GetObject"]
          Resource: ["shop-media/*"]
        - Sid: write
          Effect: Allow
          Principal: {SCW: "application_id:{{ uploader.application.id }}"}
          Action: ["*"]
          Resource: ["shop-media", "shop-media/*"]

- name: Remove a bucket with all that it holds
  stackway.scaleway.object_bucket:
    name: shop-old
    state: absent
    force: true
"""

RETURN = r"""
bucket:
  description: The bucket, with the settings that the task names.
  returned: when the bucket exists
  type: dict
  contains:
    name: {description: Name of the bucket., type: str, returned: always, sample: shop-media}
    region: {description: Region of the bucket., type: str, returned: always, sample: fr-par}
    project_id:
      description: Project that it belongs to.
      type: str
      returned: always
      sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7
    endpoint: {description: The S3 endpoint., type: str, returned: always, sample: "https://s3.fr-par.scw.cloud"}
    public_url:
      description: Where public objects are found.
      type: str
      returned: always
      sample: https://shop-media.s3.fr-par.scw.cloud
    website_url:
      description: Where the website is served; null behind an endpoint that has no name for it.
      type: str
      returned: always
      sample: https://shop-media.s3-website.fr-par.scw.cloud
"""

from ..module_utils.resources.object_bucket import ObjectBucket
from ..module_utils.run import run


def main():
    run(ObjectBucket, DOCUMENTATION)


if __name__ == "__main__":
    main()
