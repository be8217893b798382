-- The control row, and the programme's own settings and counter.
create table program (
    id uuid not null,
    name text not null,
    primary key (id)
);

create table settings (
    program uuid not null,
    status smallint not null,
    environment smallint not null,
    mode smallint not null,
    duplicate smallint not null,
    version bigint not null,
    created_at bigint not null,
    primary key (program)
);

create table counter (
    program uuid not null,
    seq bigint not null,
    last_at bigint not null,
    primary key (program)
)
-- Updated by every batch.
with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
