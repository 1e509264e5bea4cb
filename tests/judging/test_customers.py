"""Who belongs to whom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.config import Owner
from assistant.customers import Circle, House, client_name, organisation, person
from assistant.messages import Address, Message

NOW = datetime(2026, 5, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("a@valmontel.example", "valmontel.example"),
        ("a@achats.valmontel.example", "valmontel.example"),
        ("a@mail.harrow.co.uk", "harrow.co.uk"),
        ("lucie@gmail.com", "lucie@gmail.com"),  # strangers to one another
    ],
)
def test_an_organisation_is_the_registered_domain_or_one_person_at_a_free_mail_provider(
    email: str, expected: str
) -> None:
    assert organisation(email) == expected


def test_a_colleague_is_known_by_the_domain_of_the_main_address() -> None:
    house = House.of(Owner("A", ("a@binalys.example", "a.private@gmail.com"), "FR"))
    assert house.holds("yanis@binalys.example")
    assert house.holds("a.private@gmail.com")
    assert not house.holds("b.private@gmail.com")


def test_nobody_is_a_colleague_at_a_free_mail_provider() -> None:
    house = House.of(Owner("A", ("a@gmail.com",), "FR"))
    assert house.holds("a@gmail.com")
    assert not house.holds("b@gmail.com")


def test_a_person_is_the_same_in_any_order_of_names() -> None:
    assert person("LACAZE Bertrand") == person("Bertrand Lacaze")
    assert person("Bertrand") == frozenset()


def test_a_customer_writing_from_a_private_address_is_recognised_by_name() -> None:
    circle = Circle.of([Address("Bertrand LACAZE", "b.lacaze@valmontel.example")])
    assert circle.holds(Address("Bertrand Lacaze", "bertrand75@orange.fr"))
    assert not circle.holds(Address("Bertrand Dupont", "bertrand.dupont@orange.fr"))


def test_outsiders_are_listed_once_in_their_order() -> None:
    house = House.of(Owner("A", ("a@binalys.example",), "FR"))
    b, c = Address("B", "b@x.example"), Address("C", "c@y.example")
    message = Message(
        "<1@x>", NOW, Address("A", "a@binalys.example"), to=(b, c), cc=(b, Address("Y", "y@binalys.example"))
    )
    assert house.outsiders(message) == (b, c)


@pytest.mark.parametrize(
    ("contact", "texts", "expected"),
    [
        (
            Address("Bertrand LACAZE", "b@valmontel-collecte.example"),
            ["Directeur de l'exploitation – Valmontel Collecte"],
            "Valmontel Collecte",
        ),
        (Address("X", "x@harrowdale-waste.example"), ["Harrowdale Waste Ltd"], "Harrowdale Waste Ltd"),
        (Address("X", "x@harrowdale-waste.example"), ["no signature"], "Harrowdale Waste"),
        (Address("Lucie Wendling", "wendling.lk@gmail.com"), ["x"], "Lucie Wendling"),
    ],
)
def test_a_customer_is_called_as_the_signature_or_the_domain_does(
    contact: Address, texts: list[str], expected: str
) -> None:
    assert client_name(contact, texts) == expected
