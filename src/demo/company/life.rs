//! What passes between the company and a client: one thing leads to the next, what was promised is done or moved, and some day
//! nobody calls any more.

use super::beats::{Beat, By, Stage};
use super::client::{Client, Pace};
use super::order::{Order, id_within};
use super::{calendar, names};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Where a client's life stands.
#[derive(Debug, Default)]
struct Story {
    talks: usize,
    steps: usize,
    /// The step that is to be done next.
    promised: Option<Uuid>,
}

impl Client<'_> {
    /// Plans everything from the first day to the last.
    pub fn live(&mut self) {
        let mut story = Story::default();
        let mut stage = if self.active { Stage::Routine } else { Stage::Cold };
        let mut left = match self.pace {
            Pace::Busy | Pace::Steady => usize::MAX,
            Pace::Fading => 2 + self.dice.below(6),
        };
        // The card box is gone through little by little; who is new is called at once.
        let begin = match (self.known_before, self.pace) {
            (false, _) => self.dice.between(1, 2),
            (true, Pace::Busy) => self.dice.between(2, 40),
            (true, Pace::Steady) => self.dice.between(2, 90),
            (true, Pace::Fading) => self.dice.between(2, 700),
        };
        let mut day = calendar::after(self.came, begin);
        while day < self.until {
            let Some(mut by) = self.manager(day) else { break };
            if stage == Stage::Delivery && self.dice.percent(40) {
                by = self.staff.helper(&mut self.dice, day);
            }
            left = left.saturating_sub(1);
            let mut beat = stage.beat(&mut self.dice, self.audience);
            if beat.by == By::Call && stage != Stage::Cold && self.dice.percent(20) {
                beat.by = By::TheirCall;
            }
            let (_, least, most) = beat.next;
            let days = self.dice.between(least, most);
            let pause = match (self.pace, days) {
                (Pace::Busy, 20..) => days / 3,
                (Pace::Steady | Pace::Fading, 8..60) => days * 2,
                // What is urgent is urgent for everybody.
                _ => days,
            };
            let next = calendar::after(day, pause);
            let back = if self.pace == Pace::Fading { 25 } else { 75 };
            let over = beat.then == Stage::Lost && !self.dice.percent(back);
            // Of those who are called no more, some were promised a call all the same.
            let goes_on = !over && (left > 0 || self.dice.percent(40));
            let at = self.happen(&mut story, by, day, &beat, (next, goes_on));
            self.turn(by, at + TimeDelta::minutes(4), stage, &beat);
            if over {
                break;
            }
            if left == 0 {
                self.forget(&mut story, by, next);
                break;
            }
            stage = if beat.then == Stage::Lost { Stage::Cold } else { beat.then };
            // Not everybody is in time.
            let late = if self.dice.percent(12) { self.dice.between(1, 4) } else { 0 };
            day = if late > 0 { calendar::after(next, late) } else { next };
        }
    }

    /// They became a customer, or are none any more.
    fn turn(&mut self, by: usize, at: DateTime<Utc>, before: Stage, beat: &Beat) {
        if beat.then == Stage::Invoice && !self.active {
            self.active = true;
            self.tell(by, at, "change_status", json!({"status": "active", "reason": "Заказали"}));
        }
        if beat.then == Stage::Lost && self.active && before == Stage::Routine {
            self.active = false;
            self.tell(by, at, "change_status", json!({"status": "former", "reason": beat.text}));
        }
    }

    /// What nobody does stays overdue, or is crossed out some day.
    fn forget(&mut self, story: &mut Story, by: usize, due: NaiveDate) {
        let day = calendar::after(due, self.dice.between(15, 60));
        let gone = self.staff.left(by).is_some_and(|left| left <= day);
        if let Some(step) = story.promised.take().filter(|_| !gone && self.dice.percent(50)) {
            let at = calendar::moment(&mut self.dice, day);
            let body = json!({"reason": "Не выходят на связь", "reason_code": "no_contact"});
            self.orders.push(Order::of(self.staff.id(by), at, "steps", Some(step), "drop", body));
        }
    }

    /// Records what happens, what it settles and what is promised with it; answers when it was told.
    fn happen(
        &mut self,
        story: &mut Story,
        by: usize,
        day: NaiveDate,
        beat: &Beat,
        (next, goes_on): (NaiveDate, bool),
    ) -> DateTime<Utc> {
        story.talks += 1;
        let mut at = calendar::moment(&mut self.dice, day);
        let reached = beat.by != By::Unanswered;
        let mut body = self.told(at, beat);
        body["external"] = json!({"source": "sample", "id": format!("{}-{}", self.number, story.talks)});
        let promises = goes_on && self.dice.percent(60);
        let in_writing = promises && next >= self.until;
        if in_writing {
            body["next_step"] = json!({"action": beat.next.0, "due_on": next});
        }
        let settled = story.promised.take_if(|_| reached);
        let at_once = self.dice.percent(50);
        if let Some(step) = settled.filter(|_| at_once) {
            body["closes_step"] = json!(step);
        }
        let who = self.staff.id(by);
        self.orders.push(Order::of(who, at, "interactions", None, "record", body));
        at += TimeDelta::seconds(self.dice.between(30, 240));
        let talk = id_within("interactions", self.number, story.talks);
        if let Some(step) = settled.filter(|_| !at_once) {
            let body = json!({"interaction_id": talk, "result": beat.result});
            self.orders.push(Order::of(who, at, "steps", Some(step), "complete", body));
        }
        if let Some(step) = story.promised {
            let body = json!({"due": {"on": next}, "reason": "Не дозвонились"});
            self.orders.push(Order::of(who, at, "steps", Some(step), "move", body));
        } else if promises && !in_writing {
            story.steps += 1;
            let mut body = json!({
                "client_id": self.id, "action": beat.next.0, "due": {"on": next}, "assignee": who,
                "interaction_id": talk, "external": {"source": "sample", "id": format!("{}-{}", self.number, story.steps)},
            });
            if let Some(person) = self.people.first() {
                body["contact_id"] = json!(person.id);
            }
            self.orders.push(Order::of(who, at + TimeDelta::seconds(20), "steps", None, "plan", body));
            story.promised = Some(id_within("steps", self.number, story.steps));
        }
        at
    }

    /// An interaction as the switchboard, the mail or the manager tells it.
    fn told(&mut self, at: DateTime<Utc>, beat: &Beat) -> Value {
        let mut body = json!({"occurred_at": at, "client_id": self.id});
        let (kind, direction, origin) = match beat.by {
            By::Call | By::Unanswered => ("call", Some("out"), Some("telephony")),
            By::TheirCall => ("call", Some("in"), Some("telephony")),
            By::Letter(_) => ("email", Some("out"), Some("mail")),
            By::TheirLetter(_) => ("email", Some("in"), Some("mail")),
            By::Message => ("message", Some("out"), None),
            By::Meeting => ("meeting", None, None),
        };
        body["kind"] = json!(kind);
        let text = Some(beat.text).filter(|text| !text.is_empty());
        for (field, value) in
            [("direction", direction), ("origin", origin), ("result", beat.result), ("text", text)]
        {
            if let Some(value) = value {
                body[field] = json!(value);
            }
        }
        let person: Vec<_> = self.people.iter().take(1).map(|person| person.id).collect();
        match beat.by {
            By::Call | By::TheirCall | By::Unanswered => {
                let failed = *self.dice.of(&["no_answer", "no_answer", "busy", "cancelled"]);
                let reached = beat.by != By::Unanswered;
                body["telephony_status"] = json!(if reached { "answered" } else { failed });
                if reached {
                    let short = beat.result == Some("not_available");
                    let seconds = if short { self.dice.between(15, 60) } else { self.dice.between(50, 840) };
                    body["duration_seconds"] = json!(seconds);
                }
                self.other_end(&mut body, beat.by == By::TheirCall);
            }
            By::Letter(subject) | By::TheirLetter(subject) => {
                let day = calendar::day(at);
                let number = usize::try_from(day.ordinal()).unwrap_or(0) * 7 + self.number % 7;
                body["subject"] = json!(match subject {
                    "Коммерческое предложение" | "Счёт на оплату" => {
                        format!("{subject} № {number} от {}", day.format("%d.%m.%Y"))
                    }
                    other => other.to_owned(),
                });
                body["contact_ids"] = json!(person);
            }
            By::Message => body["contact_ids"] = json!(person),
            By::Meeting => {
                body["duration_seconds"] = json!(self.dice.between(30, 100) * 60);
                body["contact_ids"] = json!(self.people.iter().map(|person| person.id).collect::<Vec<_>>());
            }
        }
        body
    }

    /// The number at the other end; who calls us is known by the number alone.
    fn other_end(&mut self, body: &mut Value, incoming: bool) {
        let person = if self.people.is_empty() || self.dice.percent(40) {
            None
        } else {
            Some(self.dice.below(self.people.len()))
        };
        let (code, local) = person.map_or((self.code, self.line), |person| self.people[person].mobile);
        body["counterpart"] = json!({"raw": names::written(&mut self.dice, code, local)});
        if incoming && self.duplicates.is_empty() {
            if let Some(fields) = body.as_object_mut() {
                fields.remove("client_id");
            }
        } else if let Some(person) = person {
            body["contact_ids"] = json!([self.people[person].id]);
        }
    }
}
