//! Given acts, then a row for each.

use super::*;
use crate::engine::given;
use crate::engine::history::{CLIENT, changing, history};
use serde_json::json;

#[test]
fn every_act_is_a_row() {
    let none = json!({});
    let rows = given::<Consents>(history([
        CLIENT.golden("ConsentGiven", &none),
        CLIENT.golden("ConsentWithdrawn", &none),
        CLIENT.golden("ChannelForbidden", &none),
        CLIENT.golden("ChannelAllowed", &none),
        CLIENT.golden(
            "ChannelForbidden",
            &json!({"forbidden_at": "2026-02-03T00:00:00Z", "wording": "Не звоните"}),
        ),
        CLIENT.golden("ChannelAllowed", &json!({"allowed_at": "2026-02-04T00:00:00Z", "source": "звонок"})),
    ]));
    let rows = rows.unwrap().consent.rows();
    let told: Vec<_> = rows.iter().map(|row| (row.act.as_str(), row.channel, row.at.to_string())).collect();
    let now = "2026-03-02T10:00:00Z".to_owned();
    assert_eq!(
        told,
        [
            ("given", Channel::Any, "2026-01-01T00:00:00Z".to_owned()),
            ("withdrawn", Channel::Sms, "2026-02-01T00:00:00Z".to_owned()),
            ("forbidden", Channel::Call, now.clone()),
            ("allowed", Channel::Call, now),
            ("forbidden", Channel::Call, "2026-02-03T00:00:00Z".to_owned()),
            ("allowed", Channel::Call, "2026-02-04T00:00:00Z".to_owned()),
        ]
    );
    assert_eq!(rows[4].wording.as_ref().map(Text::as_str), Some("Не звоните"));
    assert_eq!(rows[5].source.as_ref().map(Text::as_str), Some("звонок"));
    assert_eq!(rows[0].wording.as_ref().map(Text::as_str), Some("Согласен получать рекламу"));
}

#[test]
fn these_events_and_no_others_are_acts() {
    let changing = changing(|history| format!("{:?}", given::<Consents>(history).unwrap().consent.rows()));
    let acts = ["ChannelAllowed", "ChannelForbidden", "ConsentGiven", "ConsentWithdrawn"];
    assert_eq!(changing, acts.map(|act| format!("clients.{act}")).into());
}
