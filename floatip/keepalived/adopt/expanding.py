"""What keepalived reads in the end, of files that include others or that have definitions: where each line comes from,
and what became of the lines that are not there any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from posixpath import normpath

from floatip.keepalived.adopt.findings import Finding, shown
from floatip.keepalived.adopt.questions import Question
from floatip.keepalived.conf import Expanded, Gone, Place, Source, expand, masked
from floatip.model.messages import say
from floatip.model.paths import KEEPALIVED_CONF

WHY = {
    Gone.OTHER_SERVER: say("A line for another server: keepalived compares the word behind @ with the host name."),
    Gone.DEFINITION: say("A definition: its value replaces every use of it."),
    Gone.TAKEN_IN: say(
        "The contents of these files were imported. The files stay where they are, but nothing reads them any more."
    ),
    Gone.NOT_READ: say(
        "This file was not read: it does not exist, is not below the directory of keepalived.conf, is "
        "too large, or there are too many files."
    ),
    Gone.SEQUENCE: say("keepalived cannot use this sequence, or it has more than 1000 values."),
    Gone.TOO_MUCH: say("Definitions or sequences have no end here: the rest of the file is not read."),
}
DIRECTORY = KEEPALIVED_CONF.rpartition("/")[0] + "/"


def expanded(files: Mapping[str, str | Source]) -> dict[str, Expanded]:
    """Server → its file as keepalived reads it there. One that is a mere text is that of a host with this name."""
    return {name: expand(Source(file, name) if isinstance(file, str) else file) for name, file in files.items()}


def gone(read: Mapping[str, Expanded]) -> list[Finding]:
    """The lines that are not there any more."""
    return [
        Finding(node, place.line, shown(masked(text)), WHY[why], last=place.line, file=_file(place))
        for node, file in read.items()
        for place, text, why in file.gone
    ]


def found_there(findings: Iterable[Finding], read: Mapping[str, Expanded]) -> list[Finding]:
    """The same findings, with the lines of the files themselves."""
    return [
        _there(finding, read[finding.node]) if finding.line and read[finding.node].places else finding
        for finding in findings
    ]


def _there(finding: Finding, read: Expanded) -> Finding:
    place, end = read.place(finding.line), read.place(max(finding.line, finding.last))
    last = end.line if end.path == place.path else place.line
    return replace(finding, line=place.line, last=max(last, place.line) if finding.last else 0, file=_file(place))


def asked_there(questions: Iterable[Question], read: Mapping[str, Expanded]) -> list[Question]:
    """The same questions, with the lines of the files themselves."""
    return [
        _asked_there(question, read[question.nodes[0]]) if question.line and question.nodes else question
        for question in questions
    ]


def _asked_there(question: Question, read: Expanded) -> Question:
    if not read.places:
        return question
    place = read.place(question.line)
    return replace(question, line=place.line, file=_file(place))


def _file(place: Place) -> str:
    """The name of an included file, as short as it is clear."""
    return shown(normpath(place.path).removeprefix(DIRECTORY)) if place.path else ""
