//! Gives a unit's entries their hashes, once all else is decided: the canonical bytes cover the
//! instruction as it ends up, and the reference with the stored answer.

use domain::account::Account;
use domain::chain::{Hash, entry_hash, instruction_digest, transfer_digest};
use domain::id::InstructionId;
use domain::instruction::Instruction;
use domain::transfer::{Cause, Entry, Transfer};
use store::Scope;

/// The digests of this unit's instructions.
fn causes(scope: &Scope<'_>) -> Vec<(InstructionId, Hash)> {
    let digest = |instruction: &Instruction| {
        let mut references = scope.references();
        let reference = references.find(|row| Some(row.key) == instruction.reference);
        (instruction.id, instruction_digest(instruction, reference))
    };
    scope.appended::<Instruction>().iter().map(digest).collect()
}

/// # Panics
/// When a transfer names an instruction that its unit did not write: a bug of the verb.
pub(crate) fn seal(scope: &mut Scope<'_>) {
    if scope.appended::<Transfer>().is_empty() {
        return;
    }
    let causes = causes(scope);
    let cause_of = |cause: &Cause| match cause {
        Cause::Expiry => Hash::ZERO,
        Cause::Instruction(id) => {
            let found = causes.iter().find(|(known, _)| known == id);
            found.expect("a transfer is written together with its instruction").1
        }
    };
    let digests: Vec<_> = scope
        .appended::<Transfer>()
        .iter()
        .map(|transfer| (transfer.id, transfer_digest(transfer), cause_of(&transfer.cause)))
        .collect();
    let entries = scope.appended::<Entry>().len();
    assert!(entries == 2 * digests.len(), "each transfer writes exactly two entries");
    for index in 0..entries {
        let (transfer, digest, cause) = digests[index / 2];
        let entry = scope.appended::<Entry>()[index];
        assert!(entry.transfer == transfer, "entries follow their transfers in order");
        let head = scope.get::<Account>(entry.account).map_or(Hash::ZERO, |account| account.head);
        let hash = entry_hash(head, &entry, digest, cause);
        scope.entries_mut()[index].hash = hash;
        scope.complete_account(entry.account).head = hash;
    }
}
