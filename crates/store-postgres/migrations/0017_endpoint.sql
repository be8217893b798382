-- Endpoints: where a programme's events are delivered to, and how far that is.
create table endpoint (
    program uuid not null,
    id uuid not null,
    url text not null,
    sealed_secret bytea not null,
    renderer text not null,
    kinds text not null,
    status smallint not null,
    cursor bigint not null,
    version bigint not null,
    created_at bigint not null,
    primary key (program, id)
);
