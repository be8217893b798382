-- The caller's own name for an instruction, which is not unique.
alter table instruction add column end_to_end_id text;

-- Both hold only what has such a name, so that nothing else pays for them.
create index instruction_end_to_end on instruction (program, end_to_end_id, seq, ordinal)
    where end_to_end_id is not null;
create index instruction_payee on instruction (program, counterparty, seq, ordinal)
    where end_to_end_id is not null;
