"""Brown clusters: every step against the definition, planted classes found, the file read back."""

from __future__ import annotations

import itertools
import json
import lzma
import math
import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from ner_rnn.encoding.knowledge import load_knowledge
from ner_rnn.errors import ConfigError, CorpusError
from ner_rnn.training.clusters.bigrams import BOUNDARY, RARE, SPECIAL, Bigrams, count_bigrams
from ner_rnn.training.clusters.exchange import (
    bits_per_word,
    class_table,
    exchange,
    first_classes,
    xlogx,
)
from ner_rnn.training.clusters.file import check_place, write_clusters
from ner_rnn.training.clusters.learn import MERGING, MOVING, Learned, Settings, learn
from ner_rnn.training.clusters.tree import merge_paths
from ner_rnn.training.cut_text import cut_text

PLANTED = {
    "first": ["anna", "boris", "carla", "dmitri", "elena", "fritz", "greta", "hugo"],
    "last": ["adams", "baker", "cooper", "dixon", "evans", "foster", "graham", "hughes"],
    "verb": ["met", "saw", "called", "praised", "knew", "helped"],
    "noun": ["kettle", "lamp", "table", "spoon", "door", "ladder", "mirror"],
    "article": ["a", "the", "every", "this"],
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Text in which the words of a class stand in the same places."""
    draw = random.Random(1)
    path = tmp_path_factory.mktemp("text") / "planted.txt"
    shapes = (("first", "last", "verb", "article", "noun"), ("first", "verb", "first", "last"))
    lines = [
        " ".join(draw.choice(PLANTED[kind]) for kind in draw.choice(shapes)) for _ in range(3000)
    ]
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def random_matrix(seed: int, words: int, density: float = 0.3) -> sparse.csr_matrix:
    """Counts of bigrams, those of a word with itself among them."""
    draw = np.random.default_rng(seed)
    numbers = draw.integers(1, 9, (words, words)) * (draw.random((words, words)) < density)
    numbers[SPECIAL:, SPECIAL:] += np.diag(draw.integers(0, 3, words - SPECIAL))
    return sparse.csr_matrix(numbers.astype(np.int64))


def log_likelihood(matrix: sparse.csr_matrix, classes: np.ndarray) -> float:
    """Sum over the text of log P(class | class before) P(word | class), from the definition."""
    pairs: Counter[tuple[int, int]] = Counter()
    left: Counter[int] = Counter()
    right: Counter[int] = Counter()
    words: Counter[int] = Counter()
    entries = [(int(v), int(w), int(n)) for v, w, n in zip(*sparse.find(matrix), strict=True)]
    for v, w, n in entries:
        a, b = int(classes[v]), int(classes[w])
        pairs[a, b] += n
        left[a] += n
        right[b] += n
        words[w] += n
    return sum(
        n * math.log(pairs[classes[v], classes[w]] / left[classes[v]])
        + n * math.log(words[w] / right[classes[w]])
        for v, w, n in entries
    )


# --------------------------------------------------------------------------------------- exchange


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
@settings(max_examples=12, deadline=None)
def test_no_single_move_is_better_in_the_end(seed: int, count: int) -> None:
    matrix = random_matrix(seed, 14)
    start = first_classes(14, count)
    likelihoods = [log_likelihood(matrix, start)]
    found = exchange(
        matrix, start, 100,
        on_pass=lambda number, moved, classes: likelihoods.append(log_likelihood(matrix, classes)),
    )  # fmt: skip
    assert found.moved[-1] == 0
    assert all(found.moved[:-1])
    assert likelihoods == sorted(likelihoods)
    assert start.tolist() == first_classes(14, count).tolist(), "it is not changed"
    assert found.classes[:SPECIAL].tolist() == [BOUNDARY, RARE]
    assert set(found.classes[SPECIAL:].tolist()) == set(range(SPECIAL, SPECIAL + count))
    best = log_likelihood(matrix, found.classes)
    for word, other in itertools.product(range(SPECIAL, 14), range(SPECIAL, SPECIAL + count)):
        moved = found.classes.copy()
        moved[word] = other
        if len(set(moved.tolist())) == SPECIAL + count:
            assert log_likelihood(matrix, moved) <= best + 1e-5


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_a_pass_makes_the_moves_of_exhaustive_search(seed: int) -> None:
    """The same text, the objective counted anew for every word and class."""
    words, count = 11, 3
    matrix = random_matrix(seed, words, density=0.5)
    expected = first_classes(words, count)
    for word in range(SPECIAL, words):
        old = int(expected[word])
        if (expected == old).sum() == 1:
            continue
        scores = []
        for new in range(SPECIAL, SPECIAL + count):
            expected[word] = new
            scores.append(log_likelihood(matrix, expected))
        expected[word] = old
        if max(scores) > scores[old - SPECIAL] + 1e-6:
            expected[word] = SPECIAL + int(np.argmax(np.round(scores, 8)))
    assert exchange(matrix, first_classes(words, count), 1).classes.tolist() == expected.tolist()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_bits_per_word_are_those_of_the_definition(seed: int) -> None:
    matrix = random_matrix(seed, 9)
    classes = first_classes(9, 3)
    expected = -log_likelihood(matrix, classes) / math.log(2) / matrix.sum()
    assert bits_per_word(matrix, classes) == pytest.approx(expected)
    table = class_table(matrix, classes)
    assert table.sum() == matrix.sum()
    assert table[0, 0] == matrix[0, 0]


# ------------------------------------------------------------------------------------------- tree


def test_merging_is_that_of_exhaustive_search() -> None:
    for seed in range(8):
        draw = np.random.default_rng(seed)
        table = draw.integers(0, 50, (9, 9)) * (draw.random((9, 9)) < 0.7) * 1.0
        assert merge_paths(table, SPECIAL) == exhaustive(table, SPECIAL)


def exhaustive(table: np.ndarray, first: int) -> dict[int, str]:
    """At each step, try every merger, and count the objective from the text's numbers."""

    def score(groups: list[list[int]]) -> float:
        merged = np.array([[table[np.ix_(a, b)].sum() for b in groups] for a in groups])
        return float(xlogx(merged).sum() - xlogx(merged.sum(0)).sum() - xlogx(merged.sum(1)).sum())

    groups = [[one] for one in range(len(table))]
    paths: dict[int, str] = defaultdict(str)
    while len(groups) > first + 1:
        choices = [
            ([*groups[:i], groups[i] + groups[j], *groups[i + 1 : j], *groups[j + 1 :]], i, j)
            for i, j in itertools.combinations(range(first, len(groups)), 2)
        ]
        best = max(choices, key=lambda choice: score(choice[0]))
        for sign, group in zip("01", (groups[best[1]], groups[best[2]]), strict=True):
            for one in group:
                paths[one] = sign + paths[one]
        groups = best[0]
    return dict(sorted(paths.items()))


def test_more_classes_than_rows_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ner_rnn.training.clusters.tree._ROWS", 8)
    table = np.random.default_rng(1).integers(0, 9, (27, 27)) * 1.0
    seen: list[tuple[int, int]] = []
    paths = merge_paths(table, SPECIAL, lambda done, total: seen.append((done, total)))
    assert sorted(paths) == list(range(SPECIAL, 27))
    assert seen[-1] == (24, 24)
    ordered = sorted(paths.values())
    assert not any(b.startswith(a) for a, b in itertools.pairwise(ordered)), "leaves of one tree"
    assert sum(2.0 ** -len(path) for path in ordered) == 1
    assert paths == exhaustive_by_pairs(table, SPECIAL)


def exhaustive_by_pairs(table: np.ndarray, first: int) -> dict[int, str]:
    """As ``exhaustive``, each merger's cost counted from the two classes alone."""
    groups = [[one] for one in range(len(table))]
    paths: dict[int, str] = defaultdict(str)

    def cost(table: np.ndarray, i: int, j: int) -> float:
        part = [i, j]
        rest = np.setdiff1d(np.arange(len(table)), part)

        def loss(counts: np.ndarray) -> float:
            return float(xlogx(counts).sum() - xlogx(counts.sum(0)).sum())

        return (
            loss(table[np.ix_(part, rest)])
            + loss(table[np.ix_(rest, part)].T)
            + loss(table[np.ix_(part, part)].ravel())
            - loss(table[part].sum(1))
            - loss(table[:, part].sum(0))
        )

    while len(groups) > first + 1:
        pairs = itertools.combinations(range(first, len(groups)), 2)
        i, j = min(pairs, key=lambda pair: cost(table, *pair))
        for sign, group in zip("01", (groups[i], groups[j]), strict=True):
            for one in group:
                paths[one] = sign + paths[one]
        groups[i] += groups.pop(j)
        table = table.copy()
        table[i] += table[j]
        table[:, i] += table[:, j]
        table = np.delete(np.delete(table, j, 0), j, 1)
    return dict(sorted(paths.items()))


# --------------------------------------------------------------------------------------- the text


def test_bigrams_are_counted_within_sentences(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("The dog saw the dog.\n\nA cat of 1996 saw the dog\n", encoding="utf-8")
    found = count_bigrams([str(path)], min_count=2, lower=True)
    assert found.words == ("dog", "the", "saw")
    assert (found.sentences, found.running_words, found.distinct_words) == (2, 13, 8)
    dog, the, saw = range(SPECIAL, SPECIAL + 3)
    expected = np.zeros((5, 5), dtype=int)
    first = [BOUNDARY, the, dog, saw, the, dog, RARE, BOUNDARY]  # the rare word is the full stop
    second = [BOUNDARY, RARE, RARE, RARE, RARE, saw, the, dog, BOUNDARY]
    for sentence in (first, second):
        for pair in itertools.pairwise(sentence):
            expected[pair] += 1
    assert found.matrix.toarray().tolist() == expected.tolist()
    assert found.counts.tolist() == [2, 5, 3, 3, 2]
    cased = count_bigrams([str(path)], min_count=2)
    assert cased.words == ("dog", "saw", "the")


def test_a_long_text_is_counted_block_by_block(
    planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted() -> Bigrams:
        return count_bigrams([planted], min_count=300)

    whole = counted()
    monkeypatch.setattr("ner_rnn.training.clusters.bigrams._BLOCK", 100)
    parts = counted()
    assert (whole.matrix != parts.matrix).nnz == 0
    assert whole.words == parts.words


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(st.lists(st.sampled_from(["Anna came.", "She left"]), min_size=1, max_size=3)),
    st.floats(0.05, 1),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_share_of_the_documents_is_read(
    tmp_path: Path, documents: list[list[str]], share: float, end: str
) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    numbered = [[f"{line} w{chr(97 + i % 26)}" for line in d] for i, d in enumerate(documents)]
    text = (end * 3).join(end.join(lines) for lines in numbered)
    source.write_bytes((end + text).encode())
    if not documents:
        return
    cut_text([str(source)], target, shares={str(source): share})
    read = target.read_text("utf-8").split()
    count = math.ceil(len(documents) * share)
    kept = [i for i in range(len(documents)) if math.ceil((i + 1) * share) > math.ceil(i * share)]
    assert len(kept) == count
    assert max(b - a for a, b in itertools.pairwise([-1, *kept, len(documents)])) <= 1 / share + 2
    expected = [word for i in kept for line in numbered[i] for word in line.split()]
    assert [w.strip(".") for w in read if w != "."] == [w.strip(".") for w in expected]


def test_a_share_of_a_file_that_comes_in_parts(tmp_path: Path) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("Anna came.\nShe left.\n\n" * 60_000, encoding="utf-8")
    counts, sentences = cut_text([str(source)], target, shares={str(source): 0.35})
    assert sentences == 42_000
    assert counts["Anna"] == counts["She"] == 21_000


# -------------------------------------------------------------------------------------- the whole


@pytest.fixture(scope="module")
def learned(planted: str) -> Learned:
    return learn([planted], Settings(classes=8, iterations=20))


def test_planted_classes_are_found(learned: Learned) -> None:
    kind_of = {word: kind for kind, words in PLANTED.items() for word in words}
    kinds = defaultdict(set)
    for word, path in zip(learned.words, learned.paths, strict=True):
        kinds[path].add(kind_of[word])
    assert all(len(found) == 1 for found in kinds.values()), kinds
    assert learned.classes == len(kinds) == 8
    assert learned.bits_after < learned.bits_before
    assert learned.iterations < 20, "it stops when nothing moves"
    assert learned.sentences == 3000


def test_the_same_text_gives_the_same_clusters(planted: str, learned: Learned) -> None:
    again = learn([planted], Settings(classes=8, iterations=20))
    assert (again.words, again.paths, again.counts) == (
        learned.words, learned.paths, learned.counts
    )  # fmt: skip


def test_progress_goes_to_the_end(planted: str) -> None:
    seen: list[tuple[str, float, float]] = []
    learn([planted], Settings(classes=4), on_progress=lambda *now: seen.append(now))
    works = list(dict.fromkeys(what for what, _, _ in seen))
    assert works == ["reading (MB)", "counting (sentences)", MOVING, MERGING]
    for work in works:
        done = [(done, total) for what, done, total in seen if what == work]
        assert done[-1][0] == pytest.approx(done[-1][1])


@pytest.mark.parametrize("ending", [".txt", ".txt.gz", ".txt.bz2", ".txt.xz"])
def test_what_is_written_is_read_back(ending: str, learned: Learned, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"c{ending}"
    check_place(path)
    write_clusters(path, learned, {"date": "today"})
    known = load_knowledge(clusters=str(path), prefixes=(1, 2, 20))
    path_of = dict(zip(learned.words, learned.paths, strict=True))
    assert path_of == {
        word: path for path, words in known.clusters.words_of.items() for word in words.split("\t")
    }
    assert next(known.of_words(["GRETA"]))[-1] == path_of["greta"]
    assert json.loads(path.with_name(f"c{ending}.json").read_text()) == {"date": "today"}
    first = path.read_bytes()
    write_clusters(path, learned, {})
    assert path.read_bytes() == first


def test_lines_are_sorted_by_path_and_count(learned: Learned, tmp_path: Path) -> None:
    path = tmp_path / "c.txt.xz"
    write_clusters(path, learned, {})
    lines = lzma.decompress(path.read_bytes()).decode().splitlines()
    rows = [(p, -int(n), w) for p, w, n in (line.split("\t") for line in lines)]
    assert rows == sorted(rows)
    counts = dict(zip(learned.words, learned.counts, strict=True))
    assert {w: -n for _, n, w in rows} == counts


def test_digits_are_one_for_lower_case_too(tmp_path: Path) -> None:
    """A word is found under the key that it was learned by."""
    path = tmp_path / "t.txt"
    path.write_text("The COVID-19 wave of the 1990s hit G7 now\n" * 5, encoding="utf-8")
    found = learn([str(path)], Settings(classes=2, lower=True))
    write_clusters(tmp_path / "c.txt", found, {})
    known = load_knowledge(clusters=str(tmp_path / "c.txt"), prefixes=(9,))
    assert all(
        path
        for path, *_ in known.of_words(["COVID-20", "Covid-19", "covid-21", "1980s", "G8", "g7"])
    )


def test_too_few_words(planted: str) -> None:
    with pytest.raises(CorpusError) as problem:
        learn([planted], Settings(classes=34))
    assert str(problem.value) == (
        f"{planted}: 33 distinct words with 5 occurrences or more, fewer than the 34 classes; "
        "give more text, or lower classes or min_count"
    )
    assert len(set(learn([planted], Settings(classes=33)).paths)) == 33


def test_settings_out_of_range() -> None:
    with pytest.raises(ConfigError, match=r"^classes is 1: it must be 2 or more$"):
        Settings(classes=1)
    with pytest.raises(ConfigError, match=r"^classes is 20000: it must be at most 10,000$"):
        Settings(classes=20_000)
