//! Receivers that do what a test says, and a look at each moment when they are told something: what
//! is told must be under way by its row, and nothing earlier of its subject may be pending.

use super::Gate;
use super::webhook::{RENDERER, UNTOLD};
use crate::Engine;
use crate::deliver::tests::script::{Behaviour, Script};
use crate::deliver::{Deliver, DeliverOptions, Message, Render, Renderers, Sender, Telling};
use crate::error::Error;
use domain::delivery::{AttemptFault, Delivery, DeliveryStatus};
use domain::event::Event;
use domain::id::{DeliveryId, ProgramId};
use domain::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use store::{BoxFuture, DeliveryFilter, Store};

/// What was seen.
#[derive(Default)]
struct Seen {
    posts: BTreeMap<DeliveryId, u32>,
    arrived: BTreeSet<DeliveryId>,
    wrong: Vec<String>,
}

pub(super) struct Receivers {
    script: Arc<Script>,
    rows: Gate,
    seen: Mutex<Seen>,
}

/// Says which delivery it is of, which no body of a vendor does.
#[derive(Debug)]
struct Named;

pub(super) fn renderers() -> Renderers {
    Renderers::from([(RENDERER, Arc::new(Named) as Arc<dyn Render>)])
}

impl Render for Named {
    fn tells<'a>(&'a self, _: &'a Engine, event: &'a Event) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(std::future::ready(Ok(event.kind != UNTOLD)))
    }

    fn render<'a>(
        &'a self,
        _: &'a Engine,
        telling: &'a Telling<'a>,
    ) -> BoxFuture<'a, Result<Message, Error>> {
        let Telling { event, endpoint, secret, at: _ } = telling;
        assert_eq!(secret.expose().len(), 32, "the secret comes with it");
        let delivery = DeliveryId::of(endpoint.id, event.id);
        let headers = vec![
            ("event", event.id.to_string()),
            ("delivery", delivery.to_string()),
            ("program", event.program.to_string()),
        ];
        Box::pin(async { Ok(Message { headers, body: Vec::new() }) })
    }

    fn secret_text(&self, _: &Secret<Vec<u8>>) -> Secret<String> {
        unreachable!("nobody is shown it")
    }

    fn read_secret(&self, _: &Secret<String>) -> Option<Secret<Vec<u8>>> {
        None
    }
}

impl Receivers {
    pub(super) fn new(rows: &Gate) -> Arc<Self> {
        let (script, rows, seen) = (Script::new(), rows.clone(), Mutex::default());
        Arc::new(Self { script, rows, seen })
    }

    /// A server's worker, as it is when it starts.
    pub(super) fn worker(self: &Arc<Self>, engine: &Arc<Engine>) -> Deliver {
        let sender: Arc<dyn Sender> = Arc::<Self>::clone(self);
        Deliver::new(Arc::clone(engine), sender, renderers(), DeliverOptions::default())
    }

    pub(super) fn will(&self, url: &str, behaviour: Behaviour) {
        self.script.will(url, behaviour);
    }

    /// How often each was posted since this was asked last.
    pub(super) fn posts(&self) -> BTreeMap<DeliveryId, u32> {
        let mut seen = self.seen.lock().unwrap();
        assert!(seen.wrong.is_empty(), "{}", seen.wrong.join("\n"));
        core::mem::take(&mut seen.posts)
    }

    /// All that was ever answered well.
    pub(super) fn arrived(&self) -> BTreeSet<DeliveryId> {
        self.seen.lock().unwrap().arrived.clone()
    }

    /// What is wrong with posting this now. An attempt that panics would only be made again.
    async fn wrong(&self, program: ProgramId, id: DeliveryId) -> Option<String> {
        let row = self.rows.delivery(program, id).await.unwrap();
        let Some(row) = row.filter(|row| row.state.next_attempt_at().is_some()) else {
            return Some(format!("{id} is posted and not pending"));
        };
        let filter = DeliveryFilter {
            endpoint: Some(row.endpoint),
            statuses: vec![DeliveryStatus::Pending],
            before: Some((row.place, row.endpoint)),
            limit: u32::MAX,
            ..DeliveryFilter::default()
        };
        let earlier: Vec<Delivery> = self.rows.deliveries(program, filter).await.unwrap();
        let overtaken = earlier.iter().find(|earlier| earlier.subject == row.subject)?;
        Some(format!("{row:?} overtakes {overtaken:?}"))
    }
}

impl Sender for Receivers {
    fn post<'a>(
        &'a self,
        url: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<u16, AttemptFault>> {
        Box::pin(async move {
            let text = |at: usize| message.headers[at].1.clone();
            let (id, program) = (text(1).parse().unwrap(), text(2).parse().unwrap());
            let wrong = self.wrong(program, id).await;
            {
                let mut seen = self.seen.lock().unwrap();
                seen.wrong.extend(wrong);
                *seen.posts.entry(id).or_default() += 1;
            }
            let answer = self.script.post(url, message).await;
            if matches!(answer, Ok(200..=299)) {
                self.seen.lock().unwrap().arrived.insert(id);
            }
            answer
        })
    }
}
