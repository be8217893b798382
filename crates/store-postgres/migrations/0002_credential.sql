-- Credentials, and the directory that leads to them.
create table credential (
    program uuid not null,
    id uuid not null,
    door text not null,
    label text not null,
    key uuid not null,
    sealed_secret bytea not null,
    status smallint not null,
    allow text not null,
    expires_at bigint,
    version bigint not null,
    created_at bigint not null,
    primary key (program, id)
);

create table directory (
    key uuid not null,
    kind smallint not null,
    program uuid not null,
    target uuid not null,
    primary key (key)
);
