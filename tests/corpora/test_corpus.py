"""Corpora from files, folders and parquet, in one schema; the cache; what users get wrong."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import datasets
import pytest

from ner_rnn.corpora.annotation import find_persons
from ner_rnn.corpora.corpus import Corpus
from ner_rnn.corpora.folder import split_files
from ner_rnn.corpora.hub import ALIASES, is_hub_name, load_hub
from ner_rnn.corpora.overlap import overlap_notes, overlaps
from ner_rnn.corpora.read import load_datasets, read, read_splits
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, CorpusError, FileError

FIXTURES = Path(__file__).parents[1] / "fixtures" / "conll"
SHARED = Path(__file__).parents[3] / "shared" / "data"
TRAIN = "Ada\tB-PER\nObi\tI-PER\nmet\tO\nBosch\tB-ORG\n\nHello\tO\n"


@pytest.fixture
def data(tmp_path: Path) -> DataConfig:
    return DataConfig(cache=str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of files: ``folder({"train.bio": "..."})``."""

    def make(files: dict[str, str]) -> Path:
        made = tmp_path / "corpus"
        made.mkdir()
        for name, content in files.items():
            (made / name).write_text(content, encoding="utf-8")
        return made

    return make


def tags_of(content: str, tmp_path: Path, **options: object) -> list[list[str]]:
    path = tmp_path / "one.bio"
    path.write_text(content, encoding="utf-8")
    config = DataConfig(cache=str(tmp_path / "cache"), **options)  # type: ignore[arg-type]
    return read(path, config).tags


def test_rows_have_the_one_schema(data: DataConfig) -> None:
    corpus = load_datasets(replace(data, train=str(FIXTURES / "eng.train")))
    assert corpus["train"][:] == {
        "id": ["0", "1"],
        "document": ["0", "1"],
        "tokens": [["Maria", "Silva", "Anna", "met", "Bosch", "."], ["Oslo"]],
        "tags": [["B-PER", "I-PER", "B-PER", "O", "B-ORG", "O"], ["B-LOC"]],
        "lines": [[3, 4, 5, 6, 7, 8], [12]],
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("B-PERSON I-PERSON O", "B-PER I-PER O"),
        ("PERSON PERSON O LOC", "B-PER I-PER O B-LOC"),
        ("S-nr B-ns E-ns", "B-PER B-ns I-ns"),
        ("B-PER.NAM O B-PER.NOM", "B-PER O B-PER.NOM"),
        ("I-PER B-PER", "B-PER B-PER"),
        ("B-Person M-Person E-Person", "B-PER I-PER I-PER"),
    ],
)
def test_every_scheme_and_name_of_person_becomes_iob2_per(
    written: str, expected: str, tmp_path: Path
) -> None:
    content = "".join(f"w\t{tag}\n" for tag in written.split())
    assert tags_of(content, tmp_path) == [expected.split()]


def test_other_labels_can_be_dropped(tmp_path: Path) -> None:
    assert tags_of(TRAIN, tmp_path, labels="person") == [["B-PER", "I-PER", "O", "O"], ["O"]]


def test_the_user_may_say_what_a_person_is(tmp_path: Path) -> None:
    content = "a\tB-FIGURE\nb\tB-PER\n"
    assert tags_of(content, tmp_path, person_labels=("figure",)) == [["B-PER", "B-PER.other"]]


def test_labels_in_common_use_are_persons() -> None:
    labels = ["PER", "PERSON", "person", "nr", "PER.NAM", "PER.NOM", "ORG", "PERderiv"]
    assert find_persons(labels) == {"PER", "PERSON", "person", "nr", "PER.NAM"}


@pytest.mark.parametrize(
    "names",
    [
        ("eng.train", "eng.testa", "eng.testb"),
        ("train.bio", "dev.bio", "test.bio"),
        ("train.txt", "valid.txt", "test.txt"),
        ("de-train.conll", "de-validation.conll", "de-test.conll"),
        ("en_ewt-ud-train.iob2", "en_ewt-ud-dev.iob2", "en_ewt-ud-test.iob2"),
    ],
)
def test_split_files_are_known_by_their_names(
    names: tuple[str, ...], folder: Callable[..., Path]
) -> None:
    made = folder(
        dict.fromkeys([*names, "README.md", "train.json", ".train.swp", "all.bio"], TRAIN)
    )
    found = split_files(DataConfig(corpus=str(made)))
    assert found == {
        split: str(made / name) for split, name in zip(("train", "dev", "test"), names, strict=True)
    }


def test_a_file_given_outranks_the_folder(folder: Callable[..., Path], data: DataConfig) -> None:
    made = folder({"train.bio": TRAIN, "test.bio": TRAIN})
    other = str(FIXTURES / "eng.train")
    corpus = read_splits(replace(data, corpus=str(made), test=other))
    assert list(corpus) == ["train", "test"]
    assert corpus["test"].tokens[1] == ("Oslo",)


def test_a_folder_with_two_files_for_a_split(folder: Callable[..., Path]) -> None:
    made = folder({"train.bio": TRAIN, "train.txt": TRAIN})
    with pytest.raises(
        ConfigError, match=r"several files for train: .*train\.bio, .*; choose one with data\.train"
    ):
        split_files(DataConfig(corpus=str(made)))


def test_a_folder_without_split_files(folder: Callable[..., Path]) -> None:
    made = folder({"a.bio": TRAIN})
    with pytest.raises(FileError, match=r"no file whose name says train.*\(found: a\.bio\): give"):
        split_files(DataConfig(corpus=str(made)))


def test_nothing_given() -> None:
    with pytest.raises(ConfigError, match=r"no corpus is given: give data\.train"):
        read_splits(DataConfig())


@pytest.mark.parametrize("name", ["./none", "~/none", "a/b/c"])
def test_a_folder_that_does_not_exist(name: str) -> None:
    with pytest.raises(FileError, match="does not exist: give a folder, a Hub id or open"):
        read_splits(DataConfig(corpus=name))


def test_a_path_is_not_sought_on_the_hub_where_its_parent_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=r"^data/conll does not exist"):
        read_splits(DataConfig(corpus="data/conll"))


def test_a_file_in_place_of_a_folder() -> None:
    with pytest.raises(FileError, match=r"eng\.train is a file: give it as data\.train"):
        read_splits(DataConfig(corpus=str(FIXTURES / "eng.train")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "a\tB-LOC\nb\tB-ORG\n\nc\tB-LOC\n",
            "labels found: LOC (2), ORG (1); say with data.person",
        ),
        ("a\tO\n", "no name is tagged, every tag is O: is this the tag column?"),
    ],
)
def test_no_person_in_train(content: str, message: str, tmp_path: Path, data: DataConfig) -> None:
    path = tmp_path / "train.bio"
    path.write_text(content)
    for _ in range(2):  # the cache must not hide it
        with pytest.raises(CorpusError) as caught:
            read_splits(replace(data, train=str(path)))
        assert message in str(caught.value)
    corpus = read_splits(replace(data, dev=str(path)))
    assert overlap_notes(corpus) == ["dev holds no person name: its scores will say nothing"]


def test_labels_asked_for_but_absent(tmp_path: Path, data: DataConfig) -> None:
    path = tmp_path / "train.bio"
    path.write_text(TRAIN)
    with pytest.raises(CorpusError, match=r"none of nr, NAME; labels found: PER \(1\), ORG \(1\)"):
        read_splits(replace(data, train=str(path), person_labels=("nr", "NAME")))


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("a\tO\n\nb\tX-PER\n", {}, r"one.bio:3: tag 'X-PER' has the unknown prefix 'X'"),
        ("a\tB-PER\nb\tB-\n", {}, r"one.bio:2: tag 'B-' has no label"),
        ("a\tB-PER\nb\tPER\n", {}, r"one.bio:2: tag 'PER' has no prefix, which other tags have"),
        ("a\tS-PER\n", {"scheme": "IOB2"}, r"one.bio:1: tag 'S-PER' is not of the scheme IOB2"),
        ("a\tO\n", {"tag_column": 0}, r"token and tag are both read from column 0"),
    ],
)
def test_tags_that_cannot_be_read(
    content: str, options: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises((CorpusError, ConfigError), match=message):
        tags_of(content, tmp_path, **options)


def test_one_sentence_is_a_corpus(tmp_path: Path) -> None:
    assert tags_of("Ada\tB-PER", tmp_path) == [["B-PER"]]


def test_a_very_long_sentence_is_a_row(tmp_path: Path) -> None:
    (row,) = tags_of("x" * 10_000 + "\tB-PER\n" + "a\tO\n" * 99_999, tmp_path)
    assert len(row) == 100_000


def test_the_second_load_maps_the_first_one(tmp_path: Path, data: DataConfig) -> None:
    path = tmp_path / "train.bio"
    path.write_text(TRAIN)
    config = replace(data, train=str(path))
    first = load_datasets(config)
    (entry,) = (tmp_path / "cache" / "corpora").iterdir()
    made = entry.stat().st_mtime_ns
    second = load_datasets(config)
    assert second["train"][:] == first["train"][:]
    assert second["train"].cache_files == [{"filename": str(entry)}]
    assert entry.stat().st_mtime_ns == made
    assert read_splits(config)["train"] == read(path, config), "the cache loses nothing"


def train_split(path: Path, data: DataConfig, **changes: object) -> Corpus:
    return read_splits(replace(data, train=str(path), **changes))["train"]  # type: ignore[arg-type]


def test_the_cache_follows_content_and_options(tmp_path: Path, data: DataConfig) -> None:
    path = tmp_path / "train.bio"
    path.write_text(TRAIN)
    train_split(path, data)
    path.write_text(TRAIN.replace("Ada", "Eva"))
    assert train_split(path, data).tokens[0][0] == "Eva"
    assert train_split(path, data, labels="person").tags[0][3] == "O"
    assert len(list((tmp_path / "cache" / "corpora").iterdir())) == 3


def test_a_damaged_cache_entry_is_written_anew(tmp_path: Path, data: DataConfig) -> None:
    path = tmp_path / "train.bio"
    path.write_text(TRAIN)
    train_split(path, data)
    (entry,) = (tmp_path / "cache" / "corpora").iterdir()
    entry.write_bytes(entry.read_bytes()[:100])
    assert train_split(path, data).tokens[0][0] == "Ada"
    cached = load_datasets(replace(data, train=str(path)))["train"]
    assert cached.cache_files == [{"filename": str(entry)}]


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the folder should be")
    path = tmp_path / "train.bio"
    path.write_text(TRAIN)
    corpus = train_split(path, DataConfig(cache=str(blocked)))
    assert corpus.tokens[0] == ("Ada", "Obi", "met", "Bosch")


def test_a_pipe_is_read_once(tmp_path: Path, data: DataConfig) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(TRAIN,))
    writer.start()
    corpus = train_split(pipe, data)
    assert len(corpus.tokens) == 2
    assert corpus.sha256 == hashlib.sha256(TRAIN.encode()).hexdigest()
    writer.join()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_the_checksum_is_of_the_file_as_it_lies_there(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    content = pack(TRAIN.encode())
    (tmp_path / "train.bio").write_bytes(content)
    corpus = read(tmp_path / "train.bio")
    assert corpus.sha256 == hashlib.sha256(content).hexdigest()
    assert corpus.tokens[1] == ("Hello",)


def test_a_file_that_changes_is_recorded_as_it_was_read(tmp_path: Path, data: DataConfig) -> None:
    path = tmp_path / "train.bio"
    path.write_text(TRAIN)
    before = train_split(path, data)
    path.write_text(TRAIN.replace("Ada", "Eva"))
    after = train_split(path, data)
    for corpus, name in ((before, "Ada"), (after, "Eva")):
        assert corpus.tokens[0][0] == name
        content = TRAIN.replace("Ada", name).encode()
        assert corpus.sha256 == corpus.record()["sha256"] == hashlib.sha256(content).hexdigest()


def test_overlaps_are_counted(folder: Callable[..., Path], data: DataConfig) -> None:
    dev = "Hello\tO\n\nEva\tB-PER\n"
    made = folder({"train.bio": TRAIN, "dev.bio": dev, "test.bio": "Uma\tB-PER\n\n" + dev})
    corpus = read_splits(replace(data, corpus=str(made)))
    counts = {("train", "dev"): 1, ("train", "test"): 1, ("dev", "test"): 2}
    found = {(earlier, later): count for later, earlier, count in overlaps(corpus.items())}
    assert found == counts
    assert overlap_notes(corpus)[1] == (
        "1 of the 3 sentences of test (33.3%) stand word for word in train"
    )


def test_checksums_are_those_of_the_files(folder: Callable[..., Path], data: DataConfig) -> None:
    made = folder({"train.bio": "Ada B-PER\n"})
    for _ in range(2):  # read, and from the cache
        corpus = read_splits(replace(data, corpus=str(made)))["train"]
        # printf 'Ada B-PER\n' | sha256sum
        assert corpus.sha256 == "d690a164a2c38c032a31570f8874d2b6458a4c6c56591b42dd3af653e0acd15e"


def parquet(folder: Path, tags: datasets.Features, rows: list[object], **more: object) -> Path:
    features = datasets.Features({"tokens": datasets.Sequence(datasets.Value("string")), **tags})
    column = next(iter(tags))
    content = {"tokens": [["Ada", "Obi", "sang"], ["Oslo"]], column: rows}
    (folder / "data").mkdir(parents=True)
    for split in ("train", "validation"):
        made = datasets.Dataset.from_dict(content, features=features)
        made.to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
    return folder


CLASSES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


@pytest.mark.parametrize(
    ("column", "inner", "rows"),
    [
        ("ner_tags", datasets.ClassLabel(names=CLASSES), [[1, 2, 0], [3]]),
        ("tags", datasets.Value("string"), [["B-PER", "I-PER", "O"], ["B-LOC"]]),
        ("ner_tags", datasets.ClassLabel(names=["O", "person", "LOC"]), [[1, 1, 0], [2]]),
    ],
)
def test_a_folder_of_parquet_files(
    column: str, inner: object, rows: list[object], tmp_path: Path, data: DataConfig
) -> None:
    made = parquet(tmp_path / "repo", {column: datasets.Sequence(inner)}, rows)
    for _ in range(2):
        corpus = load_datasets(replace(data, corpus=str(made)))
        assert list(corpus) == ["train", "dev"]
        assert corpus["dev"][:] == {
            "id": ["0", "1"],
            "document": ["0", "0"],
            "tokens": [["Ada", "Obi", "sang"], ["Oslo"]],
            "tags": [["B-PER", "I-PER", "O"], ["B-LOC"]],
            "lines": [[], []],
        }
    first, again = (
        read_splits(replace(data, corpus=str(made), cache=c)) for c in (data.cache, None)
    )
    assert first == again
    assert first["train"].sha256 == first["dev"].sha256, "of the sentences"


def test_numbers_without_names_cannot_be_tags(tmp_path: Path, data: DataConfig) -> None:
    made = parquet(
        tmp_path / "repo", {"tags": datasets.Sequence(datasets.Value("int64"))}, [[1, 2, 0], [3]]
    )
    with pytest.raises(CorpusError, match=r"column tags holds .*int64.*: numbers without names"):
        read_splits(replace(data, corpus=str(made)))


def test_a_repository_without_a_tag_column(tmp_path: Path, data: DataConfig) -> None:
    made = parquet(
        tmp_path / "repo",
        {"pos": datasets.Sequence(datasets.Value("string"))},
        [["x", "x", "x"], ["x"]],
    )
    with pytest.raises(CorpusError, match="has the columns tokens, pos: text with spans"):
        read_splits(replace(data, corpus=str(made)))


def test_rows_of_unequal_length(tmp_path: Path, data: DataConfig) -> None:
    made = parquet(
        tmp_path / "repo", {"tags": datasets.Sequence(datasets.Value("string"))}, [["O"], ["O"]]
    )
    with pytest.raises(CorpusError, match="split train, row 0: 3 tokens but 1 tags"):
        read_splits(replace(data, corpus=str(made)))


def test_a_loading_script_is_refused_in_plain_words(tmp_path: Path) -> None:
    script = tmp_path / "old"
    script.mkdir()
    (script / "old.py").write_text("import datasets\n")
    with pytest.raises(CorpusError, match=r"old holds a loading script, .*@refs/convert/parquet"):
        load_hub(str(script), tmp_path / "cache")


def test_the_hub_out_of_reach_is_one_line(tmp_path: Path, data: DataConfig) -> None:
    with pytest.raises(CorpusError) as caught:  # HF_HUB_OFFLINE: see conftest.py
        read_splits(replace(data, corpus="nobody/nothing"))
    assert "nobody/nothing is no folder, and could not be loaded from the Hub (" in str(
        caught.value
    )
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", [*ALIASES, *ALIASES.values(), "eriktks/conll2003@refs/convert/parquet", "a/b:en@main"]
)
def test_hub_ids_are_told_from_paths(name: str) -> None:
    assert is_hub_name(name)


def test_numbers_after_characters_are_taken_off(tmp_path: Path, data: DataConfig) -> None:
    path = tmp_path / "weibo.bio"
    path.write_text("王0\tB-PER\n小1\tI-PER\n10\tO\n。0\tO\n", encoding="utf-8")
    for corpus in (read(path, data), train_split(path, data), train_split(path, data)):
        assert corpus.tokens == [("王", "小", "1", "。")]
        assert corpus.unit == "characters"
        assert corpus.notes == ["position numbers were removed from the end of 4 words"]


@pytest.mark.parametrize(
    ("name", "persons"),
    [
        ("conll2003/eng.train", 6600),
        ("wnut17/test.bio", 429),
        ("weibo_zh/train.bio", 578),
        ("germeval2014_de/dev.bio", 711),
    ],
)
def test_real_corpora_keep_their_names(name: str, persons: int, data: DataConfig) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    assert read(path, data).names == persons


def test_the_second_load_of_conll_takes_well_under_a_second(data: DataConfig) -> None:
    if not (SHARED / "conll2003").exists():
        pytest.skip(f"{SHARED / 'conll2003'} is not on this machine")
    config = replace(data, corpus=str(SHARED / "conll2003"))
    load_datasets(config)
    start = time.process_time()
    load_datasets(config)
    assert time.process_time() - start < 0.5  # 0.01 s measured
