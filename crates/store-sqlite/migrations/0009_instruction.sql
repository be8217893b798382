-- Instructions, in the order of their places.
create table instruction (
    program blob not null,
    seq integer not null,
    ordinal integer not null,
    id blob not null,
    kind integer not null,
    outcome integer not null,
    asset text not null,
    amount_minor integer not null,
    account blob not null,
    counterparty blob,
    cardholder blob,
    before_minor integer not null,
    after_minor integer not null,
    reference blob,
    undoes blob,
    remark text not null,
    transfers integer not null,
    at integer not null,
    primary key (program, seq, ordinal)
) strict, without rowid;

create unique index instruction_id on instruction (program, id);
-- The part of an account's history that its entries don't lead to.
create index instruction_aside on instruction (program, account, seq, ordinal)
    where transfers = 0 or cardholder is null;
