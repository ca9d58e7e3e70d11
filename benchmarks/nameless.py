"""Text without names that looks like names: code, logs, identifiers, tables, addresses.

Written by a fixed seed, but for the code: that is the standard library of the Python that runs,
without comments and docstrings, where authors are named. Used by ``kinds_of_text.py``.
"""

from __future__ import annotations

import ast
import io
import random
import re
import sysconfig
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from ner_rnn.text.tokenize import iter_sentences

LINES = 60
"""Lines of a document."""
SHARES = {
    "code": 0.3,
    "logs": 0.25,
    "identifiers": 0.15,
    "tables": 0.1,
    "addresses, products": 0.1,
    "mail addresses, URLs": 0.1,
}
"""Kinds, and the share of each in the words."""

_MODULES = """
argparse ast configparser csv dataclasses difflib enum fractions functools heapq
inspect ipaddress logging/__init__ mailbox optparse pickle platform queue shlex shutil socket
statistics string subprocess tarfile tempfile textwrap threading traceback typing urllib/parse uuid
zipfile
"""

_TEMPLATES = {
    "logs": r"""
{day} {time},{digits} {LEVEL} [{host}-{digit}] {Class}: {method} took {number} ms
{day}T{time}Z {level} {host}/{Class}.{method}:{digits} connection from {ip}:{number} refused
{Month} 1{digit} {time} {host} sshd[{number}]: Accepted key for {login} from {ip} port {number} ssh2
{Month} 1{digit} {time} {host} kernel: [{number}.{digits}] {brand}: link up, {number} Mbps
{ip} - - [{digit}/{Month}/2024:{time}] "GET /{verb}/{noun}/{number}?page={digit} HTTP/1.1" {digits}
{{"ts": "{day}T{time}", "level": "{LEVEL}", "logger": "{Class}", "msg": "{method}", "id": "{uuid}"}}
    at com.{host}.{noun}.{Class}.{method}({Class}.java:{digits})
  File "/srv/{host}/{snake}.py", line {digits}, in {snake}
java.lang.{Noun}Exception: {Noun} {number} not found in {Noun}
goroutine {digits} [running]: main.(*{Class}).{Method}(0x{hash})
[{LEVEL}] Job {Noun}-{number} on {host}.{domain}: {verb} {Noun}, retry {digit}""",
    "identifiers": r"""
{uuid}
{hash}{hash}  {path}
{package}=={digit}.{digit}.{digit}
{Class} {Class} {snake}
{method}{Role} {Noun}::{Role}::{verb}
{SNAKE}={number} export {SNAKE}={path}
{byte}:{byte}:{byte}:{byte}:{byte}:{byte} {ip} {host}-{digits}
SKU-{number} {part} {part}
10.{number}/{brand}.2024.{number}
git checkout {hash} && docker run {host}/{package}:{digits}
{host}{digit} {host}-{digits} {HOST}{digit} {host}.local
{digit} {digit} * * {digit} {path} --{verb} {Noun}
SELECT {snake}, {snake} FROM {Noun}{Noun} WHERE {snake} = {number};""",
    "tables": r"""
{part},"{goods}",{colour},{digits},{digits}.{digits},{state}
{part}	{goods}	{colour}	{digits}	{digits}.{digits}
| {part} | {goods} | {colour} | {digits} | {digits}.{digits} |
{city}	{state}	{digits}	{digits},{digits}	{digit}.{digit}%
{part}   {brand}   {colour}   {digits}   {digits}.{digits}""",
    "addresses, products": r"""
{number} {street} {road}, {city}, {state} {number}
{number} {street} {road}, Suite {digits}, {city}, {state} {number}, Tel. ({digits}) 555-{digits}
P.O. Box {number}, {city}, {state} {number}
{brand} {colour} {number}: {goods}, pack of {digit}
{goods}, {colour}, {digits} mm, by {brand}""",
    "mail addresses, URLs": r"""
{mail}
To: {mail}; Cc: {mail}
Message-ID: <{hash}.{number}@{host}.{domain}>
https://www.{domain}/{verb}/{given}-{surname}-{number}.html
http://{host}.{domain}:{number}/{Noun}?id={number}&user={given}{surname}
www.{given}{surname}.com/{noun}
ftp://{domain}{path}""",
}

_WORDS = {
    "LEVEL": "DEBUG INFO INFO INFO WARN ERROR FATAL Warning Notice",
    "level": "debug info info info warn error fatal warning notice",
    "Month": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Noun": """Account Audit Batch Billing Broker Cache Catalog Client Cluster Config Cookie Cursor
        Customer Device Event Export Gateway Index Invoice Job Ledger Locale Message Metric Node
        Order Page Payment Policy Profile Query Queue Record Region Report Request Route Schema
        Search Session Shard Shipment Socket Storage Stream Tenant Ticket Token Upload Vault""",
    "Role": """Adapter Builder Controller Decoder Dispatcher Encoder Error Exception Factory Filter
        Handler Helper Impl Listener Loader Manager Mapper Monitor Parser Provider Proxy Reader
        Registry Resolver Scheduler Service Store Validator Watcher Writer""",
    "verb": """abort bind build check close commit create decode delete drain encode expire fetch
        find flush get handle init list load lock merge notify open parse poll publish push read
        reload render reset resolve retry run save send set spawn start stop store sync update""",
    "host": """apollo argo athena atlas aurora bert diana emma helios hermes iris jenkins juno kafka
        loki luna marvin max oscar pandora ruby selene thor tomcat travis vega victor zeus""",
    "package": """aiohttp attrs babel celery click cryptography django flask gunicorn hypothesis
        idna jinja2 joblib lxml mypy numpy pandas pillow pluggy pyarrow pydantic pytest redis
        requests rich scipy six sqlalchemy tornado tqdm urllib3 uvicorn werkzeug""",
    "street": """Adams Birch Bishop Cedar Chestnut Church Clinton Elm Forest Franklin Garfield Grant
        Green Harrison High Hill Jackson Jefferson Kings Lake Lincoln Madison Main Maple Market Mill
        Monroe Oak Park Pine Queens River Spring Station Victoria Walnut Washington Wilson""",
    "road": "Street St Avenue Ave Road Rd Lane Drive Dr Blvd Court Ct",
    "city": """Albany Arlington Aurora Austin Charlotte Clayton Columbus Dayton Denver Eugene
        Florence Georgetown Houston Jackson Lincoln Madison Marion Milton Orlando Oxford Paris Salem
        Savannah Springfield Troy Victoria Vienna Windsor""",
    "state": "AL AZ CA CO FL GA IA IL IN KS KY MA MD ME MI MN MO NC NE NY OH OK OR PA TN TX VA WA",
    "given": """alice anna ben carlos chen david emma fatima george hans ivan james jane john kumar
        laura maria michael nina olga peter priya robert sara tom wei""",
    "surname": """brown davis garcia gupta ivanova johnson jones khan kim lee martin meyer miller
        nguyen novak patel rossi schmidt silva smith tanaka walker wang white williams wilson""",
    "domain": "example.com example.org example.net mail.example.com shop.example.org",
    "colour": """Amber Ash Black Blue Coral Cyan Ebony Grey Hazel Indigo Ivory Jade Olive Red Rose
        Scarlet Teal Violet White""",
    "stem": "Acu Arc Bel Cor Dura Flex Hydro Kel Lum Max Nor Opti Pro Ster Tec Ultra Ven Xen Zen",
    "end": "bond con dex fix grip lite mark mate nova plex pro ro san tek tron vix",
}
_GOODS = """Allen key, Ball bearing, Bay leaf, Hex bolt, Cable gland, Chain link, Daisy wheel, Dell
battery, Diamond file, Drill bit, Elbow joint, Extension lead, Fern in pot, Flange nut, Ground
ginger, Hazel board, White heather, Holly wreath, Iris bulbs, Ivy trellis, Jack plug, Jasmine tea,
Lily bulbs, Mason jar, Miller plate, Monkey wrench, Olive oil, Pearl barley, Phillips screw, Pipe
clamp, Poppy seed, Rose fertiliser, Dried rosemary, Ruby chocolate, Sandy loam, Spring washer,
Stanley knife, Torx driver, T-shirt, Violet ink, Wing nut, Wire rope, Zip tie"""

_FILLED = {
    "Class": "{Noun}{Noun}{Role}",
    "method": "{verb}{Noun}",
    "Method": "{Noun}{Role}",
    "brand": "{stem}{end}",
    "day": "2024-0{digit}-1{digit}",
    "time": "1{digit}:2{digit}:3{digit}",
    "ip": "10.{digits}.{digits}.{digit}",
    "snake": "{verb}_{noun}",
    "path": "/opt/{host}/{snake}.log",
    "part": "{state}-{number}",
    "login": "{given}{digits}",
}
_MADE: dict[str, Callable[[random.Random], str]] = {
    "digit": lambda r: str(r.randint(1, 9)),
    "digits": lambda r: str(r.randint(100, 255)),
    "number": lambda r: str(r.randint(1000, 65535)),
    "byte": lambda r: f"{r.randint(0, 255):02X}",
    "hash": lambda r: f"{r.getrandbits(80):020x}",
    "uuid": lambda r: str(UUID(int=r.getrandbits(128), version=4)),
    "goods": lambda r: r.choice(_LISTS["goods"]),
    "mail": lambda r: _fill(r.choice(_LISTS["mails"]), r),
}
_MAILS = "{given}.{surname}@{domain} {surname}{digits}@{domain} {verb}-{noun}@{domain}"
_LISTS = {
    **{name: words.split() for name, words in _WORDS.items()},
    "goods": _GOODS.replace("\n", " ").split(", "),
    "mails": _MAILS.split(),
}


def write_texts(words: int = 100_000) -> dict[str, list[str]]:
    """Write documents of every kind, so many words in all by our tokenizer."""
    return {
        kind: list(_take(_code() if kind == "code" else _lines(kind), round(share * words)))
        for kind, share in SHARES.items()
    }


def count_words(text: str) -> int:
    """Count words as our tokenizer has them."""
    return sum(map(len, iter_sentences(text)))


def without_comments(source: str) -> str:
    """Return Python code without comments, docstrings and empty lines."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            last = node.end_lineno or node.lineno
            lines[node.lineno - 1 : last] = [""] * (last + 1 - node.lineno)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _code() -> Iterator[str]:
    library = Path(sysconfig.get_path("stdlib"))
    for module in _MODULES.split():
        path = library / f"{module}.py"
        if path.is_file():  # some are folders in later versions
            lines = without_comments(path.read_text(encoding="utf-8")).splitlines()
            for at in range(0, len(lines), LINES):
                yield "\n".join(lines[at : at + LINES]) + "\n"


def _lines(kind: str) -> Iterator[str]:
    generator = random.Random(kind)
    templates = _TEMPLATES[kind].strip("\n").splitlines()
    while True:
        yield "".join(_fill(generator.choice(templates), generator) + "\n" for _ in range(LINES))


def _fill(template: str, generator: random.Random) -> str:
    """Fill the places of a template; a place in lower case or capitals takes its words so."""

    def part(match: re.Match[str]) -> str:
        name = match[1]
        if name in _MADE:
            return _MADE[name](generator)
        if name in _FILLED:
            return _fill(_FILLED[name], generator)
        if name in _LISTS:
            return generator.choice(_LISTS[name])
        if name.isupper():
            return _fill(f"{{{name.lower()}}}", generator).upper()
        return _fill(f"{{{name.title()}}}", generator).lower()

    return re.sub(r"\{(\w+)\}", part, template).replace("{{", "{").replace("}}", "}")


def _take(texts: Iterator[str], words: int) -> Iterator[str]:
    for text in texts:
        yield text
        words -= count_words(text)
        if words <= 0:
            return
