//! Where a contact person stands and stood: what the events make of it, said once for everybody who folds them.

use super::ContactEvent;
use crate::{ClientId, Code, Day, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A client at whom somebody begins to stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Join {
    /// At whom.
    pub client_id: ClientId,
    /// Position held there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Text<200>>,
    /// What they decide there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Code>,
    /// First day so; absent: as long as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
}

/// A time at a client in one position and one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// How it began.
    #[serde(flatten)]
    pub join: Join,
    /// First day no longer so; none: it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

impl Stay {
    /// Whether it lasts on that day.
    pub fn on(&self, day: Day) -> bool {
        self.join.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether it lasts on no day: it was told by mistake and ended on its first day.
    pub fn is_void(&self) -> bool {
        self.until.is_some_and(|until| self.join.since.is_some_and(|since| until <= since))
    }
}

/// All stays of a contact person in the order they were told. Those at one client follow each other and never overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stays(pub Vec<Stay>);

impl Stays {
    /// Does what an event does.
    pub fn take(&mut self, event: &ContactEvent) {
        match event {
            ContactEvent::Registered { joins, .. } => joins.iter().cloned().for_each(|join| self.join(join)),
            ContactEvent::Joined { client_id, position, role, since } => self.join(Join {
                client_id: *client_id,
                position: position.clone(),
                role: role.clone(),
                since: *since,
            }),
            ContactEvent::Left { client_id, until, reason: _ } => self.leave(*client_id, *until),
            ContactEvent::Corrected { .. }
            | ContactEvent::PhoneAdded { .. }
            | ContactEvent::PhoneRemoved { .. }
            | ContactEvent::PhoneMarked { .. }
            | ContactEvent::EmailAdded { .. }
            | ContactEvent::EmailRemoved { .. }
            | ContactEvent::EmailMarked { .. } => {}
        }
    }

    fn join(&mut self, join: Join) {
        if let Some(last) = self.last(join.client_id)
            && last.until.is_none()
        {
            if last.join.since == join.since {
                last.join = join;
                return;
            }
            last.until = join.since;
        }
        self.0.push(Stay { join, until: None });
    }

    fn leave(&mut self, client: ClientId, until: Day) {
        if let Some(last) = self.last(client) {
            last.until = Some(until);
        }
    }

    fn last(&mut self, client: ClientId) -> Option<&mut Stay> {
        self.0.iter_mut().rfind(|stay| stay.join.client_id == client)
    }

    /// The stays at a client, in their order.
    pub fn at(&self, client: ClientId) -> impl DoubleEndedIterator<Item = &Stay> {
        self.0.iter().filter(move |stay| stay.join.client_id == client)
    }

    /// The clients at whom they stand on that day.
    pub fn on(&self, day: Day) -> BTreeSet<ClientId> {
        self.0.iter().filter(|stay| stay.on(day)).map(|stay| stay.join.client_id).collect()
    }

    /// The clients whom they have not left.
    pub fn lasting(&self) -> BTreeSet<ClientId> {
        self.0.iter().filter(|stay| stay.until.is_none()).map(|stay| stay.join.client_id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn client(number: u128) -> ClientId {
        ClientId(Uuid::from_u128(number))
    }

    fn stays(events: &[serde_json::Value]) -> Stays {
        let mut stays = Stays::default();
        for event in events {
            stays.take(&serde_json::from_value(event.clone()).unwrap());
        }
        stays
    }

    fn joined(number: u128, position: &str, since: Option<&str>) -> serde_json::Value {
        let mut data = json!({"client_id": client(number), "position": position});
        if let Some(since) = since {
            data["since"] = json!(since);
        }
        json!({"type": "Joined", "data": data})
    }

    fn left(number: u128, until: &str) -> serde_json::Value {
        json!({"type": "Left", "data": {"client_id": client(number), "until": until}})
    }

    fn on(stays: &Stays, day: &str) -> Vec<ClientId> {
        stays.on(day.parse().unwrap()).into_iter().collect()
    }

    #[test]
    fn one_stands_from_the_first_day_to_the_day_before_the_last() {
        let stays = stays(&[joined(3, "a", Some("2026-02-01")), left(3, "2026-03-01"), joined(4, "b", None)]);
        assert_eq!(on(&stays, "2026-01-31"), [client(4)]);
        assert_eq!(on(&stays, "2026-02-01"), [client(3), client(4)]);
        assert_eq!(on(&stays, "2026-02-28"), [client(3), client(4)]);
        assert_eq!(on(&stays, "2026-03-01"), [client(4)]);
        assert_eq!(stays.lasting(), BTreeSet::from([client(4)]));
    }

    #[test]
    fn another_position_ends_the_one_before_and_the_same_day_corrects() {
        let first = [joined(3, "a", None), joined(3, "b", None), joined(3, "c", Some("2026-02-01"))];
        let stays = stays(&first);
        let told: Vec<_> = stays.0.iter().map(|s| (s.join.position.clone().unwrap(), s.until)).collect();
        let day = "2026-02-01".parse().unwrap();
        assert_eq!(told, [("b".parse().unwrap(), Some(day)), ("c".parse().unwrap(), None)]);
    }

    #[test]
    fn who_left_on_the_first_day_never_was_there() {
        let events = [joined(3, "a", Some("2026-02-01")), left(3, "2026-03-01"), left(3, "2026-02-01")];
        let stays = stays(&events);
        assert!(stays.0[0].is_void());
        assert_eq!(on(&stays, "2026-02-01"), []);
    }
}
