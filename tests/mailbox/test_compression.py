"""COMPRESS=DEFLATE: the same answers in fewer bytes, and no bomb."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Iterator

import pytest

from assistant.mailbox import Fetched
from assistant.mailbox.stream import CHUNK, Stream
from tests.dovecot import Dovecot
from tests.mailbox.backends import Backend, on_dovecot

PLUGIN = "protocol imap {\n  mail_plugins = $mail_plugins imap_zlib\n}"


@pytest.fixture(scope="module")
def served() -> Iterator[Backend]:
    server = Dovecot(extra=PLUGIN).start()
    yield on_dovecot(server)
    server.stop()


def test_compressed_answers_say_the_same_in_fewer_bytes(served: Backend) -> None:
    raw = b"Subject: x\r\n\r\n" + b"Bonjour Paul, voici notre offre.\r\n" * 2_000
    served.deliver("INBOX", raw)
    with served.connect() as connection:
        connection.wire.compress()
        connection.wire.compress()  # harmless
        connection.wire.examine("INBOX")
        (found,) = connection.wire.fetch("1", "UID BODY.PEEK[]")
        assert isinstance(found, Fetched)
        assert found.body == raw
        assert connection.wire.stream.received < len(raw) / 10


def test_what_inflates_a_thousandfold_is_taken_in_bounded_steps() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stream = Stream(ours, "test")
        stream.compress()
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        theirs.sendall(deflate.compress(b"x" * (20 * CHUNK) + b"\r\n") + deflate.flush(zlib.Z_SYNC_FLUSH))
        stream.fill()
        assert len(stream.buffer) <= CHUNK
        (line,) = stream.pieces()
        assert len(line) == 20 * CHUNK
