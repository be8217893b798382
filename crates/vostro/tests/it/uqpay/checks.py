"""What the vendor's own tests do not ask: repeats, bad amounts, short money, and who may do what.

Run by pytest, with the family that `conftest.py` describes.
"""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from uqpay import IdempotencyError, ValidationError
from uqpay.version import SDK_VERSION

from conftest import PAGE, SGD, USD, client_of, key, unmoved

CLIENTS = 20
ABSENT = object()


def refused(code, call, kind="account_error", error=ValidationError):
    """Fails unless the call is refused so."""
    with pytest.raises(error) as caught:
        call()
    assert caught.value.http_status == 400
    assert (caught.value.type, caught.value.code) == (kind, code)
    return caught.value


def invalid(call):
    return refused("invalid_request_error", call, kind="invalid_request_error")


def at_once(call):
    """What all are answered who ask at one moment."""
    barrier = Barrier(CLIENTS)

    def ask(at):
        barrier.wait()
        try:
            return call(at)
        except ValidationError as error:
            return error.code

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(ask, range(CLIENTS)))


def test_it_is_the_release_that_was_asked_for():
    assert SDK_VERSION == os.environ["VOSTRO_SDK"]


def test_a_token_says_whose_it_is(family):
    client = family.client
    assert client.account_id == family.master
    assert client.parent_account_id == "0"
    assert client.short_account_id


# Repeats


def test_a_repeat_is_the_first_transfer(family):
    name, before = key(), family.books()
    made = family.move(12.34, idempotency_key=name)
    # However the amount is written.
    for same in (12.34, "12.34", Decimal("12.34")):
        assert family.move(same, idempotency_key=name) == made
    after = family.books()
    moved = {at: after[at] - before[at] for at in after if after[at] != before[at]}
    amount = Decimal("12.34")
    sides = {("issuing", family.master, SGD): -amount, ("issuing", family.first, SGD): amount}
    assert moved == sides


def test_a_key_belongs_to_one_request(family):
    name = key()
    family.move(1, idempotency_key=name)
    create = family.client.issuing.transfers.create
    others = [
        family.body(2),
        family.body(1, destination=family.second),
        family.body(1, currency=USD),
        family.body(1, remark="another"),
    ]
    with unmoved(family):
        for body in others:
            refused(
                "idempotency_error",
                lambda body=body: create(body, {"idempotency_key": name}),
                kind="idempotency_error",
                error=IdempotencyError,
            )


def test_a_refusal_leaves_its_key_free(family):
    name = key()
    invalid(lambda: family.move(-1, idempotency_key=name))
    refused("insufficient_balance", lambda: family.move(10**12, idempotency_key=name))
    made = family.move(1, idempotency_key=name)
    assert family.move(1, idempotency_key=name) == made


def test_a_key_is_of_one_member_and_one_client(family):
    name, told = key(), family.stranger
    by_master = family.move(3, idempotency_key=name)
    by_member = family.move(
        2, family.first, family.second, idempotency_key=name, on_behalf_of=family.first
    )
    body = family.body(1, told["account_id"], told["sub_account_id"])
    made = family.stranger_client.issuing.transfers.create(body, {"idempotency_key": name})
    assert len({by_master, by_member, made["transfer_id"]}) == 3


def test_many_with_one_key_at_once_are_one_transfer(family):
    name, before = key(), family.issuing(family.first)
    with client_of(family.told, max_retries=5) as client:
        client.issuing.balances.list(PAGE)
        body, options = family.body(1.5), {"idempotency_key": name}
        made = at_once(lambda _: client.issuing.transfers.create(body, options)["transfer_id"])
    assert len(set(made)) == 1
    assert family.issuing(family.first) - before == Decimal("1.5")


def test_a_balance_is_read_anew_under_a_used_key(family):
    options = {"idempotency_key": key(), "on_behalf_of": family.first}
    retrieve = family.client.issuing.balances.retrieve
    before = Decimal(retrieve(SGD, options)["available_balance"])
    family.move(1)
    assert Decimal(retrieve(SGD, options)["available_balance"]) == before + 1


# Amounts

BAD_AMOUNTS = {
    "nothing": 0,
    "less than nothing": -1,
    "too fine": 0.001,
    "too large": 1e30,
    "too large in digits": 10**15,
    "a float's sum": 0.1 + 0.2,
    "a word": "abc",
    "empty": "",
    "true": True,
    "false": False,
    "null": None,
    "absent": ABSENT,
    "an array": [1],
    "an object": {"value": 1},
    "not a number": float("nan"),
    "without end": float("inf"),
    "text that is too fine": "0.001",
    "text below nothing": "-1.00",
    "text with a sign": "+1",
    "text with blanks": " 1",
    "text with an exponent": "1e2",
    "text in other digits": "\u0661",
    "text without end": "Infinity",
}


@pytest.mark.parametrize("amount", BAD_AMOUNTS.values(), ids=BAD_AMOUNTS)
def test_a_bad_amount_moves_nothing(family, amount):
    body = family.body(amount)
    deposit = {"currency": SGD, "amount": amount, "sender_swift_code": "CHASUS33"}
    if amount is ABSENT:
        del body["amount"], deposit["amount"]
    with unmoved(family):
        invalid(lambda: family.client.issuing.transfers.create(body))
        invalid(lambda: family.client.simulator.deposits.simulate(deposit))


@pytest.mark.parametrize("amount", [Decimal("0.10"), Decimal("100.10"), 100.25, 1000, 1000.0, 0.01])
def test_an_amount_moves_to_the_cent(family, amount):
    exact = Decimal(str(amount))
    before = family.books()
    made = family.move(amount)
    after = family.books()
    for member, change in ((family.master, -exact), (family.first, exact)):
        at = ("issuing", member, SGD)
        assert after[at] - before[at] == change
    found = family.client.issuing.transfers.retrieve(made)
    assert found["amount"] == f"{exact:.2f}"
    assert found["fee_amount"] == "0.00"
    assert found["transfer_status"] == "COMPLETED"
    ids = (found["transfer_id"], found["source_account_id"], found["destination_account_id"])
    assert ids == (made, family.master, family.first)
    assert (found["currency"], found["remark"]) == (SGD, "check")


# Short money, and places that are not there


def test_more_than_there_is_is_refused(family):
    there = family.issuing(family.first, USD)
    with unmoved(family):
        for source, amount in ((family.first, there + Decimal("0.01")), (family.second, "0.01")):
            move = lambda: family.move(amount, source, family.master, USD)
            refused("insufficient_balance", move)
    # All of it goes.
    family.move(there, family.first, family.master, USD)
    assert family.issuing(family.first, USD) == 0
    family.move(there, family.master, family.first, USD)


def test_many_at_once_do_not_spend_more_than_there_is(family):
    assert family.issuing(family.second, USD) == 0
    family.move(10, destination=family.second, currency=USD)
    with client_of(family.told) as client:
        client.issuing.balances.list(PAGE)
        body = family.body("0.60", family.second, family.first, USD)
        made = at_once(lambda _: client.issuing.transfers.create(body)["transfer_id"])
    assert made.count("insufficient_balance") == 4
    assert len(set(made)) == 16 + 1
    assert family.issuing(family.second, USD) == Decimal("0.40")
    family.move("0.40", family.second, family.first, USD)


def test_a_currency_without_a_balance_is_refused(family):
    with unmoved(family):
        for currency in ("EUR", "XXX", "sgd"):
            refused("balance_not_found", lambda: family.move(1, currency=currency))
            retrieve = family.client.issuing.balances.retrieve
            options = {"on_behalf_of": family.first}
            refused("balance_not_found", lambda: retrieve(currency, options))


@pytest.mark.parametrize("account", [str(uuid.uuid4()), "account_id", "sub_account_id"])
def test_foreign_accounts_are_none_of_the_family(family, account):
    account = family.stranger.get(account, account)
    with unmoved(family):
        refused("account_not_found", lambda: family.move(1, destination=account))
        refused("account_not_found", lambda: family.move(1, source=account))


def test_a_place_is_an_id_and_two_are_needed(family):
    with unmoved(family):
        for bad in ("nobody", "", 7, None, family.master.replace("-", "_")):
            for name in ("source_account_id", "destination_account_id"):
                body = {**family.body(1), name: bad}
                invalid(lambda: family.client.issuing.transfers.create(body))
        invalid(lambda: family.move(1, family.first, family.first))


def test_nobody_is_nobody(family):
    banking = family.client.connect.sub_accounts.create(
        {"business_type": "BANKING", "entity_type": "COMPANY", "nickname": "Bank alone"}
    )["account_id"]
    nobodies = [str(uuid.uuid4()), "nobody", banking, family.stranger["sub_account_id"]]
    with unmoved(family):
        for nobody in nobodies:
            options = {"on_behalf_of": nobody}
            client = family.client.issuing
            refused("sub_account_not_found", lambda: family.move(1, **options))
            refused("sub_account_not_found", lambda: client.balances.list(PAGE, options))
            refused("sub_account_not_found", lambda: client.transfers.retrieve(key(), options))


# Who sees what


def test_members_do_not_see_each_other(family):
    client, first, second = family.client.issuing, family.first, family.second
    to_first, to_second = family.move(5), family.move(7, destination=second)
    as_first, as_second = {"on_behalf_of": first}, {"on_behalf_of": second}
    with unmoved(family):
        for theirs, not_theirs, options in (
            (to_first, to_second, as_first),
            (to_second, to_first, as_second),
        ):
            assert client.transfers.retrieve(theirs, options)["transfer_id"] == theirs
            refused(
                "transfer_not_found",
                lambda: client.transfers.retrieve(not_theirs, options),
            )
        # Nobody sends what is another's.
        for source in (second, family.master):
            refused("account_not_found", lambda: family.move(1, source, first, **as_first))
    accounts = family.client.connect.accounts
    for own, other, options in ((first, second, as_first), (second, first, as_second)):
        assert [row["account_id"] for row in accounts.list(PAGE, options)["data"]] == [own]
        assert accounts.retrieve(own, options)["account_id"] == own
        for hidden in (other, family.master):
            with pytest.raises(ValidationError):
                accounts.retrieve(hidden, options)
    balances, lines = [], []
    for member, options in ((first, as_first), (second, as_second), (family.master, {})):
        listed = client.balances.list(PAGE, options)["data"]
        balances.append({row["balance_id"] for row in listed})
        ledger = client.balances.list_transactions(PAGE, options)["data"]
        assert {line["account_id"] for line in ledger} == {member}
        assert {line["balance_id"] for line in ledger} <= balances[-1]
        lines.append({line["transaction_id"] for line in ledger})
    assert len(set.union(*balances)) == sum(map(len, balances))
    assert to_first in lines[0] and to_first not in lines[1]
    assert to_second in lines[1] and to_second not in lines[0]
    assert {to_first, to_second} <= lines[2]


def test_a_ledger_line_says_what_was_left(family):
    before = family.issuing(family.first)
    made = family.move("0.25")
    options = {"on_behalf_of": family.first}
    line = family.client.issuing.balances.list_transactions(PAGE, options)["data"][0]
    assert (line["transaction_id"], line["transaction_type"]) == (made, "TRANSFER_IN")
    assert (line["amount"], line["transaction_status"]) == ("0.25", "COMPLETED")
    assert Decimal(line["ending_balance"]) == before + Decimal("0.25")
    line = family.client.issuing.balances.list_transactions(PAGE)["data"][0]
    assert (line["transaction_id"], line["transaction_type"]) == (made, "TRANSFER_OUT")


def test_a_stranger_sees_nothing(family):
    made, stranger = family.move(1), family.stranger_client
    refused("transfer_not_found", lambda: stranger.issuing.transfers.retrieve(made))
    listed = stranger.connect.accounts.list(PAGE)["data"]
    told = family.stranger
    assert {row["account_id"] for row in listed} == {told["account_id"], told["sub_account_id"]}


# Deposits


def deposit(family, amount, currency=USD, **more):
    return {
        "amount": amount,
        "currency": currency,
        "sender_swift_code": "CHASUS33",
        "sender_name": "A Sender",
        "sender_country": "US",
        "sender_account_number": "99012345678",
        "receiver_account_number": "",
        **more,
    }


def test_a_deposit_reaches_the_bank_once(family):
    place, name = ("banking", family.master, USD), key()
    simulate, options = family.client.simulator.deposits.simulate, {"idempotency_key": name}
    before = family.books()
    made = simulate(deposit(family, 100.0), options)
    assert simulate(deposit(family, Decimal("100.00")), options) == made
    family.deposited[USD] += 100
    with unmoved(family):
        body = deposit(family, 101)
        repeat = lambda: simulate(body, options)
        kind = "idempotency_error"
        refused("idempotency_error", repeat, kind=kind, error=IdempotencyError)
    after = family.books()
    assert {at for at in after if after[at] != before[at]} == {place}
    assert after[place] - before[place] == 100
    banking = family.client.banking.balances
    assert Decimal(banking.retrieve(USD)["available_balance"]) == after[place]
    line = banking.list_transactions(PAGE)["data"][0]
    assert (line["transaction_id"], line["credit_debit_type"]) == (made["deposit_id"], "C")
    assert (line["transaction_type"], line["amount"]) == ("DEPOSIT", "100.00")


def test_a_deposit_names_who_receives_it(family):
    simulate = family.client.simulator.deposits.simulate
    simulate(deposit(family, "0.01", account_id=family.master))
    family.deposited[USD] += Decimal("0.01")
    with unmoved(family):
        foreign = deposit(family, 1, account_id=family.stranger["account_id"])
        refused("account_not_found", lambda: simulate(foreign))
        # It has nothing at the bank.
        at_issuing = deposit(family, 1, account_id=family.first)
        refused("balance_not_found", lambda: simulate(at_issuing))
