//! The copy of the log in JetStream: one stream per store and epoch in which sequence = position, its settings, its
//! state, and pages of it.

use crate::message::{self, BadMessage};
use crate::{LogEvent, StoreInfo};
use async_nats::connection::State;
use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_SEQUENCE};
use async_nats::jetstream::context::{Context, ContextBuilder, GetStreamErrorKind, PublishAckFuture};
use async_nats::jetstream::stream::{self, Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{ErrorCode, message::StreamMessage};
use async_nats::{Client, ConnectOptions, Event, Message};
use futures::StreamExt;
use letopis_events::Position;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// How much of the log JetStream keeps when nobody says otherwise: about a million events. Who reads further back
/// reads PostgreSQL.
pub const WINDOW_BYTES: i64 = 1 << 30;

/// The largest message a stream takes, headers included: twice the largest event.
const MAX_MESSAGE: i32 = 512 * 1024;

/// One page of the stream in bytes, so that large events do not fill the memory.
const PAGE_BYTES: usize = 8 << 20;

/// How long any answer of the server may take before it counts as lost; PostgreSQL is there instead.
const ANSWER: Duration = Duration::from_secs(2);

/// How long the first connection is waited for, so that a server that is too old is refused at start.
const FIRST_CONNECTION: Duration = Duration::from_secs(2);

/// The longest pause between two attempts to reconnect.
const RECONNECT: Duration = Duration::from_millis(250);

/// Why JetStream did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The address is none, or the connection was refused for good.
    #[error("NATS cannot be used")]
    Connect(#[source] async_nats::ConnectError),
    /// Older servers lose streams made with a first sequence at restart.
    #[error("nats-server {0} is too old, 2.12 or later is needed")]
    TooOld(String),
    /// There is no connection at the moment.
    #[error("NATS is not connected")]
    Disconnected,
    /// A setting of the stream is not what it must be and could not be put right.
    #[error("the stream's setting {0} is wrong and stays so")]
    Setting(&'static str),
    /// The event's category or type is no subject token.
    #[error("event {0} has no subject")]
    NoSubject(Position),
    /// The server refused or did not answer.
    #[error("JetStream could not {doing}")]
    Failed {
        /// What was asked of it.
        doing: &'static str,
        /// What it said.
        #[source]
        source: async_nats::Error,
    },
}

fn failed<E: Into<async_nats::Error>>(doing: &'static str) -> impl FnOnce(E) -> NatsError {
    move |source| NatsError::Failed { doing, source: source.into() }
}

/// Why a page of the stream cannot be had; the log has it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error(transparent)]
    Nats(#[from] NatsError),
    #[error("the stream goes on at {0}")]
    Gap(Position),
    #[error("the message at {position} is no event of the log")]
    Bad {
        position: Position,
        #[source]
        source: BadMessage,
    },
}

/// What the server says about the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Absent,
    /// Every position from `first` to `last` is there, as far as the server knows; empty when `first` is beyond `last`.
    Whole {
        /// The first position.
        first: Position,
        /// The last one.
        last: Position,
    },
    /// Messages are missing in the middle.
    Holed,
}

/// A connection to NATS on behalf of one store; cheap to clone, reconnects by itself for ever.
#[derive(Clone)]
pub struct Nats {
    client: Client,
    jetstream: Context,
    store: Arc<StoreInfo>,
    window_bytes: i64,
}

impl Nats {
    /// Connects. A server that does not answer yet is no error: the connection is made when it comes.
    pub async fn connect(url: &str, store: &StoreInfo, window_bytes: i64) -> Result<Self, NatsError> {
        let (connected, mut connects) = watch::channel(0);
        let connected = Arc::new(connected);
        let client = ConnectOptions::new()
            .name(format!("letopis {}", store.store))
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(|attempt| {
                RECONNECT.min(Duration::from_millis(10) * u32::try_from(attempt).unwrap_or(u32::MAX))
            })
            .event_callback(move |event| {
                if matches!(event, Event::Connected | Event::Disconnected) {
                    connected.send_modify(|count| *count += 1);
                }
                tracing::debug!(%event, "NATS");
                std::future::ready(())
            })
            .connect(url)
            .await
            .map_err(NatsError::Connect)?;
        let jetstream =
            ContextBuilder::new().timeout(ANSWER).backpressure_on_inflight(true).build(client.clone());
        let nats = Self { client, jetstream, store: Arc::new(store.clone()), window_bytes };
        let connection = connects.wait_for(|_| nats.connected());
        let _ = timeout(FIRST_CONNECTION, connection).await;
        match nats.able() {
            Ok(()) | Err(NatsError::Disconnected) => Ok(nats),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a connection to a server that is new enough.
    pub(crate) fn able(&self) -> Result<(), NatsError> {
        if !self.connected() {
            return Err(NatsError::Disconnected);
        }
        if !self.client.is_server_compatible(2, 12, 0) {
            return Err(NatsError::TooOld(self.client.server_info().version));
        }
        Ok(())
    }

    /// The server's version, while there is a connection to one that is new enough.
    pub fn server(&self) -> Result<String, NatsError> {
        self.able().map(|()| self.client.server_info().version)
    }

    fn connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// The plain connection, for messages that may be lost.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The name of the stream.
    pub fn stream(&self) -> String {
        format!("LETOPIS-{}-{}", self.store.store, self.store.epoch)
    }

    fn subjects(&self) -> String {
        format!("letopis.{}.{}.event", self.store.store, self.store.epoch)
    }

    /// A subject for plain messages between the processes of this store.
    pub(crate) fn signal(&self, name: &str) -> String {
        format!("letopis.{}.{name}", self.store.store)
    }

    /// The settings of a stream that begins at `first`.
    fn config(&self, first: Position) -> Config {
        Config {
            name: self.stream(),
            description: Some("A copy of the log; sequence = position".to_owned()),
            subjects: vec![format!("{}.>", self.subjects())],
            storage: StorageType::File,
            discard: DiscardPolicy::Old,
            // Without these a message larger than the stream would be taken and push out everything, itself too.
            max_message_size: MAX_MESSAGE,
            max_bytes: self.window_bytes,
            // The feed reads pages by direct requests.
            allow_direct: true,
            num_replicas: 1,
            first_sequence: Some(first.0.unsigned_abs()),
            ..Config::default()
        }
    }

    /// The stream as it stands, its settings put right where somebody changed them.
    pub async fn inspect(&self) -> Result<Standing, NatsError> {
        let info = match self.jetstream.get_stream(self.stream()).await {
            Ok(stream) => stream.cached_info().clone(),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    return Ok(Standing::Absent);
                }
                GetStreamErrorKind::JetStream(_)
                | GetStreamErrorKind::Request
                | GetStreamErrorKind::EmptyName
                | GetStreamErrorKind::InvalidStreamName => {
                    return Err(failed("describe the stream")(error));
                }
            },
        };
        if self.wrong(&info.config).is_some() {
            let right = Config {
                first_sequence: info.config.first_sequence,
                num_replicas: info.config.num_replicas,
                ..self.config(Position(1))
            };
            let updated = self.jetstream.update_stream(right).await;
            let updated = updated.map_err(failed("change the stream's settings"))?;
            if let Some(setting) = self.wrong(&updated.config) {
                return Err(NatsError::Setting(setting));
            }
        }
        Ok(standing(&info.state))
    }

    /// The first setting that would harm the copy. An operator may choose another size and more replicas.
    fn wrong(&self, config: &Config) -> Option<&'static str> {
        let right = self.config(Position(1));
        [
            ("subjects", config.subjects == right.subjects),
            ("retention", config.retention == RetentionPolicy::Limits),
            ("storage", config.storage == right.storage),
            ("discard", config.discard == right.discard),
            ("max_msg_size", config.max_message_size >= MAX_MESSAGE),
            ("max_bytes", config.max_bytes > 0),
            ("max_msgs_per_subject", config.max_messages_per_subject <= 0),
            ("allow_direct", config.allow_direct),
            ("no_ack", !config.no_ack),
            ("sealed", !config.sealed),
        ]
        .into_iter()
        .find_map(|(setting, right)| (!right).then_some(setting))
    }

    /// Makes the stream so that its first message will stand at `first`. Two that do so at once: one fails, or both
    /// mean the same.
    pub(crate) async fn create(&self, first: Position) -> Result<(), NatsError> {
        let created = self.jetstream.create_stream(self.config(first)).await;
        let created = created.map_err(failed("make the stream"))?;
        match self.wrong(&created.cached_info().config) {
            None => Ok(()),
            Some(setting) => Err(NatsError::Setting(setting)),
        }
    }

    /// Throws the stream away.
    pub(crate) async fn delete(&self) -> Result<(), NatsError> {
        let deleted = self.jetstream.delete_stream(self.stream()).await;
        deleted.map(drop).map_err(failed("delete the stream"))
    }

    /// How many of the events that resemble `sample` fit into the stream, with some room to spare.
    pub(crate) fn fits(&self, sample: &[LogEvent]) -> i64 {
        let bytes: usize = sample.iter().map(message::size).sum();
        let events = i64::try_from(sample.len()).unwrap_or(i64::MAX);
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX).max(1);
        (self.window_bytes / 10 * 9).saturating_mul(events) / bytes
    }

    /// Publishes an event in its place: the server takes it only when the one before it is the stream's last.
    pub(crate) async fn publish(&self, event: &LogEvent) -> Result<PublishAckFuture, NatsError> {
        let subject =
            message::subject(&self.subjects(), event).ok_or(NatsError::NoSubject(event.position))?;
        let (mut headers, body) = message::encode(&self.store, event);
        // A number, so never empty: an empty value would switch the check off.
        headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position.0 - 1).to_string());
        let sent = self.jetstream.publish_with_headers(subject, headers, body);
        sent.await.map_err(failed("take an event"))
    }

    /// Waits until the server has stored a published event, and returns its sequence.
    pub(crate) async fn acknowledged(&self, sent: PublishAckFuture) -> Result<u64, NatsError> {
        let acknowledged = sent.await.map_err(failed("store an event"))?;
        Ok(acknowledged.sequence)
    }

    /// The message at `position`, read by itself.
    pub(crate) async fn message(&self, position: Position) -> Result<StreamMessage, NatsError> {
        let stream = self.jetstream.get_stream_no_info(self.stream()).await;
        let stream = stream.map_err(failed("find the stream"))?;
        let message = stream.get_raw_message(position.0.unsigned_abs()).await;
        message.map_err(failed("read a message"))
    }

    /// The events after `after`, contiguous and each matching its leaf; at most `max`, possibly fewer, none when the
    /// stream has not got there yet.
    pub(crate) async fn page(&self, after: Position, max: usize) -> Result<Vec<LogEvent>, PageError> {
        self.able()?;
        let inbox = self.client.new_inbox();
        let answers = self.client.subscribe(inbox.clone()).await;
        let mut answers = answers.map_err(failed("listen for a page"))?;
        let subject = format!("$JS.API.DIRECT.GET.{}", self.stream());
        let request = serde_json::json!({"seq": after.next(), "batch": max, "max_bytes": PAGE_BYTES});
        let asked = self.client.publish_with_reply(subject, inbox, request.to_string().into());
        asked.await.map_err(failed("ask for a page"))?;
        let mut events: Vec<LogEvent> = Vec::new();
        let deadline = Instant::now() + ANSWER;
        while events.len() < max {
            let expected = events.last().map_or(after, |event| event.position).next();
            let answer = tokio::time::timeout_at(deadline, answers.next()).await;
            let taken = match answer {
                Ok(Some(message)) => taken(expected, &message),
                Ok(None) => Err(NatsError::Disconnected.into()),
                Err(late) => Err(failed("answer in time")(late).into()),
            };
            match taken {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                // What came before the fault is good.
                Err(_) if !events.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(events)
    }
}

fn standing(state: &stream::State) -> Standing {
    let place = |sequence: u64| Position(i64::try_from(sequence).unwrap_or(i64::MAX));
    let whole = state.first_sequence + state.messages == state.last_sequence + 1;
    if whole && state.deleted_count.unwrap_or(0) == 0 {
        Standing::Whole { first: place(state.first_sequence), last: place(state.last_sequence) }
    } else {
        Standing::Holed
    }
}

/// One answer of a page: an event, or `None` for its end.
fn taken(expected: Position, message: &Message) -> Result<Option<LogEvent>, PageError> {
    if let Some(status) = message.status {
        // 204 ends a page, 404 says that the stream has nothing from there on.
        return match status.as_u16() {
            204 | 404 => Ok(None),
            code => {
                let said = message.description.as_deref().unwrap_or("no reason given");
                Err(failed("send a page")(format!("{code} {said}")).into())
            }
        };
    }
    let headers = message.headers.as_ref();
    let position = headers
        .and_then(|headers| headers.get(NATS_SEQUENCE)?.as_str().parse().ok())
        .map_or(Position(0), Position);
    if position != expected {
        return Err(PageError::Gap(position));
    }
    let decoded = match headers {
        Some(headers) => message::decode(position, headers, &message.payload),
        None => Err(BadMessage::Body),
    };
    decoded.map(Some).map_err(|source| PageError::Bad { position, source })
}
