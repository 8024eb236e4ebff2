//! A client as people see it before they dial.

use crate::aliases::{MergedClient, Survivor, merged, of_sides, sides, survivor};
use crate::answer::Item;
use crate::asking::{Asking, Question, question};
use crate::consents::{Ban, Consent, consents, forbidden};
use crate::contacts::{ContactEmail, ContactPhone, lasts, to_try};
use crate::params::{Asked, Id, NoParams};
use crate::presence::{Named, presence};
use crate::problem::Problem;
use crate::reach::{EmailAddress, Phone};
use crate::relations::{Relation, relations};
use crate::steps::{Step, clocks, step_object, steps_at};
use axum::extract::State;
use axum::response::Response;
use letopis_events::clients::{AssignmentKind, ClientKind, ClientStatus};
use letopis_events::interactions::{Direction, InteractionKind};
use letopis_events::{
    AddressId, AssignmentId, Attributes, BankAccount, ClientId, Code, ContactId, Country, Day, EmployeeId,
    Inn, InteractionId, Kpp, Language, Moment, Ogrn, RequisitesId, Signatory, Text, TimeZone, Version,
    Website,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The card: who they are, managers now and before and who stands in for them, contact persons, what passed, counted by kind and
/// direction, and the step to be done first, of the client and all that is shown under it; the interactions are read once for all
/// counts. Then what was merged, relations, consents.
const CARD: &str = concat!(
    "with recursive ",
    sides!("$2"),
    ", passed as materialized (
    select i.* from (select distinct e.interaction_id from entry_at($1) e where e.whole and ",
    of_sides!("e.client_id"),
    ") e cross join lateral (
        select * from interaction_at($1) i where i.interaction_id = e.interaction_id offset 0) i where not i.withdrawn)
select to_jsonb(c) || jsonb_build_object(
    'id', c.client_id,
    'managers', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', a.assignment_id, 'client_id', a.client_id, 'employee_id', a.employee_id, 'employee', e.name,
            'kind', a.kind, 'responsibility', a.responsibility, 'since', a.since, 'until', a.until, 'reason', a.reason,
            'release_reason', a.release_reason, 'handover_note', a.handover_note,
            'current', not exists (select from alias_at($1) m where m.client_id = a.client_id)
                and a.since <= $3 and (a.until is null or a.until > $3)
                and (e.dismissed_on is null or e.dismissed_on > ($3 at time zone 'UTC')::date), ",
    presence!("e", "a.employee_id", "a.client_id", "$3::timestamptz"),
    ")
            order by a.since, a.assignment_id), '[]')
        from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
        where ",
    of_sides!("a.client_id"),
    "),
    'contacts', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'contact_id', s.contact_id, 'client_id', s.client_id, 'name', p.name, 'position', s.position, 'role', s.role,
            'since', s.since, 'until', s.until, 'phone', ",
    to_try!("phones"),
    ", 'email', ",
    to_try!("emails"),
    ", 'current', ",
    lasts!("($3 at time zone 'UTC')::date"),
    ") order by s.since nulls first, p.name, s.contact_id, s.client_id), '[]')
        from stay_at($1) s join contact_at($1) p on p.contact_id = s.contact_id
        where ",
    of_sides!("s.client_id"),
    " and not s.void),
    'interactions', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', t.kind, 'direction', t.direction, 'count', t.count,
            'first_at', t.first_at, 'last_at', t.last_at) order by t.kind, t.direction), '[]')
        from (select i.kind, i.direction, count(*) count, min(i.occurred_at) first_at, max(i.occurred_at) last_at
              from passed i group by 1, 2) t),
    'interactions_total', (select count(*) from passed),
    'first_at', (select min(occurred_at) from passed),
    'last_at', (select max(occurred_at) from passed),
    'silence_days', (select greatest(days, 0)
        from (select ($3 at time zone 'UTC')::date - (max(occurred_at) at time zone 'UTC')::date days from passed) t
        where days is not null),
    'last_result', (
        select jsonb_build_object('result', i.result, 'at', i.occurred_at, 'interaction_id', i.interaction_id)
        from passed i where i.result is not null order by i.occurred_at desc, i.interaction_id desc limit 1),
    'next_step', (
        select ",
    step_object!(),
    " from ",
    steps_at!("$3::timestamptz", clocks!("$3::timestamptz")),
    " s where ",
    of_sides!("s.client_id"),
    " and s.state = 'open' order by s.due_by, s.step_id limit 1),
    'merged', ",
    merged!(),
    ", 'merged_into', ",
    survivor!("c.client_id"),
    ", 'relations', ",
    relations!(),
    ", 'consents', ",
    consents!(),
    ", 'forbidden', ",
    forbidden!(),
    ")
from card_at($1) c
where c.client_id = $2"
);

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[CARD];

/// A client as people see it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ClientCard {
    /// The client.
    id: ClientId,
    /// The version of the record, also its `ETag`.
    version: Version,
    /// What they are.
    kind: ClientKind,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// How far the relationship has come.
    status: ClientStatus,
    /// Country.
    country: Country,
    /// Sets of registration data, the main one first.
    requisites: Vec<Requisites>,
    /// Line of business.
    industry: Option<Code>,
    /// Size.
    size: Option<Code>,
    /// Region.
    region: Option<Code>,
    /// How they found us.
    channel: Option<Code>,
    /// Site.
    website: Option<Website>,
    /// What else is worth knowing.
    about: Option<Text<4000>>,
    /// Zone they live in.
    time_zone: Option<TimeZone>,
    /// Language they speak.
    language: Option<Language>,
    /// The company they belong to.
    parent_client_id: Option<ClientId>,
    /// Phones.
    phones: Vec<Phone>,
    /// E-mail addresses.
    emails: Vec<EmailAddress>,
    /// Postal addresses.
    addresses: Vec<Address>,
    /// Tags, sorted.
    tags: Vec<Code>,
    /// Free fields.
    attributes: Attributes,
    /// Key in another system, `source:id`.
    external_id: Option<String>,
    /// Whether they are put away.
    archived: bool,
    /// When they entered the client base.
    registered_at: Moment,
    /// Who looks after them, now, before and from later on.
    managers: Vec<Manager>,
    /// Who stands there and stood, by their first day.
    contacts: Vec<OnCard>,
    /// What passed, counted by kind and direction.
    interactions: Vec<Passed>,
    /// How much passed in all.
    interactions_total: i64,
    /// When something first passed.
    first_at: Option<Moment>,
    /// When something last passed.
    last_at: Option<Moment>,
    /// Days since then, by UTC.
    silence_days: Option<i64>,
    /// What came of the last interaction that came to something.
    last_result: Option<LastResult>,
    /// The open step that is due first.
    next_step: Option<Step>,
    /// The clients shown under this one, in the order they were merged.
    merged: Vec<MergedClient>,
    /// The client this one is shown under; null where it is not merged.
    merged_into: Option<Survivor>,
    /// What they are to others, and others to them; what has ended stands behind.
    relations: Vec<Relation>,
    /// What they consented to, by purpose and channel.
    consents: Vec<Consent>,
    /// By what they are not to be reached, by channel.
    forbidden: Vec<Ban>,
}

/// A set of a client's registration data; null where not known or erased.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Requisites {
    /// Its id.
    id: RequisitesId,
    /// Taxpayer's number.
    inn: Option<Inn>,
    /// Reason for registration.
    kpp: Option<Kpp>,
    /// State registration number.
    ogrn: Option<Ogrn>,
    /// The full legal name.
    full_name: Option<Text<500>>,
    /// The address of registration.
    legal_address: Option<Text<500>>,
    /// Where they are paid.
    bank_account: Option<BankAccount>,
    /// Who signs.
    signatory: Option<Signatory>,
}

/// A postal address of a client.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Address {
    /// Its id.
    id: AddressId,
    /// What it is for.
    kind: Code,
    /// The address; null when erased.
    text: Option<Text<500>>,
}

/// An employee's assignment to the client.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Manager {
    /// The assignment.
    id: AssignmentId,
    /// To whom: the client, or one that is merged into it.
    client_id: ClientId,
    /// Who.
    employee_id: EmployeeId,
    /// Their name; null when erased.
    employee: Option<String>,
    /// As what.
    kind: AssignmentKind,
    /// For which product line or branch; null: for all.
    responsibility: Option<Code>,
    /// From when, by business time.
    since: Moment,
    /// Until when, by business time.
    until: Option<Moment>,
    /// Why it began.
    reason: Text<1000>,
    /// Why it ended.
    release_reason: Option<Text<1000>>,
    /// What the next one should know.
    handover_note: Option<Text<4000>>,
    /// Whether it is in force, with somebody who works here; never that of a client that is merged.
    current: bool,
    /// Whether the employee is away.
    absent: bool,
    /// Who stands in for them towards the client.
    stands_in: Option<Named>,
}

/// A contact person's time at the client in one position and one role.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct OnCard {
    /// The person.
    contact_id: ContactId,
    /// At whom: the client, or one that is merged into it.
    client_id: ClientId,
    /// Their name; null when erased.
    name: Option<String>,
    /// Position held there.
    position: Option<Text<200>>,
    /// What they decide there.
    role: Option<Code>,
    /// First day so; null: as long as is known.
    since: Option<Day>,
    /// First day no longer so.
    until: Option<Day>,
    /// The phone to try first.
    phone: Option<ContactPhone>,
    /// The e-mail address to try first.
    email: Option<ContactEmail>,
    /// Whether it lasts.
    current: bool,
}

/// Interactions of one kind and direction.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Passed {
    /// What passed.
    kind: InteractionKind,
    /// Whose move it was.
    direction: Option<Direction>,
    /// How many.
    count: i64,
    /// The first.
    first_at: Moment,
    /// The last.
    last_at: Moment,
}

/// What came of an interaction.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct LastResult {
    /// What.
    result: Code,
    /// When the interaction took place.
    at: Moment,
    /// The interaction.
    interaction_id: InteractionId,
}

/// The questions about cards.
pub fn questions() -> Vec<Question> {
    vec![question::<NoParams, Item<ClientCard>, _, _>(
        "/api/clients/{id}",
        "client_card",
        "clients",
        "The client's card: who they are, managers and contact persons now and before, what passed, the step to be done first, consents, relations. \
         What is counted and listed is of all that is merged into it (merged); who is merged itself answers for its own side and \
         names the client it is shown under (merged_into).",
        card,
    )]
}

async fn card(State(asking): State<Asking>, Id(id): Id, asked: Asked<NoParams>) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let card = view.row(CARD, &[&view.position(), &id, &view.now]).await?;
    let item: ClientCard = card.ok_or_else(|| Problem::no_such("client", id))?;
    Ok(view.item(item.version, item).await)
}
