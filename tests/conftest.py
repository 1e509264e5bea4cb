"""What all tests share: one private Dovecot for the session, a fresh mailbox user for each test."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does: two threads on a busy machine are slower

from tests.dovecot import DOVECOT, Dovecot
from tests.placing.tlsfront import Authority, TlsFront

_users = itertools.count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: `make test` installs it")
    server = Dovecot().start()
    yield server
    server.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Issues certificates for the server's TLS front."""
    return Authority(tmp_path / "certificates")


@pytest.fixture
def front(dovecot: Dovecot, authority: Authority) -> Iterator[TlsFront]:
    """TLS in front of the server, with a certificate that the test may change."""
    with TlsFront(dovecot.port, authority.certificate()) as made:
        yield made


@pytest.fixture
def mailbox_user() -> str:
    """A user name nobody has used yet: its mailbox is empty."""
    return f"user{next(_users)}@binalys.example"
