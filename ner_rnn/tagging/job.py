"""A tagging job: inputs -> reader -> tagger -> format -> outputs, in one process or several.

    job = Job(Work("runs/x", JsonLines()), find_inputs(["letters/"]))
    with replacing("names.jsonl") as file:
        job.run(Together(job.work.format, file), on_fault=print)

The parent process reads and writes; workers tokenize, tag and format. Nothing here prints: progress
and faults go to functions of the caller.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ner_rnn.errors import UserError
from ner_rnn.machine import cores
from ner_rnn.processes import in_order
from ner_rnn.tagging.folders import Input
from ner_rnn.tagging.long_texts import LONGEST_TEXT
from ner_rnn.tagging.outputs import Outputs
from ner_rnn.tagging.redact import Became, Replacement, became, redacted
from ner_rnn.tagging.stream import End, Event, Fault, Kept, Reader, Reading, Source
from ner_rnn.tagging.suggestions.uncertain import Uncertain
from ner_rnn.tagging.writers import Format

if TYPE_CHECKING:
    from ner_rnn.runtime.documents import Document
    from ner_rnn.runtime.load import Device, Precision
    from ner_rnn.runtime.tagger import Tagger

__all__ = ["WORKER_ROOM", "Job", "Summary", "may_be_cut"]

_TASK_CHARACTERS = 250_000
_TASK_EVENTS = 1000
WORKER_ROOM = 6144
"""Distinct words in the table of each worker; two workers then take at most 400 MB."""
_WORTH_PROCESSES = 2_000_000
"""Characters; to start processes for fewer takes longer than to tag them."""


class Task(NamedTuple):
    """Texts that are tagged together, with what stands between them.

    Attributes:
        events: texts, parts without any, faults and ends of files, in order.
        position: bytes of all inputs read up to the end of the task.
    """

    events: list[Event]
    position: int


class Part(NamedTuple):
    """Output of consecutive texts of one input.

    Attributes:
        file: number of the input.
        content: result of ``Format.render``.
        texts, empty, words, names: counts; an empty text is one without words.
        people: who became whom, if that is kept.
    """

    file: int
    content: Any
    texts: int
    empty: int
    words: int
    names: int
    people: list[Became] = []  # noqa: RUF012  never changed


@dataclass
class Summary:
    """Counts of a job so far.

    Attributes:
        texts, empty, words, names: counts; an empty text is one without words.
        files: inputs that were read to their end.
        failed: inputs that could not be read to their end.
        rows: rows of tables that could not be read.
        position: bytes read, counted before they are unpacked.
    """

    texts: int = 0
    empty: int = 0
    words: int = 0
    names: int = 0
    files: int = 0
    failed: int = 0
    rows: int = 0
    position: int = 0


@dataclass(frozen=True)
class Work:
    """Settings of a worker; they can be pickled for another process.

    Attributes:
        model: folder of the bundle.
        format: output format.
        min_score: see ``Tagger.pipe``.
        replacement: what stands in place of names (``redact.py``); None: names are kept.
        device: see ``Tagger.load``.
        precision: see ``Tagger.load``.
        keep_people: list who became whom in ``Job.people``.
    """

    model: str
    format: Format
    min_score: float = 0.0
    replacement: Replacement | None = None
    device: Device = "auto"
    precision: Precision = "fp32"
    keep_people: bool = False

    def __call__(self) -> Callable[[Task], tuple[list[Part | Kept | Fault | End], int]]:
        """Load the tagger.

        Raises:
            BundleError: the folder is not a model, or one that this version cannot use.
        """
        from ner_rnn.runtime.tagger import Tagger

        # one thread and a smaller table: several processes run side by side
        tagger = Tagger.load(
            self.model, device=self.device, precision=self.precision, threads=1, room=WORKER_ROOM
        )
        return _Worker(self, tagger)


class _Worker:
    def __init__(self, work: Work, tagger: Tagger) -> None:
        self._work, self._tagger = work, tagger

    def __call__(self, task: Task) -> tuple[list[Part | Kept | Fault | End], int]:
        work = self._work
        texts = (event.text for event in task.events if isinstance(event, Source))
        entropy = isinstance(work.format, Uncertain)
        documents = self._tagger.pipe(texts, min_score=work.min_score, entropy=entropy)
        done: list[Part | Kept | Fault | End] = []
        for file, events in itertools.groupby(
            task.events, lambda event: event.file if isinstance(event, Source) else None
        ):
            if file is None:
                done += [event for event in events if not isinstance(event, Source)]
                continue
            tagged = [(event, next(documents)) for event in events if isinstance(event, Source)]
            words = sum(document.words for _, document in tagged)
            names = sum(len(document.names) for _, document in tagged)
            empty = sum(not document.words for _, document in tagged)
            people: list[Became] = []
            if work.replacement is not None:
                changed = [
                    (event, _redacted(event, found, work.replacement)) for event, found in tagged
                ]
                if work.keep_people:
                    for (_, before), (_, after) in zip(tagged, changed, strict=True):
                        people += became(before, after)
                tagged = changed
            content = work.format.render(tagged)
            done.append(Part(file, content, len(tagged), empty, words, names, people))
        return done, task.position


@dataclass
class Job:
    """Inputs, what is done with them, and a summary.

    Attributes:
        work: settings of the workers.
        inputs: files to read, in order.
        reading: settings of the reader.
        workers: number of processes; None: one for little text, else one for each core.
        summary: counts so far; also after an exception.
        people: who became whom so far, in the order of the inputs, if the work keeps it; likewise.
    """

    work: Work
    inputs: list[Input]
    reading: Reading = field(default_factory=Reading)
    workers: int | None = None
    summary: Summary = field(default_factory=Summary)
    people: dict[Became, None] = field(default_factory=dict)

    def run(
        self,
        outputs: Outputs,
        *,
        on_fault: Callable[[Fault], None],
        on_progress: Callable[[Summary], None] = lambda summary: None,
        on_wait: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Read, tag and write all inputs.

        Args:
            outputs: destination, closed at the end, also after an exception.
            on_fault: called with what could not be read, in the order of the inputs.
            on_progress: called with the summary after each task.
            on_wait: called with a line when nothing could be read for two seconds, from another
                thread.

        Raises:
            UserError: the model cannot be loaded, an output cannot be written.
        """
        with closing(outputs):
            tasks = _tasks(Reader(self.inputs, self.reading, on_wait))
            held, workers = _workers(tasks, self._wanted_workers())
            with closing(in_order(self.work, itertools.chain(held, tasks), workers)) as results:
                for events, position in results:
                    for event in events:
                        self._take(event, outputs, on_fault)
                    self.summary.position = position
                    on_progress(self.summary)
            outputs.finish()

    def _wanted_workers(self) -> int | None:
        """Return ``workers``; on a GPU 1 by default, as several would wait for each other."""
        from ner_rnn.runtime.load import uses_gpu

        return self.workers or (1 if uses_gpu(self.work.device) else None)

    def _take(
        self, event: Part | Kept | Fault | End, outputs: Outputs, on_fault: Callable[[Fault], None]
    ) -> None:
        summary = self.summary
        if isinstance(event, Part):
            self.people.update(dict.fromkeys(event.people))  # before anything is handed on
            outputs.add(event.file, event.content)
            summary.texts += event.texts
            summary.empty += event.empty
            summary.words += event.words
            summary.names += event.names
        elif isinstance(event, Kept):
            outputs.add(event.file, event)
        elif isinstance(event, Fault):
            on_fault(event)
            summary.failed += event.whole
            summary.rows += not event.whole
        else:
            outputs.end(event.file, complete=event.complete)
            summary.files += event.complete


def may_be_cut(inputs: Sequence[Input]) -> bool:
    """Return whether texts may be read in parts, so that each part must state its offset.

    For a single text the parts themselves show it: only those of a text in several parts have one.
    """
    if len(inputs) == 1 and inputs[0].kind == "text":
        return False
    return any(
        given.kind in ("text", "conll")
        and (given.size is None or given.size > LONGEST_TEXT or given.is_packed)
        for given in inputs
    )


def _tasks(reader: Reader) -> Iterator[Task]:
    events: list[Event] = []
    size = 0
    for event in reader:
        events.append(event)
        size += _held(event)
        if size >= _TASK_CHARACTERS or len(events) >= _TASK_EVENTS:
            yield Task(events, reader.position)
            events, size = [], 0
    if events:
        yield Task(events, reader.position)


def _workers(tasks: Iterator[Task], wanted: int | None) -> tuple[list[Task], int]:
    """Return the tasks that were read to decide on the number of processes, and this number."""
    if wanted is not None:
        return [], wanted
    available = cores()
    if available == 1:
        return [], 1
    held: list[Task] = []
    size = 0
    for task in tasks:
        held.append(task)
        size += sum(_size(event) for event in task.events if isinstance(event, Source))
        if size >= _WORTH_PROCESSES:
            return held, available
    return held, 1


def _redacted(source: Source, document: Document, replacement: Replacement) -> Document:
    """Redact a document; an error names its file."""
    try:
        return redacted(document, replacement)
    except UserError as problem:
        raise type(problem)(problem.what, where=source.path, do=problem.do) from None


def _held(event: Event) -> int:
    """Return about how many bytes an event takes, beside a few hundred."""
    if isinstance(event, Source):
        return _size(event) + (len(event.row.raw) if event.row is not None else 0)
    if isinstance(event, Kept):
        return len(event.content if isinstance(event.content, str) else event.content.content)
    return 0


def _size(source: Source) -> int:
    return len(source.text if isinstance(source.text, str) else source.text.text)
