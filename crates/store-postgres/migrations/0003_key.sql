-- Keys under the master key.
create table wrapped_key (
    program uuid not null,
    id uuid not null,
    purpose smallint not null,
    wrapped bytea not null,
    created_at bigint not null,
    primary key (program, id)
);
