//! What is done to the database, and the row that must be named for it: rows that stand noun by
//! noun.

/// One edit.
pub struct Edit {
    pub name: &'static str,
    pub sql: &'static str,
    /// The table that is named.
    pub table: &'static str,
    /// Asked before the edit: what the name of the row contains, without dashes.
    pub row: &'static str,
}

/// Whom the edits hit: a transfer in the middle of a wallet's history, a funding with a remark, a
/// hold that was drawn on.
pub const VICTIMS: &str = "
    create temp table victim as
        select i.program, i.seq, i.id, i.account, i.reference, e.version, i.counterparty
        from instruction i
        join reference r on (r.program, r.key) = (i.program, i.reference)
        join entry e on (e.program, e.account, e.seq) = (i.program, i.account, i.seq)
        where r.text = 'TAMPER_4';
    create temp table funded as
        select program, seq, id, reference from instruction where remark = 'first money';
    create temp table held as select program, id from hold where captured_minor > 0";

/// The first entry of the unit.
const ENTRY: &str = "
    select lower(hex(debit)) || ' version ' || debit_version
    from transfer join victim using (program, seq)";
const OWN_ENTRY: &str = "select lower(hex(account)) || ' version ' || version from victim";
const NEXT_ENTRY: &str = "select lower(hex(account)) || ' version ' || (version + 1) from victim";
const ACCOUNT: &str = "select lower(hex(account)) from victim";
const INSTRUCTION: &str = "select lower(hex(id)) from victim";
const TRANSFER: &str = "
    select lower(hex(transfer.id)) from transfer join victim using (program, seq)";
const REFERENCE: &str = "select lower(hex(reference)) from victim";
const FUNDED: &str = "select lower(hex(id)) from funded";
const FUNDED_REFERENCE: &str = "select lower(hex(reference)) from funded";
const UNDO_REFERENCE: &str =
    "select lower(hex(key)) from reference where scope = 'instruction/undo'";
const UNIQUE_REFERENCE: &str = "select lower(hex(key)) from reference where text = 'THEIRS'";
/// Where the row is one of several, or has a key that the edit draws.
const ANY: &str = "select ''";
const UNIT: &str = "select lower(hex(program)) || ' seq ' || seq from victim";
const HOLD: &str = "select lower(hex(id)) from held";
const PROGRAM: &str = "select lower(hex(program)) from victim";

macro_rules! edits {
    ($($name:literal: $table:literal, $row:expr, $sql:literal;)*) => {
        pub const EDITS: &[Edit] =
            &[$(Edit { name: $name, sql: $sql, table: $table, row: $row },)*];
    };
}

edits! {
    "a changed amount of a transfer": "transfer", TRANSFER,
        "update transfer_row set amount_minor = amount_minor + 1
         where (program, seq) in (select program, seq from victim)";
    "a changed amount of an instruction": "instruction", INSTRUCTION,
        "update instruction_row set amount_minor = amount_minor + 1
         where id in (select id from victim)";
    "a changed amount everywhere": "entry", ENTRY,
        "update transfer_row set amount_minor = amount_minor + 1
         where (program, seq) in (select program, seq from victim);
         update instruction_row set amount_minor = amount_minor + 1
         where id in (select id from victim);
         update entry_row set posted_minor = posted_minor + 1
         where (program, seq) in (select program, seq from victim)";
    "a changed remark": "instruction", FUNDED,
        "update instruction_row set remark = 'other money' where id in (select id from funded)";
    "a remark taken away": "instruction", FUNDED,
        "update instruction_row set remark = '' where id in (select id from funded)";
    "a changed balance of an answer": "reference", REFERENCE,
        "update instruction_row set after_minor = after_minor + 1
         where id in (select id from victim)";
    "a deleted entry": "entry", OWN_ENTRY,
        "delete from entry_row where (account, version) in (select account, version from victim)";
    "both entries of a transfer deleted": "entry", ENTRY,
        "delete from entry_row where (program, seq) in (select program, seq from victim)";
    "a swapped pair of one account": "entry", OWN_ENTRY,
        "update entry_row set version = -1
             where (account, version) in (select account, version from victim);
         update entry_row set version = version - 1
             where (account, version) in (select account, version + 1 from victim);
         update entry_row set version = (select version + 1 from victim) where version = -1";
    "a swapped pair of one transfer": "transfer", TRANSFER,
        "update entry_row set account = zeroblob(16)
             where (account, version) in (select account, version from victim);
         update entry_row set (account, version) = (select account, version from victim)
             where (program, seq) in (select program, seq from victim)
             and account in (select counterparty from victim);
         update entry_row set (account, version) =
             (select debit, debit_version from transfer join victim using (program, seq))
             where account = zeroblob(16)";
    "the tail of an account cut off": "entry", NEXT_ENTRY,
        "delete from entry_row where account in (select account from victim)
             and version > (select version from victim);
         update account set
             (version, posted_debits, posted_credits, held_debits, held_credits, head) =
             (select e.version, e.posted_debits, e.posted_credits, e.held_debits,
                     e.held_credits, e.hash
              from entry e join victim v on (v.account, v.version) = (e.account, e.version))
         where id in (select account from victim)";
    "the tail of an account cut off, but not its row": "entry", NEXT_ENTRY,
        "delete from entry_row where account in (select account from victim)
             and version > (select version from victim)";
    "the last unit taken back, but for the counter": "counter", PROGRAM,
        "create temp table gone as select program, seq, account, version
             from entry join counter using (program, seq)
             where program in (select program from victim);
         delete from entry_row where (program, seq) in (select program, seq from gone);
         delete from transfer_row where (program, seq) in (select program, seq from gone);
         delete from instruction_row where (program, seq) in (select program, seq from gone);
         delete from reference_row where (program, seq) in (select program, seq from gone);
         delete from event_row where (program, seq) in (select program, seq from gone);
         update account set
             (version, posted_debits, posted_credits, held_debits, held_credits, head) =
             (select e.version, e.posted_debits, e.posted_credits, e.held_debits,
                     e.held_credits, e.hash
              from entry e where (e.account, e.version) = (account.id, account.version - 1))
         where id in (select account from gone);
         update hold set state = 1, remaining_minor = amount_minor, version = 1 where state = 3";
    "a changed balance": "account", ACCOUNT,
        "update account set posted_credits = posted_credits + 100
         where id in (select account from victim)";
    "a balance moved to another account": "account", ANY,
        "update account set posted_credits = posted_credits + 100
         where id in (select account from victim);
         update account set posted_debits = posted_debits + 100
         where id in (select counterparty from victim)";
    "a changed entry that still adds up": "entry", OWN_ENTRY,
        "update entry_row set posted_credits = posted_credits + 1, posted_debits = posted_debits + 1
         where (account, version) in (select account, version from victim)";
    "a deleted account": "account", ACCOUNT,
        "delete from account where id in (select account from victim)";
    "a missing reference": "reference", REFERENCE,
        "delete from reference_row where key in (select reference from victim)";
    "a missing reference of a funding": "reference", FUNDED_REFERENCE,
        "delete from reference_row where key in (select reference from funded)";
    "a missing reference that says what was undone": "reference", UNDO_REFERENCE,
        "delete from reference_row where scope = 'instruction/undo'";
    "a missing reference of a cardholder": "reference", UNIQUE_REFERENCE,
        "delete from reference_row where scope = 'cardholder/unique_number' and text = 'THEIRS'";
    "a changed answer": "reference", REFERENCE,
        "update reference_row
         set answer = cast(substr(answer, 1, length(answer) - 1) || x'ff' as blob)
         where key in (select reference from victim)";
    "a changed fingerprint": "instruction", INSTRUCTION,
        "update reference_row set fingerprint = randomblob(32)
         where key in (select reference from victim)";
    "a changed text of a reference": "reference", REFERENCE,
        "update reference_row set text = 'TAMPER_X' where key in (select reference from victim)";
    "an added reference": "reference", ANY,
        "create temp table twin as select * from reference_row
             where key in (select reference from victim);
         update twin set key = randomblob(16), text = 'FORGED',
             row = 1 + (select max(row) from entry);
         insert into reference_row select * from twin";
    "an instruction without its reference": "instruction", INSTRUCTION,
        "update instruction_row set reference = null where id in (select id from victim)";
    "a deleted event": "event", UNIT,
        "delete from event_row where (program, seq) in (select program, seq from victim)";
    "a doubled event": "event", UNIT,
        "create temp table twin as select * from event_row where subject in (select id from victim);
         update twin set ordinal = ordinal + 1000, id = randomblob(16);
         insert into event_row select * from twin";
    "an event of something else": "instruction", ANY,
        "update event_row set subject = randomblob(16) where subject in (select id from victim)";
    "a deleted instruction": "instruction", INSTRUCTION,
        "delete from instruction_row where id in (select id from victim)";
    "a deleted transfer": "transfer", INSTRUCTION,
        "delete from transfer_row where (program, seq) in (select program, seq from victim)";
    "a deleted instruction with its transfer": "instruction", INSTRUCTION,
        "delete from transfer_row where (program, seq) in (select program, seq from victim);
         delete from instruction_row where id in (select id from victim)";
    "a deleted instruction with all of its unit": "event", "select lower(hex(program)) from victim",
        "delete from transfer_row where (program, seq) in (select program, seq from victim);
         delete from entry_row where (program, seq) in (select program, seq from victim);
         delete from instruction_row where id in (select id from victim);
         delete from reference_row where key in (select reference from victim);
         delete from event_row where (program, seq) in (select program, seq from victim)";
    "a doubled transfer": "transfer", INSTRUCTION,
        "create temp table twin as select * from transfer_row
             where (program, seq) in (select program, seq from victim);
         update twin set ordinal = ordinal + 1000, id = randomblob(16);
         insert into transfer_row select * from twin";
    "an added entry, which its account then follows": "account",
        "select lower(hex(account)) from victim",
        "create temp table twin as select * from entry_row
             where (account, version) in (select account, version from victim);
         update twin set version = version + 1000, row = 1 + (select max(row) from entry);
         insert into entry_row select * from twin";
    "a changed remainder of a hold": "hold", HOLD,
        "update hold set remaining_minor = remaining_minor - 1 where id in (select id from held)";
    "a hold that was ended": "hold", HOLD,
        "update hold set state = 3, remaining_minor = 0 where id in (select id from held)";
    "a deleted hold": "hold", HOLD, "delete from hold where id in (select id from held)";
    "an added hold": "hold", ANY,
        "create temp table twin as select * from hold where id in (select id from held);
         update twin set id = randomblob(16);
         insert into hold select * from twin";
    "a counter set forward": "counter", PROGRAM,
        "update counter set seq = seq + 1 where program in (select program from victim)";
    "a missing counter": "counter", ANY,
        "delete from counter where program in (select program from victim)";
    "a changed time of a unit": "event", UNIT,
        "update event_row set at = at - 86400000000
         where (program, seq) in (select program, seq from victim);
         update instruction_row set at = at - 86400000000 where id in (select id from victim);
         update transfer_row set at = at - 86400000000
         where (program, seq) in (select program, seq from victim)";
    "a cardholder with another's number": "cardholder",
        "select lower(hex(id)) from cardholder where number = 'TAMPERED'",
        "update cardholder set number = 'U1' where number = 'TAMPERED'";
    "a way to a credential taken away": "directory",
        "select lower(hex(key)) from credential where program in (select program from victim)",
        "delete from directory where key in (select key from credential
         where program in (select program from victim))";
}
