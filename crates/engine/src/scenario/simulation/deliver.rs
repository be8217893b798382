//! What the workers of two servers do between the groups of calls, with receivers that are well,
//! dead or silent, servers that die, and commits that are lost.

use super::{Planted, Simulation};
use crate::Clock;
use crate::deliver::tests::script::Behaviour;
use crate::program::UpdateProgram;
use crate::scenario::auditor::{ATTEMPTS_MAX, Seen, Work};
use crate::scenario::command::{Call, Command};
use crate::scenario::webhook::{Again, Change, Webhook};
use domain::delivery::{AttemptFault, Outcome};
use domain::endpoint::{EndpointStatus, Kinds};
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId};
use domain::time::Time;
use std::collections::BTreeMap;
use std::time::Duration;
use store::{DeliveryFilter, Store};

/// Endpoints of one programme that are drawn; a call that is made twice makes more.
const ENDPOINTS: usize = 4;
/// A receiver that is dead almost to the end of a run, so that something is given up.
const DEAD: &str = "https://r1.example/";
/// So often a worker may go on before something comes between.
const YIELDS: u8 = 5;
/// Longer than any wait for the next attempt.
const DAYS: Duration = Duration::from_secs(48 * 3_600);

impl Simulation {
    pub(super) fn draw_webhook(&mut self, program: usize) -> Webhook {
        let known: Vec<_> = self.auditors[program].outbox.endpoints.keys().copied().collect();
        match self.rng.u8(0..8) {
            0 | 1 if known.len() < ENDPOINTS => {
                Webhook::Create { url: self.draw_url(), kinds: self.draw_kinds() }
            }
            2 | 3 => Webhook::Replay { delivery: self.draw_delivery(program) },
            _ => {
                let endpoint = self.rng.choice(known).unwrap_or(EndpointId::from_bytes([9; 16]));
                Webhook::Change { endpoint, change: self.draw_change() }
            }
        }
    }

    /// Few, so that some receivers are two endpoints.
    fn draw_url(&mut self) -> String {
        match self.rng.u8(0..20) {
            0 => "ftp://a.example/".to_owned(),
            number => format!("https://r{}.example/", number % 8),
        }
    }

    fn draw_kinds(&mut self) -> Kinds {
        let some = [EventKind::InstructionCompleted, EventKind::RateSet, EventKind::HoldExpired];
        match self.rng.u8(0..3) {
            0 => Kinds::only([some[self.rng.usize(0..3)]].into_iter().collect()).unwrap(),
            1 => Kinds::only(some.into_iter().collect()).unwrap(),
            _ => Kinds::All,
        }
    }

    /// Mostly enabled, or nothing would ever be told.
    fn draw_change(&mut self) -> Change {
        let disable = self.rng.u8(0..3) == 0;
        let status = if disable { EndpointStatus::Disabled } else { EndpointStatus::Enabled };
        Change {
            url: (self.rng.u8(0..4) == 0).then(|| self.draw_url()),
            kinds: (self.rng.u8(0..4) == 0).then(|| self.draw_kinds()),
            status: self.rng.bool().then_some(status),
        }
    }

    fn draw_delivery(&mut self, program: usize) -> DeliveryId {
        let known: Vec<_> = self.auditors[program].outbox.deliveries.keys().copied().collect();
        let unknown = self.rng.u8(0..8) == 0;
        let drawn = self.rng.choice(known).filter(|_| !unknown);
        drawn.unwrap_or(DeliveryId::from_bytes([9; 16]))
    }

    fn now(&self) -> Time {
        self.world.clock.now()
    }

    async fn seen(&self, program: usize) -> Seen {
        let (store, id) = (&self.world.gate, self.programmes[program].id);
        let filter = DeliveryFilter { limit: u32::MAX, ..DeliveryFilter::default() };
        Seen {
            events: store.events(id, None, u32::MAX).await.unwrap(),
            endpoints: store.endpoints(id).await.unwrap(),
            deliveries: store.deliveries(id, filter).await.unwrap(),
        }
    }

    /// Every row while nobody is at work.
    pub(super) async fn compare_outboxes(&mut self) {
        for program in 0..self.programmes.len() {
            let seen = self.seen(program).await;
            self.auditors[program].outbox.compare(&seen);
        }
    }

    /// Lets the workers work, and judges what they have made of the rows.
    pub(super) async fn deliver(&mut self) {
        self.compare_outboxes().await;
        if self.rng.u8(0..6) == 0 {
            self.begin_anew().await;
        }
        let mut work = self.begin_work();
        if self.rng.u8(0..4) == 0 {
            self.be_called_meanwhile(&mut work).await;
        } else {
            work.disturbed = self.work().await;
        }
        self.judge_work(work).await;
    }

    fn enabled(&self) -> impl Iterator<Item = EndpointId> {
        self.auditors.iter().flat_map(|auditor| auditor.outbox.enabled())
    }

    fn begin_work(&mut self) -> Work {
        self.second.clock.set(self.world.clock.now());
        Work {
            now: self.now(),
            disturbed: false,
            answers: self.set_receivers(),
            enabled: self.enabled().collect(),
            posts: BTreeMap::new(),
        }
    }

    /// Calls come in the middle of it, and some of them turn endpoints off and on.
    async fn be_called_meanwhile(&mut self, work: &mut Work) {
        let server = self.rng.usize(0..2);
        self.workers[server].pass().await.unwrap();
        for _ in 0..self.rng.u8(0..YIELDS) {
            tokio::task::yield_now().await;
        }
        let calls: Vec<_> = (0..6).map(|_| self.draw_meanwhile()).collect();
        let fates = self.run_all(&calls).await;
        for (call, fate) in calls.iter().zip(&fates) {
            self.judge(call, fate);
            work.enabled.extend(self.enabled());
        }
        self.workers[server].whole().await;
        work.disturbed = true;
    }

    /// Nothing that decides what an endpoint is told of, which only the order of units would tell.
    fn draw_meanwhile(&mut self) -> Call {
        if self.rng.bool() {
            let program = self.rng.usize(0..self.programmes.len());
            let known = self.auditors[program].outbox.endpoints.keys().copied();
            if let Some(endpoint) = self.rng.choice(known.collect::<Vec<_>>()) {
                let all = EndpointStatus::ALL;
                let status = Some(all[self.rng.usize(0..all.len())]);
                let change = Change { status, ..Change::default() };
                return Self::by_operator(program, Webhook::Change { endpoint, change });
            }
        }
        loop {
            let call = self.draw();
            if !matches!(call.command, Command::Webhook(_)) {
                return call;
            }
        }
    }

    async fn judge_work(&mut self, work: Work) {
        let now = work.now;
        let work = Work { posts: self.receivers.posts(), ..work };
        for program in 0..self.programmes.len() {
            let seen = self.seen(program).await;
            let auditor = &mut self.auditors[program];
            for (word, times) in auditor.outbox.worked(&seen, &work) {
                *self.met.entry(word).or_default() += times;
            }
            // What workers do is recorded like all else, and recorded time never goes back.
            let last = seen.events.last().map_or(auditor.last, |event| event.at);
            assert!(last == auditor.last || last == now.max(auditor.last), "{last:?}");
            auditor.last = last;
        }
    }

    /// An endpoint is told again, in several units, so that nothing is planted meanwhile.
    async fn begin_anew(&mut self) {
        let program = self.rng.usize(0..self.programmes.len());
        let seen = self.seen(program).await;
        let auditor = &mut self.auditors[program];
        let known: Vec<_> = auditor.outbox.endpoints.keys().copied().collect();
        let Some(endpoint) = self.rng.choice(known) else { return };
        let now = self.world.clock.now();
        let back = |hours: u64| {
            Time::from_unix_us(now.unix_us() - i64::try_from(hours).unwrap() * 3_600_000_000)
        };
        let which = match self.rng.bool() {
            true => Again::Missed,
            false => Again::Between(back(self.rng.u64(1..200)), back(self.rng.u64(0..50))),
        };
        let expected = auditor.outbox.again(endpoint, which, &seen, now);
        let programme = &self.programmes[program];
        let count = which.run(&programme.engine, programme.id, endpoint).await.unwrap();
        assert_eq!(count, expected, "{which:?}");
        if count > 0 {
            auditor.last = now.max(auditor.last);
        }
        *self.met.entry("replayed").or_default() += count;
        self.compare_outboxes().await;
    }

    /// What each address answers from now on.
    fn set_receivers(&mut self) -> BTreeMap<String, Outcome> {
        let sheets = self.auditors.iter().flat_map(|auditor| auditor.outbox.endpoints.values());
        let urls: Vec<_> = sheets.map(|sheet| sheet.url.clone()).collect();
        let mut answers = BTreeMap::new();
        for url in urls {
            let (behaviour, outcome) = match self.rng.u8(0..8) {
                0 | 3.. if url == DEAD => (Behaviour::Answer(500), Outcome::Answered(500)),
                1 => {
                    let fault = AttemptFault::Unconnected;
                    (Behaviour::Fail(fault), Outcome::Failed(fault))
                }
                2 => (Behaviour::Hang, Outcome::Failed(AttemptFault::Timeout)),
                0 => (Behaviour::Answer(500), Outcome::Answered(500)),
                _ => (Behaviour::Answer(204), Outcome::Answered(204)),
            };
            self.receivers.will(&url, behaviour);
            answers.insert(url, outcome);
        }
        answers
    }

    /// Whether something came between, so that not all had to be done.
    async fn work(&mut self) -> bool {
        let server = self.rng.usize(0..2);
        match self.rng.u8(0..8) {
            0 => {
                self.die(server).await;
                true
            }
            1 => {
                let planted = self.plant();
                self.workers[server].whole().await;
                self.world.faults.heal();
                planted != Planted::Nothing
            }
            2 | 3 => {
                let [one, two] = &mut self.workers;
                tokio::join!(one.whole(), two.whole());
                self.workers[server].whole().await;
                false
            }
            _ => {
                // What one pass leaves is for the next.
                self.workers[server].whole().await;
                self.workers[server].whole().await;
                false
            }
        }
    }

    /// The server stops somewhere, and comes back without its memory.
    async fn die(&mut self, server: usize) {
        self.workers[server].pass().await.unwrap();
        for _ in 0..self.rng.u8(0..YIELDS) {
            tokio::task::yield_now().await;
        }
        let engine = [&self.world.engine, &self.second.engine][server];
        self.workers[server] = self.receivers.worker(engine);
        // What it has asked for already is done before what is asked for now.
        for programme in &self.programmes {
            engine.update_program(programme.id, UpdateProgram::default()).await.unwrap();
        }
    }

    /// To the end: receivers are well, the dead one at last, and what waits for its time has it.
    pub(super) async fn settle_deliveries(&mut self) {
        self.compare_outboxes().await;
        for program in 0..self.programmes.len() {
            let known: Vec<_> = self.auditors[program].outbox.endpoints.keys().copied().collect();
            for endpoint in known {
                let status = Some(EndpointStatus::Enabled);
                let change = Change { status, ..Change::default() };
                let asked = Webhook::Change { endpoint, change };
                let call = Self::by_operator(program, asked);
                let fate = call.run(&self.programmes[program]).await;
                self.judge(&call, &fate);
            }
        }
        for round in 0..ATTEMPTS_MAX + 4 {
            self.world.clock.forward(DAYS);
            let mut work = self.begin_work();
            for (url, answer) in &mut work.answers {
                let status = if url == DEAD && round < ATTEMPTS_MAX { 500 } else { 200 };
                self.receivers.will(url, Behaviour::Answer(status));
                *answer = Outcome::Answered(status);
            }
            // By turns, since one may have a great many.
            for _ in 0..4 {
                let [one, two] = &mut self.workers;
                one.whole().await;
                two.whole().await;
            }
            self.judge_work(work).await;
        }
        let arrived = self.receivers.arrived();
        for auditor in &self.auditors {
            auditor.outbox.assert_settled(&arrived);
        }
    }
}
