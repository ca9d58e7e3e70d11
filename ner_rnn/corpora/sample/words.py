"""Common words in the forms that clauses need, and towns of many countries, from Faker's lists."""

from __future__ import annotations

from importlib import import_module

from ner_rnn.corpora.sample.transcribe import plain, romanise

__all__ = ["gerund", "plural", "word_lists"]

# Locales of Faker with lists of towns, and how many of each are taken, evenly over the list.
_TOWNS = (
    ("da_DK", 60), ("de_AT", 60), ("de_DE", 150), ("en_IN", 150), ("fi_FI", 60), ("fr_DZ", 60),
    ("hr_HR", 60), ("id_ID", 60), ("it_IT", 200), ("nl_BE", 80), ("nl_NL", 100), ("pl_PL", 80),
    ("pt_PT", 60), ("ro_RO", 70), ("ru_RU", 120), ("sk_SK", 60), ("sl_SI", 40), ("sv_SE", 40),
    ("uk_UA", 80),
)  # fmt: skip
_VOWELS = "aeiou"


def word_lists() -> dict[str, list[str]]:
    """Return rules for the grammar: phrases by the head of the rule."""
    # Faker has no public door to these tables; its version is held by the constraints file.
    speech = import_module("faker.providers.lorem.en_US").Provider.parts_of_speech
    jobs = import_module("faker.providers.job").Provider.jobs
    nouns = [n for n in speech["noun"] if n.islower() and n.isalpha()]
    verbs = [v for v in speech["verb"] if v.islower() and v.isalpha() and v != "be"]
    return {
        "noun": nouns,
        "n_plural": [plural(noun) for noun in nouns if not noun.endswith("s")],
        "verb": verbs,
        "third": [plural(verb) for verb in verbs],
        "ving": [gerund(verb) for verb in verbs],
        "adjective": [a for a in speech["adjective"] if a.islower() and a.isalpha()],
        "occupation": sorted({job.partition(",")[0].partition("/")[0].lower() for job in jobs}),
        "town/LOC": _towns(),
    }


def _towns() -> list[str]:
    towns: dict[str, None] = {}
    for locale, wanted in _TOWNS:
        provider = import_module(f"faker.providers.address.{locale}").Provider
        known = sorted(getattr(provider, "cities", None) or provider.city_names)
        for place in range(wanted):
            town = plain(romanise(known[place * len(known) // wanted]))
            if town[:1].isupper() and not set(town) & set("().,/"):
                towns[town] = None
    return list(towns)


def plural(word: str) -> str:
    """Return the plural of a noun, or the third person of a verb: 'city' -> 'cities'."""
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")


def gerund(verb: str) -> str:
    """Return the -ing form: 'make' -> 'making', 'stop' -> 'stopping', 'agree' -> 'agreeing'."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    short = len(verb) > 2 and verb[-1] not in "aeiouwxy" and verb[-2] in _VOWELS
    if short and verb[-3] not in _VOWELS and sum(letter in _VOWELS for letter in verb) == 1:
        return verb + verb[-1] + "ing"
    return verb + "ing"
