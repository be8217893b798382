-- References and entries become rows that are only appended, found by sorted runs of their keys.
-- A row's number is its place in its table for ever; it has a name, so that nothing renumbers it.
alter table reference rename to reference_before;
create table reference (
    program blob not null,
    key blob not null,
    seq integer not null,
    ordinal integer not null,
    scope text not null,
    text text not null,
    fingerprint blob not null,
    instruction blob,
    answer blob not null,
    at integer not null,
    row integer primary key
) strict;
insert into reference
    select program, key, seq, ordinal, scope, text, fingerprint, instruction, answer, at, null
    from reference_before order by rowid;
drop table reference_before;

alter table entry rename to entry_before;
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
    row integer primary key
) strict;
insert into entry
    select program, account, version, transfer, seq, ordinal, side, posted_minor, held_minor,
        posted_debits, posted_credits, held_debits, held_credits, hash, null
    from entry_before order by rowid;
drop table entry_before;

-- Runs. Kind 0 is of references, 1 of entries; state 0 is being written, 1 whole, 2 to be deleted.
-- A run holds the keys of the rows from the first to the last.
create table run (
    number integer primary key,
    kind integer not null,
    level integer not null,
    state integer not null,
    first_row integer not null,
    last_row integer not null,
    items integer not null,
    blocks integer not null
) strict;

-- The keys of a run with the numbers of their rows, in order, some hundred in a block. Its id is
-- the run's number and the block's, in 32 bits each.
create table run_block (
    id integer primary key,
    run integer not null,
    first blob not null,
    items blob not null
) strict;

create index run_block_first on run_block (run, first);

-- Which keys can't be in a run of references, in parts with ids as those of blocks.
create table run_filter (
    id integer primary key,
    run integer not null,
    bits blob not null
) strict;

-- Current balances, for people. An account's own row may be as old as the last run of entries.
create view balance as
with newest as (
    select program, account, max(version) as version,
        posted_debits, posted_credits, held_debits, held_credits
    from entry
    where row > (select coalesce(max(last_row), 0) from run where kind = 1 and state = 1)
    group by program, account
),
current as (
    select a.program, a.id, a.kind, a.owner_kind, a.owner, a.asset,
        coalesce(n.version, a.version) as version,
        coalesce(n.posted_debits, a.posted_debits) as posted_debits,
        coalesce(n.posted_credits, a.posted_credits) as posted_credits,
        coalesce(n.held_debits, a.held_debits) as held_debits,
        coalesce(n.held_credits, a.held_credits) as held_credits
    from account a
    left join newest n on n.program = a.program and n.account = a.id and n.version > a.version
)
select lower(hex(program)) as program, lower(hex(id)) as account, kind, owner_kind,
    lower(hex(owner)) as owner, asset, version,
    posted_credits - posted_debits as balance_minor,
    posted_credits - posted_debits - held_debits as available_minor,
    posted_debits, posted_credits, held_debits, held_credits
from current;
