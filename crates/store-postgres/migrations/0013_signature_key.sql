-- Signature keys: what proves a credential's requests, and what we sign with.
create table signature_key (
    program uuid not null,
    id uuid not null,
    credential uuid not null,
    usage smallint not null,
    public_key bytea not null,
    sealed_private bytea,
    status smallint not null,
    version bigint not null,
    created_at bigint not null,
    retired_at bigint,
    primary key (program, id)
);

create index signature_key_credential on signature_key (program, credential);
