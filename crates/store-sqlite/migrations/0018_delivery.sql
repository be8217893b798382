-- Deliveries: events on their way to endpoints. Their ids begin with the event's time, so new ones
-- land at the right edge.
create table delivery (
    program blob not null,
    id blob not null,
    endpoint blob not null,
    event blob not null,
    seq integer not null,
    ordinal integer not null,
    kind integer not null,
    subject blob not null,
    event_at integer not null,
    status integer not null,
    next_attempt_at integer,
    attempts integer not null,
    replays integer not null,
    last_status integer,
    last_fault integer,
    last_ms integer,
    first_attempt_at integer,
    last_attempt_at integer,
    version integer not null,
    primary key (program, id)
) strict, without rowid;

-- What is due, and what of the same subject is before it. Both hold only what is pending.
create index delivery_due on delivery (program, endpoint, next_attempt_at, seq, ordinal)
    where next_attempt_at is not null;
create index delivery_subject on delivery (program, endpoint, subject, seq, ordinal)
    where next_attempt_at is not null;
-- Lists, of a programme and of an endpoint.
create index delivery_place on delivery (program, seq, ordinal, endpoint);
create index delivery_endpoint on delivery (program, endpoint, seq, ordinal);
