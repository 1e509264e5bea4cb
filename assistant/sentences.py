"""Text → sentences, verbatim: what a quote may be, and what the judgement weighs one by one.

A sentence is a piece of the text as the writer typed it (line breaks within it are kept), so that it can be shown as a
proof. Text beyond `MAX_CHARACTERS` and sentences beyond `MAX_SENTENCES` are left out: no letter is that long.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 20_000
MAX_SENTENCES = 400
WRAPPED = (
    55  # a line at least this long, followed by a lower-case letter, was broken by a mail program, not by its writer
)

_BLANKS = re.compile(r"[^\S\n]+")
_STOP = re.compile(r"[.!?…;][.!?…\"'»”’)]{0,5}(?=\s)|\n")
_ABBREVIATIONS = """
m mm mme mlle mr mrs ms dr prof st ste no nr n° nº num art al av bd env cf p pp ex réf ref tél tel z b d h bzw ca
ggf inkl exkl zzgl usw sr sra srta ud uds vd vds sig sigra dott ing avv geom spett egr dhr mevr bv jl i e g v o a s
u exmo exma approx incl excl min max est vs etc resp fig pos abs
"""
_ABBREVIATED = frozenset(_ABBREVIATIONS.split())


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text in their order, each a verbatim piece of it without blanks around it; at most 400."""
    text = text[:MAX_CHARACTERS]
    sentences: list[str] = []
    start = 0
    for stop in _STOP.finditer(text):
        if not _ends_a_sentence(text, start, stop):
            continue
        sentence = text[start : stop.end()].strip()
        start = stop.end()
        if _says_something(sentence):
            sentences.append(sentence)
        if len(sentences) == MAX_SENTENCES:
            return tuple(sentences)
    last = text[start:].strip()
    return (*sentences, last) if _says_something(last) else tuple(sentences)


def _says_something(sentence: str) -> bool:
    return bool(sentence) and (len(sentence) > 3 or any(not c.isspace() and c not in ".,;:-–_*" for c in sentence))


def _ends_a_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    if stop.group() == "\n":
        return not _wrapped(text, start, stop.start())
    if stop.group() != ".":
        return True
    word = text[max(start, stop.start() - 12) : stop.start()].split()[-1:]
    return not word or word[0].lower().strip("(") not in _ABBREVIATED


def _wrapped(text: str, start: int, newline: int) -> bool:
    """Whether a line break lies within a sentence: after a long line, before a lower-case letter."""
    line = newline - max(start, text.rfind("\n", start, newline) + 1)
    return line >= WRAPPED and text[newline + 1 : newline + 2].islower()
