"""Which trainings a comparison needs, which of them are done, and doing the rest."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ner_rnn.corpora.read import read_splits
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError
from ner_rnn.machine import cores
from ner_rnn.model.bundle import read_bundle, write_bundle
from ner_rnn.model.settings import Config, ModelConfig, TrainerConfig
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.studies.compare import Cell, Job, is_done, jobs_of, plan, runs_of
from ner_rnn.studies.cost import documents_of, measure
from ner_rnn.studies.subprocesses import train_all
from ner_rnn.training.fit import train

LSTM, GRU = Config(), Config(model=ModelConfig(cell="gru"))
RIDGE = ModelConfig(cell="reservoir", output="ridge", nonlinearity="tanh")


def test_the_same_settings_are_one_cell() -> None:
    cells = plan([("a/x.yaml", LSTM), ("y.yaml", GRU), ("z.yaml", Config(seed=7))])
    assert [cell.names for cell in cells] == [("x", "z"), ("y",)]
    assert cells[0].paths == ("a/x.yaml", "z.yaml")


def test_epochs_make_no_difference_to_ridge_regression() -> None:
    few, many = (Config(model=RIDGE, trainer=TrainerConfig(epochs=n)) for n in (1, 9))
    assert len(plan([("a.yaml", few), ("b.yaml", many)])) == 1
    assert plan([("a.yaml", few)])[0].by_ridge
    assert not plan([("a.yaml", LSTM)])[0].by_ridge


@pytest.mark.parametrize(
    ("recipes", "message"),
    [
        ([("a.yaml", LSTM), ("./a.yaml", LSTM)], "./a.yaml is given twice: give each config once"),
        (
            [("a.yaml", LSTM), ("b/a.yaml", GRU)],
            "b/a.yaml: there is another config of this name, a.yaml, and models are kept by name: "
            "rename one of them",
        ),
        (
            [("a.yaml", LSTM), ("b.yaml", Config(DataConfig(corpus="open")))],
            "b.yaml: data.corpus is open, and in a.yaml it is null: networks are compared on "
            "the same data; give data.corpus, which holds for all",
        ),
        (
            [("a.yaml", LSTM), ("b.yaml", Config(DataConfig(person_labels=("HUM", "PER"))))],
            "b.yaml: data.person_labels is HUM, PER, and in a.yaml it is empty: networks are "
            "compared on the same data; give data.person_labels, which holds for all",
        ),
    ],
)
def test_what_cannot_be_compared(recipes: list[tuple[str, Config]], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan(recipes)
    assert str(caught.value) == message


def test_jobs_go_seed_by_seed_and_to_where_something_is(tmp_path: Path) -> None:
    cells = plan([("x.yaml", LSTM), ("y.yaml", GRU), ("z.yaml", LSTM)])
    runs = tmp_path / "runs"
    assert [job.folder for job in jobs_of(cells, [1, 2], tmp_path)] == [
        runs / "x" / "seed-1", runs / "y" / "seed-1", runs / "x" / "seed-2", runs / "y" / "seed-2",
    ]  # fmt: skip
    (runs / "z").mkdir(parents=True)
    jobs = jobs_of(cells, [1], tmp_path)
    assert [job.folder for job in jobs] == [runs / "z" / "seed-1", runs / "y" / "seed-1"]
    assert str(jobs[0]) == "x, z, seed 1"


@pytest.fixture(scope="module")
def trained(
    recipe: Callable[..., Config], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Config, Path]:
    """A small model and its recipe."""
    folder = tmp_path_factory.mktemp("compare") / "runs" / "x" / "seed-1"
    config = recipe(model__cell="gru", trainer__epochs=1)
    train(config, folder, on_notice=lambda text: None)
    return config, folder


def checksums(config: Config) -> dict[str, str]:
    return {split: corpus.sha256 for split, corpus in read_splits(config.data).items()}


def the_job(config: Config, folder: Path, seed: int = 1) -> Job:
    return Job(Cell(("x.yaml",), config), seed, folder)


def test_a_training_that_is_done(trained: tuple[Config, Path], tmp_path: Path) -> None:
    config, folder = trained
    prints = checksums(config)
    assert is_done(the_job(config, folder), prints)
    assert not is_done(the_job(config, tmp_path / "absent"), prints)
    elsewhere = dataclasses.replace(config, data=dataclasses.replace(config.data, cache=None))
    assert is_done(the_job(elsewhere, folder), prints)
    (run,) = runs_of([the_job(config, folder)])
    assert run.seed == 1
    assert run.epochs == 1
    assert set(run.scores) == {"dev", "test"}
    assert run.seconds["processor"] > 0
    assert "torch" in run.packages


def test_another_model_in_the_folder_is_refused(
    trained: tuple[Config, Path], recipe: Callable[..., Config]
) -> None:
    config, folder = trained
    prints = checksums(config)
    remedy = "give another output, or remove that folder"

    def refusal(job: Job, data: dict[str, str] = prints) -> str:
        with pytest.raises(ConfigError) as caught:
            is_done(job, data)
        return str(caught.value)

    other = recipe(model__cell="gru", model__memory=False, trainer__epochs=1)
    assert refusal(the_job(other, folder)) == (
        f"{folder}: model.memory of the model there is true: the same setting is false now; "
        f"{remedy}"
    )
    longer = recipe(model__cell="gru", trainer__epochs=3)
    assert "trainer.epochs of the model there is 1: the same setting is 3 now" in refusal(
        the_job(longer, folder)
    )
    assert "seed of the model there is 1: the same setting is 2 now" in refusal(
        the_job(config, folder, 2)
    )
    less = {split: value for split, value in prints.items() if split != "test"}
    assert refusal(the_job(config, folder), less) == (
        f"{folder}: the model there is of other data, its test split differs; {remedy}"
    )
    changed = {**prints, "train": "0" * 64}
    assert "its train split differs" in refusal(the_job(config, folder), changed)


def test_a_model_that_did_not_measure_itself_is_refused(
    trained: tuple[Config, Path], tmp_path: Path
) -> None:
    config, folder = trained
    bundle = read_bundle(folder)
    metrics = {**bundle.metrics, "seconds": {"fit": 1.0, "total": 2.0}}
    write_bundle(
        tmp_path, config=bundle.config, vocabulary=bundle.vocabulary, weights=bundle.weights,
        metrics=metrics, card="",
    )  # fmt: skip
    prints = checksums(config)
    with pytest.raises(ConfigError, match="did not measure processor time"):
        is_done(the_job(config, tmp_path), prints)


def test_what_a_model_costs(trained: tuple[Config, Path]) -> None:
    config, folder = trained
    gold = read_splits(config.data)["test"]
    documents = documents_of(gold)
    assert sum(len(s) for d in documents for s in d.sentences) == sum(map(len, gold.tokens))
    assert len(documents) == len(set(gold.documents))
    assert len(documents_of(gold, most=1)) == 1
    before = torch.get_num_threads()
    cost = measure(folder, documents, repeats=1)
    network, _ = load_tagger(read_bundle(folder))
    assert cost.learned == sum(p.numel() for p in network.parameters())
    assert cost.fixed == 0
    assert cost.words_per_second > 100
    assert torch.get_num_threads() == before


def test_what_ridge_regression_sets_and_what_stays(
    recipe: Callable[..., Config], tmp_path: Path
) -> None:
    config = recipe(
        model__sparsity=0.1, model__hidden_size=20, model__cell="reservoir", model__output="ridge",
        model__chars="none", model__memory=False,
    )  # fmt: skip
    train(config, tmp_path, on_notice=lambda text: None)
    documents = documents_of(read_splits(config.data)["dev"])
    cost = measure(tmp_path, documents, repeats=1)
    network, vocabulary = load_tagger(read_bundle(tmp_path))
    tags = len(vocabulary.tags)
    inputs = 8 + network.forms.output_size  # the word's vector, and what it is spelled like
    # [1; x; a] with a from both directions, and the transitions of the CRF
    assert cost.learned == (2 * 20 + inputs + 1) * tags + tags * (tags + 2)
    # each of two reservoirs: inputs, bias, and two connections a unit; and the vectors below
    vectors = [network.words.vectors, network.forms.features]
    below = sum(table.weight.numel() for table in vectors)
    assert cost.fixed == 2 * 20 * (inputs + 1 + 2) + below


def test_a_failure_stops_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: Path
) -> None:
    """A stand-in for the interpreter: trainings proper are started by the command's own tests."""
    script = tmp_path / "python"
    script.write_text(
        "#!/bin/sh\n"
        'for word; do case "$word" in --output=*) folder="${word#--output=}";; esac; done\n'
        'case "$*" in *bad.yaml*) echo "error: no such thing" >&2; exit 2;; esac\n'
        'echo "note: epoch 1 of 4: loss 1" >&2; echo "note: epoch 4 of 4: loss 1" >&2\n'
        'mkdir -p "$folder"; echo "$OMP_NUM_THREADS $*" > "$folder/said"\n'
    )  # fmt: skip
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    cells = [Cell((name,), LSTM) for name in ("good.yaml", "bad.yaml", "fair.yaml")]
    jobs = jobs_of(cells, [3], tmp_path)
    shares: list[tuple[Job, float]] = []
    ended: list[tuple[Job, str | None]] = []
    failures = train_all(
        jobs,
        ["--trainer.epochs=4"],
        workers=2,
        on_share=lambda job, share: shares.append((job, share)),
        on_end=lambda job, failure: ended.append((job, failure)),
    )
    log = jobs[1].folder.with_name("seed-3.log")
    assert failures == {jobs[1]: f"no such thing ({log})"}
    assert {job for job, failure in ended if failure is None} == {jobs[0], jobs[2]}
    assert [share for job, share in shares if job == jobs[0]] == [0.25, 1.0]
    threads, *words = (jobs[0].folder / "said").read_text().split()
    assert threads == str(max(1, cores() // 2))
    assert words == [
        "-m", "ner_rnn_cli", "train", "--config", "good.yaml", "--trainer.epochs=4", "--seed=3",
        f"--output={jobs[0].folder}",
    ]  # fmt: skip
    assert "error: no such thing" in log.read_text()


def test_when_stopped_all_trainings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = shutil.which("sleep")
    if sleep is None or os.name != "posix":
        pytest.skip("needs a program to wait for")
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\necho "epoch 1 of 2"\nexec {sleep} 600\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    jobs = jobs_of([Cell(("a.yaml",), LSTM), Cell(("b.yaml",), GRU)], [1, 2], tmp_path)
    began: list[Job] = []

    def interrupt(job: Job, share: float) -> None:
        began.append(job)
        if len(began) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train_all(jobs, [], workers=2, on_share=interrupt)
    assert len(began) == 2, "none is begun after the signal"
