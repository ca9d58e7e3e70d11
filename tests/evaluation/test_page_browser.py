"""The page, opened in a browser and used as a person would; the counts are taken anew here."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.evaluation.report.page import write_page

from .chromium import Tab
from .made_up import CORPORA, ERRORS, EVIL, FIRSTS, MODELS, Rows, changes, events, made_up

TabOf = Callable[..., Tab]
DRAWN = "document.querySelector('article')"


def tally(tab: Tab) -> list[int]:
    """The whole numbers of the line that says how much is shown."""
    shown = tab.see("document.getElementById('tally').textContent")
    return [int(n.replace(",", "")) for n in re.findall(r"\b\d[\d,]*", shown)]


def chips(tab: Tab, group: str) -> dict[str, int]:
    shown = tab.see(
        f"[...document.querySelectorAll('#{group} label')].map("
        "l => [l.querySelector('input').value, l.querySelector('b').textContent])"
    )
    return {name: int(count.replace(",", "")) for name, count in shown}


def test_it_opens_without_complaint_and_asks_for_nothing(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf
) -> None:
    path, report, _ = page
    opened = tab()
    opened.open(path, "#errors")
    opened.wait(DRAWN)
    assert opened.see("document.querySelectorAll('#list article').length") >= 20
    verdict = opened.see("document.querySelector('.verdict').textContent")
    assert verdict.replace("\u00a0", " ") == report["verdicts"][0]
    assert "p\u00a0=\u00a00.21" in verdict
    assert opened.complaints() == []
    assert opened.requests() == [path.resolve().as_uri()]


def test_errors_are_counted_as_python_counts_them(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf
) -> None:
    path, _, rows = page
    opened = tab()
    opened.open(path)
    mine = events(rows, MODELS[0])
    counts = Counter(kind for _, kind, _ in mine)
    assert chips(opened, "kinds") == {kind: counts[kind] for kind in (*ERRORS, "correct")}
    wrong = [n for n, kind, _ in mine if kind != "correct"]
    assert tally(opened) == [len(wrong), len(set(wrong))]

    for kind in ("boundary", "invented", "wrong_type"):
        opened.click(f"#kinds input[value={kind}]")
    missed = [n for n, kind, _ in mine if kind == "missed"]
    assert tally(opened) == [len(missed), len(set(missed))]

    opened.choose("#seen", "no word known")
    missed = [n for n, kind, seen in mine if (kind, seen) == ("missed", "unseen_words")]
    assert tally(opened) == [len(missed), len(set(missed))]

    opened.choose("#corpus", CORPORA[1])
    missed = [n for n in missed if rows[n]["corpus"] == CORPORA[1]]
    assert tally(opened) == [len(missed), len(set(missed))]
    shown = opened.see("[...document.querySelectorAll('article')].map(a => a.dataset.sentence)")
    assert [int(n) for n in shown] == sorted(set(missed))[: len(shown)] != []

    opened.click("#clear")
    assert tally(opened) == [len(wrong), len(set(wrong))]
    assert opened.complaints() == []


def test_two_models_are_held_side_by_side(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf
) -> None:
    path, _, rows = page
    opened = tab()
    opened.open(path, "#errors")
    opened.wait(DRAWN)
    opened.choose("#vs", MODELS[1])
    expected = changes(rows, 0, 1)
    assert chips(opened, "changes") == expected
    assert opened.see("document.querySelectorAll('article:first-of-type .text').length") >= 2
    assert (expected["fix"], expected["break"]) == tuple(tally(opened)[-2:])
    opened.click("#changes input[value=both]")
    opened.click("#changes input[value=break]")
    assert tally(opened)[0] == expected["fix"] > 0

    opened.click("#list article")
    opened.key("s")  # swapped, what was fixed is broken
    assert opened.see("document.getElementById('model').selectedOptions[0].text") == MODELS[1]
    assert tally(opened)[0] == expected["break"] > 0

    # The third ran on one corpus alone: nothing is said of it on the other.
    opened.choose("#model", MODELS[0])
    opened.choose("#vs", MODELS[2])
    opened.click("#clear")
    assert chips(opened, "changes") == changes(rows, 0, 2)
    assert opened.complaints() == []


def test_a_view_has_an_address(page: tuple[Path, dict[str, Any], Rows], tab: TabOf) -> None:
    path, report, rows = page
    opened = tab()
    opened.open(path)
    opened.choose("#vs", MODELS[2])
    opened.choose("#corpus", CORPORA[0])
    opened.click("#kinds input[value=missed]")
    opened.click("#q")
    opened.type("open")
    opened.wait("location.hash.includes('q=open')")
    counts, address = tally(opened), opened.see("location.hash")
    other = tab()
    other.open(path, address)
    assert tally(other) == counts
    assert other.see("document.getElementById('q').value") == "open"
    assert not other.see("document.querySelector('#kinds input[value=missed]').checked")

    # A number of the tables leads to its sentences.
    first = report["comparisons"][0]
    other.click("#scores a.count")
    assert tally(other)[0] == first["fixes"]
    other.see("document.querySelector('#failures tbody a[href*=missed]').click()")
    cell = report["cells"][0]["errors"]["false_negatives"]
    assert tally(other)[0] == cell["missed"]
    other.see("location.hash = '#errors?model=gone&kind=nonsense.missed&at=x&from=-5&seen=q'")
    assert tally(other)[0] == sum(kind == "missed" for _, kind, _ in events(rows, MODELS[0]))
    assert other.complaints() == opened.complaints() == []


def test_the_surest_mistakes_come_first(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf
) -> None:
    path, _, rows = page
    opened = tab()
    opened.open(path, "#errors?order=sure&kind=invented.boundary.wrong_type")
    opened.wait(DRAWN)
    shown = opened.see("[...document.querySelectorAll('article')].map(a => +a.dataset.sentence)")

    def surest(n: int) -> float:
        found = rows[n]["predictions"][MODELS[0]]
        judged = rows[n]["errors"][MODELS[0]]["predicted"]
        return max(s for (_, _, s), k in zip(found, judged, strict=True) if k != "correct")

    assert len(shown) >= 40
    assert [surest(n) for n in shown] == sorted(map(surest, shown), reverse=True)


def test_text_is_searched_and_stays_text(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf
) -> None:
    path, _, rows = page
    opened = tab()
    opened.open(path)
    opened.click("#kinds input[value=correct]")
    opened.key("/")
    opened.type("<SCRIPT>alert(1)")
    having = {n for n, row in enumerate(rows) if EVIL in row["tokens"]}
    names = [n for n, _, _ in events(rows, MODELS[0]) if n in having]
    assert tally(opened) == [len(names), len(set(names))]
    shown = opened.see("document.querySelector('article .text').textContent")
    assert shown == " ".join(rows[min(names)]["tokens"])
    assert opened.see("document.querySelectorAll('article script, article i').length") == 0
    assert opened.see("document.scripts.length") == 2
    assert opened.see("CSS.highlights.get('sought').size") > 0

    opened.key("Escape")
    opened.key("/")
    opened.type("王小明")  # cut into characters in the corpus, whole for the reader
    shown = opened.see("document.querySelector('article .text').textContent")
    assert shown.startswith("昨天王小明在北京说")
    opened.key("/")
    opened.see("document.getElementById('q').select()")
    opened.type("no such words")
    assert opened.see("document.getElementById('tally').textContent") == "No sentence matches."
    assert opened.complaints() == []


def test_right_to_left_text_runs_its_own_way(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf
) -> None:
    path, _, _ = page
    opened = tab()
    opened.open(path, "#errors?q=" + "القاهرة")
    opened.wait(DRAWN)
    direction = "getComputedStyle(document.querySelector('article .text')).direction"
    assert opened.see(direction) == "rtl"
    assert opened.see("getComputedStyle(document.querySelector('article')).direction") == "ltr"


def test_marks_say_what_is_wrong(page: tuple[Path, dict[str, Any], Rows], tab: TabOf) -> None:
    path, _, _ = page
    opened = tab()
    for kind in ERRORS:
        opened.open(path, f"#errors?kind={kind}&corpus={CORPORA[0]}")
        opened.wait(DRAWN)
        notes = opened.see(
            "[...document.querySelectorAll('article')].map("
            "a => [...a.querySelectorAll('.said')].map(n => n.dataset.note).join())"
        )
        word = "other type ORG" if kind == "wrong_type" else kind
        assert notes and all(word in note for note in notes), (kind, notes[:3])
        labels = opened.see("document.querySelector('article').getAttribute('aria-label')")
        assert word.removesuffix(" ORG") in labels
    opened.open(path, "#errors?kind=correct&q=Lovelace")
    opened.wait(DRAWN)
    marks = opened.see(
        "[...document.querySelectorAll('article .g.p.ok')].map(e => e.textContent)"
        ".filter(t => t.includes('Lovelace'))"
    )
    assert set(marks) <= {"Lovelace", *(f"{first} Lovelace" for first in FIRSTS)}
    assert marks


def test_the_keyboard_goes_everywhere(page: tuple[Path, dict[str, Any], Rows], tab: TabOf) -> None:
    path, _, _ = page
    opened = tab()
    opened.open(path)
    position = "document.activeElement.getAttribute('aria-posinset')"
    opened.key("Tab")
    assert opened.see("document.activeElement.className") == "skip"
    assert opened.see("document.activeElement.getBoundingClientRect().y >= 0")
    opened.key("Enter")
    assert opened.see("document.activeElement.id") == "errors"
    for _ in range(45):  # beyond what was drawn
        opened.key("j")
    assert opened.see(position) == "45"
    assert opened.see(
        "(b => b.top >= 0 && b.bottom <= innerHeight)("
        "document.activeElement.getBoundingClientRect())"
    )
    opened.key("k")
    opened.key("ArrowUp")
    opened.key("ArrowDown")
    assert opened.see(position) == "44"
    assert opened.see("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    opened.wait("location.hash.includes('at=')")
    address = opened.see("await new Promise(r => setTimeout(r, 300)), location.hash")
    opened.key("?")
    assert opened.see("!document.getElementById('help').hidden")
    opened.key("/")
    assert opened.see("document.activeElement.id") == "q"
    opened.type("jk?")
    assert opened.see("document.activeElement.value") == "jk?"
    linked = tab()
    linked.open(path, address)
    assert linked.see(position) == "44"
    assert opened.complaints() == linked.complaints() == []


def _contrast(first: str, second: str) -> float:
    """WCAG 2.2, relative luminance of two CSS colours, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [float(n) / 255 for n in re.findall(r"[\d.]+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_can_be_told_apart(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf, dark: bool
) -> None:
    opened = tab(dark=dark)
    opened.open(page[0])
    colours = opened.see(
        "Object.fromEntries('paper ink muted accent gold ok ok-wash bad bad-wash sought'.split(' ')"
        ".map(n => { const e = document.body.appendChild(document.createElement('i'));"
        " e.style.color = `var(--${n})`; return [n, getComputedStyle(e).color]; }))"
    )
    for ink in ("ink", "muted", "accent", "bad", "gold", "ok"):
        assert _contrast(colours[ink], colours["paper"]) >= 4.5, ink
    for wash in ("ok-wash", "bad-wash", "sought"):
        assert _contrast(colours["ink"], colours[wash]) >= 4.5, wash
    assert _contrast(colours["bad"], colours["bad-wash"]) >= 4.5
    paper = "getComputedStyle(document.body).backgroundColor"
    before = opened.see(paper)
    assert (_contrast(before, "rgb(0,0,0)") > 10) is not dark
    for _ in range(1 if not dark else 2):  # auto -> dark -> light
        opened.click("#theme")
    assert (_contrast(opened.see(paper), "rgb(0,0,0)") > 10) is dark
    assert opened.complaints() == []


def test_a_phone_scrolls_one_way(page: tuple[Path, dict[str, Any], Rows], tab: TabOf) -> None:
    opened = tab(width=375, height=800)
    opened.open(page[0], f"#errors?model={MODELS[0]}&vs={MODELS[1]}")
    opened.see("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert opened.see("document.documentElement.scrollWidth") == 375
    assert opened.see("document.querySelector('.side').offsetHeight") > 0


def test_what_is_out_of_sight_is_not_drawn(tmp_path: Path, tab: TabOf) -> None:
    report, rows = made_up(3453)
    write_page(report, rows, tmp_path / "r.html")  # type: ignore[arg-type]
    assert (tmp_path / "r.html").stat().st_size < 3 * 2**20
    opened = tab()
    opened.open(tmp_path / "r.html", "#errors?kind=correct.missed.boundary.invented.wrong_type")
    drawn = "document.querySelectorAll('article').length"
    assert opened.see(drawn) < 150
    opened.see("scrollTo(0, document.body.scrollHeight)")
    opened.wait("document.querySelector(`article[aria-posinset='${list.dataset.size}']`) || true")
    opened.wait(
        "[...document.querySelectorAll('article')].some(a => a.ariaPosInSet === a.ariaSetSize)"
    )
    assert opened.see(drawn) < 200


def test_a_report_of_nothing_but_problems_opens(tmp_path: Path, tab: TabOf) -> None:
    report, _ = made_up(20)
    why = f"{EVIL}: no such model"
    report["models"][0]["problem"] = why
    keys = ("model", "corpus")
    report["cells"] = [
        {**{key: cell[key] for key in keys}, "skipped": why} for cell in report["cells"]
    ]
    report |= {"verdicts": [], "comparisons": [], "kinds": []}
    write_page(report, [], tmp_path / "r.html")  # type: ignore[arg-type]
    opened = tab()
    opened.open(tmp_path / "r.html", "#errors?q=x")
    assert opened.see("document.querySelector('.problems').textContent") == f"{MODELS[0]}: {why}"
    assert opened.see("document.getElementById('failures').offsetHeight") == 0
    assert opened.see("document.getElementById('tally').textContent") == "No sentence matches."
    opened.key("j")
    assert opened.complaints() == []


def test_it_prints(page: tuple[Path, dict[str, Any], Rows], tab: TabOf, tmp_path: Path) -> None:
    opened = tab()
    opened.open(page[0])
    opened.see("addEventListener('beforeprint', () => { window.printed = "
               "document.querySelectorAll('article').length; })")  # fmt: skip
    opened.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    errors = {n for n, kind, _ in events(page[2], MODELS[0]) if kind != "correct"}
    assert opened.see("window.printed") == min(200, len(errors))
    assert opened.see("document.querySelectorAll('details[open]').length") == 0
    said = opened.see("document.getElementById('printed').textContent")
    assert said == "runs/a; all corpora; missed, invented, boundary, other type."
    assert opened.complaints() == []


@pytest.mark.slow
def test_a_hundred_thousand_sentences_stay_usable(
    tmp_path: Path, tab: TabOf, capsys: pytest.CaptureFixture[str]
) -> None:
    report, rows = made_up(100_000)
    path = tmp_path / "r.html"
    begun = time.perf_counter()
    write_page(report, rows, path)  # type: ignore[arg-type]
    writing = time.perf_counter() - begun
    opened = tab()
    opening = opened.open(path)
    everything = "#errors?kind=correct.missed.boundary.invented.wrong_type"
    opened.see(f"location.hash = '{everything}&model=runs%2Fa&vs=runs%2Fb'")

    def took(action: str) -> float:
        """Milliseconds from an action of the user to the frame that shows it, the best of 5."""
        return float(
            opened.see(
                "await (async () => { let best = 1e9; for (let n = 0; n < 5; n++) {"
                f" const t = performance.now(); {action}; document.body.offsetHeight;"
                " best = Math.min(best, performance.now() - t);"
                " await new Promise(r => setTimeout(r, 50)); } return best; })()"
            )
        )

    query = "(q => { q.value = ['merkel', 'paris', 'silva'][n % 3];"
    query += " q.dispatchEvent(new Event('input')); })(document.getElementById('q'))"
    kind = "document.querySelector('#kinds input').click()"
    times = {"search": took(query), "kind": took(kind)}
    opened.send("HeapProfiler.enable")
    opened.send("HeapProfiler.collectGarbage")
    heap = opened.send("Runtime.getHeapUsage")["usedSize"] / 2**20
    with capsys.disabled():
        print(
            f"\n100,000 sentences: {path.stat().st_size / 2**20:.1f} MiB, written in "
            f"{writing:.1f} s, opened in {opening:.2f} s, heap {heap:.0f} MiB, "
            + ", ".join(f"{name} {ms:.0f} ms" for name, ms in times.items())
        )
    assert max(times.values()) < 100
    assert opening < 10
    assert opened.complaints() == []
