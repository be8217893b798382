-- Instructions, in the order of their places.
create table instruction (
    program uuid not null,
    seq bigint not null,
    ordinal bigint not null,
    id uuid not null,
    kind smallint not null,
    outcome smallint not null,
    asset text not null,
    amount_minor bigint not null,
    account uuid not null,
    counterparty uuid,
    cardholder uuid,
    before_minor bigint not null,
    after_minor bigint not null,
    reference uuid,
    undoes uuid,
    remark text not null,
    transfers bigint not null,
    at bigint not null,
    primary key (program, seq, ordinal)
);

create unique index instruction_id on instruction (program, id);
-- An account's history.
create index instruction_account on instruction (program, account, seq, ordinal);
