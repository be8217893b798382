-- Keys under the master key.
create table wrapped_key (
    program blob not null,
    id blob not null,
    purpose integer not null,
    wrapped blob not null,
    created_at integer not null,
    primary key (program, id)
) strict, without rowid;
