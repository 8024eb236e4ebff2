//! What happened with a client, in order of happening; and interactions by themselves.

mod opened;

use crate::aliases::{of_sides, shown, sides};
use crate::answer::{Item, Items};
use crate::asking::{Asking, Question, question};
use crate::contacts::lasts;
use crate::page::{Page, Way};
use crate::params::{Asked, Id};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use letopis_events::contacts::ReachMark;
use letopis_events::{
    Actor, ClientId, Code, ContactId, InteractionId, Moment, Occurred, Position, Text, Version,
};
use opened::Known;
pub(crate) use opened::Said;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The contact persons among `$ids`.
macro_rules! people {
    ($ids:literal) => {
        concat!(
            "(select coalesce(jsonb_agg(jsonb_build_object('id', p.contact_id, 'name', p.name)
                order by p.name, p.contact_id), '[]')
              from contact_at($1) p where p.contact_id = any(",
            $ids,
            "))"
        )
    };
}

/// One line of a timeline; an interaction's first entry shows the interaction as it stands. What stands in the history of several
/// that are one by now is told once.
macro_rules! entries {
    ($than:literal, $order:literal) => {
        concat!(
            "with recursive ",
            sides!("$2"),
            " select distinct on (e.at, e.entry_id) jsonb_build_object('id', e.entry_id, 'client_id', e.client_id, 'at', e.at, 'kind', e.kind, 'event', e.event,
                'position', e.position, 'author', e.author, 'author_name', a.name, 'data', e.data,
                'interaction_id', e.interaction_id, 'interaction', case when e.whole then i.state end,
                'withdrawn', e.whole and i.withdrawn, 'contacts', ",
            people!("case when e.whole then i.contacts else array[(e.data ->> 'contact_id')::uuid] end"),
            ")
             from entry_at($1) e
             left join lateral (
                select i.state, i.withdrawn, i.contacts from interaction_at($1) i
                where i.interaction_id = e.interaction_id offset 0) i on true
             left join employee_at($1) a on a.employee_id::text = e.author
             where ",
            of_sides!("e.client_id"),
            " and ($3::text is null or e.kind = $3) and ($4::timestamptz is null or e.at >= $4)
               and ($5::timestamptz is null or e.at < $5) and ($6::text is null or e.author = $6)
               and ($7::text is null or strpos(lower(e.data::text), lower($7)) > 0
                    or (e.whole and strpos(lower(i.state::text), lower($7)) > 0))
               and ($8::timestamptz is null or (e.at, e.entry_id) ",
            $than,
            " ($8, $9)) order by e.at ",
            $order,
            ", e.entry_id ",
            $order,
            ", e.client_id <> $2 limit $10"
        )
    };
}
const FORWARDS: &str = entries!(">", "asc");
const BACKWARDS: &str = entries!("<", "desc");

const CLIENT: &str = "select '{}'::jsonb from card_at($1) where client_id = $2";

/// An interaction and, while it has no client, the clients and the contact persons its number points at.
const INTERACTION: &str = concat!(
    "select i.state || jsonb_build_object('id', i.interaction_id, 'version', i.version, 'position', i.position,
    'client_ids', to_jsonb(i.clients), 'withdrawn', i.withdrawn, 'recorded_by', i.recorded_by,
    'recorded_at', i.recorded_at, 'story', i.story, 'contacts', ",
    people!("i.contacts"),
    ", 'candidates', (
        select coalesce(jsonb_agg(distinct found.one), '[]') from (
            select jsonb_build_object('client_id', c.client_id, 'name', c.name, 'contact_id', null, 'contact', null,
                'shared', k.shared, 'mark', null) one
            from (
                select ",
    shown!("k.client_id", "$1"),
    " client_id, k.shared from client_key_at($1) k where k.kind = 'phone' and k.value = i.number) k
            join card_at($1) c on c.client_id = k.client_id where not c.archived
            union all
            select jsonb_build_object('client_id', c.client_id, 'name', c.name, 'contact_id', p.contact_id,
                'contact', p.name, 'shared', k.shared, 'mark', k.mark)
            from contact_key_at($1) k join contact_at($1) p on p.contact_id = k.contact_id
            left join stay_at($1) s on s.contact_id = k.contact_id and ",
    lasts!("(i.occurred_at at time zone 'UTC')::date"),
    " left join card_at($1) c on c.client_id = ",
    shown!("s.client_id", "$1"),
    " and not c.archived
            where k.value = i.number) found
        where i.clients = '{}'))
from interaction_at($1) i where i.interaction_id = $2"
);

macro_rules! interactions {
    ($than:literal, $order:literal) => {
        concat!(
            "select i.state || jsonb_build_object('id', i.interaction_id, 'version', i.version,
                'client_ids', to_jsonb(i.clients), 'recorded_at', i.recorded_at, 'at', i.occurred_at, 'contacts', ",
            people!("i.contacts"),
            ")
             from interaction_at($1) i
             where not i.withdrawn and ($2::boolean is null or (i.clients = '{}') = $2)
               and ($3::timestamptz is null or (i.occurred_at, i.interaction_id) ",
            $than,
            " ($3, $4)) order by i.occurred_at ",
            $order,
            ", i.interaction_id ",
            $order,
            " limit $5"
        )
    };
}
const INTERACTIONS: &str = interactions!(">", "asc");
const INTERACTIONS_BACK: &str = interactions!("<", "desc");

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] =
    &[FORWARDS, BACKWARDS, CLIENT, INTERACTION, INTERACTIONS, INTERACTIONS_BACK];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// `client`, `assignment`, `contact`, `consent`, `relation`, `step`, or a kind of interaction.
    kind: Option<Code>,
    /// From this moment or day on.
    from: Option<Occurred>,
    /// Before this moment or day.
    to: Option<Occurred>,
    /// Whose doing: an employee's id, or `agent:…`, `policy:…`, `import:…`.
    author: Option<Actor>,
    /// Words in it.
    q: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Only those without a client, or only those with one.
    unlinked: Option<bool>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

/// One line of a client's history.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Entry {
    /// Its id.
    id: Uuid,
    /// In whose history it was recorded: the client's own, or that of one that is merged into it.
    client_id: ClientId,
    /// When it happened: an interaction when it took place, an assignment or a stay when it begins or ends, a consent when it was
    /// given, else when it was recorded.
    at: Moment,
    /// `client`, `assignment`, `contact`, `consent`, `relation`, `step` or the kind of the interaction.
    kind: Code,
    /// The event's type.
    event: String,
    /// The event's place in the log.
    position: Position,
    /// Who caused it.
    author: Actor,
    /// Their name, where an employee did.
    author_name: Option<String>,
    /// What the event says.
    data: Said,
    /// The interaction it belongs to.
    interaction_id: Option<InteractionId>,
    /// The interaction as it stands, in its first entry.
    interaction: Option<Known>,
    /// Whether that interaction was withdrawn.
    withdrawn: bool,
    /// The contact persons it is about; in an interaction's first entry those who took part.
    contacts: Vec<Participant>,
}

/// A contact person by name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Participant {
    /// The person.
    id: ContactId,
    /// Last, first, patronymic; null when erased.
    name: Option<String>,
}

/// An interaction as it stands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Interaction {
    /// The interaction.
    id: InteractionId,
    /// The version of the record, also its `ETag`.
    version: Version,
    /// The place of its first event in the log.
    position: Position,
    /// What is known of it.
    #[serde(flatten)]
    known: Known,
    /// The clients it is about.
    client_ids: Vec<ClientId>,
    /// The contact persons who took part.
    contacts: Vec<Participant>,
    /// Whether it was withdrawn.
    withdrawn: bool,
    /// Who recorded it.
    recorded_by: Actor,
    /// When it was recorded.
    recorded_at: Moment,
    /// What was done to it after it was recorded.
    story: Vec<Told>,
    /// While it is about no client: the clients and contact persons its number points at.
    candidates: Vec<Candidate>,
}

/// An event of an interaction after its first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Told {
    /// The event.
    id: Uuid,
    /// When it was recorded.
    at: Moment,
    /// Its type.
    event: String,
    /// Its place in the log.
    position: Position,
    /// Who caused it.
    author: Actor,
    /// What it says.
    data: Said,
}

/// Whom a number points at: a client whose own it is, or a contact person, with each client at whom they stand on that day.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Candidate {
    /// The client; null for a person who stands nowhere.
    client_id: Option<ClientId>,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// The contact person whose number it is.
    contact_id: Option<ContactId>,
    /// Their name; null when erased.
    contact: Option<String>,
    /// Whether others use the number too, so that it identifies nobody.
    shared: bool,
    /// What speaks against the number.
    mark: Option<ReachMark>,
}

/// An interaction in a list.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct InteractionLine {
    /// The interaction.
    id: InteractionId,
    /// The version of the record.
    version: Version,
    /// When it took place.
    at: Moment,
    /// What is known of it.
    #[serde(flatten)]
    known: Known,
    /// The clients it is about.
    client_ids: Vec<ClientId>,
    /// The contact persons who took part.
    contacts: Vec<Participant>,
    /// When it was recorded.
    recorded_at: Moment,
}

/// The questions about timelines.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Filter, Items<Entry>, _, _>(
            "/api/clients/{id}/timeline",
            "client_timeline",
            "clients",
            "Everything that happened with the client and all that is merged into it, in order of happening.",
            timeline,
        ),
        question::<Own, Item<Interaction>, _, _>(
            "/api/interactions/{id}",
            "interaction",
            "interactions",
            "An interaction as it stands; without a client also the clients and contact persons its number points at.",
            interaction,
        ),
        question::<Which, Items<InteractionLine>, _, _>(
            "/api/interactions",
            "interactions_list",
            "interactions",
            "Interactions in order of happening; those that still have no client with unlinked=true.",
            interactions,
        ),
    ]
}

/// The first moment a bound means: a day begins at midnight UTC.
pub(crate) fn bound(bound: Option<Occurred>) -> Option<DateTime<Utc>> {
    bound.map(|bound| match bound {
        Occurred::At(moment) => moment.utc(),
        Occurred::On(day) => day.start().utc(),
    })
}

async fn timeline(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<Filter>,
) -> Result<Items<Entry>, Problem> {
    let Filter { kind, from, to, author, q, limit, cursor } = asked.params;
    let author = author.map(|author| author.to_string());
    let q = q.filter(|q| !q.contains('\0'));
    let list = format!("timeline {id} {kind:?} {from:?} {to:?} {author:?} {q:?}");
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let view = asking.view("crm", asked.when).await?;
    let at = view.position();
    if view.row::<Value>(CLIENT, &[&at, &id]).await?.is_none() {
        return Err(Problem::no_such("client", id));
    }
    let sql = if page.way() == Way::Next { FORWARDS } else { BACKWARDS };
    let kind = kind.map(|kind| kind.to_string());
    let (after_at, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let (from, to) = (bound(from), bound(to));
    let rows = view
        .rows(sql, &[&at, &id, &kind, &from, &to, &author, &q, &after_at, &after_id, &page.fetch()])
        .await?;
    Ok(view.page(&page, rows, |row: &Entry| (row.at.utc(), row.id)).await)
}

async fn interaction(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<Own>,
) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let item = view.row(INTERACTION, &[&view.position(), &id]).await?;
    let item: Interaction = item.ok_or_else(|| Problem::no_such("interaction", id))?;
    let tag = format!("\"{}\"", item.version);
    Ok(([(ETAG, tag)], Item { item, meta: view.end().await }).into_response())
}

async fn interactions(
    State(asking): State<Asking>,
    asked: Asked<Which>,
) -> Result<Items<InteractionLine>, Problem> {
    let Which { unlinked, limit, cursor } = asked.params;
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(format!("interactions {unlinked:?}"), asking.log.info().epoch, limit, cursor.as_deref())?;
    let view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { INTERACTIONS } else { INTERACTIONS_BACK };
    let (after_at, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let rows = view.rows(sql, &[&view.position(), &unlinked, &after_at, &after_id, &page.fetch()]).await?;
    Ok(view.page(&page, rows, |row: &InteractionLine| (row.at.utc(), row.id.0)).await)
}
