"""A comparison -> report.json, report.md, report.html and the charts beside them."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ner_rnn.studies.comparison import Comparison
from ner_rnn.text.writing import write_whole

__all__ = ["write_report"]


def write_report(comparison: Comparison, charts: Mapping[str, tuple[str, str]], to: Path) -> None:
    """Write report.json, report.md, report.html and the charts.

    Args:
        comparison: what to report.
        charts: SVG and what it shows, by the name of its file: ``{"comparison": (svg, "...")}``.
        to: folder, which is there.

    Raises:
        FileError: a file cannot be written.
    """
    files = {f"{name}.svg": svg for name, (svg, _) in charts.items()}
    files["report.html"] = _page(comparison, charts)
    files["report.md"] = _markdown(comparison, charts)
    known = json.dumps(comparison.to_json(), ensure_ascii=False, indent=2)
    files["report.json"] = known + "\n"
    for name, text in files.items():
        write_whole(to / name, text)


def _markdown(comparison: Comparison, charts: Mapping[str, tuple[str, str]]) -> str:
    headings, rows = comparison.table()
    lines = ["# Networks compared", ""]
    if rows:
        lines += [
            _cells(headings),
            "|---" + "|---:" * (len(headings) - 2) + "|---|",
            *map(_cells, rows),
            "",
        ]
    lines += [f"- {remark}" for remark in comparison.remarks()]
    lines.append("")
    for name, (_, about) in charts.items():
        lines += [f"![{about}]({name}.svg)", ""]
    if comparison.failures:
        lines += ["## Failed", ""]
        lines += [f"- {job}: {why}" for job, why in comparison.failures.items()]
        lines.append("")
    lines += ["## Where this comes from", ""]
    lines += ["```", *comparison.provenance(), "```", ""]
    return "\n".join(lines)


_STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #bbb; text-align: right; vertical-align: top }
td { white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal }
th { border-bottom: 2px solid #333 }
svg { max-width: 100%; height: auto; margin: 1rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
"""  # noqa: E501


def _page(comparison: Comparison, charts: Mapping[str, tuple[str, str]]) -> str:
    """The same as one file that needs nothing else."""
    headings, rows = comparison.table()
    escape = html.escape
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Networks compared</title><style>{_STYLE}</style></head><body>",
        "<h1>Networks compared</h1>",
    ]
    if rows:
        parts.append('<div class="wide"><table><thead><tr>')
        parts += [f"<th>{escape(heading)}</th>" for heading in headings]
        parts.append("</tr></thead><tbody>")
        for row in rows:
            parts.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>")
        parts.append("</tbody></table></div>")
    for svg, about in charts.values():
        inline = svg[svg.index("<svg") :]
        parts.append(f'<figure role="img" aria-label="{escape(about)}">{inline}</figure>')
    parts += ["<ul>", *(f"<li>{escape(remark)}</li>" for remark in comparison.remarks()), "</ul>"]
    if comparison.failures:
        parts.append("<h2>Failed</h2><ul>")
        parts += [f"<li>{escape(f'{j}: {why}')}</li>" for j, why in comparison.failures.items()]
        parts.append("</ul>")
    parts.append("<h2>Where this comes from</h2>")
    parts.append(f"<pre>{escape(chr(10).join(comparison.provenance()))}</pre></body></html>\n")
    return "\n".join(parts)


def _cells(texts: Sequence[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"
