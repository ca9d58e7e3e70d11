"""Changed training text: spans stay on their names, draws are repeatable, shares are kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.augmentation import case, noise
from ner_rnn.augmentation.document import Document, Sentence, from_text
from ner_rnn.augmentation.layout import laid_out
from ner_rnn.augmentation.nameless import nameless
from ner_rnn.augmentation.names import NamePool, replace_names
from ner_rnn.augmentation.render import Renderer, is_rendered
from ner_rnn.corpora.corpus import LEFT_OPEN, PERSON, Corpus, Part
from ner_rnn.corpora.merge import merged
from ner_rnn.errors import ConfigError, FileError
from ner_rnn.model.augmentation import AugmentConfig
from ner_rnn.text.tags import Span

GIVEN = {
    "GB": ["Rose", "Mark", "Ann"],
    "VN": ["Thị", "Khai", "Minh"],
    "DE": ["Jörg", "Ulla", "Uwe"],
}
FAMILY = {"GB": ["Smith", "May", "O'Neill"], "VN": ["Nguyễn", "Bùi", "Phạm"], "DE": ["Groß", "Ott"]}


def lists(folder: Path, names: dict[str, list[str]]) -> str:
    path = folder / f"{len(list(folder.iterdir()))}.tsv"
    rows = [
        f"{name}{'abcdefghijkl'[n]}\t{culture}"
        for culture, known in names.items()
        for name in known
        for n in range(12)
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("names")
    return lists(folder, GIVEN), lists(folder, FAMILY)


@pytest.fixture(scope="module")
def pool(files: tuple[str, str]) -> NamePool:
    return NamePool([files[0]], [files[1]])


def people(document: Document) -> list[list[str]]:
    return [list(s.words[a:b]) for s in document for a, b, label in s.spans if label == PERSON]


def others(document: Document) -> list[str]:
    return [
        word
        for s in document
        for place, word in enumerate(s.words)
        if not any(a <= place < b for a, b, _ in s.spans)
    ]


WORDS = st.sampled_from(["Ada", "Obi", "J.", "van", "MAY", "lee", "Émile", "said", ".", "``", "x"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    document = []
    for _ in range(draw(st.integers(1, 4))):
        words = draw(st.lists(WORDS, min_size=1, max_size=12))
        cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=6)))
        labels = st.sampled_from([PERSON, PERSON, LEFT_OPEN])
        spans = [Span(a, b, draw(labels)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        document.append(Sentence(words, spans))
    return document


def check(document: Document) -> None:
    for sentence in document:
        assert sentence.words
        assert all(sentence.words)
        end = 0
        for a, b, _ in sentence.spans:
            assert end <= a < b <= len(sentence.words)
            end = b


@settings(max_examples=60, deadline=None)
@given(document=documents(), seed=st.integers(0, 999))
def test_every_change_keeps_spans_on_their_names(
    pool: NamePool, document: Document, seed: int
) -> None:
    number = len(people(document))
    for change in (noise.typed, noise.scanned, noise.punctuation, noise.resegmented, case.title):
        changed = change(document, Random(seed))
        check(changed)
        assert len(people(changed)) == number
        assert sum(len(s.spans) for s in changed) == sum(len(s.spans) for s in document)
    for plain in (case.lower, case.upper, case.lower_names, case.without_accents):
        assert [s.spans for s in plain(document)] == [s.spans for s in document]
    swapped = replace_names(document, pool, Random(seed))
    check(swapped)
    assert len(people(swapped)) == number
    assert others(swapped) == others(document)
    check(laid_out(document, pool, Random(seed)))


def test_punctuation_and_sentences_leave_names_whole() -> None:
    words = [
        "Then",
        "Ada",
        "Obi",
        ",",
        "of",
        "Rome",
        ",",
        "met",
        "J.",
        "van",
        "Lee",
        "and",
        "then",
        "she",
        "left",
        ".",
    ]
    document = [Sentence(words, [Span(1, 3, PERSON), Span(8, 11, PERSON)])] * 4
    for seed in range(200):
        for change in (noise.punctuation, noise.resegmented):
            changed = change(document, Random(seed))
            assert people(changed) == [["Ada", "Obi"], ["J.", "van", "Lee"]] * 4


def test_a_person_keeps_one_name_through_a_document(pool: NamePool) -> None:
    document = [
        Sentence(["Ada", "Obi", ",", "J.", "R.", "Lee"], [Span(0, 2, PERSON), Span(3, 6, PERSON)]),
        Sentence(["OBI", "and", "ada", "left", "Lee"], [Span(0, 1, PERSON), Span(2, 3, PERSON),
                                                         Span(4, 5, PERSON)]),
    ]  # fmt: skip
    for seed in range(50):
        ada_obi, lee, obi, ada, lee_alone = people(replace_names(document, pool, Random(seed)))
        assert " ".join(obi) == " ".join(ada_obi).upper()[-len(" ".join(obi)) :]
        assert " ".join(ada_obi).lower().startswith(" ".join(ada))
        assert lee[-len(lee_alone) :] == lee_alone
        assert [part[-1] for part in lee[:2]] == [".", "."]
        assert "Ada" not in ada_obi
        assert "Obi" not in ada_obi


def test_names_in_other_labels_and_with_digits_stay(pool: NamePool) -> None:
    words = ["Ada", "met", "@ada_obi", "Obi7"]
    document = [Sentence(words, [Span(0, 1, LEFT_OPEN), Span(2, 4, PERSON)])]
    assert replace_names(document, pool, Random(1))[0].words == words


def test_names_are_of_one_culture_for_the_most_part(pool: NamePool) -> None:
    document = [Sentence(["Ada", "Obi"], [Span(0, 2, PERSON)])]
    seen = {culture: 0 for culture in FAMILY}
    for seed in range(300):
        [name] = people(replace_names(document, pool, Random(seed)))
        plain = unicodedata.normalize("NFD", name[-1])
        for culture, known in FAMILY.items():
            seen[culture] += any(
                plain.startswith("".join(c for c in unicodedata.normalize("NFD", k)
                                         if c.isalpha() and not unicodedata.combining(c))[:2])
                for k in known
            )  # fmt: skip
    assert min(seen.values()) > 40, seen


def test_lines_with_names_are_cut_as_the_tagger_cuts_text(pool: NamePool) -> None:
    for seed in range(200):
        document = laid_out([Sentence(["so", "it", "goes"], [])], pool, Random(seed))
        check(document)
        assert all("\2" not in w and "\3" not in w and "{" not in w for w in others(document))
        for name in people(document):
            assert not any("@" in word or word.isdigit() for word in name), name


def test_offsets_of_names_become_words() -> None:
    [sentence] = from_text("To: O'Neill, Ann <ann@x.com>", [(4, 16)], PERSON)
    assert sentence.words == ["To", ":", "O'Neill", ",", "Ann", "<", "ann@x.com", ">"]
    assert sentence.spans == [Span(2, 5, PERSON)]


def test_nameless_text_varies_and_has_no_spans() -> None:
    texts = [nameless(Random(seed), 100) for seed in range(20)]
    assert all(not sentence.spans for text in texts for sentence in text)
    assert all(sum(len(s.words) for s in text) >= 100 for text in texts)
    assert len({" ".join(w for s in text for w in s.words) for text in texts}) == 20
    borrowed = [nameless(Random(seed), 100, ["Marvin", "Hazel", "Ada"]) for seed in range(20)]
    words = {word.lower() for text in borrowed for s in text for word in s.words}
    assert words >= {"marvin", "hazel"}


def corpus(tokens: Sequence[Sequence[str]], names: Sequence[Sequence[Span]]) -> Corpus:
    return Corpus(
        source="made up",
        tokens=tokens,
        spans=names,
        documents=[str(number // 2) for number in range(len(tokens))],
        lines=(),
        sha256="0",
        scheme="IOB2",
        labels={PERSON: 1},
        persons=[PERSON],
    )


@pytest.fixture(scope="module")
def text() -> Corpus:
    return corpus([["Ada", "Obi", "said", str(n)] for n in range(400)],
                  [[Span(0, 2, PERSON)] for _ in range(400)])  # fmt: skip


def test_epochs_differ_and_are_repeatable(text: Corpus, files: tuple[str, str]) -> None:
    config = AugmentConfig(names=0.5, given_names=files[:1], family_names=files[1:], nameless=0.2)
    first, again = (Renderer(text, config, 3).epoch(0) for _ in range(2))
    assert first == again
    assert Renderer(text, config, 3).epoch(1).tokens != first.tokens
    assert Renderer(text, config, 4).epoch(0).tokens != first.tokens
    assert first.parts[-1].corpus.names == 0
    assert first.parts[-1].annotated == (PERSON,)
    share = sum(map(len, first.parts[-1].corpus.tokens)) / 1600
    assert 0.15 < share < 0.35


@pytest.mark.parametrize(("field", "share"), [("lower", 0.3), ("upper", 0.2), ("names", 0.6)])
def test_the_share_of_changed_documents(
    text: Corpus, files: tuple[str, str], field: str, share: float
) -> None:
    config = AugmentConfig(given_names=files[:1], family_names=files[1:], **{field: share})
    made = Renderer(text, config, 1).epoch(0)
    changed = sum(
        words[:2] != ("Ada", "Obi") for words in made.tokens[::2]
    )  # one sentence of each document
    assert abs(changed / 200 - share) < 0.1


def test_weights_are_copies_of_documents(text: Corpus) -> None:
    parts = merged([Part(text, 2.5), Part(text, 0.5)])
    assert is_rendered(parts, AugmentConfig())
    made = Renderer(parts, AugmentConfig(), 1).epoch(0)
    heavy, light = (len(set(part.corpus.documents)) for part in made.parts)
    assert abs(heavy / 200 - 2.5) < 0.15
    assert abs(light / 200 - 0.5) < 0.15
    assert not is_rendered(text, AugmentConfig())


def test_settings_that_cannot_work_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"augment\.names.*no names to draw.*given_names"):
        AugmentConfig(names=0.5)
    with pytest.raises(ConfigError, match="together must be at most 1"):
        AugmentConfig(lower=0.6, upper=0.5)
    few = tmp_path / "few.txt"
    few.write_text("Ada\tGB\n", encoding="utf-8")
    with pytest.raises(FileError, match="no culture has 20 given and 20 family names"):
        NamePool([str(few)], [str(few)])
