#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_backend
short_description: Manage backends of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A backend is a set of servers that a load balancer forwards to, those that its health check finds able to serve.
  - Servers are added and taken away in place; requests that are under way are finished by the server that has them.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true

  name:
    description: Name of the backend, unique in the load balancer.
    type: str
    required: true
  forward_protocol:
    description: Protocol that is spoken with the servers. Needed to create.
    type: str
    choices: [http, tcp]
  forward_port:
    description: Port of the servers. Needed to create.
    type: int
  forward_port_algorithm:
    description: Which server is next. Default is V(roundrobin).
    type: str
    choices: [roundrobin, leastconn, first]
  server_ip:
    description: Addresses of the servers, completely.
    type: list
    elements: str
  health_check:
    description: How the load balancer tells which servers can serve; what is left out is left alone. Over TCP by default.
    type: dict
    suboptions:
      port:
        description: Port to look at. Default is O(forward_port) of a new backend.
        type: int
      check_delay:
        description: Milliseconds from one check to the next. Default is V(60000).
        type: int
      check_timeout:
        description: Milliseconds that a server may take to answer. Default is V(30000).
        type: int
      check_max_retries:
        description: Failed checks in a row after which a server is down. Default is V(2).
        type: int
      check_send_proxy:
        description: Whether the check begins with the PROXY protocol.
        type: bool
      transient_check_delay:
        description: Time from one check to the next while a server's state is changing, such as V(0.5s).
        type: str
      tcp_config:
        description: C({}) opens a connection.
        type: dict
      http_config:
        description: Makes a request.
        type: dict
        suboptions: &request
          uri: {description: "Path, such as V(/health).", type: str, required: true}
          method: {description: Method., type: str, default: GET}
          code: {description: Status that is expected., type: int, default: 200}
          host_header: {description: Host that is asked for., type: str, default: ""}
      https_config:
        description: Makes a request over TLS.
        type: dict
        suboptions:
          <<: *request
          sni: {description: Name that is asked for in TLS., type: str, default: ""}
      mysql_config:
        description: Logs in to MySQL.
        type: dict
        suboptions:
          user: {description: User to log in as., type: str, required: true}
      pgsql_config:
        description: Logs in to PostgreSQL.
        type: dict
        suboptions:
          user: {description: User to log in as., type: str, required: true}
      ldap_config:
        description: C({}) speaks LDAP.
        type: dict
      redis_config:
        description: C({}) speaks the protocol of Redis.
        type: dict
  sticky_sessions:
    description: Whether a client stays with its server, by a cookie or by its address. Default is V(none).
    type: str
    choices: [none, cookie, table]
  sticky_sessions_cookie_name:
    description: Name of the cookie.
    type: str
  on_marked_down_action:
    description: Whether connections to a server that is found down are closed.
    type: str
    choices: [on_marked_down_action_none, shutdown_sessions]
  proxy_protocol:
    description: Version of the PROXY protocol that tells the servers who the client is.
    type: str
    choices:
      - proxy_protocol_none
      - proxy_protocol_v1
      - proxy_protocol_v2
      - proxy_protocol_v2_ssl
      - proxy_protocol_v2_ssl_cn
  ssl_bridging:
    description: Whether TLS is spoken with the servers.
    type: bool
  ignore_ssl_server_verify:
    description: Whether the servers' certificates need not be valid.
    type: bool
  host:
    description: Host that the servers are asked for, and whose certificate they must have.
    type: str
  timeout_server:
    description: Milliseconds that a server may keep silent. Default is V(300000).
    type: int
  timeout_connect:
    description: Milliseconds that a connection to a server may take. Default is V(5000).
    type: int
  timeout_tunnel:
    description: Milliseconds that a tunnel, such as a web socket, may be idle. Default is V(900000).
    type: int
  timeout_queue:
    description: How long a request waits for a server with a free connection, such as V(4s).
    type: str
  max_retries:
    description: How often a connection that fails is tried again.
    type: int
  redispatch_attempt_count:
    description: After how many tries another server is taken; V(0) after the last.
    type: int
  max_connections:
    description: Connections that one server gets at a time.
    type: int
  failover_host:
    description: Website of a bucket that answers when no server does, such as V(shop.s3-website.fr-par.scw.cloud).
    type: str
"""

EXAMPLES = r"""
- name: Forward to two instances over the private network
  stackway.scaleway.lb_backend:
    lb_id: shop
    name: api
    forward_protocol: http
    forward_port: 8080
    server_ip: [10.0.0.5, 10.0.0.6]
    health_check:
      check_delay: 5000
      http_config:
        uri: /health
"""

RETURN = r"""
backend:
  description: The backend as the API returned it.
  returned: when the backend exists
  type: dict
  contains:
    id: {description: ID of the backend., type: str, returned: always, sample: 34a6f134-b048-40d0-b3ba-314217cb3eda}
    pool: {description: Addresses of its servers., type: list, elements: str, returned: always, sample: [10.0.0.5]}
"""

from ..module_utils.resources.lb_backend import Backend
from ..module_utils.run import run


def main():
    run(Backend, DOCUMENTATION)


if __name__ == "__main__":
    main()
