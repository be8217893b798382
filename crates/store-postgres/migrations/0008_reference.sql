-- References. Their keys are hashes.
create table reference (
    program uuid not null,
    key uuid not null,
    seq bigint not null,
    ordinal bigint not null,
    scope text not null,
    text text not null,
    fingerprint bytea not null,
    instruction uuid,
    answer bytea not null,
    at bigint not null,
    primary key (program, key)
);
