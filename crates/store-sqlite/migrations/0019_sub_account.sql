-- Sub-accounts: the members of a programme's family.
create table sub_account (
    program blob not null,
    id blob not null,
    number text not null,
    kind integer not null,
    name text not null,
    status integer not null,
    sealed_profile blob,
    reference blob,
    version integer not null,
    created_at integer not null,
    primary key (program, id)
) strict, without rowid;
