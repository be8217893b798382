-- The outbox, in the order of its places.
create table event (
    program blob not null,
    seq integer not null,
    ordinal integer not null,
    id blob not null,
    kind integer not null,
    subject blob not null,
    at integer not null,
    primary key (program, seq, ordinal)
) strict, without rowid;
