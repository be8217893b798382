-- The outbox, in the order of its places.
create table event (
    program uuid not null,
    seq bigint not null,
    ordinal bigint not null,
    id uuid not null,
    kind smallint not null,
    subject uuid not null,
    at bigint not null,
    primary key (program, seq, ordinal)
);
