"""The embedded corpora: what is in the package, how it is read by name, and how it is packed."""

from __future__ import annotations

import json
import lzma
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.corpora.embedded import EmbeddedCorpus, embedded_corpora, packed_name, read_embedded
from ner_rnn.corpora.overlap import overlaps
from ner_rnn.corpora.pack_open import pack_open
from ner_rnn.corpora.read import read, read_splits
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.encoding.knowledge import load_knowledge
from ner_rnn.errors import CorpusError, FileError
from ner_rnn.shipped import EMBEDDED, locate, shipped_files
from ner_rnn.text.opening import checksum, open_binary

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
MOST_BYTES = 4_000_000
INDEX = json.loads((EMBEDDED / "index.json").read_text(encoding="utf-8"))
CORPORA = {corpus.name: corpus for corpus in embedded_corpora()}


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA)
def test_a_corpus_is_what_the_index_says(corpus: EmbeddedCorpus) -> None:
    """Counts, labels and documents; and every licence has its text and its place in NOTICE."""
    entry = INDEX["corpora"][corpus.name]
    labels: set[str] = set()
    for split in corpus.splits:
        given = read_embedded(corpus.name, split)
        found = read(f"open:{corpus.name}", split=split)  # type: ignore[arg-type]
        part = entry["splits"][split]
        assert len(found.tokens) == len(given.tokens) == part["sentences"]
        assert sum(map(len, found.tokens)) == part["tokens"]
        assert found.names == part["names"] > 0
        assert found.scheme == "IOB2"
        assert not found.breaks
        labels.update(found.labels)
        per_document = part["sentences_per_document"]
        assert per_document is None or (
            (len(found.tokens) + per_document - 1) // per_document == len(set(found.documents))
        )
        text = lzma.decompress((EMBEDDED / packed_name(corpus.name, split)).read_bytes())
        assert text.startswith(b"-DOCSTART-\tO\n\n")
        assert text.count(b"-DOCSTART-\tO\n\n") == len(set(found.documents))
    assert {*corpus.persons, *corpus.left_open} <= labels
    assert (EMBEDDED / "licences" / f"{corpus.licence}.txt").is_file()
    notice = (EMBEDDED / "NOTICE").read_text(encoding="utf-8")
    assert corpus.name in notice
    assert corpus.source in notice


def test_notice_and_index_hold_every_file() -> None:
    notice = (EMBEDDED / "NOTICE").read_text(encoding="utf-8")
    packed = {
        packed_name(name, split)
        for name, entry in INDEX["corpora"].items()
        for split in entry["splits"]
    }
    files = {name.removeprefix("open:") for name in shipped_files()}
    assert {name for name in files if name.startswith("corpora/")} == packed
    assert INDEX["lists"].keys() <= files
    for name in files - packed:
        assert name in notice, f"{name} needs its source and licence in NOTICE"
    assert sum(file.stat().st_size for file in EMBEDDED.rglob("*")) < MOST_BYTES


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataConfig, dict[str, Corpus]]:
    cache = str(tmp_path_factory.mktemp("cache"))
    data = DataConfig(corpus="open", labels="person", cache=cache)
    return data, read_splits(data)


def test_all_corpora_merged(merged: tuple[DataConfig, dict[str, Corpus]]) -> None:
    data, splits = merged
    assert list(splits) == ["train", "dev", "test"]
    for split, corpus in splits.items():
        parts = [name for name, one in CORPORA.items() if split in one.splits]
        counts = [INDEX["corpora"][name]["splits"][split] for name in parts]
        assert len(corpus.tokens) == sum(part["sentences"] for part in counts)
        assert corpus.names == sum(part["names"] for part in counts)
        assert {document.partition("/")[0] for document in corpus.documents} == set(parts)
        assert corpus.source == "open"
        assert corpus.entity_types == ["PER"]
    again = read("open", data, split="dev")
    assert (again.tokens, again.sha256) == (splits["dev"].tokens, splits["dev"].sha256)


def test_little_of_what_is_tested_is_learned(
    merged: tuple[DataConfig, dict[str, Corpus]],
) -> None:
    """Repeated sentences are short ones: retweets, headings, greetings."""
    train, test = merged[1]["train"], merged[1]["test"]
    [(_, _, count)] = overlaps([("train", train), ("test", test)])
    assert count / len(test.tokens) < 0.03
    long = {tuple(words) for words in train.tokens if len(words) > 12}
    assert sum(tuple(words) in long for words in test.tokens) / len(test.tokens) < 0.01


def test_files_of_the_package_are_read_as_any_other() -> None:
    path = "open:corpora/wnut17.test.bio.xz"
    corpus = read(path)
    assert corpus.tokens == read("open:wnut17", split="test").tokens
    assert corpus.sha256 == read("open:wnut17", split="test").sha256 == checksum(path)
    assert corpus.place(0, 0) == f"{path}:3"
    with open_binary("open:names/us_surnames.txt.xz") as file:
        assert file.readline() == b"Smith\n"
    knowledge = load_knowledge(lists=["open:names/us_surnames.txt.xz"])
    assert knowledge.names == ("list us_surnames",)
    assert list(knowledge.of_words(["Smith"])) == [("Xx",)]


@pytest.mark.parametrize("name", ["open:clusters.csv", "open:../errors.py", "open:", "open:NOTICE"])
def test_what_the_package_has_not(name: str) -> None:
    known = "is no file of the package; these are: open:clusters.txt.xz, open:corpora/btc"
    with pytest.raises(FileError, match=known):
        locate(name)


def test_a_part_of_a_name_is_answered_with_the_files_that_have_it() -> None:
    with pytest.raises(FileError) as caught:
        locate("open:us_surnames.txt")
    assert str(caught.value) == (
        "open:us_surnames.txt is no file of the package; these are: open:names/us_surnames.txt.xz"
    )


def test_corpora_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"open:wnut is no embedded corpus: they are open \(all"):
        read("open:wnut", split="test")
    with pytest.raises(CorpusError, match="open:btc has no split dev: it has train, test"):
        read("open:btc", split="dev")
    with pytest.raises(CorpusError, match="open: is no embedded corpus"):
        read_splits(DataConfig(corpus="open:", cache=str(tmp_path)))


SENTENCES = [f"w{number}\tB-PER\nv\tO\n\n" for number in range(12)]
MARKED = "".join(("-DOCSTART-\tO\n\n" if n % 3 == 0 else "") + s for n, s in enumerate(SENTENCES))


@pytest.mark.parametrize(
    ("per_document", "documents", "first", "count", "sentences"),
    [
        (None, [None, None], 0, 4, 12),
        (None, [None, -1], 0, 3, 9),
        (None, [-3, -1], 3, 2, 6),
        (1, [None, None], 0, 12, 12),
        (5, [None, None], 0, 3, 12),
    ],
)
def test_packing(
    tmp_path: Path,
    per_document: int | None,
    documents: list[int | None],
    first: int,
    count: int,
    sentences: int,
) -> None:
    (tmp_path / "in.bio").write_text(MARKED)
    (tmp_path / "names.txt").write_text("\ufeffMöller\nLi", encoding="utf-8")
    part = {
        "from": {"in.bio": ""},
        "sentences_per_document": per_document,
        "documents": documents,
    }
    index: dict[str, Any] = {
        "corpora": {"a": {"persons": ["PER"], "splits": {"dev": part}}},
        "lists": {"names/n.txt.xz": {"from": {"names.txt": ""}}},
    }
    target = tmp_path / "made"
    target.mkdir()
    (target / "index.json").write_text(json.dumps(index))
    pack_open(tmp_path, target)
    made = {path: path.read_bytes() for path in target.rglob("*.*") if path.is_file()}
    lines = lzma.decompress(made[target / packed_name("a", "dev")]).decode().splitlines()
    assert lines[2] == f"w{first}\tB-PER"
    assert lines.count("-DOCSTART-\tO") == count
    assert lzma.decompress(made[target / "names/n.txt.xz"]).decode() == "Möller\nLi\n"
    known = json.loads((target / "index.json").read_text())["corpora"]["a"]["splits"]["dev"]
    assert (known["sentences"], known["tokens"], known["names"]) == (
        sentences, 2 * sentences, sentences,
    )  # fmt: skip
    assert known["from"] == {"in.bio": checksum(tmp_path / "in.bio")}
    pack_open(tmp_path, target)
    assert made == {path: path.read_bytes() for path in made}
    (tmp_path / "in.bio").write_text(MARKED + "x\tO\n")
    with pytest.raises(FileError, match=r"in\.bio has another checksum than in index\.json"):
        pack_open(tmp_path, target)


@pytest.mark.slow
def test_the_package_is_packed_from_its_sources(tmp_path: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/data")
    shutil.copy(EMBEDDED / "index.json", tmp_path)
    pack_open(SHARED, tmp_path)
    for file in (EMBEDDED / "index.json", *EMBEDDED.rglob("corpora/*"), *EMBEDDED.rglob("names/*")):
        assert (tmp_path / file.relative_to(EMBEDDED)).read_bytes() == file.read_bytes(), file


def test_wheel_and_source_distribution_hold_the_data(distributions: dict[str, Path]) -> None:
    files = [file for file in EMBEDDED.rglob("*") if file.is_file()]
    data = {f"ner_rnn/embedded/{file.relative_to(EMBEDDED).as_posix()}" for file in files}
    with zipfile.ZipFile(distributions["wheel"]) as archive:
        assert data <= set(archive.namelist())
    with tarfile.open(distributions["source"]) as archive:
        assert data <= {name.partition("/")[2] for name in archive.getnames()}
