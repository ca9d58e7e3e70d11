"""Generator of hostile files: whatever may be wrong with what a tagger is given to read.

    write_folder(folder, range(500), "ok text")    # 500 hostile files, each beside a healthy one

A case is a number: it chooses a kind of file (text, page of HTML, CSV, TSV, JSON lines, Parquet,
columns), content that is strange in the ways of that kind, damage to its bytes, one of four packers
or none, and damage to what was packed. The same number always gives the same bytes.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from ner_rnn.text.zstandard import zstd

SENTENCES = (
    "Yesterday Maria Silva met Olga Smith .",
    "Li Wei spoke in Paris .",
    "The firm hired Dr. Amina Diallo , it said .",
)
STRANGE = (
    "", " ", "\t", "\0", "\x1b[2J\x1b]0;x\x07", "\r", "\r\r\n", "\x85", "\u2028", "\x0c", "\ufeff",
    "\u202eevil", "é" + "\u0301" * 999, "👨‍👩‍👧" * 50, "\U0010ffff", "\ue000", "\ufffd",
    "a" * 100_000,
    "Al " * 20_000, "." * 50_000, "a." * 30_000, "(" * 30_000, "1" * 20_000, "-" * 10_000,
    "A.B." * 10_000, "https://" + "x" * 5000, "'" * 5000, "=1+1", "@SUM(A1)", "-DOCSTART- X O",
    "<script>alert(1)</script>", "]]></pre>", '" onload="x', "\\ud800", "\\N", "NaN", "# newdoc",
    "王小明在北京", "ا" * 3000, "\u200b" * 3000, "İ" * 300, "ß" * 300, "\x7f", "\x9b31m",
)  # fmt: skip
NO_TEXT = (
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\0",
    b"\x80" * 9,
)
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"+/v8-")
MAGIC = (b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PAR1", b"PK\x03\x04", b"%PDF")
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "utf-7", "cp500")
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstd.compress,
}
LONG = 64 << 20
"""Bytes of a line that has no end."""


def write_folder(folder: Path, cases: Iterable[int], healthy: str) -> None:
    """Write a hostile file for each case, and beside it a text file that is read next."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        name, content = hostile_file(case)
        (folder / f"{case:06}-bad{name}").write_bytes(content)
        (folder / f"{case:06}-ok.txt").write_text(healthy, encoding="utf-8")


def hostile_file(case: int) -> tuple[str, bytes]:
    """Return the ending of the file's name, and its content."""
    chance = random.Random(case)
    ending, make = chance.choice(KINDS)
    content = make(chance)
    if ending != ".parquet" or chance.random() < 0.5:
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 5))):
            content = damaged(chance, content)
    if chance.random() < 0.1:
        ending = chance.choice(KINDS)[0]  # a file under a wrong name
    packer = chance.choice(("", "", "", "", *PACKERS))
    if packer:
        content = PACKERS[packer](content)
        if chance.random() < 0.05:
            content = PACKERS[chance.choice(tuple(PACKERS))](content)
        if chance.random() < 0.1:
            content += chance.choice((content, b"\0" * 100, b"garbage"))
        if chance.random() < 0.2:
            content = damaged(chance, content)
        if chance.random() < 0.1:
            packer = chance.choice(("", *PACKERS))
    return ending + packer, content


def damaged(chance: random.Random, content: bytes) -> bytes:
    """Do one thing to some bytes that should not have been done."""
    at = chance.randrange(len(content) + 1)
    end = min(len(content), at + chance.choice((1, 2, 10, 100, 5000)))
    match chance.randrange(14):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + chance.randbytes(end - at) + content[end:]
        case 2:
            return content[:at] + chance.choice(NO_TEXT) + content[at:]
        case 3:
            return content[:at] + content[end:]
        case 4:
            return content[:at] + content[at:end] * 20 + content[end:]
        case 5:
            return chance.choice(MARKS) + content
        case 6:
            return chance.choice(MAGIC) + content
        case 7:
            return content.replace(
                b"\n", chance.choice((b"\r", b"\r\n", b"", b"\n\n", b"\0", b"\n\r"))
            )
        case 8:
            return content[:at] + b"\0" * (end - at) + content[end:]
        case 9:
            return content.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")
        case 10:
            return chance.choice((b"", b"\n", b"\r", b"\0", b" ", b"\xef\xbb\xbf", b"\n" * 5000))
        case 11 if content:
            flipped = bytearray(content)
            for _ in range(chance.choice((1, 1, 3, 30))):
                flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            return bytes(flipped)
        case 12:
            return content[:at] + chance.choice(STRANGE).encode("utf-8", "replace") + content[at:]
        case _:
            return content[::-1]


def _sentence(chance: random.Random) -> str:
    text = chance.choice(SENTENCES)
    if chance.random() < 0.25:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(STRANGE) + text[at:]
    return text


def _text(chance: random.Random) -> bytes:
    between = chance.choice(("\n", "\n\n", " ", "\r\n", "\t", "\x0b", ""))
    sentences = (_sentence(chance) for _ in range(chance.choice((0, 1, 3, 30))))
    return between.join(sentences).encode()


def _page(chance: random.Random) -> bytes:
    inner = "".join(f"<p {_sentence(chance)}>{_sentence(chance)}</p>" for _ in range(5))
    return f"<!DOCTYPE html><html><script>{_sentence(chance)}</script>{inner}</html>".encode()


def _table(separators: str) -> Callable[[random.Random], bytes]:
    def make(chance: random.Random) -> bytes:
        if chance.random() < 0.01:
            return b"id,text\n1," + b"ab, "[: chance.randrange(1, 5)] * (LONG // 4)
        names = ["id", "text", _sentence(chance)][: chance.choice((1, 2, 2, 2, 3))]
        names += chance.choice(([], [], [], ["text"], ["x" * 200_000], ["c"] * 20_000, ["", ""]))
        chance.shuffle(names)
        file = io.StringIO(newline="")
        writer = csv.writer(
            file,
            delimiter=chance.choice(separators),
            lineterminator=chance.choice(("\n", "\n", "\r\n", "\r")),
            quoting=chance.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
        )
        # csv refuses a NUL before Python 3.11: another character stands for it until all is written
        hidden = {ord("\0"): "\ue000"}
        writer.writerow(name.translate(hidden) for name in names)
        for number in range(chance.choice((0, 1, 5, 20))):
            fields = [_sentence(chance) for _ in names[:10]] + ["x"] * (len(names) - 10)
            if chance.random() < 0.2:
                fields = fields[: number % 5]
            writer.writerow(field.translate(hidden) for field in fields)
        whole = file.getvalue().replace("\ue000", "\0")
        if chance.random() < 0.2:
            at = chance.randrange(len(whole))
            whole = whole[:at] + chance.choice(('"', '""', "'", "\r", ",", "\\")) + whole[at:]
        return whole.encode()

    return make


def _json_lines(chance: random.Random) -> bytes:
    if chance.random() < 0.01:
        repeated = chance.choice(("a", "[", "{}, ", '{"a":', "[[],[]],", "1, ", '"ab", '))
        return b'{"text": "a", "id": [' + repeated.encode() * (LONG // len(repeated))
    depth = chance.choice((5, 99, 101, 600, 900, 5000, 100_000))
    numbers = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5000, "1" * 4000, "1e-999")
    values = [
        *numbers, "-0.0", "true", "null", "[]", "{}", '"\\ud800"', '"\\u0000"', '{"NaN": [NaN]}',
        "[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "'x'", "0x10", "01", "",
    ]  # fmt: skip
    lines: list[str] = []
    for number in range(chance.choice((0, 1, 5, 20))):
        text = json.dumps(_sentence(chance), ensure_ascii=chance.random() < 0.5)
        known = str(number)
        if chance.random() < 0.3:
            known = chance.choice(values)
        if chance.random() < 0.1:
            text = chance.choice(values)
        more = chance.choice(
            ("", "", "", ', "text": 3', ', "id": 4', ', "' + "k" * 100_000 + '": 1')
        )
        lines.append(f'{{"id": {known}, "text": {text}{more}}}')
        if chance.random() < 0.1:
            lines.append(chance.choice((*values, "{", "[1]", '"x"', '{"a": 1}', "\t")))
    whole = chance.choice(("\n", "\n", "\n", "\r\n", "\n\n", "", ",")).join(lines)
    return f"[{whole}]".encode() if chance.random() < 0.05 else whole.encode()


def _columns(chance: random.Random) -> bytes:
    if chance.random() < 0.01:
        return b"Maria O\n" + chance.choice((b"ab ", b"a\t", b"a", b"ab\t")) * (LONG // 3)
    separator = chance.choice(("\t", " ", "  ", "\t\t"))
    lines = [chance.choice(("", "-DOCSTART- -X- O", "# newdoc id = 1", "# text = x"))]
    for _ in range(chance.choice((0, 1, 5, 20))):
        for word in _sentence(chance).split(chance.choice((" ", "\t", None))):
            lines.append(separator.join((word, "X", "O")[: chance.choice((1, 3, 3, 3))]))
        lines.append(chance.choice(("", "", " ", "\t", "-DOCSTART-", "#", "# O", "1-2\t_")))
    return "\n".join(lines).encode()


NAMES_OF_COLUMNS = (
    *[["id", "text"]] * 6,
    ["text", "text"],
    ["text", "id"],
    ["id", "id.text"],
    ["", "text"],
    ["id", "x" * 200_000],
)


def _parquet(chance: random.Random) -> bytes:
    rows = chance.choice((0, 1, 3, 50, 1500))
    texts = [chance.choice((_sentence(chance)[:9000], None)) for _ in range(min(rows, 50))]
    text = pyarrow.array((texts * (rows // 50 + 1))[:rows], pyarrow.string())
    if chance.random() < 0.2 and rows:
        raw = [b"Zo\xeb " + chance.randbytes(9), "Zoë".encode()] * rows
        text = pyarrow.StringArray.from_buffers(rows, *pyarrow.array(raw[:rows]).buffers()[1:])
    if chance.random() < 0.2:
        text = text.dictionary_encode()
    if chance.random() < 0.1:
        text = text.cast(pyarrow.large_string())
    if chance.random() < 0.05:
        text = pyarrow.array([b"a"] * rows, pyarrow.binary())
    if chance.random() < 0.02:
        text = (
            pyarrow.array(["a" * (8 << 20)])
            .dictionary_encode()
            .take(pyarrow.array([0] * min(rows, 3), "int32"))
        )
        rows = len(text)
    ids = _parquet_ids(chance, rows)
    names = chance.choice(NAMES_OF_COLUMNS)
    table = pyarrow.Table.from_arrays([ids, text], names=names)
    file = io.BytesIO()
    parquet.write_table(
        table,
        file,
        compression=chance.choice(("none", "snappy", "zstd", "gzip", "brotli")),
        row_group_size=chance.choice((1, 7, 1024, 100_000)) if rows < 100 else 1024,
        use_dictionary=chance.random() < 0.5,
        data_page_version=chance.choice(("1.0", "2.0")),
        write_statistics=chance.random() < 0.5,
    )
    return file.getvalue()


def _parquet_ids(chance: random.Random, rows: int) -> Any:
    arrow = pyarrow
    far = chance.choice((0, 1, -1, 2**40, -(2**40)))
    kinds: tuple[tuple[Any, Any], ...] = (
        (7, arrow.int64()),
        ("x", arrow.string()),
        (float("nan"), arrow.float64()),
        (float("-inf"), arrow.float32()),
        (True, arrow.bool_()),
        (2**64 - 1, arrow.uint64()),
        (far % 2**31, arrow.date32()),
        (far, arrow.timestamp("s")),
        (far, arrow.timestamp("us", tz="Europe/Paris")),
        (far, arrow.timestamp("us", tz="+99:00")),
        (2**62 + 1, arrow.timestamp("ns")),
        (1, arrow.time64("ns")),
        (far, arrow.duration("s")),
        ([1, None], arrow.list_(arrow.int8())),
        ([[float("nan")]], arrow.list_(arrow.list_(arrow.float64()))),
        ({"a": [b"\xff"]}, arrow.struct([("a", arrow.list_(arrow.binary()))])),
        ([("k", 1)], arrow.map_(arrow.string(), arrow.int64())),
        (b"\xff\0", arrow.binary()),
        (b"\xff" * 4, arrow.binary(4)),
        (None, arrow.null()),
    )
    value, kind = chance.choice(kinds)
    return arrow.array([value if number % 3 else None for number in range(rows)], kind)


KINDS: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    (".txt", _text),
    (".md", _page),
    (".csv", _table(",;|")),
    (".tsv", _table("\t")),
    (".jsonl", _json_lines),
    (".parquet", _parquet),
    (".conll", _columns),
)
