"""The network that is asked where the marks leave a doubt."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.languages.models import load_network
from assistant.network import BLOCK_BYTES, Norm, spelled, unpacked


def test_weights_of_four_bits_are_a_scale_times_a_whole_number() -> None:
    block = np.frombuffer(np.float16(0.5).tobytes() + bytes([0x80 | at for at in range(16)]), np.uint8)

    assert len(block) == BLOCK_BYTES
    assert unpacked(block).tolist() == [[(at - 8) / 2 for at in range(16)] + [0.0] * 16]


def test_a_norm_gives_rows_of_mean_nought_and_variance_one() -> None:
    norm = Norm(np.ones(4, np.float32), np.zeros(4, np.float32))

    rows = norm(np.array([[1, 2, 3, 4], [10, 10, 10, 14]], np.float32))

    assert rows.mean(axis=1) == pytest.approx([0, 0], abs=1e-6)
    assert rows.std(axis=1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize("side", ["customer", "owner"])
def test_what_it_tells_are_logarithms_of_probabilities(side: str) -> None:
    network = load_network()

    told = network.tell(side, network.read("Re: offer", "We accept your offer."))

    assert sum(math.exp(value) for value in told.values()) == pytest.approx(1)


def test_a_clear_yes_and_a_clear_no_are_told_apart_in_every_language() -> None:
    network = load_network()
    pairs = [
        ("Nous acceptons votre offre, bon pour accord.", "Nous ne donnerons pas suite à votre offre."),
        ("We are happy to accept your offer.", "We have decided not to go ahead."),
        ("Wir nehmen Ihr Angebot an.", "Wir haben uns gegen Ihr Angebot entschieden."),
        ("Aceptamos su oferta.", "Hemos decidido no aceptar su oferta."),
        ("Accettiamo la vostra offerta.", "Abbiamo deciso di non accettare l'offerta."),
        ("Wij gaan akkoord met uw offerte.", "Wij gaan niet op uw offerte in."),
        ("Aceitamos a vossa proposta.", "Decidimos não avançar com a vossa proposta."),
    ]
    for yes, no in pairs:
        assert _best(network.tell("customer", network.read("Re", yes))) == "acceptance", yes
        assert _best(network.tell("customer", network.read("Re", no))) == "refusal", no


def _best(told: dict[str, float]) -> str:
    return max(told, key=lambda kind: told[kind])


@pytest.mark.parametrize("text", ["", "\n" * 20_000, "> " * 10_000, "9" * 20_000, "🙏" * 5_000, "\x00\ud800"])
def test_no_text_makes_it_stumble(text: str) -> None:
    network = load_network()

    told = network.tell("customer", network.read(text, text))

    assert all(math.isfinite(value) for value in told.values())
    assert len(spelled(network.pieces, text, text)) <= 283
