-- Leases: which server does a piece of background work. A row for each kind of work.
create table lease (
    program blob not null,
    id blob not null,
    name text not null,
    holder blob not null,
    version integer not null,
    until integer not null,
    primary key (program, id)
) strict, without rowid;
