//! Contact persons: who they are, how they are reached, at whom they stand and stood.

use crate::aliases::{Survivor, among, clients, merged_into, survivor};
use crate::answer::Item;
use crate::asking::{Asking, Question, question};
use crate::directory::{NAMED, number};
use crate::params::{Asked, Id, NoParams};
use crate::problem::Problem;
use crate::selection::{At, Extra, List, Listed, More, list};
use axum::extract::State;
use axum::response::Response;
use letopis_events::clients::Channel;
use letopis_events::contacts::ReachMark;
use letopis_events::interactions::{Direction, InteractionKind};
use letopis_events::{
    ClientId, Code, ContactId, Country, Day, Email, EmailId, InteractionId, Language, Moment, PersonName,
    PhoneId, Text, Version,
};
use letopis_projections::contacts::Contact as Row;
use letopis_projections::engine::Shape;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the stay `s` lasts on `$day`; a list names the day twice, as two parameters.
macro_rules! lasts {
    ($day:literal) => {
        $crate::contacts::lasts!($day, $day)
    };
    ($day:literal, $again:literal) => {
        concat!(
            "((s.since is null or s.since <= ",
            $day,
            ") and (s.until is null or s.until > ",
            $again,
            "))"
        )
    };
}

/// The phone or e-mail of the person `p` to try first: of those nothing speaks against the primary one, or the first.
macro_rules! to_try {
    ($list:literal) => {
        concat!(
            "(select t.one from jsonb_array_elements(p.",
            $list,
            ") with ordinality t(one, n) where t.one ->> 'mark' is null
              order by (t.one ->> 'primary')::boolean desc, t.n limit 1)"
        )
    };
}

/// What the contact person `$id` is called.
macro_rules! contact_name {
    ($id:literal) => {
        concat!("(select p.name from contact_at($1) p where p.contact_id = ", $id, ")")
    };
}
pub(crate) use {contact_name, lasts, to_try};

/// Whether the person `t` stands at one of the clients `$1`, or at one that is merged into it; `$2` and `$3` are the position, `$4` and `$5`
/// the day.
macro_rules! stands {
    () => {
        concat!(
            "t.contact_id in (select s.contact_id from stay_at($3::text::bigint) s where ",
            among!("s.client_id"),
            " and ",
            lasts!("$4::text::date", "$5::text::date"),
            ")"
        )
    };
}

/// A person as they are at `$3`.
const CONTACT: &str = concat!(
    "select to_jsonb(p) || jsonb_build_object('id', p.contact_id,
        'clients', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'client_id', s.client_id, 'client', c.name, 'merged_into', ",
    survivor!("s.client_id"),
    ", 'position', s.position, 'role', s.role,
                'since', s.since, 'until', s.until, 'reason', s.reason, 'current', ",
    lasts!("($3 at time zone 'UTC')::date"),
    ") order by s.number), '[]')
            from stay_at($1) s left join card_at($1) c on c.client_id = s.client_id
            where s.contact_id = p.contact_id and not s.void),
        'last_interaction', (
            select jsonb_build_object('id', i.interaction_id, 'kind', i.kind, 'direction', i.direction,
                'at', i.occurred_at, 'result', i.result, 'client_ids', to_jsonb(i.clients))
            from part_at($1) t join interaction_at($1) i on i.interaction_id = t.interaction_id
            where t.contact_id = p.contact_id and not i.withdrawn
            order by i.occurred_at desc, i.interaction_id desc limit 1))
     from contact_at($1) p where p.contact_id = $2"
);

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[CONTACT];

/// Contact persons, by any field, by any key they are known by, or by the client at whom they stand.
struct Contacts;

impl Listed for Contacts {
    const LIST: List = List {
        name: "contacts",
        shape: Shape::of::<Row>(),
        id: "contact_id",
        order: "name",
        made: &[],
        alike: &[],
        rows: "select * from contact_at($1)",
        more: &[More::of::<Vec<Where>>(
            "clients",
            concat!(
                "(select coalesce(jsonb_agg(jsonb_build_object('client_id', s.client_id, 'client', c.name,
                    'merged_into', ",
                merged_into!("s.client_id"),
                ", 'position', s.position, 'role', s.role) order by s.number), jsonb_build_array())
                  from stay_at($1) s left join card_at($1) c on c.client_id = s.client_id
                  where s.contact_id = t.contact_id and ",
                lasts!("$2"),
                ")"
            ),
        )],
    };
    const MORE: &'static [(&'static str, &'static str)] = &[
        ("name", "A part of the name."),
        ("phone", "A phone, however written."),
        ("email", "An e-mail address."),
        ("client_id", "The client at whom they stand today, with all that is merged into it."),
    ];

    fn extra(name: &str, value: &str, at: At) -> Result<Extra, Problem> {
        let position = at.position.to_string();
        let key = match name {
            "name" => return Ok((NAMED, vec![value.to_owned()])),
            "client_id" => {
                let today = at.today().to_string();
                let values = vec![clients(name, value)?, position.clone(), position, today.clone(), today];
                return Ok((stands!(), values));
            }
            "phone" => number(value)?,
            _ => value.to_lowercase(),
        };
        let known = "exists (select from contact_key_at($1::text::bigint) own
            where own.contact_id = t.contact_id and own.value = $2::text)";
        Ok((known, vec![position, key]))
    }
}

/// A contact person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Contact {
    /// The person.
    id: ContactId,
    /// The version of the record, also its `ETag`.
    version: Version,
    /// Last, first, patronymic; null when erased.
    name: Option<String>,
    /// The same in its parts.
    name_parts: Option<PersonName>,
    /// How to address them.
    salutation: Option<Text<100>>,
    /// Birthday.
    birthday: Option<Day>,
    /// The country whose way of writing phone numbers holds.
    country: Country,
    /// Phones.
    phones: Vec<ContactPhone>,
    /// E-mail addresses.
    emails: Vec<ContactEmail>,
    /// How they like to be reached.
    preferred_channel: Option<Channel>,
    /// When they like to be reached, in words.
    preferred_hours: Option<Text<200>>,
    /// Language they speak.
    language: Option<Language>,
    /// Key in another system, `source:id`.
    external_id: Option<String>,
    /// When they became known.
    registered_at: Moment,
    /// At whom they stand and stood, as it was told.
    clients: Vec<Stay>,
    /// What they last took part in.
    last_interaction: Option<LastInteraction>,
}

/// A phone of a contact person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ContactPhone {
    /// Its id.
    id: PhoneId,
    /// As it was given; null when erased.
    raw: Option<Text<64>>,
    /// The number the world knows.
    e164: Option<String>,
    /// The extension behind it.
    extension: Option<Text<16>>,
    /// What it is for.
    kind: Option<Code>,
    /// Whether it is the one to try first.
    primary: bool,
    /// Whether others use it too, so that it identifies nobody.
    shared: bool,
    /// What speaks against it.
    mark: Option<ReachMark>,
}

/// An e-mail address of a contact person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ContactEmail {
    /// Its id.
    id: EmailId,
    /// The address; null when erased.
    address: Option<Email>,
    /// What it is for.
    kind: Option<Code>,
    /// Whether it is the one to try first.
    primary: bool,
    /// Whether others use it too, so that it identifies nobody.
    shared: bool,
    /// What speaks against it.
    mark: Option<ReachMark>,
}

/// At whom a person in a list stands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Where {
    /// At whom.
    client_id: ClientId,
    /// What they are called; null when erased.
    client: Option<Text<200>>,
    /// Under whom that client is shown; null where it is not merged.
    merged_into: Option<ClientId>,
    /// Position held there.
    position: Option<Text<200>>,
    /// What they decide there.
    role: Option<Code>,
}

/// A time at a client in one position and one role.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Stay {
    /// At whom.
    client_id: ClientId,
    /// What they are called; null when erased.
    client: Option<Text<200>>,
    /// Under whom that client is shown; null where it is not merged.
    merged_into: Option<Survivor>,
    /// Position held there.
    position: Option<Text<200>>,
    /// What they decide there.
    role: Option<Code>,
    /// First day so; null: as long as is known.
    since: Option<Day>,
    /// First day no longer so.
    until: Option<Day>,
    /// Why they left.
    reason: Option<Text<1000>>,
    /// Whether it lasts.
    current: bool,
}

/// An interaction with a contact person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct LastInteraction {
    /// The interaction.
    id: InteractionId,
    /// What passed.
    kind: InteractionKind,
    /// Whose move it was.
    direction: Option<Direction>,
    /// When.
    at: Moment,
    /// What came of it.
    result: Option<Code>,
    /// The clients it is about.
    client_ids: Vec<ClientId>,
}

/// The questions about contact persons.
pub fn questions() -> Vec<Question> {
    let one = question::<NoParams, Item<Contact>, _, _>(
        "/api/contacts/{id}",
        "contact",
        "contacts",
        "A contact person: how they are reached, at whom they stand and stood, the last interaction with them.",
        contact,
    );
    let all = list::<Contacts>(
        "/api/contacts",
        "contacts_list",
        "contacts",
        "Contact persons by any field, by any key they are known by, or by the client at whom they stand.",
    );
    std::iter::once(one).chain(all).collect()
}

async fn contact(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<NoParams>,
) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let contact = view.row(CONTACT, &[&view.position(), &id, &view.now]).await?;
    let item: Contact = contact.ok_or_else(|| Problem::no_such("contact person", id))?;
    Ok(view.item(item.version, item).await)
}
