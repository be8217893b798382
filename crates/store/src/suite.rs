//! The conformance suite: what every backend must do, as cases that run on any [`Backend`].
//!
//! A backend's own tests run each of [`CASES`] with [`run`], on an empty store of its own, and
//! [`random::twins`] against the model. After each case the rows are checked against their tables
//! and the books against themselves ([`sums`]). The futures are not tied to a runtime.
//!
//! To add a case: a function in the file of its noun or theme, and its name in the list below; a
//! function that is not in the list is dead code and does not pass the lints.

pub mod dump;
pub mod harness;
pub mod random;
pub mod steps;
pub mod sums;
pub mod work;

mod account;
mod blind_index;
mod cardholder;
mod credential;
mod delivery;
mod endpoint;
mod event;
mod fault;
mod hold;
mod import;
mod instruction;
mod key;
mod lease;
mod program;
mod query;
mod rate;
mod reference;
mod schema;
mod signature_key;
mod snapshot;
mod sub_account;
mod transfer;
mod unit;

use crate::model::{Fault, Model};
use crate::query::{BoxFuture, Store};
use harness::Harness;
use std::pin::Pin;
use std::sync::Arc;

/// Where a backend keeps one store for one case.
pub trait Backend: Send {
    /// Opens the store: empty the first time, later with all that was acknowledged. Nothing of an
    /// earlier opening is alive then.
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>>;
    /// Lets the next commit fail after its units were decided, with nothing written. It must fail
    /// as late as the backend can arrange, at best in the commit statement itself.
    fn fail_next_commit(&mut self);
}

/// The model as a backend: reopening is the same content again.
#[derive(Default)]
pub struct Memory(pub Model);

impl Backend for Memory {
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>> {
        let store: Arc<dyn Store> = Arc::new(self.0.clone());
        Box::pin(core::future::ready(store))
    }

    fn fail_next_commit(&mut self) {
        self.0.faults().next(Fault::Unavailable);
    }
}

/// A case runs on the thread of its caller.
pub type CaseFuture<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One thing that every backend must do.
pub struct Case {
    /// File and function.
    pub name: &'static str,
    pub run: for<'h> fn(&'h mut Harness) -> CaseFuture<'h>,
}

/// Runs a case on an empty store, and audits what it leaves.
///
/// # Panics
/// When the backend does not do what the case says.
pub async fn run(case: &Case, backend: Box<dyn Backend>) {
    let mut harness = Harness::open(backend).await;
    (case.run)(&mut harness).await;
    harness.audit().await;
    let before = harness.dump().await;
    harness.reopen().await;
    assert_eq!(harness.dump().await, before, "{}: reopening keeps all", case.name);
}

macro_rules! cases {
    ($($file:ident { $($case:ident,)* })*) => {
        /// Every case, by file.
        pub static CASES: &[Case] = &[$($(Case {
            name: concat!(stringify!($file), "::", stringify!($case)),
            run: |harness| Box::pin($file::$case(harness)),
        },)*)*];
    };
}

cases! {
    unit {
        refused_unit_leaves_nothing,
        later_units_see_earlier_effects,
        account_is_opened_and_used_in_one_batch,
        stale_unit_leaves_nothing,
        applied_units_are_counted_without_gaps,
        programmes_of_one_batch_count_apart,
        recorded_time_never_goes_back,
        large_batch,
        large_unit,
        batch_without_units,
        stronger_lock_wins,
        writers_come_and_go,
    }
    fault {
        panic_after_puts_leaves_nothing,
        bugs_are_caught_one_by_one,
        failed_commit_changes_nothing,
        failed_first_commit_leaves_an_empty_store,
        generated_key_made_twice_is_corruption,
    }
    account {
        there_is_one_account_of_a_key,
        sums_reach_the_limits,
        floors_may_be_negative,
        hot_account_in_one_batch,
        same_id_in_two_programmes,
    }
    transfer {
        transfer_has_its_two_entries,
        linked_legs_stand_or_fall_together,
        conversion_is_kept,
        entries_follow_each_other,
    }
    hold {
        captured_in_parts,
        final_capture_releases_the_rest,
        first_ending_wins_in_one_batch,
        first_ending_wins_across_batches,
        expires_at_its_end_and_not_before,
        placed_and_drawn_on_in_one_batch,
        refused_hold_leaves_no_row,
        same_id_in_two_programmes,
        due_from_their_end_on,
        due_until_they_have_ended,
    }
    reference {
        twice_in_one_batch_and_again_later,
        other_content_is_refused,
        refusal_does_not_burn_it,
        decline_is_kept,
        failed_commit_does_not_burn_it,
        texts_differ_by_every_byte,
        same_key_in_two_programmes,
    }
    signature_key {
        keys_of_a_credential,
    }
    endpoint {
        all_of_a_programme,
        at_work_with_what_is_known_of_them,
    }
    delivery {
        due_by_time_and_in_order_of_subjects,
        lists_newest_first,
    }
    instruction {
        decline_and_refusal_in_one_batch,
        range_includes_its_start_and_not_its_end,
        every_condition_must_hold,
        pages_stand_still_while_rows_arrive,
        skip_and_limit,
        found_by_id,
        found_by_what_their_callers_call_them,
        other_programmes_are_not_listed,
    }
    event {
        in_order_after_a_place,
        pages_while_rows_arrive,
        other_programmes_are_not_listed,
    }
    schema {
        every_table_has_samples,
        samples_fill_every_column,
        refused_rows_make_room,
        rows_come_back_as_written,
        changed_rows_come_back_as_written,
        counter_reaches_the_end_of_time,
    }
    query {
        nothing_is_there_at_first,
        reads_see_what_was_acknowledged,
        lists_page_by_key,
        lists_while_rows_arrive,
        entries_page_newest_first,
        accounts_of_an_owner,
        cursors_beyond_everything,
    }
    snapshot {
        later_commits_are_invisible,
        pages_of_any_size_are_the_same,
        finds_by_exact_key,
        reopening_keeps_everything,
    }
    import {
        rows_are_those_of_the_source,
        units_go_on_where_the_source_was,
        dropped_import_leaves_nothing,
        store_with_any_row_is_refused,
        samples_come_back_as_imported,
        row_that_does_not_fit_spoils_all,
    }
}

#[cfg(test)]
pub(crate) mod tests;
