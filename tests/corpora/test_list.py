"""Several corpora in one recipe: labels, titles and documents of each, merging, bad entries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ner_rnn.corpora.corpus import LEFT_OPEN
from ner_rnn.corpora.read import load_datasets, read_splits
from ner_rnn.corpora.settings import CorpusEntry, DataConfig
from ner_rnn.corpora.titles import without_title
from ner_rnn.errors import ConfigError, CorpusError, FileError
from ner_rnn.text.tags import Span
from ner_rnn.training.data_module import gold_tags

NEWS = "-DOCSTART- O\n\nMr. B-PER\nObi I-PER\nmet O\nBosch B-ORG\n\nRome B-LOC\n"
SONGS = "Queen B-musicartist\nsang O\n\nAda B-singer\nsang O\n"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], str]:
    def write(name: str, content: str) -> str:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return str(tmp_path / name)

    return write


@pytest.fixture
def data(tmp_path: Path, file: Callable[[str, str], str]) -> DataConfig:
    return DataConfig(
        cache=str(tmp_path / "cache"),
        types=("PER", "LOC"),
        corpora=(
            CorpusEntry(file("news.bio", NEWS), titles="inside", weight=2),
            CorpusEntry(
                file("songs.bio", SONGS),
                documents="sentence",
                persons=("singer",),
                left_open=("musicartist",),
            ),
            CorpusEntry(file("dev.bio", "Ada B-PER\n"), split="dev"),
        ),
    )


def test_what_a_recipe_says_of_each_is_applied(data: DataConfig) -> None:
    for _ in range(2):  # read, then from the cache
        splits = read_splits(data)
        assert list(splits) == ["train", "dev"]
        train = splits["train"]
        assert list(train.tokens) == [
            ("Mr.", "Obi", "met", "Bosch"), ("Rome",), ("Queen", "sang"), ("Ada", "sang"),
        ]  # fmt: skip
        assert [list(map(tuple, spans)) for spans in train.spans] == [
            [(1, 2, "PER")], [(0, 1, "LOC")], [(0, 1, LEFT_OPEN)], [(0, 1, "PER")],
        ]  # fmt: skip
        first, second, third, fourth = train.documents
        assert first == second
        assert len({second, third, fourth}) == 3
        assert train.entity_types == ["PER", "LOC"]
        assert train.names == 2
        assert train.persons == ["PER", "singer"]
        assert [part.weight for part in train.parts] == [2, 1]
    assert load_datasets(data)["train"]["tags"][2] == ["B-?", "O"]


def test_what_a_corpus_does_not_annotate_is_left_open(data: DataConfig) -> None:
    assert gold_tags(read_splits(data)["train"], ["PER", "LOC"]) == [
        ["O", "S-PER", "O", "O"],
        ["S-LOC"],
        ["?", "O|LOC"],
        ["S-PER", "O|LOC"],
    ]


def test_words_that_are_persons_in_one_corpus_alone_are_left_open(
    file: Callable[[str, str], str], tmp_path: Path
) -> None:
    loan = file("loan.bio", "The O\nBorrower B-PER\nand O\nAda B-PER\nLender I-PER\n")
    entry = CorpusEntry(loan, open_words=("borrower", "lender"))
    data = DataConfig(cache=str(tmp_path / "cache"), corpora=(entry,))
    train = read_splits(data)["train"]
    assert [tuple(span) for span in train.spans[0]] == [(1, 2, LEFT_OPEN), (3, 5, "PER")]
    assert gold_tags(train, ["PER"]) == [["O", "?", "O", "B-PER", "E-PER"]]
    with pytest.raises(CorpusError, match=r"loan\.bio: no name consists of the words left open, @"):
        read_splits(DataConfig(corpora=(CorpusEntry(loan, open_words=("@",)),)))


def test_a_split_of_its_own_outranks_the_list(
    data: DataConfig, file: Callable[[str, str], str]
) -> None:
    from dataclasses import replace

    own = replace(data, dev=file("own.bio", "Obi B-PER\n"))
    assert read_splits(own)["dev"].tokens == [("Obi",)]


def test_checksum_covers_weights_and_parts(data: DataConfig) -> None:
    from dataclasses import replace

    before = read_splits(data)["train"].sha256
    heavier = replace(data.corpora[0], weight=3)
    after = replace(data, corpora=(heavier, *data.corpora[1:]))
    assert read_splits(after)["train"].sha256 != before
    assert read_splits(data)["train"].sha256 == before


def test_entries_survive_json(data: DataConfig) -> None:
    import json
    from dataclasses import asdict

    saved = json.loads(json.dumps(asdict(data)))
    again = DataConfig(**{k: tuple(v) if isinstance(v, list) else v for k, v in saved.items()})
    assert again == data


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Mr. Obi", "Obi"),
        ("President Barack Obama", "Barack Obama"),
        ("Vice President Joe Biden", "Joe Biden"),
        ("Prime Minister Modi", "Modi"),
        ("Sir Ian", "Ian"),
        ("King", "King"),
        ("Prince", "Prince"),
        ("Ada Obi", "Ada Obi"),
        ("Martin Luther King", "Martin Luther King"),
    ],
)
def test_titles_are_cut_off_and_names_are_not(words: str, kept: str) -> None:
    tokens = words.split()
    start, end, _ = without_title(tokens, Span(0, len(tokens), "PER"))
    assert " ".join(tokens[start:end]) == kept


def test_bad_entries_are_one_clear_line(
    data: DataConfig, file: Callable[[str, str], str], tmp_path: Path
) -> None:
    def read(*entries: CorpusEntry) -> None:
        read_splits(DataConfig(cache=str(tmp_path / "cache"), corpora=entries))

    with pytest.raises(FileError, match=r"nothing\.bio does not exist"):
        read(CorpusEntry(str(tmp_path / "nothing.bio")))
    news = file("news.bio", NEWS)
    with pytest.raises(CorpusError, match=r"news\.bio: none of singer; labels found: PER"):
        read(CorpusEntry(news, persons=("singer",)))
    with pytest.raises(CorpusError, match=r"news\.bio: none of the labels left open, band; labels"):
        read(CorpusEntry(news, left_open=("band",)))
    with pytest.raises(ConfigError, match=r"weight is 0: a weight must be above 0"):
        CorpusEntry(news, weight=0)
    with pytest.raises(ConfigError, match="PER cannot be a person and left open"):
        CorpusEntry(news, persons=("PER",), left_open=("PER",))
    with pytest.raises(ConfigError, match=r"data\.corpus is open: corpora are given as well"):
        DataConfig(corpus="open", corpora=(CorpusEntry(news),))
