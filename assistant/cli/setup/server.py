"""The first two questions: whose mailbox, and on which server. Then how one logs in there, and how to get that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Any

from assistant.cli.setup.asking import Asking, a_host, a_port, a_word, an_address, one_of
from assistant.config import Account
from assistant.errors import UsageError
from assistant.host.autoconfig import Lookup, MailProvider, Server, find_servers, provider_of_host
from assistant.mailbox.connection import is_loopback

_WAYS = {
    "password": "the password of the mailbox",
    "app-password": "a password made for programs",
    "oauth-google": "in the browser (needs a client id: docs/oauth.md)",
    "oauth-microsoft": "in the browser (needs a client id: docs/oauth.md)",
}


def choose_account(
    asking: Asking, before: dict[str, Any], name: str, lookup: Lookup | None = None
) -> tuple[str, Account]:
    """The owner's address, and where and how to log in. `before` is the configuration as it was."""
    known = account_before(before, name)
    address = asking.ask("address", "Your e-mail address", an_address, _first_address(before, known, name))
    server = _server(asking, address, known, lookup)
    account = Account(
        name=name,
        host=server.host,
        port=server.port,
        security=server.security,
        user=asking.flags.get("user") or server.user,
        password_command="" if asking.flags.get("password_stdin") else _flag(asking, "password_command", known),
        ca_file=PurePath(path) if (path := _flag(asking, "ca_file", known)) else None,
        pin_sha256=_flag(asking, "pin_sha256", known),
        folders=known.get("folders", {}),
    )
    return address, _with_way(asking, account, server.provider, known)


def account_before(before: dict[str, Any], name: str) -> dict[str, Any]:
    """The account's table in the configuration as it was; {} where there is none."""
    several = before.get("accounts")
    found = several.get(name) if isinstance(several, dict) else before.get("account") if name == "default" else None
    return found if isinstance(found, dict) else {}


def _first_address(before: dict[str, Any], known: dict[str, Any], name: str) -> str:
    """What is proposed: the user name of the account where it is an address, else the owner's main one."""
    owner = before.get("owner")
    addresses = owner.get("addresses") if isinstance(owner, dict) else None
    main = str(addresses[0]) if isinstance(addresses, list) and addresses and name == "default" else ""
    return main or (str(known["user"]) if "@" in str(known.get("user", "")) else "")


def _flag(asking: Asking, key: str, known: dict[str, Any]) -> str:
    return str(asking.flags.get(key) or known.get(key, ""))


def _server(asking: Asking, address: str, known: dict[str, Any], lookup: Lookup | None) -> Server:
    """By flag, else as configured, else looked for; what was found is shown and may be overruled."""
    if asking.flags.get("host"):
        return _typed(asking, address, Server("", 0, "tls", address, ""))
    if known.get("host"):
        security = known.get("security", "tls")
        port = known.get("port", 993 if security == "tls" else 143)
        found = Server(known["host"], port, security, known.get("user", address), "the configuration",
                       provider_of_host(known["host"]))  # fmt: skip
    else:
        asking.say(f"Looking for the server of {address.rpartition('@')[2]} …")
        found = next(find_servers(address, lookup), Server("", 0, "tls", address, ""))
    if found.host:
        called = f" ({found.provider.name})" if found.provider else ""
        asking.say(f"Found by {found.source}: {found.host}, port {found.port}, {found.security}{called}.")
        if found.unproven:
            asking.say("Nothing proves that record, and the server is outside your domain: ask your provider.")
        if asking.confirm("Is that right?", not found.unproven):
            return found
        if found.unproven:
            found = Server("", 0, "tls", address, "")
    elif asking.interactive:
        asking.say("Found none. Your provider's help pages name it under 'IMAP' or 'incoming mail'.")
    return _typed(asking, address, found)


def _typed(asking: Asking, address: str, found: Server) -> Server:
    """Name, port and encryption from flags or the keyboard; no encryption only to this computer."""
    host = asking.ask("host", "IMAP server", a_host, found.host, hint="name the IMAP server: --host imap.example.org")
    local = is_loopback(host)
    words = ("tls", "starttls", "none") if local else ("tls", "starttls")
    usual = "none" if local and asking.flags.get("port") == "143" else "tls"
    security = asking.ask("security", f"Encryption ({', '.join(words)})", one_of(*words), usual)
    port = asking.ask("port", "Port", a_port, "993" if security == "tls" else "143")
    return Server(host, port, security, address, "you", provider_of_host(host))  # type: ignore[arg-type]


def _with_way(asking: Asking, account: Account, provider: MailProvider | None, known: dict[str, Any]) -> Account:
    """How to log in: by flag, as configured, or as the provider wants it; and how to get what that needs."""
    ways = list(provider.ways) if provider else ["password"]
    wanted = asking.flags.get("auth") or known.get("auth")
    if wanted:
        one_of_them = [way for way in _WAYS if way == wanted]
        if not one_of_them:
            raise UsageError(f"--auth {wanted!r} is unknown", hint="password, oauth-google or oauth-microsoft")
        ways = one_of_them if wanted != "password" else [w for w in ways if "password" in w] or ["password"]
    way = ways[0]
    if len(ways) > 1:
        asking.say("There are several ways to log in:")
        way = ways[asking.choose("Which one", [_WAYS[w] for w in ways]) - 1]
    if provider and not account.password_command:
        explain(asking, provider, way)
    if way in ("password", "app-password"):
        return account
    return _with_client(asking, replace(account, auth=way), known)  # type: ignore[arg-type]


def explain(asking: Asking, provider: MailProvider, way: str) -> None:
    """What this provider wants for that way of logging in, and where to get it."""
    lines = list(provider.steps)
    if way == "app-password":
        lines = [f"You get it here: {provider.page}"] * bool(provider.page) + [*provider.password_steps, *lines]
        asking.say(f"\n{provider.name} wants a password made for programs, not your usual one.")
    elif lines:
        asking.say(f"\n{provider.name}:")
    for line in lines:
        asking.say(f"  • {line}")
    asking.say()


def _with_client(asking: Asking, account: Account, known: dict[str, Any]) -> Account:
    if not known.get("oauth_client_id") and not asking.flags.get("oauth_client_id"):
        asking.say("Logging in by the browser needs a client id; docs/oauth.md tells how to register one.")
    return replace(
        account,
        oauth_client_id=asking.ask("oauth_client_id", "Client id", a_word, str(known.get("oauth_client_id", ""))),
        oauth_client_secret_command=_flag(asking, "oauth_client_secret_command", known),
    )
