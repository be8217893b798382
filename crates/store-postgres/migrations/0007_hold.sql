-- Holds. Their ids are ordered by time, so new ones land at the right edge.
create table hold (
    program uuid not null,
    id uuid not null,
    debit uuid not null,
    credit uuid not null,
    asset text not null,
    amount_minor bigint not null,
    captured_minor bigint not null,
    remaining_minor bigint not null,
    state smallint not null,
    expires_at bigint not null,
    version bigint not null,
    primary key (program, id)
)
with (fillfactor = 80);

-- What is due: open holds whose end has come, over all programmes.
create index hold_due on hold (state, expires_at);
