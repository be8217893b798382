-- Rates between two assets of a programme.
create table rate (
    program uuid not null,
    id uuid not null,
    from_asset text not null,
    to_asset text not null,
    mantissa bigint not null,
    scale smallint not null,
    version bigint not null,
    set_at bigint not null,
    primary key (program, id)
);
