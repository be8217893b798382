-- The control row, and the programme's own settings and counter.
create table program (
    id blob not null,
    name text not null,
    primary key (id)
) strict, without rowid;

create table settings (
    program blob not null,
    status integer not null,
    environment integer not null,
    mode integer not null,
    duplicate integer not null,
    version integer not null,
    created_at integer not null,
    primary key (program)
) strict, without rowid;

create table counter (
    program blob not null,
    seq integer not null,
    last_at integer not null,
    primary key (program)
) strict, without rowid;
