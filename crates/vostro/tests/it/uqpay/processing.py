"""The test writes to the server's store and does not end: who asks meanwhile is told to ask again,
and once the store is free the client's own repeat is answered by the first."""

import sqlite3
from decimal import Decimal

import pytest
from uqpay import ServerError, ValidationError

from conftest import client_of, key


def test_a_call_under_way_is_done_once(family, monkeypatch):
    before = family.issuing(family.first)
    options = {"idempotency_key": key()}
    writer = sqlite3.connect(family.told["database"], isolation_level=None)
    writer.execute("begin immediate")
    with pytest.raises(ValidationError) as caught:
        family.client.issuing.transfers.create(family.body(1), options)
    error = caught.value
    assert (error.http_status, error.code) == (400, "200")
    assert error.message == "Request is processing, please try again later"
    # No worker is left for the second, so that it may as well be told that nothing was done.
    with pytest.raises((ValidationError, ServerError)) as caught:
        family.client.issuing.transfers.create(family.body(1), options)
    assert caught.value.http_status == 503 or caught.value.message == error.message
    freed = []

    def free(_):
        freed.append(writer.close())

    monkeypatch.setattr("uqpay.http.time.sleep", free)
    with client_of(family.told, max_retries=20) as client:
        made = client.issuing.transfers.create(family.body(1), options)
        assert len(freed) > 0
        assert client.issuing.transfers.create(family.body(1), options) == made
    assert family.issuing(family.first) - before == Decimal(1)
