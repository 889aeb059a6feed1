"""Roles observability and cockpit_agent: a server whose metrics and logs are found in Cockpit."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from urllib.parse import urlsplit

import pytest

from .test_cockpit import Pinned, Watch

DASHBOARD = {
    "title": "Case & hosts",
    "tags": ["host"],
    "templating": {
        "list": [{"name": "hosts", "type": "datasource", "query": "prometheus", "regex": "/^host-metrics/"}]
    },
    "panels": [
        {
            "type": kind,
            "title": kind,
            "datasource": {"type": "prometheus", "uid": "${hosts}"},
            "fieldConfig": {"defaults": {"unit": "bytes"}},
            "gridPos": {"x": x, "y": 0, "w": 12, "h": 8},
            "targets": [{"expr": "node_memory_MemTotal_bytes", "legendFormat": "memory of {{host}}"}],
        }
        for x, kind in ((0, "timeseries"), (12, "stat"))
    ],
}
ROLE = {
    "observability_sources": [
        {"name": "host-metrics", "type": "metrics", "retention_days": 40},
        {"name": "host-logs", "type": "logs"},
    ],
    "observability_tokens": [{"name": "agents", "secret": "/watched/cockpit"}],
    "observability_contact_points": [{"email": "duty@example.com"}],
    "observability_alert_rules": ["PostgreSQLHighCPULoad"],
    "observability_rule_groups": [
        {"source": source, "name": name, "rules": [{"alert": "Down", "expr": "up == 0", "for": "5m"}]}
        for source, name in (("host-metrics", "hosts"), ("host-metrics", "others"), ("Scaleway Metrics", "products"))
    ],
    "observability_dashboards": [
        {"uid": uid, "model": "{{ lookup('ansible.builtin.file', playbook_dir ~ '/dashboard.json') | from_json }}"}
        for uid in ("hosts", "others")
    ],
}
LESS = {
    "observability_rule_groups": ROLE["observability_rule_groups"][::2],
    "observability_dashboards": ROLE["observability_dashboards"][:1],
}
URLS = "{{ hostvars['localhost'].observability_push_urls['host-%s'] }}"
AGENT = {
    "cockpit_agent_metrics_url": URLS % "metrics",
    "cockpit_agent_logs_url": URLS % "logs",
    "cockpit_agent_token": "{{ lookup('stackway.scaleway.secret', '/watched/cockpit', field='secret_key', planned=true) }}",
    "cockpit_agent_scrape_interval": "1s",
    "cockpit_agent_labels": {"system": "case"},
    "cockpit_agent_log_files": [{"directory": "/var/log/case", "pattern": "*.log"}],
}
FOUND_SECONDS = 30


def changed(results):
    return sorted(name for name, result in results.items() if result.get("changed"))


def failures(results):
    return [(name, result.get("msg")) for name, result in results.items() if result.get("failed")]


class Host(Watch):
    """A server that ships what it sees, and whoever asks for that."""

    def __init__(self, sandbox, folder):
        self.folder, self.key = folder, str(sandbox.home / "id_ed25519")
        trusted = {"ca_certs": {"trusted": [(sandbox.home / "ca.pem").read_text()]}}
        server = {
            "name": "watched",
            "commercial_type": "PLAY2-PICO",
            "image": "debian_trixie",
            "public_ips": ["watched"],
        }
        public_key = (sandbox.home / "id_ed25519.pub").read_text().strip()
        made = [
            ("iam_ssh_key", {"name": "watched", "public_key": public_key}),
            ("instance_ip", {"name": "watched"}),
            ("instance_server", server | {"cloud_init": f"#cloud-config\n{json.dumps(trusted)}\n"}),
        ]
        self.made = [(module, {"name": options["name"], "state": "absent"}) for module, options in made]
        results = [sandbox.task(module, options) for module, options in made]
        assert not [result["msg"] for result in results if result.get("failed")]
        self.address = results[-1]["server"]["public_ip"]["address"]
        super().__init__(sandbox)
        self.sh("cloud-init status --wait >/dev/null; mkdir -p /var/log/case")

    def run(self, *arguments, **variables):
        """Role observability on the control host, then cockpit_agent on the server."""
        plays = [
            {
                "hosts": "localhost",
                "connection": "local",
                "vars": ROLE,
                "roles": [{"role": "stackway.scaleway.observability"}],
            },
            {"hosts": "watched", "vars": AGENT, "roles": [{"role": "stackway.scaleway.cockpit_agent"}]},
        ]
        variables["observability_data_sources_url"] = self.data_sources()
        variables["observability_grafana_url"] = self.grafana()
        (self.folder / "dashboard.json").write_text(json.dumps(DASHBOARD))
        (self.folder / "site.yml").write_text(json.dumps([play | {"gather_facts": False} for play in plays]))
        login = {
            "ansible_host": self.address,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": self.key,
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        }
        inventory = {"all": {"hosts": {"localhost": {}, "watched": login}}}
        (self.folder / "hosts.json").write_text(json.dumps(inventory))
        where = [str(self.folder / "site.yml"), "-i", str(self.folder / "hosts.json")]
        extra = {"ansible_python_interpreter": "auto_silent"} | variables
        results = self.sandbox.playbook(*where, *arguments, extra=extra)
        return {name.rpartition(" : ")[2]: result for name, result in results.items()}

    def data_sources(self):
        return f"{self.sandbox.profile['api_url']}/cockpit/v1/regions/fr-par/data-sources"

    def grafana(self):
        profile = self.sandbox.profile
        return f"{profile['api_url']}/cockpit/v1/projects/{profile['default_project_id']}/grafana"

    def dashboards(self):
        """UIDs of those that the role looks after."""
        found = self.task("cockpit_dashboard_info", tag="stackway", url=self.grafana())["dashboards"]
        return [dashboard["uid"] for dashboard in found]

    def products(self):
        """ID of the data source of Scaleway's products."""
        (source,) = self.task("cockpit_source_info", type="metrics", origin="scaleway")["data_sources"]
        return source["id"]

    def groups(self, source):
        """Names of the groups of rules in a data source."""
        where = {"data_source_id": source, "url": f"{self.data_sources()}/{source}"}
        found = self.task("cockpit_rule_group_info", namespace="stackway", **where)["rule_groups"]
        return [group["name"] for group in found]

    def sh(self, command):
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        words = ["ssh", "-n", "-i", self.key, *(word for option in options for word in ("-o", option))]
        done = subprocess.run([*words, f"root@{self.address}", command], capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def remove(self):
        super().remove()
        for module, options in reversed(self.made):
            self.task(module, **options)


@pytest.fixture(scope="module")
def host(sandbox, tmp_path_factory):
    host = Host(sandbox, tmp_path_factory.mktemp("watched"))
    yield host
    host.remove()


def found(look):
    """What is found once it has arrived."""
    deadline = time.monotonic() + FOUND_SECONDS
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return seen


def test_what_a_server_sees_is_found_in_cockpit(host):
    planned = host.run("--check")
    first, again, checked = host.run(), host.run(), host.run("--check")
    assert failures(planned) + failures(first) + failures(again) + failures(checked) == []
    assert set(changed(planned)) <= set(changed(first))
    assert changed(again) == changed(checked) == []
    for kind in ("metrics", "logs"):
        host.sources[kind] = host.task("cockpit_source_info", name=f"host-{kind}")["data_sources"][0]

    ((labels, _value),) = found(lambda: host.metric('up{job="node"} == 1'))
    assert labels | {"host": "watched", "system": "case"} == labels
    assert found(lambda: host.metric('node_memory_MemTotal_bytes{host="watched"}'))

    word = r'a "quoted" path C:\temp'
    host.sh(f"systemd-cat --identifier=case echo '{word}'; printf 'from a file\\n' > /var/log/case/app.log")
    assert found(lambda: host.lines('{host="watched"} |= "quoted"')) == [word]
    assert found(lambda: host.lines('{system="case"} |= "from a file"')) == ["from a file"]


def test_a_dashboard_shows_what_the_server_tells(host):
    """To those who log in with a key that may see it."""
    url = host.task("cockpit_dashboard_info", uid="hosts", url=host.grafana())["dashboards"][0]["url"]

    def page(secret_key):
        connection = Pinned(host.sandbox, urlsplit(url).hostname)
        login = base64.b64encode(f"{host.sandbox.profile['access_key']}:{secret_key}".encode()).decode()
        connection.request("GET", urlsplit(url).path, headers={"Authorization": f"Basic {login}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    assert page("guess")[0] == 401
    status, shown = page(host.sandbox.profile["secret_key"])
    assert status == 200 and "<title>Case &amp; hosts</title>" in shown and "No data" not in shown, shown[-3000:]
    assert shown.count("memory of watched") >= 2 and "<svg" in shown
    (_labels, memory) = host.metric("node_memory_MemTotal_bytes")[0]
    assert f"{float(memory) / 2**30:.3g} GB" in shown


def test_rules_and_dashboards_that_are_not_listed_any_more_go(host):
    planned, first = host.run("--check", "--limit", "localhost", **LESS), host.run("--limit", "localhost", **LESS)
    assert failures(planned) + failures(first) == []
    assert (
        changed(planned)
        == changed(first)
        == ["Delete dashboards that are not listed", "Delete those that are not listed"]
    )
    assert host.dashboards() == ["hosts"]
    assert host.groups(host.sources["metrics"]["id"]) == ["hosts"]
    assert host.groups(host.products()) == ["products"]


def test_the_token_is_in_files_that_only_the_agents_can_read(host):
    found = host.sh("stat --format '%a %U' /etc/prometheus/prometheus.yml /etc/syslog-ng/cockpit.conf").splitlines()
    assert found == ["600 prometheus", "600 root"]
    listening = host.sh("ss --no-header --listening --tcp --numeric | awk '{print $4}'").splitlines()
    assert {port for port in listening if port.rpartition(":")[2] in ("9090", "9100")} == {
        "127.0.0.1:9090",
        "127.0.0.1:9100",
    }


def test_what_is_not_asked_for_any_more_stops_and_what_nobody_was_told_is_told(host):
    """A run that ended before it told syslog-ng has written what the next one finds as it should be."""
    host.sh('sed --in-place \'s/"system": *"case"/"system": "moved"/\' /etc/syslog-ng/cockpit.conf')
    less = LESS | {"cockpit_agent_metrics_url": "", "cockpit_agent_labels": {"system": "moved"}}
    planned, first, again = host.run("--check", **less), host.run(**less), host.run(**less)
    assert failures(planned) + failures(first) + failures(again) == []
    told = {"Tell syslog-ng what to read and where to push", "Restart syslog-ng"}
    assert set(changed(planned)) == set(changed(first)) == told | {"Remove the agents", "Remove what they were told"}
    assert changed(again) == []
    assert host.sh("ls --directory /etc/prometheus /etc/default/prometheus* 2>/dev/null || true") == ""
    assert host.sh("systemctl is-active prometheus prometheus-node-exporter || true").split() == ["inactive"] * 2
    host.sh("systemd-cat --identifier=case echo 'logs go on'")
    assert found(lambda: host.lines('{system="moved"} |= "logs go on"')) == ["logs go on"]


def test_everything_goes_and_is_gone(host):
    gone = {"cockpit_agent_state": "absent", "observability_state": "absent"}
    # the agents first: what they push with is looked up in what the other role removes
    agents = host.run("--limit", "watched", **gone | {"cockpit_agent_metrics_url": "", "cockpit_agent_logs_url": ""})
    first, again = host.run("--limit", "localhost", **gone), host.run("--limit", "localhost", **gone)
    assert failures(agents) + failures(first) + failures(again) == []
    removed = {"Remove the data sources", "Remove its groups of rules", "Remove the dashboards"}
    assert removed <= set(changed(first)) and changed(again) == []
    assert host.groups(host.products()) == host.dashboards() == []
    assert host.sh("ls /etc/prometheus /etc/syslog-ng 2>/dev/null || true") == ""
