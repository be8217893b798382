-- What most units write (an instruction, its one transfer with two entries, an event and a
-- reference) becomes one row of `posting`. What is written otherwise stays in a table for each
-- noun, `instruction_row` and so on; the nouns' own names become views over both.
drop view balance;
alter table instruction rename to instruction_row;
alter table transfer rename to transfer_row;
alter table entry rename to entry_row;
alter table reference rename to reference_row;
alter table event rename to event_row;

-- Numbers for what stands in every posting.
create table program_number (
    no integer primary key,
    program blob not null
) strict;

create unique index program_number_program on program_number (program);

-- With what an account never changes: its asset, and the cardholder that owns it.
create table account_number (
    no integer primary key,
    program integer not null,
    id blob not null,
    asset text not null,
    cardholder blob
) strict;

create unique index account_number_id on account_number (program, id);

create table scope_number (
    no integer primary key,
    scope text not null
) strict;

create unique index scope_number_scope on scope_number (scope);

-- The transfer has ordinal 0, the instruction 1, the event 2 and the reference 3. Ids differ in
-- their eighth byte, which is 1 for the instruction, 2 for the transfer and 3 for the event.
-- `account` is the instruction's, and it is the credited one where `credited` is 1; `owned` is 1
-- where the instruction names its cardholder. What can be computed is not there: the views show how.
-- `tail` is 1 where the answer goes on with the instruction's id, the available amounts before and
-- after and the time, 8 bytes each, which are then not repeated in `answer`.
create table posting (
    row integer primary key,
    program integer not null,
    seq integer not null,
    kind integer not null,
    account integer not null,
    counterparty integer not null,
    credited integer not null,
    owned integer not null,
    amount_minor integer not null,
    debit_version integer not null,
    debit_posted_debits integer not null,
    debit_posted_credits integer not null,
    debit_held_debits integer not null,
    debit_held_credits integer not null,
    credit_version integer not null,
    credit_posted_debits integer not null,
    credit_posted_credits integer not null,
    credit_held_debits integer not null,
    credit_held_credits integer not null,
    debit_hash blob not null,
    credit_hash blob not null,
    id blob not null,
    at integer not null,
    remark text not null,
    key blob,
    scope integer,
    text text,
    fingerprint blob,
    answer blob,
    tail integer
) strict;

-- A place is taken once, in both layouts; so the writer looks for it, once for all of a commit.
create index posting_place on posting (program, seq);
-- The part of an account's history that its entries don't lead to.
create index posting_aside on posting (program, account, seq) where owned = 0;

-- The instructions of postings, with the number of their account.
create view posted_instruction as
select n.program as program, p.seq as seq, cast(1 as integer) as ordinal, p.id as id,
    p.kind as kind, cast(0 as integer) as outcome, a.asset as asset,
    p.amount_minor as amount_minor, a.id as account, c.id as counterparty,
    cast(case p.owned when 1 then a.cardholder end as blob) as cardholder,
    cast(case p.credited
        when 1 then
            p.credit_posted_credits - p.credit_posted_debits - p.credit_held_debits - p.amount_minor
        else p.debit_posted_credits - p.debit_posted_debits - p.debit_held_debits + p.amount_minor
    end as integer) as before_minor,
    cast(case p.credited
        when 1 then p.credit_posted_credits - p.credit_posted_debits - p.credit_held_debits
        else p.debit_posted_credits - p.debit_posted_debits - p.debit_held_debits
    end as integer) as after_minor,
    p.key as reference, cast(null as blob) as undoes, p.remark as remark,
    cast(1 as integer) as transfers, p.at as at, cast(null as text) as end_to_end_id,
    p.account as account_no, p.owned as owned, p.row as row
from posting p
join program_number n on n.no = p.program
join account_number a on a.no = p.account and a.program = p.program
join account_number c on c.no = p.counterparty and c.program = p.program;

create view instruction as
select program, seq, ordinal, id, kind, outcome, asset, amount_minor, account, counterparty,
    cardholder, before_minor, after_minor, reference, undoes, remark, transfers, at, end_to_end_id
from instruction_row
union all
select program, seq, ordinal, id, kind, outcome, asset, amount_minor, account, counterparty,
    cardholder, before_minor, after_minor, reference, undoes, remark, transfers, at, end_to_end_id
from posted_instruction;

create view transfer as
select program, seq, ordinal, id, kind, debit, credit, asset, amount_minor, held_minor, hold,
    expires_at, link, instruction, rate_mantissa, rate_scale, rounding, product_numerator,
    product_scale, debit_version, credit_version, at
from transfer_row
union all
select n.program, p.seq, cast(0 as integer),
    cast(substr(p.id, 1, 7) || x'02' || substr(p.id, 9) as blob), cast(1 as integer),
    cast(case p.credited when 1 then c.id else a.id end as blob),
    cast(case p.credited when 1 then a.id else c.id end as blob),
    a.asset, p.amount_minor, cast(0 as integer), cast(null as blob), cast(null as integer),
    cast(null as blob), p.id, cast(null as integer), cast(null as integer), cast(null as integer),
    cast(null as text), cast(null as integer), p.debit_version, p.credit_version, p.at
from posting p
join program_number n on n.no = p.program
join account_number a on a.no = p.account and a.program = p.program
join account_number c on c.no = p.counterparty and c.program = p.program;

create view entry as
select program, account, version, transfer, seq, ordinal, side, posted_minor, held_minor,
    posted_debits, posted_credits, held_debits, held_credits, hash, row
from entry_row
union all
select n.program, d.id, p.debit_version,
    cast(substr(p.id, 1, 7) || x'02' || substr(p.id, 9) as blob), p.seq, cast(0 as integer),
    cast(1 as integer), p.amount_minor, cast(0 as integer), p.debit_posted_debits,
    p.debit_posted_credits, p.debit_held_debits, p.debit_held_credits, p.debit_hash, p.row
from posting p
join program_number n on n.no = p.program
join account_number d on d.program = p.program
    and d.no = case p.credited when 1 then p.counterparty else p.account end
union all
select n.program, c.id, p.credit_version,
    cast(substr(p.id, 1, 7) || x'02' || substr(p.id, 9) as blob), p.seq, cast(0 as integer),
    cast(2 as integer), p.amount_minor, cast(0 as integer), p.credit_posted_debits,
    p.credit_posted_credits, p.credit_held_debits, p.credit_held_credits, p.credit_hash, p.row
from posting p
join program_number n on n.no = p.program
join account_number c on c.program = p.program
    and c.no = case p.credited when 1 then p.account else p.counterparty end;

create view reference as
select program, key, seq, ordinal, scope, text, fingerprint, instruction, answer, at, row,
    cast(null as integer) as tail
from reference_row
union all
select n.program, p.key, p.seq, cast(3 as integer), s.scope, p.text, p.fingerprint, p.id, p.answer,
    p.at, p.row, p.tail
from posting p
join program_number n on n.no = p.program
join scope_number s on s.no = p.scope
where p.key is not null;

create view event as
select program, seq, ordinal, id, kind, subject, at from event_row
union all
select n.program, p.seq, cast(2 as integer),
    cast(substr(p.id, 1, 7) || x'03' || substr(p.id, 9) as blob), cast(12 as integer), p.id, p.at
from posting p
join program_number n on n.no = p.program;

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
