"""The page, opened in a browser and used as a person would; the counts are taken anew here."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.errors import FileError
from ner_rnn.report.page import write_page
from ner_rnn.report.page_data import embedded, pack
from ner_rnn.report.page_markup import errors_link, percent, text

EVIL = "<script>alert(1)</script>"
MODELS = ("runs/a", "runs/b", "<i>theirs</i>.conll")
CORPORA = ("eng.testb", "worldwide & dev")
ERRORS = ("missed", "invented", "boundary", "wrong_type")
FIRSTS = ("Ada", "Grace", "Emmy", "Sofia", "Amina", "Olga", "Maria", "Jürgen", "José", "Li")
LASTS = ("Lovelace", "Hopper", "Noether", "Diallo", "Petrova", "Silva", "Merkel", "Müller", "Wei")
FRAMES = (
    "Yesterday {} told reporters in Paris that nothing had been decided .",
    "{} beat {} 6-3 , 6-4 in the second round of the Open .",
    "According to the ministry , {} , who was born in Lagos , will stand again in May .",
    "The company said on Monday that {} would leave its board after eleven years , and that {} "
    "would take the chair until a successor is found ; shares fell by 3.4 percent .",
    "{}",
)
SPECIAL = (
    "قال الرئيس {} إن المحادثات بدأت في القاهرة .",
    "昨 天 {} 在 北 京 说 。",
    f'{EVIL} wrote {{}} \u2028 & "others" <!-- </script> \' \\u003c',
    "A token\u00a0with a blank , {} , and İstanbul .",
)

Rows = list[dict[str, Any]]
TabOf = Callable[..., Any]


def made_up(count: int, seed: int = 1) -> tuple[dict[str, Any], Rows]:
    """A report and its sentences; three systems of which the third saw the first corpus alone."""
    chance = random.Random(seed)
    rows = [_sentence(chance, n, count) for n in range(count)]
    corpora = [
        {
            "name": name,
            "path": f"data/{name}",
            "sha256": f"{n:064x}",
            "sentences": 2 * sum(row["corpus"] == name for row in rows),
            "tokens": sum(len(row["tokens"]) for row in rows if row["corpus"] == name),
            "names": sum(_persons(row) for row in rows if row["corpus"] == name),
            "documents": 7,
            "labels": {"PER": 10, "ORG": 4},
            "persons": ["PER"],
            "scheme": "IOB1",
            "repaired": 2,
            "dropped": 0,
            "notes": [f"a note on {EVIL}"],
            "stress": None,
            "base": None,
            "problem": None,
        }
        for n, name in enumerate(CORPORA)
    ]
    models = [
        {
            "name": name,
            "kind": "predictions" if "theirs" in name else "model",
            "path": name,
            "sha256": "ab" * 32,
            "parameters": None if "theirs" in name else 1_200_345,
            "config": {} if "theirs" in name else {"model.cell": "lstm", "seed": n},
            "notes": [],
            "curve": [],
            "problem": None,
        }
        for n, name in enumerate(MODELS)
    ]
    cells = [_cell(model, corpus, rows) for model in MODELS for corpus in CORPORA]
    report = {
        "format": 1,
        "provenance": {
            "command": f"ner-rnn evaluate --data '{EVIL}'",
            "date": "2026-05-04T10:00:00Z",
            "versions": {"ner-rnn": "0.1.0", "torch": "2.13.0"},
            "machine": {"system": "Linux", "processor": "x86_64", "cores": 2},
            "seconds": 12.3,
            "seed": 1,
            "resamples": 10_000,
            "settings": {"columns": None},
        },
        "models": models,
        "corpora": corpora,
        "cells": cells,
        "totals": [],
        "comparisons": [
            {
                "a": MODELS[0],
                "b": MODELS[1],
                "corpus": corpus,
                "difference": 0.012,
                "interval": (-0.004, 0.03),
                "p": 0.21,
                "better": None,
                "fixes": changes(rows, 0, 1, corpus)["fix"],
                "breaks": changes(rows, 0, 1, corpus)["break"],
            }
            for corpus in CORPORA
        ],
        "verdicts": [
            "runs/b is better than runs/a on 1 of 2 corpora; on worldwide & dev the difference "
            "could be chance (p = 0.21).",
            f"A corpus may say {EVIL}.",
        ],
    }
    return report, rows


def _persons(row: dict[str, Any]) -> int:
    return sum(label == "PER" for _, _, label in row["gold"])


def _sentence(chance: random.Random, n: int, count: int) -> dict[str, Any]:
    frame = SPECIAL[n // 3 % 4] if n % 11 == 3 else chance.choice(FRAMES)
    tokens: list[str] = []
    gold: list[tuple[int, int, str]] = []
    for word in frame.split(" "):
        if word != "{}":
            tokens.append(word.replace("\u00a0", " "))
            continue
        name = [chance.choice(FIRSTS), chance.choice(LASTS)][chance.randrange(2) :]
        if "北" in frame:
            name = ["王", "小", "明"]
        label = "ORG" if chance.random() < 0.1 else "PER"
        gold.append((len(tokens), len(tokens) + len(name), label))
        tokens += name
    corpus = CORPORA[n * 2 // count]
    row: dict[str, Any] = {
        "corpus": corpus,
        "document": str(n // 9),
        "line": 1 + 20 * n,
        "tokens": tokens,
        "gold": gold,
        "seen": [
            None if label != "PER" else chance.choice(["seen", "unseen", "unseen_words"])
            for _, _, label in gold
        ],
        "predictions": {},
        "errors": {},
    }
    for model, skill in zip(MODELS, (0.8, 0.9, 0.7), strict=True):
        if model == MODELS[2] and corpus != CORPORA[0]:
            continue
        predicted, judged = [], []
        was = ["" if label != "PER" else "missed" for _, _, label in gold]
        for g, (start, end, label) in enumerate(gold):
            dice = chance.random()
            score = None if model == MODELS[2] else round(chance.random(), 3)
            if label == "PER" and dice < skill:
                predicted.append((start, end, score))
                judged.append("correct")
                was[g] = "correct"
            elif label == "PER" and dice < skill + 0.07:
                wider = start - 1 if start and all(e != start for _, e, _ in gold) else start
                if (wider, end + (wider == start)) != (start, end) and end < len(tokens):
                    predicted.append((wider, end + (wider == start), score))
                    judged.append("boundary")
                    was[g] = "boundary"
            elif label == "ORG" and dice < 0.5:
                predicted.append((start, end, score))
                judged.append("wrong_type")
        if len(tokens) > 6 and chance.random() < 0.1 and all(s > 1 for s, _, _ in gold):
            predicted.insert(0, (0, 1, 0.4))
            judged.insert(0, "invented")
        row["predictions"][model] = predicted
        row["errors"][model] = {"gold": was, "predicted": judged}
    return row


def _cell(model: str, corpus: str, rows: Rows) -> dict[str, Any]:
    inside = [row for row in rows if row["corpus"] == corpus and model in row["predictions"]]
    if not inside:
        return {"model": model, "corpus": corpus, "skipped": "no predictions for this corpus"}
    found = Counter(k for row in inside for k in row["errors"][model]["predicted"])
    lost = Counter(k for row in inside for k in row["errors"][model]["gold"])
    support, predicted = sum(map(_persons, inside)), sum(found.values())
    score = {
        "precision": found["correct"] / predicted,
        "recall": found["correct"] / support,
        "f1": 2 * found["correct"] / (support + predicted),
        "support": support,
        "predicted": predicted,
        "correct": found["correct"],
    }
    point = {"threshold": 0.41, "precision": 0.95, "recall": 0.9, "f1": 0.924}
    third = {**score, "support": support // 3}
    return {
        "model": model,
        "corpus": corpus,
        "skipped": None,
        "names": {**score, "interval": {"precision": None, "recall": None, "f1": (0.9, 0.94)}},
        "words": {**score, "interval": {"precision": None, "recall": None, "f1": (0.9, 0.94)}},
        "undefined": None,
        "unit": "document",
        "units": 7,
        "errors": {
            "true_positives": found["correct"],
            "false_positives": {
                "invented": found["invented"],
                "boundary": found["boundary"],
                "wrong_type": {"ORG": found["wrong_type"]},
            },
            "false_negatives": {
                "missed": lost["missed"],
                "boundary": lost["boundary"],
                "wrong_type": {},
            },
        },
        "seen": dict.fromkeys(("seen", "unseen", "unseen_words"), third),
        "seen_reason": None,
        "by_name_length": {"1": third, "2": third, "3": third, "4+": {**third, "support": 0}},
        "by_sentence_length": {"1-10": third, "11-20": third, "21-40": third},
        "by_case": {"Title": third, "none": third},
        "calibration": {"ece": 0.021, "bins": []},
        "curve": [point],
        "best": point,
        "precise": None,
        "seconds": 1.0,
        "words_per_second": 12_345.6,
        "kept": False,
    }


def events(rows: Rows, model: str) -> list[tuple[int, str, str | None]]:
    """Every name found, every false negative and false positive: sentence, kind, seen."""
    listed = []
    for n, row in enumerate(rows):
        if model in row["errors"]:
            pairs = zip(row["errors"][model]["gold"], row["seen"], strict=True)
            listed += [(n, kind, seen) for kind, seen in pairs if kind]
            wrong = row["errors"][model]["predicted"]
            listed += [(n, kind, None) for kind in wrong if kind != "correct"]
    return listed


def changes(rows: Rows, a: int, b: int, corpus: str | None = None) -> Counter[str]:
    """Errors that b fixes or breaks, or that both make: by sets of what is wrong."""

    def wrong(model: str) -> set[tuple[Any, ...]]:
        made = set()
        for n, row in enumerate(rows):
            if corpus in (None, row["corpus"]) and {MODELS[a], MODELS[b]} <= set(row["errors"]):
                errors = row["errors"][model]
                made |= {(n, "g", *s) for s, k in zip(row["gold"], errors["gold"], strict=True)
                         if k not in ("", "correct")}  # fmt: skip
                made |= {(n, "p", *s[:2]) for s, k in zip(row["predictions"][model],
                         errors["predicted"], strict=True) if k != "correct"}  # fmt: skip
        return made

    left, right = wrong(MODELS[a]), wrong(MODELS[b])
    return Counter(
        {"fix": len(left - right), "break": len(right - left), "both": len(left & right)}
    )


FIGURE = {
    "name": "f1",
    "kind": "f1",
    "corpus": None,
    "caption": "F1 with 95 % intervals",
    "alt": "a dot a model",
    "svg": '<svg viewBox="0 0 10 2"><path d="M0 1H10" stroke="currentColor"/></svg>',
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Rows]:
    report, rows = made_up(400)
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_page(report, rows, path, [FIGURE])  # type: ignore[arg-type]
    return path, report, rows


def tally(tab: Any) -> list[int]:
    """The whole numbers of the line that says how much is shown."""
    shown = tab.see("document.getElementById('tally').textContent")
    return [int(n.replace(",", "")) for n in re.findall(r"\b\d[\d,]*", shown)]


def chips(tab: Any, group: str) -> dict[str, int]:
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
    assert opened.see("document.querySelectorAll('#list article').length") >= 20
    assert opened.see("document.querySelector('.verdict').textContent") == report["verdicts"][0]
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
    told, address = tally(opened), opened.see("location.hash")
    other = tab()
    other.open(path, address)
    assert tally(other) == told
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
    assert opened.see("document.getElementById('tally').textContent") == "No sentence is like that."
    assert opened.complaints() == []


def test_right_to_left_text_runs_its_own_way(
    page: tuple[Path, dict[str, Any], Rows], tab: TabOf
) -> None:
    path, _, _ = page
    opened = tab()
    opened.open(path, "#errors?q=" + "القاهرة")
    direction = "getComputedStyle(document.querySelector('article .text')).direction"
    assert opened.see(direction) == "rtl"
    assert opened.see("getComputedStyle(document.querySelector('article')).direction") == "ltr"


def test_marks_say_what_is_wrong(page: tuple[Path, dict[str, Any], Rows], tab: TabOf) -> None:
    path, _, _ = page
    opened = tab()
    for kind in ERRORS:
        opened.open(path, f"#errors?kind={kind}&corpus={CORPORA[0]}")
        notes = opened.see(
            "[...document.querySelectorAll('article')].map("
            "a => [...a.querySelectorAll('.noted')].map(n => n.dataset.note).join())"
        )
        word = "other type ORG" if kind == "wrong_type" else kind
        assert notes and all(word in note for note in notes), (kind, notes[:3])
        labels = opened.see("document.querySelector('article').getAttribute('aria-label')")
        assert word.removesuffix(" ORG") in labels
    opened.open(path, "#errors?kind=correct&q=Lovelace")
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
    report, rows = made_up(3000)
    write_page(report, rows, tmp_path / "r.html")  # type: ignore[arg-type]
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
    assert opened.complaints() == []


def test_without_scripts_all_but_the_browser_is_there(
    page: tuple[Path, dict[str, Any], Rows],
) -> None:
    markup = page[0].read_text(encoding="utf-8")
    static = markup.split('<script type="application/json"')[0]
    assert EVIL not in static
    assert text(EVIL) in static
    assert "could be chance" in static and "no predictions for this corpus" in static
    assert FIGURE["svg"] in static
    assert static.count("<script") == 0
    assert not re.search(r'(src|href)="(?!#)', static)
    assert markup.count("</script>") == 2
    assert "\u2028" not in markup.split("<script")[1]


def test_sentences_survive_packing() -> None:
    report, rows = made_up(200)
    rows[0]["tokens"][0] = "lone \ud800 \u2029</script><!--"
    packed = json.loads(embedded(pack(report, rows)))  # type: ignore[arg-type]
    for row, kept in zip(rows, packed["text"], strict=True):
        assert (kept.split(" ") if isinstance(kept, str) else kept) == row["tokens"]
    assert embedded(pack(report, rows)).encode("utf-8")  # type: ignore[arg-type]
    third = packed["systems"][2]["counts"]
    assert [n >= 0 for n in third] == [MODELS[2] in row["predictions"] for row in rows]


def test_small_pieces() -> None:
    assert percent(None).startswith("<span") and percent(1.0) == "100.00"
    assert text('"\x00\ud800') == "&quot;\ufffd\ufffd"
    link = errors_link(1, model='a"&b', corpus="c d")
    assert 'href="#errors?model=a%22%26b&amp;corpus=c%20d"' in link


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    report, rows = made_up(20)
    with pytest.raises(FileError, match="cannot be written"):
        write_page(report, rows, tmp_path / "missing" / "r.html")  # type: ignore[arg-type]
    write_page(report, [], tmp_path / "r.html")  # type: ignore[arg-type]
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


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
