-- Cardholders.
create table cardholder (
    program uuid not null,
    id uuid not null,
    number text not null,
    unique_number text,
    status smallint not null,
    version bigint not null,
    created_at bigint not null,
    primary key (program, id)
);
