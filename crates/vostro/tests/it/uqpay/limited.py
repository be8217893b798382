"""How often a client may call. The server's clock stands still, and moves where the client waits: a
call too many is healed by the client's own repeat, which waits for as long as it was told."""

import pytest
from uqpay import AuthenticationError, RateLimitError

from conftest import PAGE, SGD, advance, available, client_of, key


@pytest.fixture(autouse=True)
def conserved():
    """In the place of the one that looks at all books, by more calls than are let through."""


@pytest.fixture
def waited(told, monkeypatch):
    """How long the client has waited each time, in seconds."""
    waited = []

    def wait(seconds):
        waited.append(seconds)
        advance(told["clock"], int(seconds * 1_000_000))

    monkeypatch.setattr("uqpay.http.time.sleep", wait)
    return waited


def body(told, amount):
    return {
        "source_account_id": told["account_id"],
        "destination_account_id": told["sub_account_id"],
        "currency": SGD,
        "amount": amount,
    }


def test_nothing_is_limited_by_itself(told, waited):
    for _ in range(70):
        client_of(told).connect.accounts.retrieve(told["account_id"])
    with client_of(told) as client:
        for _ in range(510):
            client.connect.accounts.retrieve(told["account_id"])
    assert waited == []


def test_a_call_too_many_is_healed_in_place(told, waited):
    member, options = told["sub_account_id"], {"idempotency_key": key()}
    with client_of(told) as once, client_of(told, max_retries=2) as client:
        before = available(client, member)
        client.issuing.transfers.create(body(told, 1))
        client.issuing.transfers.create(body(told, 1))
        with pytest.raises(RateLimitError) as caught:
            once.issuing.transfers.create(body(told, 1), options)
        error = caught.value
        assert (error.http_status, error.code) == (429, "too_many_requests")
        assert error.message == "too many requests"
        made = client.issuing.transfers.create(body(told, 1), options)
        assert waited == [20]
        assert client.issuing.transfers.create(body(told, 1), options) == made
        assert available(client, member) - before == 3
        # What was refused is in no list.
        ledger = client.issuing.balances.list_transactions(PAGE, {"on_behalf_of": member})["data"]
        assert waited == [20, 20, 20, 20]
        lines = [line["transaction_id"] for line in ledger]
        assert lines.count(made["transfer_id"]) == 1
        assert lines[0] == made["transfer_id"]


def test_a_token_too_many(told):
    """No client repeats it."""
    advance(told["clock"], 60_000_000)
    for _ in range(2):
        with client_of(told) as client:
            client.connect.accounts.retrieve(told["account_id"])
    with client_of(told) as client, pytest.raises(AuthenticationError) as caught:
        client.connect.accounts.retrieve(told["account_id"])
    assert (caught.value.http_status, caught.value.message) == (429, "too many requests")
