//! One attempt: the secret is opened, the body rendered and sent, within one deadline.

use super::{DeliverOptions, Renderers};
use crate::error::Error;
use crate::start::Engine;
use domain::delivery::{AttemptFault, Delivery, Outcome};
use domain::endpoint::Endpoint;
use domain::event::Event;
use domain::secret::Secret;
use domain::time::Time;
use std::fmt::Debug;
use std::sync::Arc;
use store::BoxFuture;
use tokio::time::timeout;

/// A body to be posted, with its headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What is to be told, to whom and when.
pub struct Telling<'a> {
    pub event: &'a Event,
    pub endpoint: &'a Endpoint,
    /// What is signed with.
    pub secret: &'a Secret<Vec<u8>>,
    /// The time of this attempt, which is when it was claimed.
    pub at: Time,
}

/// Writes bodies in one door's shape and signature. Events carry ids alone; what a body says of a
/// row it reads through the engine when it is sent. It never says what is known of a person.
pub trait Render: Send + Sync + Debug {
    /// Whether the door has words for an event. What it has none for gets no delivery.
    fn tells<'a>(
        &'a self,
        engine: &'a Engine,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<bool, Error>>;

    /// The same bytes whenever it is asked, for one event, secret and time.
    fn render<'a>(
        &'a self,
        engine: &'a Engine,
        telling: &'a Telling<'a>,
    ) -> BoxFuture<'a, Result<Message, Error>>;

    /// A key as its receiver writes it.
    fn secret_text(&self, key: &Secret<Vec<u8>>) -> Secret<String>;

    /// Reads a key that a receiver has already; `None` where it is none of the door's.
    fn read_secret(&self, text: &Secret<String>) -> Option<Secret<Vec<u8>>>;
}

/// Posts one message to an address that it vets, follows nothing, keeps nothing of the answer but
/// its status, and bounds what it reads. It is dropped at the attempt's deadline.
pub trait Sender: Send + Sync {
    fn post<'a>(
        &'a self,
        url: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<u16, AttemptFault>>;
}

/// What the built-in inbox answers.
const INBOX_ANSWER: u16 = 200;

/// What attempts need.
pub(super) struct Courier {
    pub(super) engine: Arc<Engine>,
    pub(super) sender: Arc<dyn Sender>,
    pub(super) renderers: Renderers,
    pub(super) options: DeliverOptions,
}

impl Courier {
    /// Attempts a claimed delivery and records what came of it. False where it failed.
    pub(super) async fn attempt(
        &self,
        endpoint: &Endpoint,
        delivery: Delivery,
    ) -> Result<bool, Error> {
        let begun = self.engine.clock.now();
        let posted = timeout(self.options.attempt_deadline, self.post(endpoint, &delivery));
        let outcome = match posted.await {
            Ok(Ok(status)) => Outcome::Answered(status),
            Ok(Err(fault)) => Outcome::Failed(fault),
            Err(_) => Outcome::Failed(AttemptFault::Timeout),
        };
        let ms = u64::try_from(self.engine.clock.now().since(begun).as_millis());
        let success = outcome.is_success();
        let recorded = self.engine.record_attempt(delivery, outcome, ms.unwrap_or(u64::MAX));
        tell(recorded.await?, success);
        Ok(success)
    }

    async fn post(&self, endpoint: &Endpoint, delivery: &Delivery) -> Result<u16, AttemptFault> {
        let unrendered = |error: Error| {
            let (delivery, error) = (delivery.id, crate::worker::chain(&error));
            tracing::warn!(%delivery, error, "a delivery can't be written");
            AttemptFault::NotRendered
        };
        let message = self.engine.message(&self.renderers, endpoint, delivery).await;
        let message = message.map_err(unrendered)?.ok_or(AttemptFault::NotRendered)?;
        if endpoint.is_inbox() {
            // It is read from the delivery, see [`Engine::message`].
            return Ok(INBOX_ANSWER);
        }
        self.sender.post(&endpoint.url, message).await
    }
}

impl Engine {
    /// What was sent by a delivery's newest attempt; `None` where there was none yet, or nobody
    /// here writes for its endpoint. It is written again from the rows, which say the same for
    /// ever, under the endpoint's secret of today.
    pub async fn message(
        &self,
        renderers: &Renderers,
        endpoint: &Endpoint,
        delivery: &Delivery,
    ) -> Result<Option<Message>, Error> {
        let renderer = renderers.get(endpoint.renderer.as_str());
        let (Some(renderer), Some(at)) = (renderer, delivery.last_attempt_at) else {
            return Ok(None);
        };
        let secret = self.endpoint_secret(endpoint).await?;
        let event = delivery.event();
        let telling = Telling { event: &event, endpoint, secret: &secret, at };
        renderer.render(self, &telling).await.map(Some)
    }
}

/// Logs what an operator should know.
fn tell(recorded: Option<Delivery>, success: bool) {
    let Some(Delivery { program, id, endpoint, kind, state, attempts, last_outcome, .. }) =
        recorded
    else {
        return;
    };
    let kind = kind.word();
    if success {
        tracing::debug!(%program, %endpoint, delivery = %id, kind, attempts, "delivered");
    } else if state.next_attempt_at().is_some() {
        tracing::debug!(
            %program, %endpoint, delivery = %id, kind, attempts, ?last_outcome, "not delivered"
        );
    } else {
        tracing::warn!(
            %program, %endpoint, delivery = %id, kind, attempts, ?last_outcome,
            "a delivery was given up"
        );
    }
}
