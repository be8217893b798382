"""One transfer, of which the database's answer to the commit is lost on its way to the server. It
is the first write that the server makes, so nothing here may write before it."""

import pytest

from conftest import PAGE, SGD, available, client_of


@pytest.fixture(autouse=True)
def conserved():
    """In the place of the one that makes a member first."""


def test_a_lost_commit_is_one_transfer(told):
    master, member = told["account_id"], told["sub_account_id"]
    with client_of(told, max_retries=2) as client:
        before = available(client, member)
        body = {
            "source_account_id": master,
            "destination_account_id": member,
            "currency": SGD,
            "amount": 1,
        }
        made = client.issuing.transfers.create(body)["transfer_id"]
        assert available(client, member) - before == 1
        ledger = client.issuing.balances.list_transactions(PAGE, {"on_behalf_of": member})
        found = [line["transaction_id"] for line in ledger["data"]]
        assert found.count(made) == 1
