-- Endpoints: where a programme's events are delivered to, and how far that is.
create table endpoint (
    program blob not null,
    id blob not null,
    url text not null,
    sealed_secret blob not null,
    renderer text not null,
    kinds text not null,
    status integer not null,
    cursor integer not null,
    version integer not null,
    created_at integer not null,
    primary key (program, id)
) strict, without rowid;
