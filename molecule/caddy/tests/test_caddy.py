"""What the role promises, after its second configuration, a refused third, and one of two upstreams gone."""

import json
import os
import socket

import testinfra.utils.ansible_runner

testinfra_hosts = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"]).get_hosts("all")
LITERAL = 'Zürich "q" a\\d+b {$HOME} {env.HOME} \\'
SECRET = 'molecule "has" no \\secrets\\ {$HOME} {env.HOME} \\'


def ask(host, url):
    """Status and headers of the answer, by a client on the host that trusts the host's own authority."""
    name = url.split("/")[2]
    root = host.ansible.get_variables()["caddy_root"]
    command = "curl --silent --show-error --dump-header - --output /dev/null --max-time 10 --cacert %s --resolve %s %s"
    resolve = f"{name}:{443 if url.startswith('https') else 80}:127.0.0.1"
    status, *lines = host.check_output(command, root, resolve, url).splitlines()
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return int(status.split()[1]), {name.lower(): value for name, value in headers.items()}


def test_site_answers_by_the_upstream_that_is_left(host):
    for _ in range(3):
        status, headers = ask(host, "https://app.test/")
        assert status == 200
        assert "server" not in headers or "Caddy" not in headers["server"]


def test_last_good_configuration_is_in_force(host):
    _, headers = ask(host, "https://app.test/")
    assert headers["strict-transport-security"] == "max-age=1200"


def test_a_reload_takes_waiting_clients_along(host):
    assert host.sysctl("net.ipv4.tcp_migrate_req") == 1


def test_a_client_that_waits_while_caddy_is_reloaded_finds_an_upstream(host):
    """The reload breaks off a question to the only upstream, which is nearly always under way."""
    variables = host.ansible.get_variables()
    for _ in range(3):
        with socket.create_connection((variables["ansible_host"], 80), timeout=10) as client:
            host.check_output(variables["caddy_reload"])
            client.sendall(b"POST / HTTP/1.1\r\nHost: slow.test\r\nContent-Length: 4\r\nConnection: close\r\n\r\npost")
            status, *lines = client.makefile().read().splitlines()
        assert status == "HTTP/1.1 200 OK"
        assert "server: caddy" not in [line.lower() for line in lines]


def test_responses_have_security_headers(host):
    _, headers = ask(host, "https://app.test/")
    found = {name: headers.get(name) for name in ("x-content-type-options", "x-frame-options", "referrer-policy")}
    if host.backend.host == "caddy-compose":
        assert [value for value in found.values() if value] == ["no-referrer"]
    else:
        assert list(found.values()) == ["nosniff", "DENY", "strict-origin-when-cross-origin"]


def test_http_leads_to_https(host):
    status, headers = ask(host, "http://app.test/")
    assert (status, headers["location"]) == (308, "https://app.test/")


def test_folder_is_served_with_headers_of_its_own(host):
    for name in "static.test", "files.test":
        status, headers = ask(host, f"https://{name}/")
        assert (status, headers["cache-control"], headers["x-frame-options"]) == (200, "max-age=60", "SAMEORIGIN")
        assert headers["x-literal"] == LITERAL
    assert ask(host, "https://static.test/none")[0] == 404


def test_redirect_keeps_path_and_query(host):
    status, headers = ask(host, "http://old.test/a/b?c=d")
    assert (status, headers["location"]) == (301, "https://app.test/a/b?c=d")


def test_an_upstream_is_asked_with_the_headers_it_wants(host):
    resolve, url = "relay.test:80:127.0.0.1", "http://relay.test/"
    answer = json.loads(host.check_output("curl --silent --max-time 10 --resolve %s %s", resolve, url))
    asked = {name: value.encode("latin1").decode() for name, value in answer["asked"].items()}
    assert asked == {"Host": "app.test", "X-Literal": LITERAL, "X-Auth-Token": SECRET}


def test_secret_headers_are_nobody_elses_business(host):
    folder = host.ansible.get_variables().get("caddy_config_dir", "/etc/caddy")
    (secrets,) = host.check_output("find %s -name 'secret-headers*' -printf '%%m %%U %%p\\n'", folder).splitlines()
    assert secrets.split()[:2] == ["640", "0"]
    assert "molecule" not in host.file(f"{folder}/Caddyfile").content_string


def test_admin_interface_is_no_port(host):
    assert not host.socket("tcp://127.0.0.1:2019").is_listening


def test_caddy_has_no_more_rights_than_it_needs(host):
    process = host.process.get(comm="caddy")
    capabilities = int(host.check_output(f"grep CapEff /proc/{process.pid}/status").split()[1], 16)
    assert capabilities == 1 << 10  # CAP_NET_BIND_SERVICE


def test_caddy_starts_from_what_the_refused_configuration_left(host):
    """Last, since it interrupts."""
    variables = host.ansible.get_variables()
    host.check_output(variables["caddy_restart"])
    host.check_output(
        "curl --silent --retry 9 --retry-connrefused --retry-delay 1 http://relay.test/ --resolve relay.test:80:127.0.0.1"
    )
    assert ask(host, "https://app.test/")[0] == 200
