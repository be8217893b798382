-- Blind index: whose a value is that is stored only sealed.
create table blind_index (
    program uuid not null,
    key uuid not null,
    cardholder uuid,
    version bigint not null,
    primary key (program, key)
);
