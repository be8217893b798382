//! Random endpoints, and a worker that tells them what happened. It goes for one endpoint after
//! the other with one attempt at a time, so that no store has a reason to do it in another order.

use super::command::{Dice, Shop, What};
use domain::delivery::{AttemptFault, DeliveryStatus};
use domain::endpoint::{EndpointStatus, Kinds};
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId, ProgramId};
use domain::time::Time;
use engine::deliver::{Message, Renderers, Sender};
use engine::delivery::TimeRange;
use engine::endpoint::{CreateEndpoint, NewSecret, UpdateEndpoint};
use engine::{BoxFuture, Deliver, DeliverOptions, DeliveryFilter, Engine};
use operator::webhook::{RENDERER, StandardWebhooks};
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Store;

const URLS: [&str; 5] =
    ["https://a.example/", "http://b.example/b", "https://c.example", "inbox:", "c"];
/// Of one programme.
const ENDPOINTS: usize = 3;
/// What is mostly told: were it all, nothing else would be done.
const KINDS: [EventKind; 5] = [
    EventKind::RateSet,
    EventKind::ProgramUpdated,
    EventKind::CardholderUpdated,
    EventKind::HoldExpired,
    EventKind::InstructionDeclined,
];

/// What is asked about endpoints and deliveries.
#[derive(Clone, Debug)]
pub enum Hook {
    Create(CreateEndpoint),
    Update(EndpointId, UpdateEndpoint),
    Replay(DeliveryId),
    Missed(EndpointId),
    Range(EndpointId, TimeRange),
    /// Page after page.
    List(DeliveryFilter),
    Show(EndpointId, Time),
    /// What each receiver answers, in turn.
    Work(Vec<Result<u16, AttemptFault>>),
}

/// Receivers, and all that they were sent.
#[derive(Default)]
struct Receivers {
    answers: Mutex<Vec<Result<u16, AttemptFault>>>,
    told: Mutex<String>,
}

impl Sender for Receivers {
    fn post<'a>(
        &'a self,
        url: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<u16, AttemptFault>> {
        let mut answers = self.answers.lock().unwrap();
        answers.rotate_left(1);
        let answer = answers.last().copied().unwrap_or(Ok(200));
        let Message { headers, body } = message;
        let body = String::from_utf8_lossy(&body).into_owned();
        let mut told = self.told.lock().unwrap();
        writeln!(told, "{url} {headers:?} {body} {answer:?}").unwrap();
        Box::pin(async move { answer })
    }
}

/// A server's worker on one of the stores.
pub struct Worker {
    store: Arc<dyn Store>,
    deliver: Deliver,
    receivers: Arc<Receivers>,
}

impl Worker {
    pub fn new(engine: &Arc<Engine>, store: Arc<dyn Store>) -> Self {
        let receivers = Arc::new(Receivers::default());
        let options =
            DeliverOptions { endpoints_max: 1, attempts_max: 1, ..DeliverOptions::default() };
        let sender: Arc<dyn Sender> = Arc::clone(&receivers) as _;
        let deliver = Deliver::new(Arc::clone(engine), sender, renderers(), options);
        Self { store, deliver, receivers }
    }

    /// More passes than there are endpoints, and what was told. Each begins one round, and looks
    /// no further while that is under way.
    async fn work(&mut self, answers: Vec<Result<u16, AttemptFault>>) -> String {
        *self.receivers.answers.lock().unwrap() = answers;
        for _ in 0..2 * ENDPOINTS {
            self.deliver.pass().await.unwrap();
            self.deliver.settle().await;
        }
        std::mem::take(&mut *self.receivers.told.lock().unwrap())
    }
}

fn renderers() -> Renderers {
    Renderers::from([(RENDERER, Arc::new(StandardWebhooks) as _)])
}

fn text<T: Debug>(answer: &T) -> String {
    format!("{answer:?}")
}

impl Hook {
    /// The answer as a text. What it made or met can be named by later commands.
    pub async fn run(
        self,
        engine: &Engine,
        program: ProgramId,
        shop: &mut Shop,
        worker: &mut Worker,
    ) -> String {
        match self {
            Self::Create(command) => {
                let made = engine.create_endpoint(program, command).await;
                shop.endpoints.extend(made.iter().map(|made| made.endpoint.id));
                text(&made)
            }
            Self::Update(id, update) => text(&engine.update_endpoint(program, id, update).await),
            Self::Replay(id) => text(&engine.replay_delivery(program, id).await),
            Self::Missed(id) => text(&engine.replay_missed(program, id).await),
            Self::Range(id, range) => {
                text(&engine.replay_range(program, id, range, &renderers()).await)
            }
            Self::List(mut filter) => {
                let mut pages = Vec::new();
                loop {
                    let page = engine.deliveries(program, filter.clone()).await.unwrap();
                    let Some(last) = page.last() else { break };
                    filter.before = Some((last.place, last.endpoint));
                    shop.deliveries.extend(page.iter().map(|row| row.id));
                    pages.push(page);
                }
                let kept = shop.deliveries.len().saturating_sub(64);
                shop.deliveries.drain(..kept);
                format!("Ok({} pages) {pages:?}", pages.len())
            }
            Self::Show(id, now) => {
                let store = worker.store.as_ref();
                let after = Some((program, id));
                let due = store.due_deliveries(program, id, now, 5).await.unwrap();
                let one = match due.first() {
                    Some(row) => engine.find_delivery(program, row.id).await.unwrap(),
                    None => None,
                };
                let endpoint = engine.find_endpoint(program, id).await.unwrap();
                let all = engine.endpoints(program).await.unwrap();
                let at_work = store.endpoints_at_work(now, after, 2).await.unwrap();
                format!("Ok({endpoint:?} {all:?} {at_work:?} {due:?} {one:?}")
            }
            Self::Work(answers) => format!("Ok(\n{})", worker.work(answers).await),
        }
    }
}

impl Dice {
    pub fn hook(&mut self, shop: &Shop, now: Time) -> What {
        let endpoint = self.endpoint(shop);
        What::Hook(match self.index(22) {
            0 | 1 if shop.endpoints.len() < ENDPOINTS => Hook::Create(CreateEndpoint {
                url: self.pick(&URLS).to_owned(),
                renderer: RENDERER.to_owned(),
                kinds: self.kinds(),
                secret: NewSecret::Generated,
            }),
            2..5 => Hook::Update(endpoint, self.update()),
            5..7 => Hook::Replay(match shop.deliveries.as_slice() {
                known @ [_, ..] if !self.one_in(10) => self.pick(known),
                _ => DeliveryId::from_bytes([7; 16]),
            }),
            20 => Hook::Missed(endpoint),
            7 | 21 => {
                let (from, until) = self.range(now);
                Hook::Range(endpoint, TimeRange { from: Some(from), until: Some(until) })
            }
            8..11 => Hook::List(self.filter(shop, now)),
            11..13 => Hook::Show(endpoint, now),
            _ => {
                let faults = [AttemptFault::Timeout, AttemptFault::Unconnected];
                let answers = [Ok(200), Ok(204), Ok(200), Ok(500), Err(self.pick(&faults))];
                Hook::Work((0..4).map(|_| self.pick(&answers)).collect())
            }
        })
    }

    fn endpoint(&mut self, shop: &Shop) -> EndpointId {
        match shop.endpoints.as_slice() {
            known @ [_, ..] if !self.one_in(20) => self.pick(known),
            _ => EndpointId::from_bytes([7; 16]),
        }
    }

    fn kinds(&mut self) -> Kinds {
        if self.one_in(6) {
            return Kinds::All;
        }
        let some = [self.pick(&KINDS), self.pick(&KINDS)];
        Kinds::only(some.into_iter().collect()).expect("none is bookkeeping")
    }

    /// Mostly enabled, or nothing is ever told.
    fn update(&mut self) -> UpdateEndpoint {
        let statuses = [EndpointStatus::Enabled, self.pick(EndpointStatus::ALL)];
        UpdateEndpoint {
            url: self.one_in(4).then(|| self.pick(&URLS).to_owned()),
            kinds: self.one_in(2).then(|| self.kinds()),
            status: self.one_in(2).then(|| self.pick(&statuses)),
            secret: self.one_in(3).then_some(NewSecret::Generated),
        }
    }

    /// A while, from some time of the last minutes on.
    fn range(&mut self, now: Time) -> (Time, Time) {
        let back = i64::try_from(self.index(200)).expect("it is small") * 1_000_000;
        let from = Time::from_unix_us(now.unix_us() - back);
        (from, from.plus(Duration::from_secs(self.pick(&[0, 1, 20, 1_000]))))
    }

    fn filter(&mut self, shop: &Shop, now: Time) -> DeliveryFilter {
        let endpoint = self.endpoint(shop);
        let (from, until) = self.range(now);
        let all = DeliveryStatus::ALL;
        let statuses = match self.index(4) {
            0 => vec![self.pick(all)],
            1 => vec![self.pick(all), self.pick(all)],
            _ => Vec::new(),
        };
        DeliveryFilter {
            endpoint: self.one_in(2).then_some(endpoint),
            statuses,
            from: self.one_in(3).then_some(from),
            until: self.one_in(3).then_some(until),
            before: None,
            limit: self.pick(&[1, 7, 100]),
        }
    }
}
