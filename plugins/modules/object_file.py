#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in Object Storage: S3's objects."""

from __future__ import annotations

DOCUMENTATION = r"""
module: object_file
short_description: Manage files in Object Storage
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Puts a file into a bucket where the bucket has none of that name, or one of another content.
  - For what a website or an application wants to find there, as its page. It is put as a whole, and compared by its MD5.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
requirements:
  - boto3
options:
  bucket:
    description: Name of the bucket.
    type: str
    required: true
  name:
    description: Name of the file in the bucket, such as V(assets/app.js).
    type: str
    required: true
  s3_url:
    description:
      - The S3 endpoint. Default is E(AWS_ENDPOINT_URL_S3), then C(s3_endpoint) of the profile, then
        C(https://s3.<region>.scw.cloud).
    type: str
  path:
    description: The file where the module runs. Needed unless O(state=absent).
    type: path
  backup:
    description:
      - A folder where the module runs. What the bucket had under this name is kept in it, under the same name, when it is replaced by another content.
      - What is put as O(path) afterwards brings it back.
    type: path
  content_type:
    description: What kind of file it is, such as V(text/html). By default, its name tells.
    type: str
  cache_control:
    description: What browsers and caches are told, such as V(no-cache). Left out, it is left alone; empty removes it.
    type: str
"""

EXAMPLES = r"""
- name: Put the page into the website's bucket
  stackway.scaleway.object_file:
    bucket: shop-frontend
    name: index.html
    path: dist/index.html
    cache_control: no-cache

- name: Put another page, and keep the one before
  stackway.scaleway.object_file:
    bucket: shop-frontend
    name: index.html
    path: dist/index.html
    backup: before

- name: Remove what is old
  stackway.scaleway.object_file:
    bucket: shop-frontend
    name: old.html
    state: absent
"""

RETURN = r"""
file:
  description: The file.
  returned: when it exists
  type: dict
  contains:
    bucket: {description: Name of the bucket., type: str, returned: always, sample: shop-frontend}
    name: {description: Its name in the bucket., type: str, returned: always, sample: index.html}
    etag: {description: MD5 of the content., type: str, returned: always, sample: 9e107d9d372bb6826bd81d3542a419d6}
    content_type: {description: What kind of file it is., type: str, returned: always, sample: text/html}
    cache_control: {description: What caches are told., type: str, returned: always, sample: no-cache}
    size: {description: Size in bytes., type: int, returned: always, sample: 1024}
"""

from ..module_utils.resources.object_file import ObjectFile
from ..module_utils.run import run


def main():
    run(ObjectFile, DOCUMENTATION)


if __name__ == "__main__":
    main()
