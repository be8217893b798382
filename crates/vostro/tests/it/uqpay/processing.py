"""The store lets nobody add an instruction for a while: the first call is stopped before its commit,
who asks again meanwhile is told that it is under way, and once the store is free who asks again is
answered by the first."""

import socket
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
import uqpay.client
from uqpay import ServerError, ValidationError

from conftest import PAGE, advance, client_of, key

MINUTE_US = 60 * 1_000_000
PATIENCE_S = 60


@pytest.fixture
def store(family):
    """Does something to the store, and returns when that is done."""
    with socket.create_connection(("127.0.0.1", family.told["lever"])) as connection:
        lines = connection.makefile("rw")

        def do(what):
            print(what, file=lines, flush=True)
            assert lines.readline() == "done\n"

        yield do
        # Whatever has failed, nobody has to wait for it.
        do("free")


def now(family):
    """As the server writes it."""
    with open(family.told["clock"]) as file:
        at = datetime.fromtimestamp(int(file.read()) // 1_000_000, timezone(timedelta(hours=8)))
    return at.isoformat()


def is_processing(error):
    text = "Request is processing, please try again later"
    return (error.http_status, error.code, error.message) == (400, "200", text)


def elsewhere(family, monkeypatch, **options):
    """A client of the other server, or of the one that there is."""
    other = family.told["other_base_url"]
    if other:
        monkeypatch.setitem(uqpay.client._BASE_URLS, "sandbox", other)
    return client_of(family.told, **options)


def asked_again(client, body, options):
    """As often as it is said to be under way."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return client.issuing.transfers.create(body, options)
        except ValidationError as error:
            assert is_processing(error) and time.monotonic() < deadline


def test_a_call_under_way_is_done_once(family, store, monkeypatch):
    before, asked_at = family.issuing(family.first), now(family)
    options, body = {"idempotency_key": key()}, family.body(1)
    # It has its token before the store is held up.
    with elsewhere(family, monkeypatch) as other:
        other.issuing.balances.list(PAGE)
        store("stall instruction")
        with pytest.raises(ValidationError) as caught:
            family.client.issuing.transfers.create(body, options)
        assert is_processing(caught.value)
        advance(family.told["clock"], MINUTE_US)
        with pytest.raises(ValidationError) as caught:
            other.issuing.transfers.create(body, {**options, "max_retries": 0})
        assert is_processing(caught.value)
        if not family.told["other_base_url"]:
            # The server takes nothing more of the programme up: of other calls nothing was done.
            with pytest.raises(ServerError) as caught:
                busy = {"idempotency_key": key(), "max_retries": 0}
                other.issuing.transfers.create(family.body(1), busy)
            assert caught.value.http_status == 503
        advance(family.told["clock"], MINUTE_US)
        store("free")
        made = asked_again(other, body, options)
        assert other.issuing.transfers.create(body, options) == made
    assert family.client.issuing.transfers.create(body, options) == made
    shown = family.client.issuing.transfers.retrieve(made["transfer_id"])
    # What was done is what the first has asked for, not a repeat in its place.
    assert (shown["create_time"], shown["transfer_status"]) == (asked_at, "COMPLETED")
    assert family.issuing(family.first) - before == Decimal(1)
