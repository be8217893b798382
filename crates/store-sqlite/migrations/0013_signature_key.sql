-- Signature keys: what proves a credential's requests, and what we sign with.
create table signature_key (
    program blob not null,
    id blob not null,
    credential blob not null,
    usage integer not null,
    public_key blob not null,
    sealed_private blob,
    status integer not null,
    version integer not null,
    created_at integer not null,
    retired_at integer,
    primary key (program, id)
) strict, without rowid;

create index signature_key_credential on signature_key (program, credential);
