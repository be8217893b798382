-- Leases: which server does a piece of background work. A row for each kind of work.
create table lease (
    program uuid not null,
    id uuid not null,
    name text not null,
    holder uuid not null,
    version bigint not null,
    until bigint not null,
    primary key (program, id)
);
