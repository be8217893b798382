-- References. Their keys are hashes: the rows are appended to a rowid table, and only a narrow
-- index is written at random places.
create table reference (
    program blob not null,
    key blob not null,
    seq integer not null,
    ordinal integer not null,
    scope text not null,
    text text not null,
    fingerprint blob not null,
    instruction blob,
    answer blob not null,
    at integer not null,
    primary key (program, key)
) strict;
