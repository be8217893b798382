-- Accounts: projections of their newest entries.
create table account (
    program blob not null,
    id blob not null,
    kind integer not null,
    owner_kind integer not null,
    owner blob not null,
    asset text not null,
    floor_minor integer,
    version integer not null,
    posted_debits integer not null,
    posted_credits integer not null,
    held_debits integer not null,
    held_credits integer not null,
    head blob not null,
    opened_at integer not null,
    primary key (program, id)
) strict, without rowid;

-- One owner's accounts. None of its columns ever changes, so that a movement never touches it.
create index account_owner on account (program, owner_kind, owner, id);
