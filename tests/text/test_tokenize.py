"""Words and sentences are cut as in CoNLL corpora, and never lose a character."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ner_rnn.text import tokenize as module
from ner_rnn.text.tokenize import TokenUnit, iter_sentences, tokenize


def cut(text: str, by: TokenUnit = "words") -> list[str]:
    """Sentences, their words joined by spaces."""
    return [" ".join(text[start:end] for start, end in words) for words in tokenize(text, by)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("John Smith's dog", "John Smith 's dog"),
        ("the players’ wives, JOHN'S", "the players ’ wives , JOHN 'S"),
        ("I didn't, can’t, WON'T; we're, he'll", "I did n't , ca n’t , WO N'T ; we 're , he 'll"),
        ("O'Brien d'Italia N'Djamena o'clock", "O'Brien d'Italia N'Djamena o'clock"),
        ("O'Brien's Jean-Luc's", "O'Brien 's Jean-Luc 's"),
        ("J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("J.R.R. Tolkien and J.R.R.Tolkien", "J.R.R. Tolkien and J.R.R. Tolkien"),
        ("Dr. Who met Mr. X, MRS. Y", "Dr. Who met Mr. X , MRS. Y"),
        ("Smith Jr. of Acme Inc., Calif.", "Smith Jr. of Acme Inc. , Calif."),
        ("the U.S. at 10 a.m. (U.N.)", "the U.S. at 10 a.m. ( U.N. )"),
        ("an all-rounder -- 12-year-old", "an all-rounder -- 12-year-old"),
        ("1,000.50 6-3 1/2 10:30 +44 .500", "1,000.50 6-3 1/2 10:30 +44 .500"),
        ("US$5 C$ 5 $1 5%", "US$ 5 C$ 5 $ 1 5 %"),
        ("S&P AT&T Smith&sons", "S&P AT&T Smith & sons"),
        ("Mail j.smith+x@mail.example.org.", "Mail j.smith+x@mail.example.org ."),
        ("(see https://x.org/a_b?c=d, www.y.com)", "( see https://x.org/a_b?c=d , www.y.com )"),
        ("@ana #vote x @ y", "@ana #vote x @ y"),
        ('"Hi," he said...', '" Hi , " he said ...'),
        ("Smith/Jones [sic] <b>", "Smith / Jones [ sic ] < b >"),
        ("Wait!!! What?!", "Wait !!! What ? !"),
        ("Sean Penn. Amartya Sen.", "Sean Penn . Amartya Sen ."),
        ("No. 5, no.", "No. 5 , no ."),
        ("he said.He left", "he said . He left"),
        ("王小明在北京", "王 小 明 在 北 京"),
        ("Cafe\u0301 Zoe\u0308's", "Cafe\u0301 Zoe\u0308 's"),
        ("हिन्दी में राम", "हिन्दी में राम"),
        ("👩\u200d👩\u200d👧👍🏽 🇩🇪🇫🇷 ❤️ok", "👩\u200d👩\u200d👧 👍🏽 🇩🇪 🇫🇷 ❤️ ok"),
        ("محمد علي، قال", "محمد علي ، قال"),
        ("\u202bאבי כהן\u202c \u200bx", "אבי כהן x"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("U.S.-based J.-P. Sartre, U.S.", "U.S.-based J.-P. Sartre , U.S."),
        ("Smith Jr.'s and the U.N.'s", "Smith Jr. 's and the U.N. 's"),
        ("И. И. Иванов, А.С. Пушкин", "И. И. Иванов , А.С. Пушкин"),
        ("Schwarzen-\negger, Schwarzen-\r\n  egger", "Schwarzen- egger , Schwarzen- egger"),
        ("the end -\nhe said", "the end - he said"),
        ('ד"ר כהן אמר "לא"', 'ד"ר כהן אמר " לא "'),
        (
            "1\ufe0f\u20e3 a\u0301\u0323 🏴\U000e0067\U000e007f",
            "1\ufe0f\u20e3 a\u0301\u0323 🏴\U000e0067\U000e007f",
        ),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert " ".join(cut(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed! Why? No one.", ["He left .", "She stayed !", "Why ?", "No one ."]),
        ("Mr. J. R. Smith left.", ["Mr. J. R. Smith left ."]),
        ("He saw Dr. Smith. Then", ["He saw Dr. Smith .", "Then"]),
        ("a hard\nline break", ["a hard line break"]),
        ("a heading\n\nand\r\n \t\r\ntext\fpage", ["a heading", "and", "text", "page"]),
        ("in the U.S. The end", ["in the U.S.", "The end"]),
        ("the U.S. President", ["the U.S. President"]),
        ("Acme Inc. He said", ["Acme Inc.", "He said"]),
        ("Acme Inc. Smith said", ["Acme Inc. Smith said"]),
        ("with J. He of Macau", ["with J. He of Macau"]),
        ('"Go." He went. (Yes.) So', ['" Go . "', "He went .", "( Yes . )", "So"]),
        ('"What?" he asked', ['" What ? " he asked']),
        ("at 10 a.m. Monday", ["at 10 a.m. Monday"]),
        ("1. Smith\n2. Jones", ["1. Smith 2. Jones"]),
        ("He was 90. Then", ["He was 90 .", "Then"]),
        ("in reuters.com and 3.5 x", ["in reuters.com and 3.5 x"]),
        ("他走了。她来了！", ["他 走 了 。", "她 来 了 ！"]),
        ("क ख। ग", ["क ख ।", "ग"]),
        ("with J.-P. Sartre", ["with J.-P. Sartre"]),
        ("قال علي. ثم؟ نعم", ["قال علي .", "ثم ؟", "نعم"]),
        # rows of tables
        ("Name\tAge\nAnn Lee\t45\nBo", ["Name Age", "Ann Lee 45", "Bo"]),
        ("| Ann | 1 |\n| Bo | 2 |", ["| Ann | 1 |", "| Bo | 2 |"]),
        ("Ann Lee    45\nBo Wu      46", ["Ann Lee 45", "Bo Wu 46"]),
        ("\tan indented\n\tline", ["an indented line"]),
        # headlines
        ("SMITH WINS\nROME, May 1 - He", ["SMITH WINS", "ROME , May 1 - He"]),
        ("SMITH WINS IN\nOLD ROME\n(Reuters) He", ["SMITH WINS IN OLD ROME", "( Reuters ) He"]),
        ("said J. F. KENNEDY\nto NATO", ["said J. F. KENNEDY to NATO"]),
        ("JOHN SMITH\nwent", ["JOHN SMITH went"]),
        ("MR. SMITH WON'T GO. HE CAN'T", ["MR. SMITH WO N'T GO .", "HE CA N'T"]),
        # a paragraph a line
        ("Fall in May\n" + "Ann " * 30 + "left", ["Fall in May", "Ann " * 30 + "left"]),
        # quoted mail
        (
            "> Did Ann\n> Lee go? Yes.\n>\n>> Hi Bo\n> \n> Ok",
            ["> Did Ann > Lee go ?", "Yes .", ">", "> > Hi Bo >", "> Ok"],
        ),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王小明在北京。他走了！", ["王 小 明 在 北 京 。", "他 走 了 ！"]),
        ("他说：“走。”好", ["他 说 ： “ 走 。 ”", "好"]),
        ("ABC 12.5％", ["A B C 1 2 . 5 ％"]),
        ("王小\n明 a.b？！c", ["王 小", "明 a . b ？ ！", "c"]),
        ("e\u0301👩\u200d👧🇩🇪❤️", ["e\u0301 👩\u200d👧 🇩🇪 ❤️"]),
    ],
)
def test_characters(text: str, expected: list[str]) -> None:
    assert cut(text, "characters") == expected


@pytest.mark.parametrize("text", ["", " ", "\n\n \u200b\ufeff\t\x00"])
def test_nothing_in_nothing_out(text: str) -> None:
    assert tokenize(text) == tokenize(text, "characters") == []


def check(text: str, by: TokenUnit = "words") -> None:
    position = 0
    pieces = []
    for words in tokenize(text, by):
        assert words
        for start, end in words:
            assert position <= start < end
            # nothing visible falls between two words, and no word holds a space
            assert not any(_visible(c) for c in text[position:start])
            assert not any(c.isspace() for c in text[start:end])
            pieces += [text[position:start], text[start:end]]
            position = end
    assert not any(_visible(c) for c in text[position:])
    assert "".join([*pieces, text[position:]]) == text


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Zs", "Zl", "Zp", "Cn"}


@given(st.text())
@example("a\u0301\u200d👩\u200d")
@example("\ud800 \U0010ffff")
def test_no_character_is_lost_in_any_unicode(text: str) -> None:
    check(text)
    check(text, "characters")


@given(st.text(alphabet="aBc1. \n\t|>'’\"-,!?)@:/$&tnsDr王。\u0301👩\u200d\ufe0f🇩א\u202b\r\xad"))
def test_no_character_is_lost_among_awkward_ones(text: str) -> None:
    check(text)
    check(text, "characters")


@given(
    st.lists(
        st.sampled_from(
            ["Dr. J. Smith's", "U.S.", "end.\n", "\n\n", "A", "didn't", "\n", "BIG\n", "a\tb", ">"]
        )
    )
)
def test_words_looked_for_at_a_time_change_nothing(pieces: list[str]) -> None:
    text = " ".join(pieces)
    whole = tokenize(text)
    count, module._AHEAD = module._AHEAD, 1
    try:
        assert list(iter_sentences(text)) == whole
    finally:
        module._AHEAD = count


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        ".",
        "a.",
        "a'",
        "-a",
        "a@",
        "n't",
        "http://",
        '."',
        "\n ",
        "王",
        "👩\u200d",
        "é",
        "A\n",
        ">\n",
        "a\t",
        "a|",
        "a-\n",
        "J.-",
        "word ",
    ],
)
def test_long_input_without_spaces_is_bounded(unit: str) -> None:
    # Quadratic time would take minutes here; the time limit of the test run would tell.
    text = unit * (20_000 // len(unit))
    words = [word for sentence in tokenize(text) for word in sentence]
    assert all(end - start <= 10_000 for start, end in words)
    check(text)
    check(text, "characters")


def test_a_word_of_ten_thousand_letters_is_cut() -> None:
    words = tokenize("x" * 10_000 + " y")[0]
    assert max(end - start for start, end in words) <= 200
    assert words[-1] == (10_001, 10_002)
