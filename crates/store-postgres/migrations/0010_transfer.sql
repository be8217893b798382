-- Transfers in the order of their places, and the two entries of each.
create table transfer (
    program uuid not null,
    seq bigint not null,
    ordinal bigint not null,
    id uuid not null,
    kind smallint not null,
    debit uuid not null,
    credit uuid not null,
    asset text not null,
    amount_minor bigint not null,
    held_minor bigint not null,
    hold uuid,
    expires_at bigint,
    link uuid,
    instruction uuid,
    rate_mantissa bigint,
    rate_scale smallint,
    rounding smallint,
    product_numerator text,
    product_scale smallint,
    debit_version bigint not null,
    credit_version bigint not null,
    at bigint not null,
    primary key (program, seq, ordinal)
);

create table entry (
    program uuid not null,
    account uuid not null,
    version bigint not null,
    transfer uuid not null,
    seq bigint not null,
    ordinal bigint not null,
    side smallint not null,
    posted_minor bigint not null,
    held_minor bigint not null,
    posted_debits bigint not null,
    posted_credits bigint not null,
    held_debits bigint not null,
    held_credits bigint not null,
    hash bytea not null,
    primary key (program, account, version)
);
