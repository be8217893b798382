-- Blind index: whose a value is that is stored only sealed.
create table blind_index (
    program blob not null,
    key blob not null,
    cardholder blob,
    version integer not null,
    primary key (program, key)
) strict, without rowid;
