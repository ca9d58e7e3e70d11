"""Transcription of Cyrillic, Greek, Georgian, Armenian and Korean names by simple tables.

The tables follow what newspapers print, not a scholarly standard; a script that is not here stays
as it is.
"""

from __future__ import annotations

import unicodedata

__all__ = ["plain", "romanise"]

_PAIRS = (("ου", "ou"), ("ού", "ou"), ("Ου", "Ou"), ("ու", "u"), ("Ու", "U"), ("ий ", "y "))
_TABLES = (
    # Cyrillic: Russian, Ukrainian, Bulgarian, Macedonian
    (
        "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ы э ю я і ї є ґ ј љ њ ѓ ќ џ ѕ",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya i yi ye g j lj "
        "nj gj kj dz dz",
    ),
    (
        "α ά β γ δ ε έ ζ η ή θ ι ί ϊ κ λ μ ν ξ ο ό π ρ σ ς τ υ ύ φ χ ψ ω ώ",
        "a a v g d e e z i i th i i i k l m n x o o p r s s t y y f ch ps o o",
    ),
    (
        "ა ბ გ დ ე ვ ზ თ ი კ ლ მ ნ ო პ ჟ რ ს ტ უ ფ ქ ღ ყ შ ჩ ც ძ წ ჭ ხ ჯ ჰ",
        "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
    ),
    (
        "ա բ գ դ ե զ է ը թ ժ ի լ խ ծ կ հ ձ ղ ճ մ յ ն շ ո չ պ ջ ռ ս վ տ ր ց ւ փ ք և օ ֆ",
        "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k ev o f",
    ),
)
_LETTERS = {
    letter: latin
    for letters, latins in _TABLES
    for letter, latin in zip(letters.split(), latins.split(), strict=True)
}
_LETTERS |= {letter.upper(): latin.capitalize() for letter, latin in _LETTERS.items()}
_LETTERS |= dict.fromkeys("ьъЬЪ’ʼ", "")
_LETTERS |= dict(zip("øØłŁđĐıßæÆœəƏðÐþÞŋħɔɛ", "oOlLdDisaAoeEdDtTnhoe", strict=True))

_KOREAN_BASE, _KOREAN_LAST = 0xAC00, 0xD7A3
_INITIALS, _VOWELS, _FINALS = (
    row.split(",")
    for row in (
        "k,kk,n,d,tt,r,m,b,pp,s,ss,,j,jj,ch,k,t,p,h",
        "a,ae,ya,yae,eo,e,yeo,ye,o,wa,wae,oe,yo,oo,wo,we,wi,yu,u,ui,i",
        ",k,k,k,n,n,n,t,l,k,m,l,l,l,p,l,m,p,p,t,t,ng,t,t,k,t,p,t",
    )
)


def romanise(name: str) -> str:
    """Return a name in Latin letters, or unchanged if its script is not known.

    >>> romanise("Иванов"), romanise("김"), romanise("Müller")
    ('Ivanov', 'Kim', 'Müller')
    """
    if name.isascii():
        return name
    if all(_KOREAN_BASE <= ord(letter) <= _KOREAN_LAST for letter in name):
        return "-".join(map(_korean, name)).capitalize()
    for pair, latin in _PAIRS:
        name = name.replace(pair, latin)
    native = any(_LETTERS.get(letter) and ord(letter) >= 0x370 for letter in name)
    if not native:
        return name
    latin = "".join(_LETTERS.get(letter, letter) for letter in name)
    return latin[:1].upper() + latin[1:]


def plain(name: str) -> str:
    """Return a name without accents.

    >>> plain("Łukasz Núñez")
    'Lukasz Nunez'
    """
    if name.isascii():
        return name
    bare = "".join(_LETTERS.get(letter, letter) for letter in name)
    split = unicodedata.normalize("NFKD", bare)
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def _korean(syllable: str) -> str:
    number = ord(syllable) - _KOREAN_BASE
    initial, rest = divmod(number, 588)
    vowel, final = divmod(rest, 28)
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
