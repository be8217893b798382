-- Accounts: projections of their newest entries.
create table account (
    program uuid not null,
    id uuid not null,
    kind smallint not null,
    owner_kind smallint not null,
    owner uuid not null,
    asset text not null,
    floor_minor bigint,
    version bigint not null,
    posted_debits bigint not null,
    posted_credits bigint not null,
    held_debits bigint not null,
    held_credits bigint not null,
    head bytea not null,
    opened_at bigint not null,
    primary key (program, id)
)
-- Updated by each batch that moves them: room for the next version in the same page, and dead
-- versions are cleared away by number, not by share.
with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- One owner's accounts. None of its columns ever changes, so that a movement never touches it.
create index account_owner on account (program, owner_kind, owner, id);
