-- Deliveries: events on their way to endpoints. Their ids begin with the event's time, so new ones
-- land at the right edge.
create table delivery (
    program uuid not null,
    id uuid not null,
    endpoint uuid not null,
    event uuid not null,
    seq bigint not null,
    ordinal bigint not null,
    kind smallint not null,
    subject uuid not null,
    event_at bigint not null,
    status smallint not null,
    next_attempt_at bigint,
    attempts bigint not null,
    replays bigint not null,
    last_status bigint,
    last_fault smallint,
    last_ms bigint,
    first_attempt_at bigint,
    last_attempt_at bigint,
    version bigint not null,
    primary key (program, id)
)
with (fillfactor = 80);

-- What is due, and what of the same subject is before it. Both hold only what is pending.
create index delivery_due on delivery (program, endpoint, next_attempt_at, seq, ordinal)
    where next_attempt_at is not null;
create index delivery_subject on delivery (program, endpoint, subject, seq, ordinal)
    where next_attempt_at is not null;
-- Lists, of a programme and of an endpoint.
create index delivery_place on delivery (program, seq, ordinal, endpoint);
create index delivery_endpoint on delivery (program, endpoint, seq, ordinal);
