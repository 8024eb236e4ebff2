//! Who leaves hands over: each of their clients is assigned to the next of those who take over, as what they were to the client and
//! from the day they leave on. Their open steps that fall due by then or later go to the same; what is due before, they can still do
//! themselves, as long as they are here. What still comes to them goes the same way, and so do the clients that were merged into others
//! meanwhile, once they are parted again: until then nobody looks after them. Who is reinstated hands over no more, and gets nothing back.

use super::Ask;
use letopis_events::client_events;
use letopis_events::clients::{AssignmentKind, ClientEvent};
use letopis_events::employees::EmployeeEvent;
use letopis_events::steps::StepEvent;
use letopis_events::{
    AssignmentId, BadEvent, ClientId, Code, Day, DomainEvent, EmployeeId, Event, Moment, Personal, Recorded,
    StepId, Text,
};
use letopis_projections::engine::Policy;
use letopis_projections::{row_set, table};
use serde_json::json;

table! {
    /// An assignment.
    pub struct Held: "held" key (assignment_id: AssignmentId) by HeldBy(employee_id: EmployeeId)
        by HeldOf(client_id: ClientId) {
        /// Whom.
        client_id: ClientId,
        /// Who.
        employee_id: EmployeeId,
        /// As what.
        kind: AssignmentKind,
        /// For which product line or branch.
        responsibility: Option<Code>,
        /// From when.
        since: Moment,
        /// Until when.
        until: Option<Moment>,
    }
}

table! {
    /// A step to be done.
    pub struct Promise: "promise" key (step_id: StepId) by PromisesOf(assignee: EmployeeId) {
        /// For whom.
        client_id: ClientId,
        /// By whom.
        assignee: EmployeeId,
        /// On which day.
        due: Day,
    }
}

table! {
    /// Somebody who leaves and hands over.
    pub struct Leaver: "leaver" key (employee_id: EmployeeId) {
        /// First day away.
        away: Day,
        /// Who takes over, in turn.
        successors: Vec<EmployeeId>,
        /// How many clients have been handed over.
        turns: i64,
        /// Why.
        reason: Option<Text<1000>>,
        /// What the next one should know.
        note: Option<Text<4000>>,
    }
}

table! {
    /// Who took over a client of somebody who left.
    pub struct Taken: "taken" key (employee_id: EmployeeId, client_id: ClientId) by TakenFrom(employee_id: EmployeeId) {
        /// Who took over.
        successor: EmployeeId,
    }
}

table! {
    /// A client that is shown under another one: it takes no command.
    pub struct Merged: "merged" key (client_id: ClientId) {
        /// Whom it was merged into.
        survivor_id: ClientId,
    }
}

row_set! {
    /// The tables of the policy.
    pub struct HandOverRows {
        held: Set<Held>, promise: Set<Promise>, leaver: Set<Leaver>, taken: Set<Taken>, merged: Set<Merged>,
    }
}

/// Why, where the dismissal does not say.
const REASON: &str = "the one before left";
/// The longest chain of merges that is followed.
const CHAIN: usize = 100;

/// The policy.
#[derive(Debug)]
pub struct HandOver;

impl Policy for HandOver {
    const NAME: &'static str = "hand_over";
    type Rows = HandOverRows;
    type Command = Ask;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut HandOverRows) -> Result<Vec<Ask>, BadEvent> {
        Ok(match &event.event {
            DomainEvent::Employees(employee) => employees(event, employee, rows),
            DomainEvent::Clients(client) => clients(event.stream.into(), client, rows),
            DomainEvent::Steps(step) => steps(event, step, rows),
            DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => vec![],
        })
    }
}

fn employees(recorded: &Recorded<DomainEvent>, event: &EmployeeEvent, rows: &mut HandOverRows) -> Vec<Ask> {
    let id = EmployeeId::from(recorded.stream);
    match event {
        EmployeeEvent::Dismissed { on, reason, hand_over_to, handover_note } if !hand_over_to.is_empty() => {
            rows.leaver.insert(Leaver {
                employee_id: id,
                away: *on,
                successors: hand_over_to.clone(),
                turns: 0,
                reason: reason.clone(),
                note: handover_note.as_ref().and_then(Personal::get).cloned(),
            });
            let (held, promises) = (rows.held.of(&HeldBy(id)), rows.promise.of(&PromisesOf(id)));
            let mut asks: Vec<Ask> = held.iter().flat_map(|held| pass_client(held, rows)).collect();
            asks.extend(promises.iter().filter_map(|promise| pass_step(promise, recorded, rows)));
            asks
        }
        EmployeeEvent::Reinstated { reason: _ } => {
            rows.leaver.remove(&(id,));
            for taken in rows.taken.of(&TakenFrom(id)) {
                rows.taken.remove(&(id, taken.client_id));
            }
            vec![]
        }
        EmployeeEvent::Hired { .. }
        | EmployeeEvent::Corrected { .. }
        | EmployeeEvent::Transferred { .. }
        | EmployeeEvent::HoursSet { .. }
        | EmployeeEvent::AbsencePlanned { .. }
        | EmployeeEvent::AbsenceChanged { .. }
        | EmployeeEvent::AbsenceCancelled { .. }
        | EmployeeEvent::ReturnedEarly { .. }
        | EmployeeEvent::Dismissed { .. } => vec![],
    }
}

fn clients(id: ClientId, event: &ClientEvent, rows: &mut HandOverRows) -> Vec<Ask> {
    match event {
        ClientEvent::ManagerAssigned {
            assignment_id,
            employee_id,
            kind,
            responsibility,
            since,
            until,
            ..
        } => {
            let held = Held {
                assignment_id: *assignment_id,
                client_id: id,
                employee_id: *employee_id,
                kind: *kind,
                responsibility: responsibility.clone(),
                since: *since,
                until: *until,
            };
            rows.held.insert(held.clone());
            pass_client(&held, rows)
        }
        ClientEvent::ManagerReleased { assignment_id, on, reason: _ } => {
            rows.held.edit(&(*assignment_id,), |row| row.until = Some(*on));
            vec![]
        }
        ClientEvent::MergedInto { into, reason: _ } => {
            rows.merged.set(Merged { client_id: id, survivor_id: *into });
            vec![]
        }
        ClientEvent::Unmerged { reason: _ } => {
            rows.merged.remove(&(id,));
            let held = rows.held.of(&HeldOf(id));
            held.iter().flat_map(|held| pass_client(held, rows)).collect()
        }
        ClientEvent::StatusChanged { .. }
        | client_events!(profile, reach, requisites, tags, relations, consents, duplicates, archive) => {
            vec![]
        }
    }
}

fn steps(recorded: &Recorded<DomainEvent>, event: &StepEvent, rows: &mut HandOverRows) -> Vec<Ask> {
    let id = StepId::from(recorded.stream);
    match event {
        StepEvent::Planned { client_id, due, assignee, .. } => {
            let (client_id, assignee, due) = (*client_id, *assignee, due.day());
            rows.promise.insert(Promise { step_id: id, client_id, assignee, due });
        }
        StepEvent::Moved { due, reason: _ } => rows.promise.edit(&(id,), |row| row.due = due.day()),
        StepEvent::HandedOver { assignee, reason: _ } => {
            rows.promise.edit(&(id,), |row| row.assignee = *assignee);
        }
        StepEvent::Done { .. } | StepEvent::Dropped { .. } => rows.promise.remove(&(id,)),
    }
    let promise = rows.promise.get(&(id,)).cloned();
    promise.and_then(|promise| pass_step(&promise, recorded, rows)).into_iter().collect()
}

/// Who takes over this client and all that is shown as one with it, and why.
fn successor(
    leaver: EmployeeId,
    client_id: ClientId,
    rows: &mut HandOverRows,
) -> Option<(EmployeeId, Leaver)> {
    let mut row = rows.leaver.get(&(leaver,)).cloned()?;
    let client_id = shown(client_id, rows);
    if let Some(taken) = rows.taken.get(&(leaver, client_id)) {
        return Some((taken.successor, row));
    }
    let turn = usize::try_from(row.turns).unwrap_or_default() % row.successors.len().max(1);
    let successor = row.successors.get(turn).copied()?;
    row.turns += 1;
    rows.leaver.set(row.clone());
    rows.taken.set(Taken { employee_id: leaver, client_id, successor });
    Some((successor, row))
}

/// The client under whom this one is shown.
fn shown(mut client_id: ClientId, rows: &mut HandOverRows) -> ClientId {
    for _ in 0..CHAIN {
        match rows.merged.get(&(client_id,)) {
            Some(merged) => client_id = merged.survivor_id,
            None => break,
        }
    }
    client_id
}

fn reason(leaver: &Leaver) -> &str {
    leaver.reason.as_ref().map_or(REASON, Text::as_str)
}

/// Asks that an assignment of somebody who leaves go on with who takes over.
fn pass_client(held: &Held, rows: &mut HandOverRows) -> Vec<Ask> {
    let away = rows.leaver.get(&(held.employee_id,)).map(|leaver| leaver.away.start());
    let Some(since) = away.map(|away| away.max(held.since)) else { return vec![] };
    if rows.merged.get(&(held.client_id,)).is_some() || held.until.is_some_and(|until| until <= since) {
        return vec![];
    }
    let Some((successor, leaver)) = successor(held.employee_id, held.client_id, rows) else { return vec![] };
    let reason = reason(&leaver);
    let ask =
        |command, body| Ask { module: ClientEvent::CATEGORY, id: Some(held.client_id.0), command, body };
    let release = json!({"assignment_id": held.assignment_id, "on": since, "reason": reason});
    let assign = json!({
        "employee_id": successor, "kind": held.kind, "responsibility": held.responsibility, "since": since,
        "until": held.until, "reason": reason, "handover_note": leaver.note,
    });
    let assign = ask("assign", assign);
    match held.kind {
        // A new main manager ends the one before.
        AssignmentKind::Main => vec![assign],
        AssignmentKind::Personal | AssignmentKind::Co | AssignmentKind::Deputy => {
            vec![ask("release", release), assign]
        }
    }
}

/// Asks that a step of somebody who leaves be done by who takes over, unless they can still do it themselves.
fn pass_step(promise: &Promise, recorded: &Recorded<DomainEvent>, rows: &mut HandOverRows) -> Option<Ask> {
    let away = rows.leaver.get(&(promise.assignee,))?.away;
    if promise.due < away && recorded.recorded_at.date_naive() < away.date() {
        return None;
    }
    let (successor, leaver) = successor(promise.assignee, promise.client_id, rows)?;
    let body = json!({"assignee": successor, "reason": reason(&leaver)});
    Some(Ask { module: StepEvent::CATEGORY, id: Some(promise.step_id.0), command: "hand_over", body })
}

#[cfg(test)]
mod tests;
