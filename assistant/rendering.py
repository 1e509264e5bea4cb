"""Templates → text: a sandboxed Jinja environment that knows no files, and renders within bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from traceback import walk_tb

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, Environment, StrictUndefined, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assistant.errors import TemplateBroken
from assistant.wording import lower_first, sentence

CHECK = "offer-assistant templates check"
LONGEST_TEXT = 20_000
LONGEST_HTML = 400_000
_BROKEN = (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError)


def load_environment(builtin: BaseLoader | Mapping[str, str], own: BaseLoader | None = None) -> Environment:
    """The environment that `compose` renders with; the owner's templates (`own`) come first, file by file.

    Undefined variables are errors, HTML is escaped, templates reach no attribute that is not data, and `range` is
    bounded by Jinja's sandbox.
    """
    shipped = builtin if isinstance(builtin, BaseLoader) else DictLoader(builtin)
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([own, shipped]) if own else shipped,
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html", "html.j2")),
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["sentence"] = sentence
    environment.filters["lower_first"] = lower_first
    return environment


def render(
    environment: Environment, names: Sequence[str], facts: Mapping[str, object], limit: int = LONGEST_TEXT
) -> str:
    """The first of these templates that exists, rendered; TemplateBroken, with file and line, where that fails."""
    try:
        pieces, length = [], 0
        for piece in environment.select_template(names).generate(facts):
            pieces.append(piece)
            length += len(piece)
            if length > limit:
                raise ValueError(f"it writes more than {limit:,} characters")
    except _BROKEN as error:
        raise broken_template(error, names[-1]) from error
    return "".join(pieces)


def broken_template(error: BaseException, name: str) -> TemplateBroken:
    """Jinja's error as the owner reads it: file, line, reason."""
    file = getattr(error, "filename", None) or getattr(error, "name", None) or name
    line = getattr(error, "lineno", None)
    for frame, number in walk_tb(error.__traceback__):
        if frame.f_code.co_filename.endswith(".j2") or frame.f_code.co_filename == "<template>":
            file = frame.f_code.co_filename if frame.f_code.co_filename.endswith(".j2") else file
            line = number
    where = f"{file}, line {line}" if line else file
    return TemplateBroken(f"the template {where} is broken: {str(error).rstrip('.')}", hint=CHECK)


def render_html(environment: Environment, letter: str, attribution: str, quotation: Sequence[str]) -> str:
    """The same letter as HTML, made from its text: nobody's markup is copied."""
    paragraphs = [paragraph.split("\n") for paragraph in letter.split("\n\n")]
    facts = {"paragraphs": paragraphs, "attribution": attribution, "quotation": quotation}
    return render(environment, ["letter.html.j2"], facts, LONGEST_HTML)
