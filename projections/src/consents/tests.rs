//! Given acts, then a row for each.

use super::*;
use crate::engine::given;
use crate::engine::history::event;
use serde_json::json;

#[test]
fn every_act_is_a_row() {
    let given_ = json!({
        "channel": "any", "purpose": "advertising", "source": "сайт", "wording": "Согласен", "given_at": "2026-01-01T00:00:00Z",
    });
    let withdrawn =
        json!({"channel": "sms", "purpose": "advertising", "withdrawn_at": "2026-02-01T00:00:00Z"});
    let rows = given::<Consents>([
        event(1, 1, "clients", "ConsentGiven", &given_),
        event(2, 1, "clients", "ConsentWithdrawn", &withdrawn),
        event(3, 1, "clients", "ChannelForbidden", &json!({"channel": "call", "reason": "x"})),
        event(4, 1, "clients", "ChannelAllowed", &json!({"channel": "call"})),
        event(5, 1, "clients", "Tagged", &json!({"tag": "vip"})),
    ]);
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
        ]
    );
    assert_eq!(rows[0].wording.as_ref().map(Text::as_str), Some("Согласен"));
}
