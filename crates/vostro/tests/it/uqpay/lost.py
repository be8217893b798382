"""The server has done what it was asked, and its answer does not arrive: the client's own repeat
has the same key, and there is one transfer."""

from decimal import Decimal

import httpx
import pytest

from conftest import client_of


class Lossy(httpx.BaseTransport):
    """Passes each request on, and loses the first answers."""

    def __init__(self, losses):
        self.inner, self.losses, self.passed = httpx.HTTPTransport(), list(losses), 0

    def handle_request(self, request):
        answer = self.inner.handle_request(request)
        answer.read()
        self.passed += 1
        if not self.losses:
            return answer
        loss = self.losses.pop(0)
        if isinstance(loss, int):
            return httpx.Response(loss, json={"type": "api_error", "message": "lost"})
        raise loss("lost", request=request)


@pytest.mark.parametrize(
    "losses",
    [[500], [502, 504], [429], [408], [httpx.ReadTimeout], [httpx.ReadError, 500]],
    ids=str,
)
def test_the_clients_own_repeat_is_the_same_transfer(family, monkeypatch, losses):
    monkeypatch.setattr("uqpay.http.time.sleep", lambda _: None)
    before = family.issuing(family.first)
    with client_of(family.told, max_retries=2) as client:
        client._http._http.close()
        lossy = Lossy(losses)
        client._http._http = httpx.Client(transport=lossy)
        made = client.issuing.transfers.create(family.body("2.50"))["transfer_id"]
    assert lossy.passed == len(losses) + 1
    assert family.issuing(family.first) - before == Decimal("2.50")
    newest = family.client.issuing.balances.list_transactions({"page_number": 1, "page_size": 1})
    assert newest["data"][0]["transaction_id"] == made
