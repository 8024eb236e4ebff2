//! A made-up company with two years of history: a dozen employees, 200 clients, 5,000 events, recorded through the ordinary commands
//! with the times they would have had. The same every time.

use super::people;
use crate::cli::Failure;
use chrono::{DateTime, TimeDelta, Utc};
use letopis_commands::{Executor, Order};
use letopis_events::Actor;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many clients there are.
const CLIENTS: usize = 200;
/// How many events there are in all, or a few more.
const EVENTS: usize = 5_000;
/// How long the history is.
const DAYS: i64 = 730;
/// Days between its end and today.
const TODAY: i64 = 1;

/// Numbers that look random and are the same every time (`SplitMix64`, Steele, Lea and Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// One of several.
    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

/// The company as it grows.
struct Company<'a> {
    executor: &'a Executor,
    dice: Dice,
    now: DateTime<Utc>,
    employees: Vec<Uuid>,
    clients: Vec<(Uuid, String)>,
    events: usize,
}

/// Whom to look at in the finished sample.
#[derive(Clone, Copy, Debug)]
pub struct Sights {
    /// A client with a history.
    pub client: Uuid,
    /// An employee who works there.
    pub employee: Uuid,
}

/// Records the sample; it ends a day before `today`.
pub async fn record(executor: &Executor, today: DateTime<Utc>) -> Result<Sights, Failure> {
    let start = today - TimeDelta::days(DAYS);
    let mut company =
        Company { executor, dice: Dice(1_703), now: start, employees: vec![], clients: vec![], events: 0 };
    for index in 0..12 {
        company.hire(index).await?;
    }
    let step = TimeDelta::seconds((DAYS - TODAY) * 86_400 / i64::try_from(EVENTS).unwrap_or(1));
    while company.events < EVENTS {
        company.now += step;
        company.something().await?;
    }
    let leaver = company.employees[11];
    company
        .to(
            "employees",
            leaver,
            "dismiss",
            json!({"on": company.now.date_naive(), "reason": "по собственному желанию"}),
        )
        .await?;
    let client = company.clients.first().map(|(id, _)| *id).unwrap_or_default();
    Ok(Sights { client, employee: company.employees[0] })
}

impl Company<'_> {
    async fn command(
        &mut self,
        module: &str,
        id: Option<Uuid>,
        command: &str,
        body: Value,
        actor: Actor,
    ) -> Result<Uuid, Failure> {
        let order = Order {
            module: module.into(),
            id,
            command: command.into(),
            body,
            key: None,
            if_match: None,
            at: Some(self.now),
            actor,
            correlation: self.executor.fresh(),
            causation: None,
            mark: None,
        };
        let done = self.executor.execute(order).await?;
        self.events += 1;
        Ok(done.receipt.id.0)
    }

    /// A command of some employee to a thing.
    async fn to(&mut self, module: &str, id: Uuid, command: &str, body: Value) -> Result<Uuid, Failure> {
        let actor = self.somebody();
        self.command(module, Some(id), command, body, actor).await
    }

    fn somebody(&mut self) -> Actor {
        let employee = *self.dice.of(&self.employees[..11]);
        Actor::Employee(letopis_events::EmployeeId(employee))
    }

    async fn hire(&mut self, index: usize) -> Result<(), Failure> {
        let (last, first, patronymic) = people::EMPLOYEES[index];
        let department = if index < 8 { "sales" } else { "support" };
        let body = json!({
            "name": {"last": last, "first": first, "patronymic": patronymic}, "position": "менеджер",
            "department": department, "hired_on": self.now.date_naive(),
        });
        let id = self.command("employees", None, "hire", body, Actor::Agent("sample".into())).await?;
        self.employees.push(id);
        Ok(())
    }

    /// Whatever happens in a company that sells.
    async fn something(&mut self) -> Result<(), Failure> {
        // The base grows quickly at first.
        let wanted = CLIENTS.min(20 + self.events / 15);
        if self.clients.len() < wanted {
            return self.register().await;
        }
        let (client, phone) = self.dice.of(&self.clients).clone();
        match self.dice.below(100) {
            0..58 => self.call(client, &phone).await,
            58..72 => self.letter(client).await,
            72..80 => self.meeting(client).await,
            80..86 => {
                let tag = *self.dice.of(&people::TAGS);
                let command = if self.dice.percent(70) { "tag" } else { "untag" };
                self.to("clients", client, command, json!({"tag": tag})).await.map(drop)
            }
            86..92 => {
                let status = *self.dice.of(&["active", "active", "former", "prospective"]);
                let reason = "по итогам переговоров";
                self.to("clients", client, "change_status", json!({"status": status, "reason": reason}))
                    .await
                    .map(drop)
            }
            92..96 => self.assign(client, "передача портфеля").await,
            _ => {
                let (region, size) = (*self.dice.of(&people::REGIONS), *self.dice.of(&people::SIZES));
                self.to("clients", client, "correct", json!({"region": region, "size": size})).await.map(drop)
            }
        }
    }

    async fn register(&mut self) -> Result<(), Failure> {
        let index = self.clients.len();
        let phone = format!("+7 495 {:03} {:02} {:02}", 200 + index / 100, index % 100, self.dice.below(100));
        let (kind, name) = people::client(&mut self.dice, index);
        let mut body = json!({
            "kind": kind, "name": name, "industry": self.dice.of(&people::INDUSTRIES),
            "size": self.dice.of(&people::SIZES), "region": self.dice.of(&people::REGIONS),
            "channel": self.dice.of(&people::CHANNELS), "phones": [{"number": phone, "kind": "office"}],
            "emails": [{"address": format!("office{index}@client{index}.example")}],
            "external": {"source": "sample", "id": format!("{}", index + 1)},
            "accept_duplicates": {"reason": "names of the sample repeat"},
        });
        if kind == "company" {
            body["requisites"] = json!({"inn": people::inn(&mut self.dice)});
        }
        let actor = self.somebody();
        let id = self.command("clients", None, "register", body, actor).await?;
        self.clients.push((id, phone));
        self.assign(id, "новый клиент").await
    }

    async fn assign(&mut self, client: Uuid, reason: &str) -> Result<(), Failure> {
        let employee = *self.dice.of(&self.employees[..8]);
        let body = json!({"employee_id": employee, "kind": "main", "reason": reason});
        self.to("clients", client, "assign", body).await.map(drop)
    }

    async fn call(&mut self, client: Uuid, phone: &str) -> Result<(), Failure> {
        let incoming = self.dice.percent(40);
        let status = *self.dice.of(&["answered", "answered", "answered", "no_answer", "busy"]);
        let mut body = json!({
            "kind": "call", "direction": if incoming { "in" } else { "out" }, "occurred_at": self.now.to_rfc3339(),
            "counterpart": {"raw": phone}, "telephony_status": status, "origin": "telephony",
        });
        if status == "answered" {
            body["duration_seconds"] = json!(20 + self.dice.below(900));
            body["result"] = json!(self.dice.of(&people::RESULTS));
        }
        if self.dice.percent(20) {
            let due = self.now.date_naive() + TimeDelta::days(3);
            body["next_step"] = json!({"action": "call_back", "due_on": due});
        }
        // The switchboard knows the number alone: who it was is found by it.
        if !incoming {
            body["client_id"] = json!(client);
        }
        let actor = self.somebody();
        self.command("interactions", None, "record", body, actor).await.map(drop)
    }

    async fn letter(&mut self, client: Uuid) -> Result<(), Failure> {
        let subject = *self.dice.of(&people::SUBJECTS);
        let direction = *self.dice.of(&["in", "out"]);
        let body = json!({
            "kind": "email", "direction": direction, "client_id": client, "occurred_at": self.now.to_rfc3339(),
            "subject": subject, "origin": "mail",
        });
        let actor = self.somebody();
        self.command("interactions", None, "record", body, actor).await.map(drop)
    }

    async fn meeting(&mut self, client: Uuid) -> Result<(), Failure> {
        let body = json!({
            "kind": "meeting", "client_id": client, "occurred_at": self.now.to_rfc3339(),
            "duration_seconds": 1_800 + self.dice.below(3_600), "text": "Обсудили условия и сроки поставки.",
        });
        let actor = self.somebody();
        let meeting = self.command("interactions", None, "record", body, actor).await?;
        let result = *self.dice.of(&people::RESULTS);
        self.to("interactions", meeting, "set_result", json!({"result": result})).await.map(drop)
    }
}
