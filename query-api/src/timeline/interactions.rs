//! Interactions by themselves: as they stand, and as a list.

use super::opened::{Known, Said};
use super::{Participant, people};
use crate::aliases::{among, clients, shown};
use crate::answer::Item;
use crate::asking::{Asking, Question, question};
use crate::contacts::lasts;
use crate::params::{Asked, Id, NoParams};
use crate::problem::Problem;
use crate::selection::{Alike, At, Extra, List, Listed, More, list};
use axum::extract::State;
use axum::response::Response;
use letopis_events::contacts::ReachMark;
use letopis_events::interactions::Origin;
use letopis_events::steps::Due;
use letopis_events::{
    Actor, Attributes, ClientId, Code, ContactId, Day, EmployeeId, ExternalId, InteractionId, Moment,
    PhoneNumber, Position, StepId, Text, Version, Website,
};
use letopis_projections::engine::{Field, Shape};
use letopis_projections::timeline::Interaction as Row;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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

/// Whether the interaction `t` is about one of the clients `$1`, or about one that is merged into it; `$2` and `$3` are the position.
macro_rules! about {
    () => {
        concat!(
            "t.interaction_id = any(array(select e.interaction_id from entry_at($3::text::bigint) e where e.whole and ",
            among!("e.client_id"),
            "))"
        )
    };
}

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[INTERACTION];

/// Interactions that were not withdrawn, by any field.
struct Interactions;

impl Listed for Interactions {
    const LIST: List = List {
        name: "interactions",
        shape: Shape::of::<Row>(),
        made: &[
            Field::of::<Vec<ClientId>>("client_ids").called("Клиенты", "Clients"),
            Field::of::<Vec<ContactId>>("contact_ids").called("Контактные лица", "Contact persons"),
            Field::of::<bool>("unlinked").called("Без клиента", "Without a client"),
        ],
        alike: &[("number", Alike::Phone)],
        rows: "select i.*, i.clients client_ids, i.contacts contact_ids, i.clients = '{}' unlinked
            from interaction_at($1) i where not i.withdrawn",
        id: "interaction_id",
        order: "occurred_at",
        more: &[
            More::of::<Vec<Participant>>("contacts", people!("t.contacts")),
            More::of::<Option<PhoneNumber>>("counterpart", "t.state -> 'counterpart'"),
            More::of::<Option<Text<64>>>("our_line", "t.state -> 'our_line'"),
            More::of::<Option<Text<4000>>>("result_text", "t.state -> 'result_text'"),
            More::of::<Option<Text<500>>>("subject", "t.state -> 'subject'"),
            More::of::<Option<Text<20000>>>("text", "t.state -> 'text'"),
            More::of::<Option<Agreed>>("next_step", "t.state -> 'next_step'"),
            More::of::<Option<StepId>>("closes_step", "t.state -> 'closes_step'"),
            More::of::<Option<Vec<Text<200>>>>("participants", "t.state -> 'participants'"),
            More::of::<Option<Website>>("recording_url", "t.state -> 'recording_url'"),
            More::of::<Origin>("origin", "t.state -> 'origin'"),
            More::of::<Option<Attributes>>("attributes", "t.state -> 'attributes'"),
            More::of::<Option<ExternalId>>("external", "t.state -> 'external'"),
        ],
    };
    const MORE: &'static [(&'static str, &'static str)] =
        &[("client_id", "The client it is about, with all that is merged into it; or several: `a,b`.")];

    fn extra(name: &str, value: &str, at: At) -> Result<Extra, Problem> {
        let position = at.position.to_string();
        Ok((about!(), vec![clients(name, value)?, position.clone(), position]))
    }
}

/// What was agreed to happen next.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Agreed {
    /// What.
    action: Code,
    /// In words; null when erased.
    text: Option<Text<1000>>,
    /// On which day.
    due_on: Day,
    /// At which moment, where one was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Due>,
    /// By whom, if not by who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<EmployeeId>,
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

/// The questions about interactions.
pub(super) fn questions() -> Vec<Question> {
    let one = question::<NoParams, Item<Interaction>, _, _>(
        "/api/interactions/{id}",
        "interaction",
        "interactions",
        "An interaction as it stands; without a client also the clients and contact persons its number points at.",
        interaction,
    );
    let all = list::<Interactions>(
        "/api/interactions",
        "interactions_list",
        "interactions",
        "Interactions by any field, in order of happening; those that still have no client with unlinked=true.",
    );
    std::iter::once(one).chain(all).collect()
}

async fn interaction(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<NoParams>,
) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let item = view.row(INTERACTION, &[&view.position(), &id]).await?;
    let item: Interaction = item.ok_or_else(|| Problem::no_such("interaction", id))?;
    Ok(view.item(item.version, item).await)
}
