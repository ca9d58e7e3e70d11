"""Generator of altered bundles and recipes: right checksums, wrong content.

    kinds = write_models(folder)               # one healthy bundle of each kind
    altered = alter(folder / kind, target, 17)  # the same number always gives the same bundle
    text = recipe(17)                           # the text of an altered recipe

A case changes one part or two: a setting, a part of the vocabulary, a score, the manifest, a weight
or the header of the weights, a graph, the JSON itself, or what kind of file one is. Then the
manifest is written anew, so that no checksum gives it away.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import os
import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ner_rnn.text.zstandard import zstd

NUMBERS = (
    -1, 0, 1, 2, 3, 7, 255, 100_000, 10_000_000, 2**31, 2**32, 2**62, 2**63, 2**64, 10**18, 10**30,
    10**400, -(2**63), 0.0, -0.5, 0.5, 1.0, 1e-320, 1e17, 1e300, -1e300,
)  # fmt: skip
STRANGE: tuple[Any, ...] = (
    *NUMBERS, *NUMBERS, None, True, False, "", "x", "lstm", "1", "-1", "\0", "\x1b[2J", "O", "B-",
    "é" * 5000, "../../x", "/etc/hostname", "[bold]", "NaN", [], {}, [[]], [None], [1, 2], [2, 1],
    ["x"], [-1], [10**30], [0] * 5000, {"a": 1}, {"": {}}, {"forward": 3},
)  # fmt: skip
KINDS = ("lstm", "clockwork", "echo", "none", "context", "lm", "pair")


def write_models(folder: Path) -> None:
    """Write an untrained bundle of each of ``KINDS``, a folder each."""
    import torch

    from ner_rnn.encoding.characters import Context
    from ner_rnn.encoding.knowledge import Knowledge
    from ner_rnn.encoding.symbols import Symbols
    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.model.bundle import write_bundle
    from ner_rnn.model.language_model import Settings
    from ner_rnn.model.settings import Config, ModelConfig
    from ner_rnn.nn.assembly import build_tagger
    from ner_rnn.nn.language_model_files import build_model
    from ner_rnn.runtime.export import export_encoders

    torch.manual_seed(1)
    tags = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
    sentences = [("Ann", "Lee", "sings", ".")] * 2
    knowledge = Knowledge.from_json(
        {
            "prefixes": [2, 4],
            "clusters": {"0110": "Ann", "111": "sings"},
            "lists": {"firsts": "ann"},
        }
    )
    plain = Vocabulary.learn(sentences, tags)
    symbols = Symbols("char", tuple("AnLesig. "))
    settings = {
        name: Settings(hidden_size=6, embedding_size=3, direction=name, **more)
        for name, more in (("forward", {}), ("backward", {"cell": "gru"}))
    }
    context = Context(symbols, {name: one.to_json() for name, one in settings.items()})
    learned = {
        "none": Vocabulary.learn(sentences, tags, knowledge=knowledge),
        "context": dataclasses.replace(plain, context=context),
    }
    small: dict[str, Any] = {
        "hidden_size": 8, "word_size": 4, "char_size": 3, "char_hidden": 4, "form_size": 2,
    }  # fmt: skip
    models = {
        "lstm": ModelConfig(**small, layers=2),
        "clockwork": ModelConfig(**small, cell="clockwork", output="softmax", chars="lstm"),
        "echo": ModelConfig(**small, cell="reservoir", sparsity=0.3, output="ridge"),
        "none": ModelConfig(**small, cell="none", memory_units=3, chars="none"),
        "context": ModelConfig(**small, cell="gru", language_model="x", context_size=5),
    }
    ratios = {"precision": 0.5, "recall": 0.25, "f1": None, "support": 4, "predicted": 2}
    metrics = {
        "scores": {"test": {"names": {**ratios, "correct": 1}, "words": {**ratios, "correct": 1}}},
        "data": {"train": {"sentences": 2, "sha256": "0" * 64}},
        "sources": {"x": "0" * 64},
        "notes": ["a note"],
        "seconds": {"fit": 1.0, "processor": 1.0, "total": 2.0},
        "epochs": 1,
        "calibration": {"temperature": 1.2},
    }
    for name, model in models.items():
        vocabulary = learned.get(name, plain)
        tagger = build_tagger(model, vocabulary)
        weights = {key: value.numpy() for key, value in tagger.state_dict().items()}
        write_bundle(
            folder / name,
            config=dataclasses.asdict(Config(model=model)),
            vocabulary=vocabulary.to_json(),
            weights=weights,
            metrics=metrics,
            card="",
            encoders=export_encoders(model, weights, vocabulary.context),
        )
    for place, one in (
        ("lm", settings["forward"]),
        ("pair/forward", settings["forward"]),
        ("pair/backward", settings["backward"]),
    ):
        state = build_model(one, symbols).state_dict()
        write_bundle(
            folder / place,
            config={"language_model": one.to_json(), "files": ["x"], "encoding": "utf-8"},
            vocabulary=symbols.to_json(),
            weights={key: value.numpy() for key, value in state.items()},
            metrics={"scores": {}, "notes": []},
            card="",
        )


def alter(source: Path, target: Path, case: int) -> Path:
    """Write an altered copy of a bundle; returns its folder."""
    chance = random.Random(case)
    shutil.copytree(source, target)
    folder = target / chance.choice(("forward", "backward")) if source.name == "pair" else target
    alterations = chance.choices(_ALTERATIONS, _WEIGHTS, k=chance.choice((1, 1, 1, 2)))
    for alteration in sorted(alterations, key=_ALTERATIONS.index):
        try:
            alteration(folder, chance)
            if alteration in _SILENT:
                sign(folder)
        except (
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            OSError,
            RecursionError,
            SafetensorError,
        ):
            pass  # the first alteration left nothing for the second
    return target


def sign(folder: Path) -> None:
    """Write the manifest anew, with the sizes and checksums of the files as they are."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for path in folder.iterdir():
        if path.name != "manifest.json" and stat.S_ISREG(path.lstat().st_mode):
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            manifest["files"][path.name] = {"size": len(content), "sha256": digest}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def content_of(path: Path) -> bytes:
    """Return the content of a file, unpacked."""
    content = path.read_bytes()
    return zstd.decompress(content) if path.suffix == ".zst" else content


def replace_content(path: Path, content: bytes) -> None:
    """Write a file, packed where its name says so."""
    path.write_bytes(zstd.compress(content, 1) if path.suffix == ".zst" else content)


def edit(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Change the JSON of a file; ``change`` returns the new value, or None if it changed it."""
    path = folder / name
    value = json.loads(content_of(path))
    changed = change(value)
    text = json.dumps(value if changed is None else changed, ensure_ascii=False)
    replace_content(path, text.encode())


def strange(chance: random.Random) -> Any:
    """Return a value that hardly anything expects."""
    value = copy.deepcopy(chance.choice(STRANGE))
    if chance.random() < 0.05:
        for _ in range(chance.choice((20, 40, 200))):
            value = [value] if chance.random() < 0.5 else {"a": value}
    return value


def _replace_somewhere(value: Any, chance: random.Random) -> None:
    """Replace, drop or add something in nested JSON."""
    while True:
        if isinstance(value, dict) and value:
            key = chance.choice(sorted(value))
        elif isinstance(value, list) and value:
            key = chance.randrange(len(value))
        else:
            return
        inner = value[key]
        if isinstance(inner, (dict, list)) and inner and chance.random() < 0.7:
            value = inner
            continue
        choice = chance.random()
        if choice < 0.7:
            value[key] = strange(chance)
        elif choice < 0.85:
            del value[key]
        elif isinstance(value, dict):
            value[chance.choice(("", "x", "é" * 300, "layer"))] = strange(chance)
        else:
            value.insert(key, strange(chance))
        return


def _setting(folder: Path, chance: random.Random) -> None:
    def change(config: Any) -> None:
        section = config.get("model", config.get("language_model"))
        if chance.random() < 0.1:
            config["model" if "model" in config else "language_model"] = strange(chance)
        elif chance.random() < 0.9:
            section[chance.choice(sorted(section))] = strange(chance)
        else:
            section["cell"] = chance.choice(("rnn", "gru", "lstm", "clockwork", "reservoir"))

    edit(folder, "config.json", change)


def _json(name: str) -> Callable[[Path, random.Random], None]:
    def alteration(folder: Path, chance: random.Random) -> None:
        edit(folder, name, lambda value: _replace_somewhere(value, chance))

    return alteration


def _spelling(folder: Path, chance: random.Random) -> None:
    """Make the text of a JSON file hostile."""
    name = chance.choice(("config.json", "vocabulary.json.zst", "metrics.json", "manifest.json"))
    text = content_of(folder / name).decode()
    deep = chance.choice((100, 5000, 1_000_000))
    values = chance.choice(
        ("[" * deep + "]" * deep, '{"a":' * deep + "1" + "}" * deep, "[" * deep, "NaN", "1e999",
         "1" * 5000, '"\\ud800"', "[" + "[]," * 3_000_000 + "1]", "[" + "0," * 9_000_000 + "1]",
         '"' + "a" * (1 << 24) + '"', "{}", "nul", "'x'", '"\\u0000"', "-")
    )  # fmt: skip
    content = text.replace("{", '{"zz": ' + values + ", ", 1).encode()
    if chance.random() < 0.3:
        content = chance.choice(
            (values.encode(), text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode(), b"", b"\xff",
             text.encode()[: len(text) // 2], b"\0" * 99)
        )  # fmt: skip
    replace_content(folder / name, content)


def _weight(folder: Path, chance: random.Random) -> None:
    path = folder / "weights.safetensors"
    weights = load(path.read_bytes())
    name = chance.choice(sorted(weights))
    value = weights[name]
    kind = chance.randrange(8)
    if kind == 0:
        del weights[name]
    elif kind == 1:
        weights[chance.choice(("x", "é" * 400, "encoder.seed", f"{name}.0"))] = value
    elif kind == 2:
        types = (np.int64, np.int8, np.float16, np.float64, np.bool_, np.uint64)
        weights[name] = value.astype(chance.choice(types))
    elif kind == 3:
        weights[name] = value.reshape(-1)[: chance.randrange(3)]
    elif kind == 4:
        weights[name] = np.zeros(chance.choice([(0,), (1, 1, 1, 1), (3, 0), (400, 400)]), "f")
    elif kind == 5:
        weights[name] = value[None]
    else:
        filled = chance.choice((np.nan, np.inf, -np.inf, 3e38, -1, 1e-45))
        with np.errstate(invalid="ignore"):  # NaN has no value among integers
            weights[name] = np.full(value.shape, filled).astype(value.dtype)
    path.write_bytes(save(weights))


def _header(folder: Path, chance: random.Random) -> None:
    path = folder / "weights.safetensors"
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    kind = chance.randrange(6)
    if kind < 3:
        _replace_somewhere(header, chance)
    elif kind == 3:
        entry = header[chance.choice(sorted(header))]
        entry["shape"] = [10**9, 10**9]
    elif kind == 4:
        header |= {f"x{i}": next(iter(header.values())) for i in range(20_000)}
    text = json.dumps(header).encode()
    size = len(text) if kind < 5 else chance.choice((0, 1, 2**24, 2**40, 2**63, 2**64 - 1))
    path.write_bytes(size.to_bytes(8, "little") + text + data)


def _graph(folder: Path, chance: random.Random) -> None:
    paths = sorted(folder.glob("*.onnx")) or [folder / "encoder.onnx"]
    path = chance.choice(paths)
    content = bytearray(path.read_bytes() if path.exists() else b"\x08\x09")
    kind = chance.randrange(6)
    if kind == 0:
        content = bytearray(chance.randbytes(chance.choice((0, 1, 100))))
    elif kind == 1:
        del content[chance.randrange(len(content)) :]
    elif kind == 2:
        content = bytearray(chance.choice(paths).read_bytes() if path.exists() else b"")
    elif kind == 3 and path.exists():
        path.unlink()
        edit(folder, "manifest.json", lambda value: value["files"].pop(path.name) and None)
        return
    else:
        for _ in range(chance.choice((1, 3, 30))):
            content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content)


def _node(folder: Path, chance: random.Random) -> None:
    """Put something else in the place of a file: a FIFO, a device, a link, a folder."""
    path = chance.choice([path for path in sorted(folder.iterdir()) if path.name != "README.md"])
    outside = folder.parent / f"{folder.name}-outside"
    outside.mkdir(exist_ok=True)
    kind = chance.randrange(8)
    if kind == 0:  # a file outside, with the right content
        shutil.copy(path, outside / path.name)
        path.unlink()
        path.symlink_to(outside / path.name)
        return
    content = path.read_bytes()
    path.unlink()
    if kind == 1:
        path.mkdir()
    elif kind in (2, 3):
        os.mkfifo(path)
    elif kind == 4:
        endless(path)
    elif kind == 5:
        endless(outside / "zero")
        path.symlink_to(outside / "zero")
    elif kind == 6:
        path.symlink_to(path.name)
    else:  # three gigabytes that take no disk
        path.write_bytes(content)
        os.truncate(path, 3 << 30)
        if path.name != "manifest.json":
            size = {"size": 3 << 30}
            edit(folder, "manifest.json", lambda v: v["files"][path.name].update(size) and None)


def endless(path: Path) -> None:
    """Make a device without end, or a FIFO where an ordinary user may not."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:
        os.mkfifo(path)


def _large(folder: Path, chance: random.Random) -> None:
    """Ask for a network that the weights of the file would hardly bound."""
    changes = chance.choice(
        (
            {"layers": 10_000_000},
            {"layers": 10**9, "hidden_size": 1},
            {"cell": "reservoir", "hidden_size": 100_000, "layers": 1},
            {"cell": "reservoir", "hidden_size": 1_000_000, "sparsity": 1e-6, "layers": 1},
            {"cell": "clockwork", "periods": list(range(1, 50_000)), "hidden_size": 49_999},
            {"cell": "clockwork", "periods": [2**61, 2**62], "hidden_size": 8},
            {"cell": "clockwork", "periods": [1, 999_983], "hidden_size": 8},
            {"word_size": 10**9},
            {"char_hidden": 10**9},
            {"hidden_size": 10**9},
            {"memory_units": 10**9},
            {"embedding_size": 10**9},
        )
    )

    def change(config: Any) -> None:
        section = config.get("model", config.get("language_model"))
        if isinstance(section, dict):
            section.update(changes)

    edit(folder, "config.json", change)
    path = folder / "weights.safetensors"
    weights = load(path.read_bytes())
    if changes.get("cell") == "reservoir" and "crf.start" in weights:
        for name in [name for name in weights if name.startswith("encoder.")]:
            del weights[name]
        weights["encoder.seed"] = np.array(1)
        weights["encoder.scale"] = np.ones(2)
        # four values a tag: states, and those that the memory shares
        weights["emit.weight"] = np.zeros((5, 4 * int(changes["hidden_size"])), "f")
        path.write_bytes(save(weights))


_SILENT = (
    _setting, _large, _json("vocabulary.json.zst"), _json("config.json"), _json("metrics.json"),
    _spelling, _weight, _header, _graph,
)  # fmt: skip
_ALTERATIONS = (*_SILENT, _json("manifest.json"), _node)
_WEIGHTS = (6, 2, 4, 2, 3, 2, 3, 2, 2, 2, 3)


def recipe(case: int) -> bytes:
    """Return an altered recipe, which is refused or describes a small network."""
    from ner_rnn.model.settings import Config

    chance = random.Random(case)
    small = {"model": {"hidden_size": 8, "word_size": 8}, "trainer": {"epochs": 1}}
    kind = chance.randrange(12)
    if kind < 7:
        fields = {
            name: sorted(value)
            for name, value in dataclasses.asdict(Config()).items()
            if isinstance(value, dict)
        }
        for _ in range(chance.choice((1, 1, 2))):
            section = chance.choice(("model", "model", "trainer", "data"))
            name = chance.choice(fields[section])
            if name != "num_nodes":  # a training of several machines waits for the others
                small.setdefault(section, {})[name] = strange(chance)
        return "\n".join(
            f"{section}:\n" + "\n".join(f"  {k}: {json.dumps(v)}" for k, v in held.items())
            for section, held in small.items()
        ).encode("utf-8", "replace")
    huge = chance.choice(
        ("word_size: 1000000000", "layers: 1000000000", "hidden_size: 1000000000",
         "layers: 1" + "0" * 300, "hidden_size: 1000000", "char_hidden: 500000000",
         "cell: clockwork\n  periods: [1, 99999999999999999999]",
         "cell: clockwork\n  periods: [1, 2, 4, 1e9]", "cluster_prefixes: [4, 99999999999]",
         "cell: reservoir\n  hidden_size: 100000", "context_size: 1000000000",
         "cell: reservoir\n  hidden_size: 1000000\n  sparsity: 0.9", "word_size: 1e9",
         f"periods: {list(range(3000))}", "layers: 9223372036854775808")
    )  # fmt: skip
    if kind < 9:
        return f"model:\n  {huge}\n".encode()
    laughs = "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    texts = (
        "a0: &a0 [x]\n" + laughs, f"? [&a0 [x], {laughs!r}]\n: 1", "&a [*a]", "&a {model: *a}",
        "model: &a {model: *a}", "&a {? *a : *a}", "seed: &a [*a]", "model: &m\n  periods: [*m]",
        "model: {" * 3000, "[" * 9000, "{a: " * 5000, "? " * 3000, "a: " + "x" * 40_000,
        "- " * 9999,
        "<<: [&a {b: 1}, *a]", "!!python/object/apply:os.system [x]", "!!binary a: 1",
        "%YAML 9.9\n---\na: 1", "a: 1\n---\nb: 2", "seed: 1\nseed: 2", "\0", "model: |\n  x", "&x",
        "*x", "model:\n\tlayers: 2", "'", "seed: !!float nan", "? {a: 1}\n: 2", "seed: \ud800",
        "a: &a {b: &b {c: *a, d: *b}}", "\n".join(f"k{i}: &k{i} {{a: 1}}" for i in range(1500)),
    )  # fmt: skip
    content = chance.choice(texts).encode("utf-8", "surrogatepass")
    if kind == 11:
        content = bytes(chance.randrange(256) for _ in range(chance.choice((1, 40, 3000))))
    return content
