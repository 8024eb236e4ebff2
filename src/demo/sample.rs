//! A made-up company with two years of history: a dozen employees, up to 200 clients, what happens to them, recorded through the
//! ordinary commands with the times they would have had. The same every time.
//!
//! Each command has a key of its own: recording that was cut off is begun again, and what is recorded already is answered and not
//! done twice (for the 30 days that the log remembers keys).

use super::people;
use crate::cli::Failure;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use letopis_commands::{Executor, Order};
use letopis_events::{Actor, ExternalId, Position, StreamId, Version};
use letopis_eventstore::Search;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many clients there are.
const CLIENTS: usize = 200;
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
    commands: usize,
}

/// The id of an employee or a client of the sample, counted from 1.
pub fn id(category: &str, number: usize) -> Result<Uuid, Failure> {
    let external = ExternalId { source: "sample".parse()?, id: number.to_string().parse()? };
    Ok(StreamId::external(category, &external).0)
}

/// When the sample begins that is still to be recorded, from its beginning or from where it was cut off; it ends a day before `today`.
/// None: it is whole, or the log is not a sample's.
pub async fn start(executor: &Executor, today: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Failure> {
    let hired = Search { category: Some("employees".into()), ..Search::default() };
    let Some(first) = executor.log().search(Position(0), 1, &hired).await?.pop() else {
        return Ok(Some((today - TimeDelta::days(DAYS)).trunc_subsecs(0)));
    };
    // The last command dismisses the last employee.
    let leaver = StreamId(id("employees", people::EMPLOYEES.len())?);
    let last = executor.log().stream("employees", leaver, Version(1)).await?;
    let cut = first.stream.0 == id("employees", 1)? && last.is_empty();
    Ok(cut.then_some(first.recorded_at))
}

/// Records the sample from `start` on, by so many commands or a few more.
pub async fn record(executor: &Executor, start: DateTime<Utc>, commands: usize) -> Result<(), Failure> {
    let mut company =
        Company { executor, dice: Dice(1_703), now: start, employees: vec![], clients: vec![], commands: 0 };
    for (code, name) in people::DEPARTMENTS {
        let body = json!({"code": code, "name": name});
        let tree = Some(letopis_events::departments::COMPANY.0);
        company.command("departments", tree, "open", body, Actor::Agent("sample".into())).await?;
    }
    for index in 0..people::EMPLOYEES.len() {
        company.hire(index).await?;
    }
    let step = TimeDelta::seconds((DAYS - TODAY) * 86_400 / i64::try_from(commands).unwrap_or(1));
    while company.commands < commands {
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
    Ok(())
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
            key: Some(format!("sample-{}", self.commands)),
            if_match: None,
            at: Some(self.now),
            actor,
            correlation: self.executor.fresh(),
            causation: None,
            mark: None,
        };
        let done = self.executor.execute(order).await?;
        self.commands += 1;
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
            "external": {"source": "sample", "id": format!("{}", index + 1)},
        });
        let id = self.command("employees", None, "hire", body, Actor::Agent("sample".into())).await?;
        self.employees.push(id);
        Ok(())
    }

    /// Whatever happens in a company that sells.
    async fn something(&mut self) -> Result<(), Failure> {
        // The base grows quickly at first.
        let wanted = CLIENTS.min(20 + self.commands / 15);
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
