"""A token that ends by the server's clock, though not by the client's: the client is told, gets a
new one and asks again with the same key."""

from decimal import Decimal

import uqpay.auth

from conftest import PAGE, advance, client_of, key

HALF_AN_HOUR_US = 1_800 * 1_000_000


def test_an_expired_token_is_healed_in_place(family, monkeypatch):
    issued, post = [], uqpay.auth.httpx.post

    def counted(*arguments, **options):
        answer = post(*arguments, **options)
        issued.append(answer.json()["auth_token"])
        return answer

    monkeypatch.setattr("uqpay.auth.httpx.post", counted)
    before = family.issuing(family.first)
    with client_of(family.told) as client:
        create, options = client.issuing.transfers.create, {"idempotency_key": key()}
        create(family.body(1))
        assert len(issued) == 1
        # To the microsecond: it is good until its end, and not at it.
        advance(family.told["clock"], HALF_AN_HOUR_US - 1)
        create(family.body(1))
        assert len(issued) == 1
        advance(family.told["clock"], 1)
        made = create(family.body(1), options)
        assert len(set(issued)) == 2
        assert create(family.body(1), options) == made
        assert len(issued) == 2
        # Reads of the bank are healed the same way.
        advance(family.told["clock"], HALF_AN_HOUR_US)
        assert client.banking.balances.list(PAGE)["data"]
        assert len(set(issued)) == 3
    assert family.issuing(family.first) - before == Decimal(3)
