"""HTML of mail → text, block quotes marked with '>' as in plain mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HTML_JUDGED = 512 * 1024
_OPEN, _CLOSE = "\ue000", "\ue001"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ue000\ue001\ufffe\uffff]")
_EMBEDDED = re.compile(r"data:[\w/+.;=-]{1,100},[A-Za-z0-9+/=%\s]*+")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


def text_of_html(html: str) -> str:
    """What a reader of `html` sees, table rows on one line, hidden parts left out; '' where there is nothing."""
    source = _EMBEDDED.sub("", _DECLARATION.sub("", _ILLEGAL.sub("", html), count=1))[:HTML_JUDGED]
    if not source.strip():
        return ""
    shown = _shown(source)
    return _TAG.sub(" ", source) if shown is None else _quoted_lines(shown)


def _shown(source: str) -> str | None:
    """The text of a page, its block quotes between marks; None where it cannot be read.

    The parser is loaded here: it takes longer than `status` may, and most commands read no page.
    """
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig
    from lxml.etree import ParserError, XMLSyntaxError
    from lxml.html import HTMLParser, document_fromstring

    try:
        tree = document_fromstring(source, parser=HTMLParser(huge_tree=True))
        _mark_quotes(tree)
        return str(Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"])).get_text())
    except (ParserError, XMLSyntaxError, RecursionError, ValueError, AssertionError, IndexError):
        return None


def _mark_quotes(tree: HtmlElement) -> None:
    """Puts a mark on a line of its own before and after what every block quote holds."""
    for quote in tree.iter("blockquote"):
        opening, closing = quote.makeelement("p"), quote.makeelement("p")
        opening.text, closing.text = _OPEN, _CLOSE
        opening.tail, quote.text = quote.text, None
        quote.insert(0, opening)
        quote.append(closing)


def _quoted_lines(shown: str) -> str:
    """The marks replaced by '>' before every line that they enclose."""
    depth = 0
    lines: list[str] = []
    for line in shown.split("\n"):
        bare = line.strip()
        if bare in (_OPEN, _CLOSE):
            depth = max(0, depth + (1 if bare == _OPEN else -1))
        elif depth:
            lines.append(f"{'>' * min(depth, 20)} {bare.replace(_OPEN, '').replace(_CLOSE, '')}".rstrip())
        else:
            lines.append(line.rstrip())
    return "\n".join(lines)
