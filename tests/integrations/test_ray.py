"""Ray Data on a cluster of this machine: ``find_names`` and ``ner-rnn tag --engine ray``."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="needs Ray: make engines")
pytestmark = pytest.mark.filterwarnings("ignore")

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import ray  # noqa: E402
import ray.data  # noqa: E402
from ner_rnn_cli.main import main  # noqa: E402

from ner_rnn.errors import BundleError, ConfigError, FileError  # noqa: E402
from ner_rnn.integrations.ray import find_names  # noqa: E402
from ner_rnn.integrations.ray_inputs import find_files  # noqa: E402
from ner_rnn.runtime.tagger import Tagger  # noqa: E402

from .sentences import TEXTS  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[str]:
    """Address of a cluster, which tests and commands share."""
    started = ray.init("local", num_cpus=2, include_dashboard=False, object_store_memory=200 << 20)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars, context.raise_original_map_exception = False, True
    yield started.address_info["address"]
    ray.shutdown()


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Parquet in several files and groups of rows, with rows that cannot be tagged."""
    folder = tmp_path / "texts"
    folder.mkdir()
    rows: list[str | None] = [*TEXTS, None, ""]
    for number in range(3):
        part = rows[number::3]
        ids = list(range(number, len(rows), 3))
        pq.write_table(
            pa.table({"id": ids, "text": part}), folder / f"{number}.parquet", row_group_size=4
        )
    return folder


def expected(model: Path) -> dict[int, list[tuple[int, int, str]] | None]:
    tagger = Tagger.load(model, device="cpu")
    found = [
        [(name.start, name.end, name.text) for name in tagger.tag(text).names] for text in TEXTS
    ]
    return {**dict(enumerate(found)), len(TEXTS): None, len(TEXTS) + 1: []}


def names_of(row: dict[str, Any]) -> list[tuple[int, int, str]] | None:
    if row["names"] is None:
        return None
    return [(name["start"], name["end"], name["text"]) for name in row["names"]]


@pytest.mark.parametrize("blocks", [1, 7])
def test_the_names_of_tag_whatever_the_blocks(small_model: Path, texts: Path, blocks: int) -> None:
    dataset = ray.data.read_parquet(str(texts)).repartition(blocks)
    rows = find_names(dataset, small_model, redact="[NAME]", batch_size=5).take_all()
    assert {row["id"]: names_of(row) for row in rows} == expected(small_model)
    tagger = Tagger.load(small_model, device="cpu")
    for row in rows:
        assert row["reason"] == ("null" if row["text"] is None else None)
        if row["names"]:
            scores = [name.score for name in tagger.tag(row["text"]).names]
            assert [name["score"] for name in row["names"]] == pytest.approx(scores, abs=1e-6)
            assert row["redacted"].startswith("[NAME]")


def test_rows_of_all_kinds_never_end_a_job(small_model: Path) -> None:
    import pandas

    given = ["Maria Silva spoke.", 3, None, b"\xff", "\ud800", b"John Smith spoke."]
    dataset = ray.data.from_pandas(pandas.DataFrame({"text": given}))
    rows = find_names(dataset, small_model).take_all()
    assert [row["reason"] for row in rows] == [
        None,
        "not text but int",
        "null",
        "byte 0 (0xff) is not UTF-8",
        "character 0 is half a character (a lone surrogate)",
        None,
    ]
    assert [names_of(row) is None for row in rows] == [bool(row["reason"]) for row in rows]


def test_bad_columns_are_told_at_once(small_model: Path) -> None:
    dataset = ray.data.from_items([{"id": 1, "text": "a", "names": "b"}])
    with pytest.raises(FileError, match="no column 'body', but id, text, names"):
        find_names(dataset, small_model, "body")
    with pytest.raises(ConfigError, match="column 'id' holds int64, not text"):
        find_names(dataset, small_model, "id")
    with pytest.raises(ConfigError, match="there is a column 'names' already"):
        find_names(dataset, small_model)


def test_a_model_that_workers_cannot_read(tmp_path: Path) -> None:
    dataset = ray.data.from_items([{"text": "a"}])
    with pytest.raises(BundleError, match="cannot read the model"):
        find_names(dataset, tmp_path / "nowhere").take_all()


def test_a_table_is_written_as_a_folder(
    small_model: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "named"
    words = ["tag", str(texts / "*.parquet"), "--engine", "ray", "--model", str(small_model)]
    assert main([*words, "--output", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"in {len(TEXTS) + 2} rows (1 without a text)" in printed.err
    table = pq.read_table(out)
    assert table.column_names == ["id", "text", "names", "reason"]
    assert {row["id"]: names_of(row) for row in table.to_pylist()} == expected(small_model)
    assert not [path for path in out.iterdir() if path.suffix != ".parquet"]

    assert main([*words, "--output", str(out)]) == 2
    assert "named: it exists already: name a new folder" in capsys.readouterr().err


def test_text_of_files_and_packed_lines(
    small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "1.txt").write_bytes(b"\xef\xbb\xbfMaria Silva spoke in Paris.\r\n")
    (folder / "2.txt").write_bytes(b"caf\xe9")
    (folder / "3.txt.gz").write_bytes(gzip.compress(b"John Smith spoke in Paris."))
    out = tmp_path / "named"
    words = ["--engine", "ray", "--model", str(small_model), "--format", "jsonl"]
    assert main(["tag", str(folder), "--output", str(out), *words]) == 1
    assert "1 row could not be tagged, such as one with 'byte 3" in capsys.readouterr().err
    rows = [json.loads(line) for file in out.iterdir() for line in file.open(encoding="utf-8")]
    rows.sort(key=lambda row: row["path"])
    assert [row["text"] for row in rows] == [
        "Maria Silva spoke in Paris.\r\n",
        "caf\ufffd",
        "John Smith spoke in Paris.",
    ]
    assert [names_of(row) for row in rows] == [
        [(0, 11, "Maria Silva")],
        None,
        [(0, 10, "John Smith")],
    ]


def test_csv_redacted_by_url(
    small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The library fsspec knows this machine as ``local://``, pyarrow does not."""
    (tmp_path / "a.csv").write_text(
        'id,body\n007,"Maria Silva spoke\nin Paris."\n8,=John Smith spoke in Paris.\n',
        encoding="utf-8",
    )
    words = ["--engine", "ray", "--model", str(small_model), "--text-field", "body"]
    words += ["--redact", "[NAME]", "--format", "csv"]
    out = f"local://{tmp_path}/clean"
    assert main(["tag", f"local://{tmp_path}/*.csv", "--output", out, *words]) == 0
    [written] = (tmp_path / "clean").iterdir()
    assert written.read_text(encoding="utf-8") == (
        'id,body,reason\n007,"[NAME] spoke\nin Paris.",\n8,\'=[NAME] spoke in Paris.,\n'
    )
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--text-field", "body"], "no column 'body', but id, text: choose with --text-field"),
        (["--text-field", "id"], "column 'id' holds int64, not text: choose another with --text"),
        (["--model", "/nowhere/at/all"], "cannot read the model: /nowhere/at/all does not exist"),
        (["--resume"], "--resume is not for --engine ray: leave it out"),
        (["--format", "html"], "--engine ray writes parquet, jsonl, csv, not html"),
    ],
)
def test_bad_input_is_one_line(
    texts: Path,
    tmp_path: Path,
    words: list[str],
    line: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "named"
    assert main(["tag", str(texts), "--engine", "ray", "--output", str(out), *words]) == 2
    printed = capfd.readouterr().err
    assert line in printed
    assert [text[:7] for text in printed.splitlines()] == ["error: "]
    assert not out.exists()


def test_inputs_that_ray_cannot_read(tmp_path: Path) -> None:
    for name in ("a.csv", "b.jsonl", "c.conll", "d.csv.xz"):
        (tmp_path / name).touch()
    with pytest.raises(ConfigError, match=r"several kinds: conll, csv, jsonl"):
        find_files([str(tmp_path)])
    with pytest.raises(ConfigError, match="Ray does not read conll"):
        find_files([str(tmp_path / "c.conll")])
    with pytest.raises(FileError, match=r"Ray reads no \.xz"):
        find_files([str(tmp_path / "d.csv.xz")])
    with pytest.raises(FileError, match="does not exist"):
        find_files([f"local://{tmp_path}/e.csv"])


def test_no_cluster_at_the_address(
    texts: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ray.shutdown()
    with socket.socket() as listener:  # it accepts, and says nothing
        listener.bind(("127.0.0.1", 0))
        closed = listener.getsockname()[1]
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            silent = other.getsockname()[1]
            for address in (f"127.0.0.1:{closed}", f"127.0.0.1:{silent}", "here:there"):
                began = time.perf_counter()
                out = str(tmp_path / "named")
                words = ["--engine", "ray", "--output", out, "--address", address]
                assert main(["tag", str(texts), *words]) == 2
                assert time.perf_counter() - began < 10
                line = f"error: --address is {address}: no cluster of Ray answers there; start one"
                assert capfd.readouterr().err.startswith(line)
