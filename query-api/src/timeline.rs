//! What happened with a client, in order of happening; and interactions by themselves.

pub(crate) mod interactions;
mod opened;

use crate::aliases::{of_sides, sides};
use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Limit, Page, Way};
use crate::params::{Asked, Id, ordered};
use crate::problem::Problem;
use crate::reports::name;
use axum::extract::State;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use letopis_events::interactions::InteractionKind;
use letopis_events::{Actor, ClientId, ContactId, InteractionId, Moment, Occurred, Position, Text};
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
use people;

/// One line of a timeline; of one moment what passed comes first, then what came of it; an interaction's first entry shows the interaction as it stands. What stands in the history of several
/// that are one by now is told once.
macro_rules! entries {
    ($than:literal, $order:literal) => {
        concat!(
            "with recursive ",
            sides!("$2"),
            " select distinct on (e.at, not e.whole, e.entry_id) jsonb_build_object('id', e.entry_id, 'client_id', e.client_id, 'at', e.at, 'kind', e.kind, 'event', e.event,
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
               and ($8::timestamptz is null or (e.at, not e.whole, e.entry_id) ",
            $than,
            " ($8, $9::boolean, $10)) order by e.at ",
            $order,
            ", not e.whole ",
            $order,
            ", e.entry_id ",
            $order,
            ", e.client_id <> $2 limit $11"
        )
    };
}
const FORWARDS: &str = entries!(">", "asc");
const BACKWARDS: &str = entries!("<", "desc");

const CLIENT: &str = "select '{}'::jsonb from card_at($1) where client_id = $2";

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[FORWARDS, BACKWARDS, CLIENT];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// `client`, `assignment`, `contact`, `consent`, `relation`, `step`, or a kind of interaction.
    kind: Option<EntryKind>,
    /// From this moment or day on.
    from: Option<Occurred>,
    /// Before this moment or day.
    to: Option<Occurred>,
    /// Whose doing: an employee's id, or `agent:…`, `policy:…`, `import:…`.
    author: Option<Actor>,
    /// Words in it.
    q: Option<Text<200>>,
    /// The last page instead of the first: `prev` leads back from the newest.
    #[serde(default)]
    last: bool,
    /// At most so many.
    limit: Option<Limit>,
    /// Where to go on.
    cursor: Option<String>,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum EntryKind {
    /// The client's record.
    Client,
    /// Who looks after them.
    Assignment,
    /// Contact persons.
    Contact,
    /// What they consented to, and by what they are not to be reached.
    Consent,
    /// What they are to others.
    Relation,
    /// Next steps.
    Step,
    /// What passed.
    #[serde(untagged)]
    Interaction(InteractionKind),
}

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
    kind: EntryKind,
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

/// The questions about timelines and about interactions by themselves.
pub fn questions() -> Vec<Question> {
    let timeline = question::<Filter, Items<Entry>, _, _>(
        "/api/clients/{id}/timeline",
        "client_timeline",
        "clients",
        "Everything that happened with the client and all that is merged into it, in order of happening.",
        timeline,
    );
    std::iter::once(timeline).chain(interactions::questions()).collect()
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
    let Filter { kind, from, to, author, q, last, limit, cursor } = asked.params;
    ordered(from, to, Tz::UTC)?;
    let author = author.map(|author| author.to_string());
    let q = q.as_ref().map(Text::as_str);
    let list = format!("timeline {id} {kind:?} {from:?} {to:?} {author:?} {q:?}");
    let page: Page<(Moment, bool, Uuid)> =
        Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let page = if last { page.from_the_end() } else { page };
    let view = asking.view("crm", asked.when).await?;
    let at = view.position();
    if view.row::<Value>(CLIENT, &[&at, &id]).await?.is_none() {
        return Err(Problem::no_such("client", id));
    }
    let sql = if page.way() == Way::Next { FORWARDS } else { BACKWARDS };
    let kind = name(kind);
    let after = page.from.as_ref().map(|(_, key)| *key);
    let after_at = after.map(|(at, ..)| at.utc());
    let (after_rank, after_id) = after.map(|(_, rank, id)| (rank, id)).unzip();
    let (from, to) = (bound(from), bound(to));
    let rows = view
        .rows(
            sql,
            &[&at, &id, &kind, &from, &to, &author, &q, &after_at, &after_rank, &after_id, &page.fetch()],
        )
        .await?;
    Ok(view.page(&page, rows, |row: &Entry| (row.at, row.interaction.is_none(), row.id)).await)
}
