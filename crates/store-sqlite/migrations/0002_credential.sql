-- Credentials, and the directory that leads to them.
create table credential (
    program blob not null,
    id blob not null,
    door text not null,
    label text not null,
    key blob not null,
    sealed_secret blob not null,
    status integer not null,
    allow text not null,
    expires_at integer,
    version integer not null,
    created_at integer not null,
    primary key (program, id)
) strict, without rowid;

create table directory (
    key blob not null,
    kind integer not null,
    program blob not null,
    target blob not null,
    primary key (key)
) strict, without rowid;
