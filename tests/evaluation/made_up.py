"""A report that nobody measured, its sentences, and the counts that a page must show of them."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

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
            "kind": name,
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
        "kinds": [
            {
                "kind": cell["corpus"],
                "model": cell["model"],
                "stress": None,
                "corpora": [cell["corpus"]],
                "f1": cell["names"]["f1"] if cell["skipped"] is None else None,
                "interval": (0.9, 0.94) if cell["skipped"] is None else None,
            }
            for cell in cells
        ],
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
    point = {"threshold": 0.41, "precision": 0.95, "recall": 0.9, "whole": 0.95, "f1": 0.924}
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
        "candidates": {"ece": 0.024, "bins": []},
        "curve": [point],
        "best": point,
        "precise": None,
        "recalls": [point, None, None],
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
    "caption": "F1 with 95 % intervals",
    "alt": "a dot a model",
    "svg": '<svg viewBox="0 0 10 2"><path d="M0 1H10" stroke="currentColor"/></svg>',
}
