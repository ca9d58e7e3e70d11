"""Clusters and lists: read, looked up, dropped in training, carried in the vocabulary."""

from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ner_rnn.encoding.features import FEATURES
from ner_rnn.encoding.knowledge import NOTHING, Knowledge, load_knowledge
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import ConfigError, FileError
from ner_rnn.model.contents import weight_shapes
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_tagger

CLUSTERS = "0010\tMerkel\t12\n0010\tSchröder\t9\n0011101\tsaid\t400\n110\t0000\t50\n111\tRose\t3\n"
TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    clusters = tmp_path / "brown.txt.xz"
    clusters.write_bytes(lzma.compress(CLUSTERS.encode()))
    (tmp_path / "first.names.txt").write_text("\ufeffAngela\nAnne Marie\nrose\n", encoding="utf-8")
    (tmp_path / "last.txt").write_text("Merkel\r\n\r\nSchröder\r\n", encoding="utf-8")
    lists = [str(tmp_path / name) for name in ("first.names.txt", "last.txt")]
    return load_knowledge(clusters=str(clusters), prefixes=(2, 4, 20), lists=lists)


def of(knowledge: Knowledge, word: str) -> tuple[str, ...]:
    (found,) = knowledge.of_words([word])
    return found


def test_what_is_known_of_a_word(knowledge: Knowledge) -> None:
    assert knowledge.names == ("cluster2", "cluster4", "cluster20", "list first", "list last")
    assert of(knowledge, "Merkel") == ("00", "0010", "0010", "", "Xx")
    assert of(knowledge, "MERKEL") == ("00", "0010", "0010", "", "XX")  # as Merkel is written
    assert of(knowledge, "SAID") == of(knowledge, "Said")
    assert of(knowledge, "Said") == ("00", "0011", "0011101", "", "")
    assert of(knowledge, "1996") == ("11", "110", "110", "", "")
    assert of(knowledge, "rose") == ("", "", "", "x", "")
    assert of(knowledge, "marie")[3:] == ("x", "")
    assert of(knowledge, "") == ("", "", "", "", "")
    assert of(NOTHING, "Merkel") == NOTHING.names == ()


def test_it_travels_with_the_vocabulary(knowledge: Knowledge) -> None:
    sentences = [["Merkel", "said", "Schröder", "Rose", "."], ["rose", "Anne", "said"]]
    vocabulary = Vocabulary.learn(sentences, TAGS, min_count=1, knowledge=knowledge)
    again = Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json())))
    assert again == vocabulary
    assert of(again.knowledge, "MERKEL") == of(knowledge, "MERKEL")
    asked = ["MERKEL", "unheard", "said", "rose"] * 50
    assert list(again.knowledge.of_words(asked)) == [of(knowledge, word) for word in asked]
    forms = ["Merkel", "Schröder", "unheard"]
    first, second, third = again.encode_forms(forms).features
    assert len(first) == len(FEATURES) + 5
    # one cluster, one list, one case: told apart by their letters alone
    assert first[len(FEATURES) :].tolist() == second[len(FEATURES) :].tolist()
    assert first[len(FEATURES)] != third[len(FEATURES)]
    plain = Vocabulary.learn(sentences, TAGS, min_count=1)
    assert "knowledge" not in plain.to_json()
    assert plain.encode_forms(forms).features.shape == (3, len(FEATURES))


def test_a_network_reads_it_and_trains_without_it_now_and_then(knowledge: Knowledge) -> None:
    sentences = [["Merkel", "said", "Schröder", "Rose", "."], ["rose", "Anne", "said"]]
    vocabulary = Vocabulary.learn(sentences, TAGS, min_count=1, knowledge=knowledge)
    model = ModelConfig(
        hidden_size=4, word_size=3, char_size=2, char_hidden=2, form_size=3, knowledge_dropout=0.5
    )
    tagger = build_tagger(model, vocabulary)
    shapes = {name: tuple(value.shape) for name, value in tagger.state_dict().items()}
    assert shapes == weight_shapes(model, vocabulary)
    arrays = vocabulary.encode_forms(["Merkel", "."])
    letters, features = torch.from_numpy(arrays.letters), torch.from_numpy(arrays.features)
    with torch.no_grad():
        tagger.eval()
        known = tagger.forms(letters, features)
        assert torch.equal(known, tagger.forms(letters, features))
        tagger.train()
        torch.manual_seed(0)
        seen = torch.stack([tagger.forms(letters, features) for _ in range(200)])[:, 0]
    own = model.char_hidden + len(FEATURES) * model.form_size
    assert torch.equal(seen[:, :own], known[:1, :own].expand(200, -1))
    same = (seen[:, own:] == known[0, own:]).view(200, 5, 3).all(-1).float().mean(0)
    # "nothing" is what list "first" says of Merkel anyway, but for its own row of the table
    assert all(0.35 < share < 0.65 for share in same.tolist())


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("", "is empty: expected Brown clusters, a word a line"),
        ("0010\tMerkel\t3\nMerkel 0010\n", ":2: 'Merkel 0010' is not a line of Brown clusters"),
        ("002\tMerkel\t3\n", ":1: '002.tMerkel.t3' is not a line of Brown clusters"),
    ],
)
def test_files_of_another_shape_are_named(tmp_path: Path, content: str, shown: str) -> None:
    path = tmp_path / "clusters.txt"
    path.write_text(content)
    with pytest.raises(FileError, match=shown.replace(".t", r"\\t")):
        load_knowledge(clusters=str(path), prefixes=(4,))


def test_lists_that_cannot_be_used(tmp_path: Path) -> None:
    empty = tmp_path / "names.txt"
    empty.write_text("\n \n")
    with pytest.raises(FileError, match=r"names.txt is empty: expected a list of names"):
        load_knowledge(lists=[str(empty)])
    empty.write_text("Ann\n")
    with pytest.raises(FileError, match="there is a list called names already"):
        load_knowledge(lists=[str(empty), str(empty)])
    with pytest.raises(FileError, match=r"nowhere.txt"):
        load_knowledge(lists=[str(tmp_path / "nowhere.txt")])


def test_settings_that_make_no_sense() -> None:
    with pytest.raises(
        ConfigError,
        match=r"model.form_size is 0: the features of clusters and gazetteers have no room",
    ):
        ModelConfig(form_size=0, clusters="x")
    with pytest.raises(ConfigError, match=r"model.cluster_prefixes is 4, 0: lengths must be"):
        replace(ModelConfig(), cluster_prefixes=(4, 0))
    with pytest.raises(ConfigError, match=r"model.knowledge_dropout is 1: it must be at least 0"):
        replace(ModelConfig(), knowledge_dropout=1)


def test_the_clusters_of_the_package_hold_names_together() -> None:
    known = load_knowledge(clusters="open:clusters.txt.xz", prefixes=(6,))
    assert len(known.clusters.groups) == 1000
    person = of(known, "Angela")
    assert all(of(known, name) == person for name in ("MERKEL", "barack", "Zhang", "fatima"))
    assert all(of(known, word) != person for word in ("will", "may", "Paris", "said", "1996"))
