//! One call of `log.append`: the requests as columns, the rows as answers.

use crate::{Append, AppendError, Appended, Guard, StoredReceipt};
use chrono::{DateTime, Utc};
use letopis_events::{Position, StreamId, Version};
use std::collections::HashMap;
use std::fmt::{Display, Write};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

pub(crate) const APPEND: &str = "select * from log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                   $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)";

/// Drops the receipts that are old enough.
pub(crate) const FORGET: &str = "select log.forget_receipts()";

/// How `log.append` judges one request.
mod verdict {
    pub(super) const ACCEPTED: i16 = 0;
    pub(super) const CONFLICT: i16 = 1;
    pub(super) const REPEATED: i16 = 2;
    pub(super) const MARK_PASSED: i16 = 3;
    pub(super) const BAD_TIME: i16 = 4;
    pub(super) const CLOCK_SKEW: i16 = 5;
    pub(super) const ACCEPTED_BEFORE: i16 = 6;
}

/// The requests by columns; the four groups as in `log.append`.
#[derive(Default)]
struct Columns<'a> {
    r_category: Vec<&'a str>,
    r_stream: Vec<Uuid>,
    r_expected: Vec<i64>,
    r_events: Vec<i32>,
    r_first: Vec<Option<Uuid>>,
    r_at: Vec<Option<DateTime<Utc>>>,
    e_request: Vec<i32>,
    e_category: Vec<&'a str>,
    e_stream: Vec<Uuid>,
    e_version: Vec<i64>,
    e_id: Vec<Uuid>,
    e_type: Vec<&'a str>,
    e_schema: Vec<i16>,
    e_at: Vec<Option<DateTime<Utc>>>,
    e_actor: Vec<String>,
    e_concerns: Vec<String>,
    e_correlation: Vec<Uuid>,
    e_causation: Vec<Option<Uuid>>,
    e_payload: Vec<&'a str>,
    g_requests: Vec<String>,
    g_category: Vec<&'a str>,
    g_stream: Vec<Uuid>,
    g_version: Vec<i64>,
    k_request: Vec<i32>,
    k_key: Vec<&'a [u8]>,
    k_body: Vec<&'a [u8]>,
    m_request: Vec<i32>,
    m_policy: Vec<&'a str>,
    m_position: Vec<i64>,
    m_number: Vec<i32>,
}

impl<'a> Columns<'a> {
    fn of(requests: &[&'a Append]) -> Self {
        let mut columns = Self::default();
        // Many requests look at the same streams: dictionaries, an employee.
        let mut guards: HashMap<Guard, Vec<i32>> = HashMap::new();
        for (number, request) in (1..).zip(requests) {
            columns.request(number, request);
            for guard in &request.guards {
                guards.entry(*guard).or_default().push(number);
            }
        }
        for (guard, requests) in guards {
            columns.g_requests.push(array(requests));
            columns.g_category.push(guard.category);
            columns.g_stream.push(guard.stream.0);
            columns.g_version.push(guard.version.0);
        }
        columns
    }

    fn request(&mut self, number: i32, request: &'a Append) {
        self.r_category.push(request.category);
        self.r_stream.push(request.stream.0);
        self.r_expected.push(request.expected.0);
        self.r_events.push(i32::try_from(request.events.len()).unwrap_or(i32::MAX));
        self.r_first.push(request.events.first().map(|event| event.id.0));
        self.r_at.push(request.at);
        if let Some(key) = &request.key {
            self.k_request.push(number);
            self.k_key.push(&key.key);
            self.k_body.push(&key.body);
        }
        if let Some(mark) = &request.mark {
            self.m_request.push(number);
            self.m_policy.push(&mark.policy);
            self.m_position.push(mark.position.0);
            self.m_number.push(mark.number);
        }
        let actor = request.actor.to_string();
        for (version, event) in (request.expected.0 + 1..).zip(&request.events) {
            self.e_request.push(number);
            self.e_category.push(request.category);
            self.e_stream.push(request.stream.0);
            self.e_version.push(version);
            self.e_id.push(event.id.0);
            self.e_type.push(&event.kind);
            self.e_schema.push(i16::try_from(event.schema).unwrap_or(i16::MAX));
            self.e_at.push(request.at);
            self.e_actor.push(actor.clone());
            self.e_concerns.push(array(event.concerns.iter().map(|client| client.0)));
            self.e_correlation.push(request.correlation);
            self.e_causation.push(request.causation.map(|id| id.0));
            self.e_payload.push(&event.payload);
        }
    }

    fn params(&self) -> [&(dyn ToSql + Sync); 30] {
        [
            &self.r_category,
            &self.r_stream,
            &self.r_expected,
            &self.r_events,
            &self.r_first,
            &self.r_at,
            &self.e_request,
            &self.e_category,
            &self.e_stream,
            &self.e_version,
            &self.e_id,
            &self.e_type,
            &self.e_schema,
            &self.e_at,
            &self.e_actor,
            &self.e_concerns,
            &self.e_correlation,
            &self.e_causation,
            &self.e_payload,
            &self.g_requests,
            &self.g_category,
            &self.g_stream,
            &self.g_version,
            &self.k_request,
            &self.k_key,
            &self.k_body,
            &self.m_request,
            &self.m_policy,
            &self.m_position,
            &self.m_number,
        ]
    }
}

/// An array as PostgreSQL reads one inside an array of texts: arrays of arrays lose their inner bounds.
fn array(elements: impl IntoIterator<Item = impl Display>) -> String {
    let mut text = String::from("{");
    for (index, element) in elements.into_iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{element}", if index == 0 { "" } else { "," });
    }
    text.push('}');
    text
}

/// Prepares the call on a connection.
pub(crate) async fn prepare(client: &Client) -> Result<Statement, tokio_postgres::Error> {
    const TYPES: [Type; 31] = [
        Type::TIMESTAMPTZ,
        Type::TEXT_ARRAY,
        Type::UUID_ARRAY,
        Type::INT8_ARRAY,
        Type::INT4_ARRAY,
        Type::UUID_ARRAY,
        Type::TIMESTAMPTZ_ARRAY,
        Type::INT4_ARRAY,
        Type::TEXT_ARRAY,
        Type::UUID_ARRAY,
        Type::INT8_ARRAY,
        Type::UUID_ARRAY,
        Type::TEXT_ARRAY,
        Type::INT2_ARRAY,
        Type::TIMESTAMPTZ_ARRAY,
        Type::TEXT_ARRAY,
        Type::TEXT_ARRAY,
        Type::UUID_ARRAY,
        Type::UUID_ARRAY,
        Type::TEXT_ARRAY,
        Type::TEXT_ARRAY,
        Type::TEXT_ARRAY,
        Type::UUID_ARRAY,
        Type::INT8_ARRAY,
        Type::INT4_ARRAY,
        Type::BYTEA_ARRAY,
        Type::BYTEA_ARRAY,
        Type::INT4_ARRAY,
        Type::TEXT_ARRAY,
        Type::INT8_ARRAY,
        Type::INT4_ARRAY,
    ];
    client.prepare_typed(APPEND, &TYPES).await
}

/// Sends the requests in one round trip; one answer per request, in their order.
pub(crate) async fn send(
    client: &Client,
    statement: &Statement,
    clock: DateTime<Utc>,
    requests: &[&Append],
) -> Result<Vec<Result<Appended, AppendError>>, tokio_postgres::Error> {
    let columns = Columns::of(requests);
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&clock];
    params.extend(columns.params());
    let rows = client.query(statement, &params).await?;
    rows.iter().map(answer).collect()
}

fn answer(row: &Row) -> Result<Result<Appended, AppendError>, tokio_postgres::Error> {
    let version = Version(row.try_get(1)?);
    let position = || row.try_get(2).map(|position: Option<i64>| Position(position.unwrap_or(0)));
    Ok(match row.try_get(0)? {
        verdict::ACCEPTED | verdict::ACCEPTED_BEFORE => Ok(Appended {
            version,
            position: position()?,
            recorded_at: row.try_get::<_, Option<_>>(3)?.unwrap_or_default(),
        }),
        verdict::REPEATED => Err(AppendError::Repeated(StoredReceipt {
            body: digest(row.try_get(5)?),
            stream: StreamId(row.try_get(4)?),
            version,
            position: position()?,
            created: row.try_get(6)?,
        })),
        verdict::MARK_PASSED => Err(AppendError::MarkPassed),
        verdict::BAD_TIME => Err(AppendError::BadTime),
        verdict::CLOCK_SKEW => Err(AppendError::ClockSkew),
        verdict::CONFLICT => Err(AppendError::Conflict),
        // A function newer than this program: whatever it means, nobody may go on as if it were accepted.
        _ => Err(AppendError::Unavailable),
    })
}

/// A digest as stored; the table's check has seen to its length.
pub(crate) fn digest(bytes: &[u8]) -> crate::Digest {
    bytes.try_into().unwrap_or_default()
}
