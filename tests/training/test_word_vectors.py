"""Word vectors: learned from text by gensim, written, and found again under a tagger's own keys."""

from __future__ import annotations

import json
import logging
import random
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ner_rnn.encoding.features import normalise
from ner_rnn.encoding.vectors import load_vectors, neighbours
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import ConfigError, CorpusError, ExtraError, FileError, VectorsError
from ner_rnn.text.tokenize import tokenize
from ner_rnn.training.cut_text import cut_text
from ner_rnn.training.learned_file import about
from ner_rnn.training.vectors.file import check_place, write_vectors
from ner_rnn.training.vectors.learn import Learned, Settings, learn

SMALL = Settings(size=8, min_count=2, epochs=3)
KITCHEN = ["kettle", "stove", "spoon", "pan", "oven"]
HARBOUR = ["ship", "quay", "anchor", "sail", "mast"]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Sentences of kitchens and of harbours, with numbers in them."""
    pytest.importorskip("gensim")
    draw = random.Random(1)
    path = tmp_path_factory.mktemp("text") / "rooms.txt"
    lines = []
    for year in range(1500):
        room = draw.choice((KITCHEN, HARBOUR))
        lines.append(f"In {1900 + year % 100} the {draw.choice(room)} near the {draw.choice(room)} "
                     f"and a {draw.choice(room)} for Zoë.")  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def learned(text: str) -> Learned:
    return learn([text], Settings(size=16, min_count=2, epochs=8))


def test_words_of_like_places_come_near(learned: Learned, tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    write_vectors(path, learned, {})
    nearest = [word for word, _ in neighbours(str(path), "kettle", 4)]
    assert sorted(nearest) == sorted(set(KITCHEN) - {"kettle"})
    cosines = [cosine for _, cosine in neighbours(str(path), "kettle", 99)]
    assert cosines == sorted(cosines, reverse=True)
    assert len(cosines) == len(learned.words) - 1
    with pytest.raises(VectorsError, match=r"v.txt holds no vector of 'xyz': try another word$"):
        neighbours(str(path), "xyz")


def test_what_was_read_is_counted(learned: Learned) -> None:
    assert learned.sentences == 1500
    assert learned.running_words == 1500 * 13
    assert learned.distinct_words == len(learned.words) == len(KITCHEN + HARBOUR) + 9
    assert learned.words[0] == "the"  # twice a sentence
    assert learned.words[1:7] == (
        ".",
        "0000",
        "In",
        "Zoë",
        "a",
        "and",
    )  # equally often: by spelling
    assert learned.matrix.shape == (len(learned.words), 16)
    assert np.isfinite(learned.matrix).all()


@pytest.mark.parametrize("method", ["word2vec", "fasttext"])
def test_a_seed_repeats_exactly(method: str, text: str) -> None:
    def matrix(seed: int) -> object:
        given = Settings(method=method, size=4, epochs=1, seed=seed)  # type: ignore[arg-type]
        return learn([text], given).matrix.tolist()

    assert matrix(1) == matrix(1)
    assert matrix(1) != matrix(2)


def test_the_methods_differ(text: str) -> None:
    words = learn([text], SMALL)
    parts = learn([text], Settings("fasttext", size=8, min_count=2, epochs=3))
    assert parts.words == words.words
    assert parts.matrix.shape == words.matrix.shape
    assert not np.allclose(parts.matrix, words.matrix)


def test_several_threads_learn_too(text: str) -> None:
    assert np.isfinite(learn([text], Settings(size=8, epochs=1, threads=2)).matrix).all()


def test_min_count_is_the_first_count_that_is_kept(tmp_path: Path) -> None:
    pytest.importorskip("gensim")
    path = tmp_path / "t.txt"
    path.write_text("aa aa aa bb bb cc\n" * 1, encoding="utf-8")
    notices: list[str] = []
    found = learn([str(path)], Settings(size=2, min_count=2), on_notice=notices.append)
    assert found.words == ("aa", "bb")
    assert notices == ["6 words in 1 sentences; 2 of 3 distinct ones occur 2 times or more"]


def test_progress_goes_to_the_end(text: str, tmp_path: Path) -> None:
    seen: list[tuple[str, float, float]] = []
    learn([text, text], SMALL, on_progress=lambda *now: seen.append(now))
    reading = [now for now in seen if now[0] == "reading (MB)"]
    size = 2 * Path(text).stat().st_size / 1e6
    assert reading[-1] == ("reading (MB)", pytest.approx(size), pytest.approx(size))
    assert [done for what, done, _ in seen if what == "learning (passes)"] == [0, 1, 2, 3]


def test_gensim_keeps_quiet_and_is_left_as_it_was(
    text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    level = logging.getLogger("gensim").level
    learn([text], SMALL)
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("gensim").level == level


# ---------------------------------------------------------------------------------- cutting text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
@example("He left in 1996.\nJ. Smith's\u2028dog\x85 barked.\r\n\r\nNo.\xa05 it\u3000is\x1c1")
def test_a_line_is_a_sentence_and_a_field_a_word(tmp_path: Path, text: str) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_bytes(text.encode())
    plain = text.removeprefix("\ufeff")
    expected = [
        [normalise(plain[start:end]) for start, end in sentence] for sentence in tokenize(plain)
    ]
    if not expected:
        with pytest.raises(CorpusError, match=r"in.txt holds no words: give text to learn from$"):
            cut_text([str(source)], target)
        return
    counts, sentences = cut_text([str(source)], target)
    lines = target.read_bytes().decode().split("\n")
    assert lines.pop() == ""
    # whatever counts as white space, bytes of ASCII or characters of Unicode, parts the same words
    assert [line.split(" ") for line in lines] == expected
    assert [line.split() for line in lines] == expected
    assert [[w.decode() for w in line.encode().split()] for line in lines] == expected
    assert sentences == len(expected)
    assert counts == Counter(word for words in expected for word in words)


def test_a_long_text_is_cut_as_a_short_one(tmp_path: Path) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("Zoë came in 1996. She left.\n\n" * 40_000, encoding="utf-8")
    seen: list[tuple[int, int]] = []
    counts, sentences = cut_text(
        [str(source)], target, on_progress=lambda done, total: seen.append((done, total))
    )
    assert sentences == 80_000
    assert counts == {word: 40_000 for word in ["Zoë", "came", "in", "0000", "She", "left"]} | {
        ".": 80_000
    }
    size = source.stat().st_size
    assert len(seen) > 1, "it was read in parts"
    assert seen[-1] == (size, size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that is soon full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_no_room_for_the_cut_text(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with files_of_at_most(10_000), pytest.raises(FileError) as problem:
        learn([text], SMALL)
    assert str(problem.value) == (
        f"{tmp_path} has no room for the tokenized text (File too large): name another folder by "
        "the environment variable TMPDIR"
    )
    assert not list(tmp_path.iterdir())


def test_the_cut_text_is_taken_away(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    learn([text], SMALL)
    with pytest.raises(CorpusError):
        learn([text], Settings(min_count=10_000))
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------------- on disk


@pytest.mark.parametrize("ending", [".txt", ".vec", ".txt.gz", ".vec.bz2", ".txt.xz", ".bin"])
def test_what_is_written_is_read_back(ending: str, learned: Learned, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"v{ending}"
    check_place(path)
    write_vectors(path, learned, {"seed": 1})
    read = load_vectors(path, ["Zoë", "KETTLE", "nowhere"], further=1000)
    assert read.words == ("Zoë", "KETTLE", "nowhere", *(w for w in learned.words if w != "Zoë"))
    assert read.found[:3].tolist() == [1, 2, 0]
    rows = {word: row for word, row in zip(learned.words, learned.matrix, strict=True)}
    expected = [rows["Zoë"], rows["kettle"], *(rows[word] for word in read.words[3:])]
    got = np.delete(read.matrix, 2, axis=0)
    if ending == ".bin":
        np.testing.assert_array_equal(got, expected)
    else:
        np.testing.assert_allclose(got, expected, rtol=5e-5)
    assert json.loads(path.with_name(f"v{ending}.json").read_text()) == {"seed": 1}
    assert sorted(file.name for file in path.parent.iterdir()) == [f"v{ending}", f"v{ending}.json"]


def test_a_tagger_finds_every_word(learned: Learned, text: str, tmp_path: Path) -> None:
    """Under the keys that ``training.fit`` asks for."""
    path = tmp_path / "v.bin"
    write_vectors(path, learned, {})
    lines = Path(text).read_text("utf-8").splitlines()
    tokens = [[line[a:b] for s in tokenize(line) for a, b in s] for line in lines]
    words = Vocabulary.learn(tokens, ["O"], min_count=1).words
    assert load_vectors(path, words).coverage == (
        "19 of 19 words have a vector (100.0 %): 19 as written, 0 in lower case"
    )


def test_the_same_vectors_make_the_same_file(learned: Learned, tmp_path: Path) -> None:
    for name in ("a.txt.gz", "b.txt.gz"):
        write_vectors(tmp_path / name, learned, {})
    assert (tmp_path / "a.txt.gz").read_bytes() == (tmp_path / "b.txt.gz").read_bytes()


def test_a_file_is_written_whole_or_not_at_all(learned: Learned, tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("what was there\n")
    with files_of_at_most(1000), pytest.raises(FileError) as problem:
        write_vectors(path, learned, {})
    assert str(problem.value) == (
        f"{path} cannot be written: File too large; free some space or choose another path"
    )
    assert path.read_text() == "what was there\n"
    assert list(tmp_path.iterdir()) == [path]


def test_where_vectors_come_from_travels_with_them(learned: Learned) -> None:
    record = about(learned, Settings(seed=7), {"a.txt": "0f"}, "utf-8", "gensim", "numpy")
    assert record["settings"]["seed"] == 7
    assert record["settings"]["method"] == "word2vec"
    assert record["data"] == {"a.txt": {"sha256": "0f"}}
    assert record["text"] == {"sentences": 1500, "words": 19_500, "distinct_words": 19}
    assert record["words"] == 19
    assert {"python", "ner-rnn", "gensim", "numpy"} == set(record["versions"])
    json.dumps(record)


def test_places_that_will_not_do(text: str, tmp_path: Path) -> None:
    (tmp_path / "sub.txt").mkdir()
    ending = ("the name tells no format; end it in .txt or .vec (text, also with .gz, .xz or .bz2 "
              "behind) or in .bin")  # fmt: skip
    for output, kind, expected in (
        ("v", ConfigError, f"output is v: {ending}"),
        ("v.gz", ConfigError, f"output is v.gz: {ending}"),
        ("v.bin.gz", ConfigError, f"output is v.bin.gz: {ending}"),
        ("v.txt.zst", ConfigError, f"output is v.txt.zst: {ending}"),
        (text, ConfigError, f"output is {text}: it would replace the text that is read; "
         "choose another file"),
        (f"{tmp_path}/sub.txt", FileError,
         f"{tmp_path}/sub.txt is a folder: give a file for output"),
        (f"{text}/v.txt", FileError,
         f"{text}/v.txt cannot be written: rooms.txt is a file; choose another path"),
    ):  # fmt: skip
        with pytest.raises(kind) as problem:
            check_place(output, [text, "absent"])
        assert str(problem.value) == expected
    check_place(f"{tmp_path}/not/yet/v.txt.xz", [text])
    assert not (tmp_path / "not").exists()


# ------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize("name", ["size", "window", "min_count", "epochs", "threads"])
def test_a_setting_below_one(name: str) -> None:
    with pytest.raises(ConfigError) as problem:
        Settings(**{name: 0})  # type: ignore[arg-type]
    assert str(problem.value) == f"{name} is 0: it must be 1 or more"


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_is_none(seed: int) -> None:
    with pytest.raises(ConfigError) as problem:
        Settings(seed=seed)
    assert str(problem.value) == f"seed is {seed}: it must be from 0 to 4294967295"


def test_without_gensim(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim", None)
    with pytest.raises(ExtraError) as problem:
        learn([text], SMALL)
    assert str(problem.value) == (
        "learning word vectors needs gensim, which is not installed: pip install 'ner-rnn[vectors]'"
    )
