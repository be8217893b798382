//! Receivers that do what a test says, and what they were sent.

use super::super::{Deliver, DeliverOptions, Message, Render, Renderers, Sender, Telling};
use crate::endpoint::{CreateEndpoint, NewSecret};
use crate::error::Error;
use crate::scenario::{Programme, World, asset};
use crate::start::Engine;
use domain::delivery::{AttemptFault, DeliveryStatus};
use domain::endpoint::{Endpoint, Kinds};
use domain::event::{Event, EventKind};
use domain::id::{EndpointId, EventId, ProgramId};
use domain::rate::Rate;
use domain::secret::Secret;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{BoxFuture, DeliveryFilter};
use tokio::sync::Notify;

pub(crate) const RENDERER: &str = "test";
/// Has no word for anything but rates.
pub(crate) const RATES_ALONE: &str = "rates";

/// What a receiver does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Behaviour {
    Answer(u16),
    Fail(AttemptFault),
    /// It takes the message and never says a word.
    Hang,
    /// It answers this many with 500, and the rest with 200.
    Recover(u32),
}

#[derive(Clone, Debug)]
struct Sent {
    url: String,
    event: EventId,
    line: String,
    arrived: bool,
}

#[derive(Default)]
struct State {
    behaviours: HashMap<String, Behaviour>,
    sent: Vec<Sent>,
}

#[derive(Default)]
pub(crate) struct Script {
    state: Mutex<State>,
    progress: Notify,
}

fn line(event: &Event) -> String {
    let mut line = format!("{} ", event.kind.word());
    for byte in event.subject {
        write!(line, "{byte:02x}").unwrap();
    }
    write!(line, " {} {}", event.place.seq, event.place.ordinal).unwrap();
    line
}

/// What receivers of these events get.
pub(crate) fn taken(events: &[Event]) -> Vec<String> {
    events.iter().map(line).collect()
}

/// Has words for these events, or for all.
#[derive(Debug)]
struct Lines(Kinds);

impl Render for Lines {
    fn tells<'a>(&'a self, _: &'a Engine, event: &'a Event) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(std::future::ready(Ok(self.0.takes(event.kind))))
    }

    fn render<'a>(
        &'a self,
        _: &'a Engine,
        telling: &'a Telling<'a>,
    ) -> BoxFuture<'a, Result<Message, Error>> {
        assert_eq!(telling.secret.expose().len(), 32, "the secret comes with it");
        let headers = vec![("event", telling.event.id.to_string())];
        let body = line(telling.event).into_bytes();
        Box::pin(async { Ok(Message { headers, body }) })
    }

    fn secret_text(&self, key: &Secret<Vec<u8>>) -> Secret<String> {
        Secret::new(String::from_utf8(key.expose().clone()).unwrap())
    }

    fn read_secret(&self, text: &Secret<String>) -> Option<Secret<Vec<u8>>> {
        Some(Secret::new(text.expose().clone().into_bytes()))
    }
}

pub(crate) fn renderers() -> Renderers {
    let all: Arc<dyn Render> = Arc::new(Lines(Kinds::All));
    let rates: Arc<dyn Render> = Arc::new(Lines(kinds(&[EventKind::RateSet])));
    Renderers::from([(RENDERER, all), (RATES_ALONE, rates)])
}

impl Sender for Script {
    fn post<'a>(
        &'a self,
        url: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<u16, AttemptFault>> {
        Box::pin(async move {
            let answer = self.meet(url, &message);
            self.progress.notify_waiters();
            match answer {
                Behaviour::Answer(status) => Ok(status),
                Behaviour::Fail(fault) => Err(fault),
                Behaviour::Hang | Behaviour::Recover(_) => std::future::pending().await,
            }
        })
    }
}

impl Script {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    fn meet(&self, url: &str, message: &Message) -> Behaviour {
        let mut state = self.state.lock().unwrap();
        let behaviour = state.behaviours.get(url).copied().unwrap_or(Behaviour::Answer(200));
        let behaviour = match behaviour {
            Behaviour::Recover(0) => Behaviour::Answer(200),
            Behaviour::Recover(left) => {
                state.behaviours.insert(url.to_owned(), Behaviour::Recover(left - 1));
                Behaviour::Answer(500)
            }
            other => other,
        };
        let arrived = matches!(behaviour, Behaviour::Answer(200..=299));
        let event = message.headers[0].1.parse().unwrap();
        let line = String::from_utf8(message.body.clone()).unwrap();
        state.sent.push(Sent { url: url.to_owned(), event, line, arrived });
        behaviour
    }

    pub(crate) fn will(&self, url: &str, behaviour: Behaviour) {
        self.state.lock().unwrap().behaviours.insert(url.to_owned(), behaviour);
    }

    fn pick<T>(&self, url: &str, pick: impl Fn(&Sent) -> Option<T>) -> Vec<T> {
        let state = self.state.lock().unwrap();
        state.sent.iter().filter(|sent| sent.url == url).filter_map(pick).collect()
    }

    /// Every body that was sent to an address, in order.
    pub(crate) fn sent(&self, url: &str) -> Vec<String> {
        self.pick(url, |sent| Some(sent.line.clone()))
    }

    pub(crate) fn attempts(&self, url: &str) -> usize {
        self.sent(url).len()
    }

    /// The events that an address answered well, in order.
    pub(crate) fn arrived(&self, url: &str) -> Vec<EventId> {
        self.pick(url, |sent| sent.arrived.then_some(sent.event))
    }

    /// Waits for this many attempts.
    pub(crate) async fn until(&self, url: &str, count: usize) {
        loop {
            let more = self.progress.notified();
            if self.attempts(url) >= count {
                return;
            }
            more.await;
        }
    }

    pub(crate) fn deliver(self: &Arc<Self>, world: &World, options: DeliverOptions) -> Deliver {
        let sender: Arc<dyn Sender> = Arc::<Self>::clone(self);
        Deliver::new(Arc::clone(&world.engine), sender, renderers(), options)
    }

    pub(crate) async fn endpoint(
        &self,
        world: &World,
        program: ProgramId,
        url: &str,
        kinds: Kinds,
    ) -> Endpoint {
        self.endpoint_of(world, program, url, kinds, RENDERER).await
    }

    pub(crate) async fn endpoint_of(
        &self,
        world: &World,
        program: ProgramId,
        url: &str,
        kinds: Kinds,
        renderer: &str,
    ) -> Endpoint {
        let (url, renderer) = (url.to_owned(), renderer.to_owned());
        let command = CreateEndpoint { url, renderer, kinds, secret: NewSecret::Generated };
        world.engine.create_endpoint(program, command).await.unwrap().endpoint
    }
}

pub(crate) fn kinds(kinds: &[EventKind]) -> Kinds {
    Kinds::only(kinds.iter().copied().collect()).unwrap()
}

/// So many events of one subject, each of a unit of its own.
pub(crate) async fn touch(programme: &Programme, times: u32) {
    for _ in 0..times {
        touch_pair(programme, "USD", "JPY").await;
    }
}

/// An event whose subject follows from two assets.
pub(crate) async fn touch_pair(programme: &Programme, from: &str, to: &str) {
    let rate = i64::try_from(programme.seq().await).unwrap();
    let rate = Rate::new(rate + 1, 0).unwrap();
    programme.engine.set_rate(programme.id, asset(from), asset(to), rate).await.unwrap();
}

pub(crate) async fn all_events(world: &World, program: ProgramId) -> Vec<Event> {
    world.engine.store.events(program, None, u32::MAX).await.unwrap()
}

/// Passes, a minute apart, until the endpoint has nothing open.
pub(crate) async fn till_all_arrived(
    world: &World,
    servers: &mut [&mut Deliver],
    program: ProgramId,
    endpoint: EndpointId,
) {
    let filter = DeliveryFilter {
        endpoint: Some(endpoint),
        statuses: vec![DeliveryStatus::Pending],
        limit: 1,
        ..DeliveryFilter::default()
    };
    for _ in 0..60 * 24 * 5 {
        for server in servers.iter_mut() {
            server.whole().await;
        }
        let open = world.engine.deliveries(program, filter.clone()).await.unwrap();
        if open.is_empty() {
            return;
        }
        world.clock.forward(Duration::from_secs(60));
    }
    panic!("something stays open for ever");
}
