-- Sub-accounts: the members of a programme's family.
create table sub_account (
    program uuid not null,
    id uuid not null,
    number text not null,
    kind smallint not null,
    name text not null,
    status smallint not null,
    sealed_profile bytea,
    reference uuid,
    version bigint not null,
    created_at bigint not null,
    primary key (program, id)
);
