-- Transfers in the order of their places, and the two entries of each. Entries are appended to a
-- rowid table, and only a narrow index is written at random places.
create table transfer (
    program blob not null,
    seq integer not null,
    ordinal integer not null,
    id blob not null,
    kind integer not null,
    debit blob not null,
    credit blob not null,
    asset text not null,
    amount_minor integer not null,
    held_minor integer not null,
    hold blob,
    expires_at integer,
    link blob,
    instruction blob,
    rate_mantissa integer,
    rate_scale integer,
    rounding integer,
    product_numerator text,
    product_scale integer,
    debit_version integer not null,
    credit_version integer not null,
    at integer not null,
    primary key (program, seq, ordinal)
) strict, without rowid;

create table entry (
    program blob not null,
    account blob not null,
    version integer not null,
    transfer blob not null,
    seq integer not null,
    ordinal integer not null,
    side integer not null,
    posted_minor integer not null,
    held_minor integer not null,
    posted_debits integer not null,
    posted_credits integer not null,
    held_debits integer not null,
    held_credits integer not null,
    hash blob not null,
    primary key (program, account, version)
) strict;
