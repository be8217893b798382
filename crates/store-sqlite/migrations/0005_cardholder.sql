-- Cardholders.
create table cardholder (
    program blob not null,
    id blob not null,
    number text not null,
    unique_number text,
    status integer not null,
    version integer not null,
    created_at integer not null,
    primary key (program, id)
) strict, without rowid;
