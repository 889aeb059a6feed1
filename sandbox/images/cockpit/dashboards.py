"""Shows a dashboard without a Grafana: its panels of kinds timeseries, stat and text, about data sources of metrics.

Source: Grafana's documentation, "Dashboard JSON model". What a dashboard asks for besides, is told in its place.
"""

import re
from datetime import datetime
from html import escape

import pygal
from pygal.style import CleanStyle

POINTS = 120
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
STYLE = CleanStyle(
    background="white", plot_background="white", label_font_size=11, major_label_font_size=11, legend_font_size=12
)
STYLE.stroke_width = 2
STEPS = ("", "K", "M", "G", "T")
SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><meta http-equiv="refresh" content="{refresh}">
<style>
body {{ font: 14px/1.4 system-ui, sans-serif; background: #f4f5f5; color: #24292e; margin: 1.5rem }}
h1 {{ font-size: 1.3rem; margin: 0 0 1rem }} h2 {{ font-size: .9rem; margin: 0 0 .4rem }}
main {{ display: grid; grid-template-columns: repeat(24, 1fr); grid-auto-rows: 34px; gap: 8px }}
section {{ background: #fff; border: 1px solid #d8d9da; border-radius: 3px; padding: .6rem; overflow: hidden }}
section svg {{ width: 100%; height: calc(100% - 2rem) }}
.row {{ background: none; border: 0; font-weight: 600; padding: .2rem 0 }}
.stats {{ display: flex; flex-wrap: wrap; justify-content: space-around; align-items: center; height: calc(100% - 1.6rem) }}
.stat {{ font-size: 2.2rem; text-align: center }} .stat small {{ display: block; font-size: .8rem; color: #6e7072 }}
.none {{ color: #8e8e8e; text-align: center }}
</style></head><body><h1>{title}</h1><main>{panels}</main></body></html>
"""


class Dashboard:
    """`sources` are data sources of metrics by the names that Grafana has for them; `ask(source, expression, start, end, step)`
    gives what a Prometheus answers to a query over a time, in seconds since the epoch."""

    def __init__(self, model, sources, ask, now):
        self.model, self.ask, self.end = model, ask, now
        self.start = now - ago((model.get("time") or {}).get("from", "now-1h"))
        self.step = max(1, (self.end - self.start) // POINTS)
        variables = (model.get("templating") or {}).get("list") or []
        self.chosen = {
            variable["name"]: chosen(variable.get("regex") or "", sources)
            for variable in variables
            if variable.get("type") == "datasource"
        }
        self.sources = sources

    def page(self):
        panels = "".join(map(self._panel, self.model.get("panels") or []))
        return PAGE.format(title=escape(self.model["title"]), refresh=30, panels=panels)

    def _panel(self, panel):
        at = panel.get("gridPos") or {"x": 0, "w": 12, "h": 8}
        where = f"grid-column: {at['x'] + 1} / span {at['w']}; grid-row: "
        where += f"{at['y'] + 1} / span {at['h']}" if "y" in at else f"span {at['h']}"
        title, kind = escape(panel.get("title") or ""), panel.get("type")
        if kind == "row":
            return f'<section class="row" style="{where}">{title}</section>'
        shown = {"timeseries": self._lines, "stat": self._stat, "text": self._text}.get(kind)
        content = shown(panel) if shown else nothing(f"panels of type {kind} are not shown here")
        return f'<section style="{where}"><h2>{title}</h2>{content}</section>'

    @staticmethod
    def _text(panel):
        return f"<p>{escape((panel.get('options') or {}).get('content') or '')}</p>"

    def _lines(self, panel):
        series, fault = self._series(panel)
        if fault or not series:
            return nothing(fault or "No data")
        at = panel.get("gridPos") or {"w": 12, "h": 8}
        size = {
            "width": 56 * at["w"],
            "height": 42 * at["h"] - 50,
            "margin": 5,
            "margin_bottom": 20,
            "margin_right": 15,
        }
        legend = {"legend_at_bottom": True, "legend_at_bottom_columns": 3, "legend_box_size": 8}
        chart = pygal.DateTimeLine(
            js=[], disable_xml_declaration=True, style=STYLE, show_dots=all(len(values) < 2 for _name, values in series),
            xrange=tuple(map(datetime.fromtimestamp, (self.start, self.end))), min_scale=2, max_scale=5,
            x_value_formatter=lambda moment: moment.strftime("%H:%M"), value_formatter=written(unit(panel)), **size, **legend,
        )  # fmt: skip
        for name, values in series:
            chart.add(name, [(datetime.fromtimestamp(at), value) for at, value in values])
        return SCRIPT.sub("", chart.render(is_unicode=True))  # it is for tooltips, by what is on another server

    def _stat(self, panel):
        series, fault = self._series(panel)
        if fault or not series:
            return nothing(fault or "No data")
        write = written(unit(panel))
        told = "".join(
            f'<div class="stat">{escape(write(values[-1][1]))}<small>{escape(name)}</small></div>'
            for name, values in series
        )
        return f'<div class="stats">{told}</div>'

    def _series(self, panel):
        """([(name, [(time, value)])], what is wrong)"""
        found = []
        for target in panel.get("targets") or []:
            source = self._source(target.get("datasource") or panel.get("datasource") or {})
            if source is None:
                return [], "no such data source"
            expression = re.sub(r"\$__(rate_)?interval\b", f"{max(60, 4 * self.step)}s", target["expr"])
            answer = self.ask(source, expression, self.start, self.end, self.step)
            if answer.get("status") != "success":
                return [], answer.get("error") or "the data source does not answer"
            for each in answer["data"]["result"]:
                values = [
                    (float(at), float(value)) for at, value in each["values"] if value not in ("NaN", "+Inf", "-Inf")
                ]
                if values:
                    found.append((named(target.get("legendFormat"), each["metric"]), values))
        return found, None

    def _source(self, reference):
        name = str(reference.get("uid") or "")
        if variable := re.fullmatch(r"\$\{?(\w+)\}?", name):
            return self.chosen.get(variable[1])
        return self.sources.get(name)


def chosen(pattern, sources):
    """What a variable of type datasource stands for: the first whose name the pattern, in slashes, finds."""
    pattern = pattern.strip("/")
    return next((source for name, source in sorted(sources.items()) if re.search(pattern, name)), None)


def ago(given):
    """Seconds of Grafana's `now-6h`."""
    found = re.fullmatch(r"now-(\d+)([smhd])", given)
    return int(found[1]) * UNITS[found[2]] if found else UNITS["h"]


def named(legend, labels):
    """Grafana's `{{label}}` filled in; without it all labels."""
    if legend in (None, "", "__auto"):
        return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()) if name != "__name__") or "value"
    return re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found[1], ""), legend)


def unit(panel):
    return ((panel.get("fieldConfig") or {}).get("defaults") or {}).get("unit") or "short"


def written(kind):
    """How values of one of Grafana's units are written."""
    if kind == "percentunit":
        return lambda value: f"{value * 100:.3g} %"
    base, suffix = (1024, "B") if kind == "bytes" else (1000, "")
    after = {"percent": " %", "reqps": " req/s", "s": " s"}.get(kind, suffix)

    def write(value):
        power = 0
        while abs(value) >= base and power < len(STEPS) - 1 and kind in ("bytes", "short"):
            value, power = value / base, power + 1
        return f"{value:.3g}{' ' if STEPS[power] else ''}{STEPS[power]}{after}"

    return write


def nothing(why):
    return f'<p class="none">{escape(why)}</p>'
