//! The list of next steps, by any field.

use super::{Standing, clocks, due, steps_at};
use crate::aliases::{merged_into, of_clients};
use crate::asking::Question;
use crate::contacts::contact_name;
use crate::problem::Problem;
use crate::reach::client_name;
use crate::selection::{At, Extra, List, Listed, More, list};
use letopis_events::steps::Due;
use letopis_events::{BadValue, ClientId, Moment, Occurred, Text, texts};
use letopis_projections::engine::{Field, Shape};
use letopis_projections::steps::Step as Row;

/// Next steps, by any field.
struct Steps;

impl Listed for Steps {
    const LIST: List = List {
        name: "steps",
        shape: Shape::of::<Row>(),
        made: &[
            Field::of::<Moment>("due_by").called("Срок", "Due by"),
            Field::of::<bool>("overdue").called("Просрочен", "Overdue"),
            Field::of::<String>("state").listing(texts::<Standing>).called("Состояние", "State"),
            Field::of::<Option<String>>("assignee_name").called("Имя исполнителя", "Assignee's name"),
        ],
        // Behind `offset 0` the clocks are looked up once for each employee and not for each step.
        alike: &[],
        rows: concat!(
            "select * from ",
            steps_at!("$3", concat!("(select * from ", clocks!("$3"), " c offset 0)")),
            " s"
        ),
        id: "step_id",
        order: "due_by",
        more: &[
            More::of::<Option<Text<200>>>("client", client_name!("t.client_id")),
            More::of::<Option<ClientId>>("merged_into", merged_into!("t.client_id")),
            More::of::<Option<String>>("contact", contact_name!("t.contact_id")),
            More::of::<Due>("due", due!("t")),
        ],
    };
    const MORE: &'static [(&'static str, &'static str)] = &[
        ("client_id", "The client, with all that is merged into it; or several: `a,b`."),
        ("due_from", "Due from this moment on, or on this day of who does it or later."),
        ("due_to", "Due before this moment or day."),
    ];

    fn extra(name: &str, value: &str, at: At) -> Result<Extra, Problem> {
        let bound = || value.parse().map_err(|error: BadValue| Problem::parameter(name, error.to_string()));
        let within = |moment, day| match bound()? {
            Occurred::At(from) => Ok((moment, vec![from.to_string()])),
            Occurred::On(from) => Ok((day, vec![from.to_string()])),
        };
        match name {
            "due_from" => within(
                "t.due_by >= $1::text::timestamptz",
                "(t.due_by at time zone t.zone)::date >= $1::text::date",
            ),
            "due_to" => within(
                "t.due_by < $1::text::timestamptz",
                "(t.due_by at time zone t.zone)::date < $1::text::date",
            ),
            _ => of_clients(name, value, at),
        }
    }
}

/// The questions of the list.
pub(super) fn questions() -> [Question; 2] {
    list::<Steps>(
        "/api/steps",
        "steps_list",
        "steps",
        "Next steps by any field, in the order they are due; overdue is what is open and past its time now.",
    )
}
