-- Rates between two assets of a programme.
create table rate (
    program blob not null,
    id blob not null,
    from_asset text not null,
    to_asset text not null,
    mantissa integer not null,
    scale integer not null,
    version integer not null,
    set_at integer not null,
    primary key (program, id)
) strict, without rowid;
