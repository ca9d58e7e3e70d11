"""Text without a name that looks as if it had some: code, logs, identifiers, tables, addresses.

Everything is made up from the words here, by a random generator; nothing is copied. Words are
capitalised, joined and numbered as programs do it, so that neither capitals nor rare words nor
punctuation alone mean a name. Words of the lists of names stand in it too, as machines, programs,
goods and variables are called after people (``marvin sshd[411]: ...``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from ner_rnn.augmentation.document import Document, from_text

__all__ = ["nameless"]

_WORDS_LIST = """
account action active adapter address agent alert array async audit backup base batch binary
block body branch bridge buffer build bundle byte cache call cancel card cart case catalog cell
channel char check child chunk class client clone close cloud cluster code color column commit
compile config connect const consumer container context control cookie copy core count crash
create cursor custom daemon data debug decode default delete deploy device diff digest disk
dispatch docker domain download driver dump dynamic echo edge editor email emit enable encode
engine entry enum error event exception exec export extend extract factory failed fetch field
file filter final find flag float flush folder font format frame function garbage gateway get
global graph grid group guard handle hash head header health heap helper hidden hook host hour
http icon idle image import index info init inline input insert instance int interface invalid
invoice item iterator job join json kernel key label lambda layer leaf level library limit line
link list listener load local lock log loop main manager map mask master match matrix memory
merge message meta method metric migrate minute mock mode model module monitor mount mutex name
native network node null number object offset open option order output owner package packet page
panel parent parse partition password patch path pattern payload peer pending pipe pixel plugin
point policy pool port post prefix print private process producer profile project prompt
property protocol provider proxy public pull push query queue quota random range rank rate raw
read record region register remote render replica report request reset resolve resource response
result retry return role rollback root route row rule run runtime sample scale schema scope
script search secret section select sensor server service session set shard share shell signal
size slot snapshot socket sort source split stack stage start state static status step stop
storage store stream string struct style submit suite switch sync syntax system table tag target
task template tenant test text thread throttle ticket time timeout token topic trace track
transaction tree trigger tuple type unit update upgrade upload user util valid value vector
vendor verify version view void volume wait warning watch web widget window worker write yield
zone
"""
_PRODUCTS_LIST = """
Bolt Bracket Cable Ceiling Chair Clamp Coffee Copper Cotton Desk Drill Filter Flange Garden
Gasket Glove Green Grill Hammer Hinge Hose Jacket Lamp Leather Maple Metal Nylon Oak Organic
Paint Panel Pillow Pine Plastic Printer Pump Rack Rope Rubber Sensor Shelf Silver Sofa Solar
Steel Switch Table Tape Teak Tile Towel Valve Walnut Wheel White Wire Wooden Zinc Olive Cherry
Rose Amber Basil Sage Ginger Pearl Ruby Iris Lily Jasmine Violet
"""
_STREETS_LIST = """
Main Oak Park Elm Maple Cedar Pine Lake Hill Washington Church Mill River Station High King
Queen Market Victoria Albert School Spring Franklin Jefferson Lincoln Madison Jackson Adams
Monroe Harrison Grant Clinton Marshall Warren Wilson Clark Martin George Charles Henry
"""
_PLACES_LIST = """
Springfield Riverside Georgetown Charleston Jacksonville Madison Victoria Austin Lincoln Houston
Paris Florence Charlotte Alexandria Jamestown Johnstown Dayton Salem Aurora Savannah Orlando
Sydney Chester Lancaster Lawrence Pierre Helena Regina Columbus Denver Stanley Nelson Melbourne
Wellington Hamilton Kingston Dublin Cork Perth Berlin Hamburg Rome Milan Madrid Delhi Mumbai
Lagos Nairobi Cairo Tokyo Osaka Seoul Beijing Hanoi Manila Jakarta Lima Bogotá Quito
"""
_WORDS = _WORDS_LIST.split()
_PRODUCTS = _PRODUCTS_LIST.split()
_STREETS = _STREETS_LIST.split()
_PLACES = _PLACES_LIST.split()
_SYLLABLES = [
    a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "io", "on", "us", "ex", "ar", "i")
]
_LEVELS = ("INFO", "WARN", "ERROR", "DEBUG", "TRACE", "FATAL", "info", "warning", "E", "W")


def nameless(random: Random, words: int, borrowed: Sequence[str] = ()) -> Document:
    """Make a document without a name.

    Args:
        random: source of all that is drawn.
        words: length, about.
        borrowed: words that are names elsewhere.
    """
    made: Document = []
    kinds = random.sample(_KINDS, 2)
    own = random.sample(borrowed, 3) if borrowed and random.random() < 0.5 else []
    source = _Words(random, own)
    while sum(len(sentence.words) for sentence in made) < words:
        lines = [random.choice(kinds)(source) for _ in range(random.randrange(2, 9))]
        made += from_text("\n".join(lines) + random.choice(("\n", "\n\n")), (), "")
    return made


class _Words:
    """Random draws of a document, and the words that stand in it again and again."""

    def __init__(self, random: Random, own: Sequence[str]) -> None:
        self.random, self.own = random, [word.lower() for word in own]
        self.choice, self.randrange = random.choice, random.randrange
        self.getrandbits, self.sample, self.chance = (
            random.getrandbits, random.sample, random.random,
        )  # fmt: skip

    def words(self, number: int) -> list[str]:
        """Draw words of programs, now and then one of the document's own."""
        drawn = self.sample(_WORDS, number)
        if self.own and self.chance() < 0.3:
            drawn[self.randrange(number)] = self.choice(self.own)
        return drawn

    def product(self) -> str:
        """Draw a word for goods, or make up a brand."""
        if self.own and self.chance() < 0.3:
            return self.choice(self.own).capitalize()
        if self.chance() < 0.3:
            number = self.randrange(2, 4)
            return "".join(self.choice(_SYLLABLES) for _ in range(number)).capitalize()
        return self.choice(_PRODUCTS)


def _name(random: _Words, style: int | None = None) -> str:
    """Make an identifier: fooBar, FooBar, foo_bar, FOO_BAR, foo-bar, foo."""
    parts = random.words(random.choice((1, 1, 2, 2, 3)))
    kind = random.randrange(6) if style is None else style
    if kind == 0:
        return parts[0] + "".join(map(str.capitalize, parts[1:]))
    if kind == 1:
        return "".join(map(str.capitalize, parts))
    if kind == 2:
        return "_".join(parts)
    if kind == 3:
        return "_".join(parts).upper()
    return "-".join(parts) if kind == 4 else parts[0]


def _hex(random: _Words, size: int) -> str:
    return f"{random.getrandbits(4 * size):0{size}x}"


def _number(random: _Words) -> str:
    return str(random.randrange(10 ** random.randrange(1, 7)))


def _when(random: _Words) -> str:
    month, day = random.randrange(1, 13), random.randrange(1, 29)
    clock = f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}"
    return random.choice((
        f"20{random.randrange(26):02}-{month:02}-{day:02}T{clock}Z",
        f"20{random.randrange(26):02}-{month:02}-{day:02} {clock},{random.randrange(1000):03}",
        f"{random.choice(('Jan', 'Mar', 'May', 'Jun', 'Aug', 'Dec'))} {day:2} {clock}",
        f"[{clock}]",
    ))  # fmt: skip


def _address(random: _Words) -> str:
    return ".".join(str(random.randrange(256)) for _ in range(4))


def _path(random: _Words) -> str:
    parts = [_name(random, random.choice((2, 4, 5, 5))) for _ in range(random.randrange(2, 5))]
    ending = random.choice((".py", ".log", ".json", ".conf", ".java", ".txt", ""))
    if random.chance() < 0.2:
        return "C:\\" + "\\".join(map(str.capitalize, parts)) + ending
    return random.choice(("/", "/", "./", "~/", "")) + "/".join(parts) + ending


def _log(random: _Words) -> str:
    host, task = _name(random, random.choice((4, 5))), _name(random, random.choice((1, 4, 5)))
    said = " ".join(random.words(random.randrange(2, 7)))
    extra = random.choice((
        f"{_name(random, 5)}={_number(random)}", f"id={_hex(random, 8)}", _path(random),
        f"from {_address(random)} port {_number(random)}", f"took {_number(random)} ms", "",
    ))  # fmt: skip
    return random.choice((
        f"{_when(random)} {random.choice(_LEVELS)} {task}: {said.capitalize()} {extra}",
        f"{_when(random)} {host} {task}[{_number(random)}]: {said} {extra}",
        f"{_when(random)} [{task}-{random.randrange(9)}] {random.choice(_LEVELS)} "
        f"org.{host}.{_name(random, 1)} - {said.capitalize()} {extra}",
        f"{_address(random)} - - [{_when(random)}] \"GET /{_name(random, 4)} HTTP/1.1\" 200 "
        f"{_number(random)}",
    ))  # fmt: skip


def _code(random: _Words) -> str:
    a, b, c = (_name(random, random.choice((0, 2, 5))) for _ in range(3))
    kind, constant = _name(random, 1), _name(random, 3)
    return random.choice((
        f"def {a}(self, {b}: {kind}) -> {_name(random, 1)}:", f"    return {a}.{b}({c}, {b}=None)",
        f"class {kind}({_name(random, 1)}):", f"from {a}.{b} import {kind}, {_name(random, 1)}",
        f"    if {a} is None or not isinstance({b}, {kind}):", f"import {a}.{b} as {c}",
        f"        raise {kind}Error(f\"{b} {{{c}}} not found\")", f"{constant} = {_number(random)}",
        f"public static {kind} {a}(final {_name(random, 1)} {b}) throws {kind}Exception {{",
        f"    for (int i = 0; i < {a}.size(); i++) {{ {b}.push({c}[i]); }}", "}", "else:",
        f"const {{ {a}, {b} }} = require('{_name(random, 4)}');", f"let {a} = await {b}.{c}();",
        f"SELECT {a}, COUNT(*) FROM {b} WHERE {c} = '{kind}' GROUP BY {a};", f"#include <{a}.h>",
        f"<div class=\"{_name(random, 4)}\" id=\"{a}\">{kind}</div>", f"@{kind}(\"{b}\")",
        f"  \"{a}\": {{\"{b}\": {_number(random)}, \"{c}\": [\"{kind}\", \"{constant}\"]}},",
        f"  {a}: {b}", f"$ {_name(random, 4)} --{_name(random, 4)}={c} {_path(random)}",
        f"export {constant}={_path(random)}", f"assert {a} == {kind}.{constant}",
        f"  File \"{_path(random)}\", line {_number(random)}, in {a}", f"{kind}.{constant}",
        f"    at com.{a}.{b}.{kind}.{c}({kind}.java:{_number(random)})", f"try: {a}.{b}()",
        f"[{_name(random, 4)}]", f"{a} = {kind}({b}, {c}={constant})", f"    self.{a} = {b}",
    ))  # fmt: skip


def _ids(random: _Words) -> str:
    return random.choice((
        "-".join(_hex(random, size) for size in (8, 4, 4, 4, 12)),
        f"sha256:{_hex(random, 64)}", f"{_name(random, 4)}-{_hex(random, 7)}-{_hex(random, 5)}",
        f"{random.choice('ABCDEFGHK')}{random.choice('LMNPRSTX')}-{_number(random)}",
        f"{_name(random, 4)}@{random.randrange(20)}.{random.randrange(20)}.{random.randrange(9)}",
        f"arn:aws:{_name(random, 5)}:eu-west-1:{_number(random)}:{_name(random, 4)}",
        f"https://{_name(random, 4)}.example.com/{_name(random, 4)}?q={_hex(random, 6)}",
        f"{_name(random, 5)}.{_name(random, 5)}@{_name(random, 5)}.com", f"#{_hex(random, 6)}",
        f"ISBN 978-{_number(random)}", f"{_address(random)}:{random.randrange(65536)}",
        f"git@{_name(random, 5)}.com:{_name(random, 4)}/{_name(random, 4)}.git",
    ))  # fmt: skip


def _product(random: _Words) -> str:
    a, b = random.product(), random.product()
    size = f"{random.randrange(1, 99)} {random.choice(('mm', 'cm', 'kg', 'ml', 'W', 'pcs'))}"
    code = f"{random.choice('ABCDEFGH')}{random.choice('KLMNPRS')}{_number(random)}"
    price = f"{random.randrange(1, 500)}.{random.randrange(100):02}"
    return random.choice((
        f"{code},{a} {b},{size},{price},{random.randrange(99)}", f"{a} {b} {size} {price} EUR",
        f"{random.randrange(9)} x {a} {b} ({size}) @ {price}", f"{code}\t{a} {b}\t{price}",
        f"| {code} | {a} {b} | {size} | {price} |", f"{a.upper()} {b.upper()} {size.upper()}",
        f"Item: {a} {b}; Qty: {random.randrange(99)}; Total: {price}",
    ))  # fmt: skip


def _place(random: _Words) -> str:
    street, place = random.choice(_STREETS), random.choice(_PLACES)
    kind = random.choice(("Street", "St", "Ave", "Road", "Rd.", "Drive", "Blvd", "Lane", "Square"))
    number, code = random.randrange(1, 9999), f"{random.randrange(100000):05}"
    return random.choice((
        f"{number} {street} {kind}", f"{number} {street} {kind}, {place}, {code}",
        f"{place} {code}", f"{number} N {street} {kind} Apt {random.randrange(99)}",
        f"{street} {kind} / {random.choice(_STREETS)} {kind}, {place}", f"PO Box {number}, {place}",
        f"{street} {random.choice(('School', 'Hospital', 'Park', 'Bridge', 'County', 'Library'))}",
        f"{place},{street} {kind},{number},{code}",
    ))  # fmt: skip


_KINDS: tuple[Callable[[_Words], str], ...] = (_log, _code, _code, _ids, _product, _place)
