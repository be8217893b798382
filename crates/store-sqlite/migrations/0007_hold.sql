-- Holds. Their ids are ordered by time, so new ones land at the right edge.
create table hold (
    program blob not null,
    id blob not null,
    debit blob not null,
    credit blob not null,
    asset text not null,
    amount_minor integer not null,
    captured_minor integer not null,
    remaining_minor integer not null,
    state integer not null,
    expires_at integer not null,
    version integer not null,
    primary key (program, id)
) strict, without rowid;

-- What is due: open holds whose end has come, over all programmes.
create index hold_due on hold (state, expires_at);
