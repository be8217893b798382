//! Each account as a chain: versions without gaps, running sums, hashes from the first entry on.

use super::Books;
use domain::account::{Account, Side, Sums};
use domain::chain::{Hash, entry_hash, instruction_digest, transfer_digest};
use domain::transfer::{Cause, Entry};
use std::collections::BTreeMap;

pub(super) fn check(books: &Books, faults: &mut Vec<String>) {
    let mut chains: BTreeMap<_, Vec<&Entry>> = BTreeMap::new();
    for entry in &books.entries {
        let of = (entry.program, entry.account);
        chains.entry(of).or_default().push(entry);
    }
    for (key, account) in &books.accounts {
        let entries = chains.remove(key).unwrap_or_default();
        if let Some(fault) = chain_fault(books, account, &entries) {
            faults.push(format!("{}: {fault}", account.id));
        }
    }
    for (_, account) in chains.into_keys() {
        faults.push(format!("{account} has entries and is no account"));
    }
}

fn chain_fault(books: &Books, account: &Account, entries: &[&Entry]) -> Option<String> {
    let (mut sums, mut head, mut version) = (Sums::default(), Hash::ZERO, 0);
    for entry in entries {
        version += 1;
        if entry.version != version {
            return Some(format!("version {version} is missing"));
        }
        add(&mut sums, entry);
        if entry.after != sums {
            return Some(format!("version {version} has other sums than {sums:?}"));
        }
        if [sums.posted_debits, sums.posted_credits].iter().any(|sum| *sum < 0)
            || [sums.held_debits, sums.held_credits].iter().any(|sum| *sum < 0)
        {
            return Some(format!("version {version} has a negative sum"));
        }
        match hash(books, head, entry) {
            Some(hash) if hash == entry.hash => head = hash,
            Some(_) => return Some(format!("version {version} breaks the chain")),
            None => return Some(format!("version {version} has no transfer or no cause")),
        }
    }
    let last = (account.version, account.sums, account.head);
    (last != (version, sums, head)).then(|| "its row is not its newest entry".to_owned())
}

/// Wrapping, because a wrong sum is to be reported and not to panic.
const fn add(sums: &mut Sums, entry: &Entry) {
    let (posted, held) = match entry.side {
        Side::Debit => (&mut sums.posted_debits, &mut sums.held_debits),
        Side::Credit => (&mut sums.posted_credits, &mut sums.held_credits),
    };
    *posted = posted.wrapping_add(entry.posted);
    *held = held.wrapping_add(entry.held);
}

fn hash(books: &Books, previous: Hash, entry: &Entry) -> Option<Hash> {
    let transfer = books.transfers.get(&(entry.program, entry.transfer))?;
    let cause = match transfer.cause {
        Cause::Expiry => Hash::ZERO,
        Cause::Instruction(id) => {
            let row = books.instructions.get(&(entry.program, id))?;
            let named = row.reference.map(|key| (row.program, key));
            instruction_digest(row, named.and_then(|key| books.references.get(&key)))
        }
    };
    Some(entry_hash(previous, entry, transfer_digest(transfer), cause))
}
