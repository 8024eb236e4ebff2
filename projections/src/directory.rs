//! Who is who: employees by name, clients by every key they are looked up by.

use crate::client_cards::open;
use crate::engine::{Json, Projection};
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::{ClientEmail, ClientEvent, ClientPhone};
use letopis_events::employees::{EmployeeEvent, Posts};
use letopis_events::{
    BadEvent, ClientId, Code, Day, DomainEvent, Email, EmployeeId, PersonName, Personal, PhoneNumber,
    Recorded, Requisites, Text, WorkingHours,
};
use serde::{Deserialize, Serialize};

/// Working hours and the day from which on they hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoursFrom {
    valid_from: Day,
    #[serde(flatten)]
    hours: WorkingHours,
}

/// Takes hours in among others, in order.
pub(crate) fn set_hours(there: &mut Vec<HoursFrom>, hours: &WorkingHours, valid_from: Day) {
    there.retain(|other| other.valid_from != valid_from);
    there.push(HoursFrom { valid_from, hours: hours.clone() });
    there.sort_by_key(|other| other.valid_from);
}

table! {
    /// An employee.
    pub struct Employee: "employee" key (employee_id: EmployeeId) {
        /// The version of the employee's stream.
        version: i64 => "Версия" / "Version",
        /// Last, first, patronymic; none when erased.
        name: Option<String> => "Имя" / "Name",
        /// Position held as of the last transfer told; lists answer that of their day.
        title: Option<Text<200>> => "Должность" / "Position",
        /// Department as of the last transfer told; lists answer that of their day.
        department: Option<Code> => "Отдел" / "Department",
        /// Position and department over time: `{since, department, position}`.
        posts: Json<Posts>,
        /// Working hours over time, in order: `{valid_from, weekly, time_zone}`.
        hours: Json<Vec<HoursFrom>>,
        /// Phone, E.164 or as told.
        phone: Option<String> => "Телефон" / "Phone",
        /// E-mail.
        email: Option<Email> => "Почта" / "E-mail",
        /// Number within the company.
        extension: Option<Text<16>> => "Внутренний номер" / "Extension",
        /// The company's number that rings at their desk, E.164 or as told.
        direct_number: Option<String> => "Прямой номер" / "Direct number",
        /// First day here; none: has always been here.
        hired_on: Option<Day> => "Принят" / "Hired",
        /// First day away.
        dismissed_on: Option<Day> => "Уволен" / "Dismissed",
        /// Key in another system, `source:id`.
        external_id: Option<String> => "Внешний ключ" / "External key",
    }
}

table! {
    /// A key by which a client is looked up: a phone (E.164), an e-mail address in lower case, an INN, `source:id`.
    pub struct ClientKey: "client_key" key (client_id: ClientId, kind: String, part: String)
        by KeysOf(client_id: ClientId) by KeysLike(value: String) {
        /// The key itself.
        value: String,
        /// Whether others use it too, so that it identifies nobody.
        shared: bool,
    }
}

row_set! {
    /// The tables of the directory.
    pub struct DirectoryRows { employee: Set<Employee>, client_key: Set<ClientKey> }
}

/// The read model of who is who.
#[derive(Debug)]
pub struct Directory;

impl Projection for Directory {
    const NAME: &'static str = "directory";
    type Rows = DirectoryRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut DirectoryRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Employees(employee) => employees(event, employee, rows),
            DomainEvent::Clients(client) => clients(ClientId::from(event.stream), client, rows),
            DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn number(number: PhoneNumber) -> String {
    number.e164.unwrap_or_else(|| number.raw.to_string())
}

/// Position and department, as of the last transfer told.
fn last(posts: &Posts) -> (Option<Text<200>>, Option<Code>) {
    posts.last().map(|post| (post.position.clone(), post.department.clone())).unwrap_or_default()
}

fn employees(recorded: &Recorded<DomainEvent>, event: &EmployeeEvent, rows: &mut DirectoryRows) {
    let id = EmployeeId::from(recorded.stream);
    if let EmployeeEvent::Hired { name, phone, email, extension, direct_number, hired_on, external, .. } =
        event
    {
        let mut posts = Posts::default();
        posts.take(event);
        let (title, department) = last(&posts);
        rows.employee.insert(Employee {
            employee_id: id,
            version: recorded.version.0,
            name: name.get().map(PersonName::full),
            title,
            department,
            posts: Json(posts),
            hours: Json(vec![]),
            phone: open(phone.as_ref()).map(number),
            email: open(email.as_ref()),
            extension: extension.clone(),
            direct_number: direct_number.clone().map(number),
            hired_on: *hired_on,
            dismissed_on: None,
            external_id: external.as_ref().map(|e| format!("{}:{}", e.source, e.id)),
        });
        return;
    }
    rows.employee.edit(&(id,), |row| {
        row.version = recorded.version.0;
        row.posts.0.take(event);
        (row.title, row.department) = last(&row.posts.0);
        change(row, event);
    });
}

/// Does to an employee what an event after the first does; posts take it in themselves, absences are the read model `absences`'.
fn change(row: &mut Employee, event: &EmployeeEvent) {
    match event {
        EmployeeEvent::Corrected { name, phone, email, extension, direct_number, hired_on, .. } => {
            if let Some(name) = name {
                row.name = name.get().map(PersonName::full);
            }
            hired_on.apply(&mut row.hired_on);
            extension.apply(&mut row.extension);
            direct_number.clone().map(number).apply(&mut row.direct_number);
            if !phone.is_keep() {
                row.phone = open(phone.value()).map(number);
            }
            if !email.is_keep() {
                row.email = open(email.value());
            }
        }
        EmployeeEvent::HoursSet { hours, valid_from } => set_hours(&mut row.hours.0, hours, *valid_from),
        EmployeeEvent::Dismissed { on, .. } => row.dismissed_on = Some(*on),
        EmployeeEvent::Reinstated { reason: _ } => row.dismissed_on = None,
        EmployeeEvent::Hired { .. }
        | EmployeeEvent::Transferred { .. }
        | EmployeeEvent::AbsencePlanned { .. }
        | EmployeeEvent::AbsenceChanged { .. }
        | EmployeeEvent::AbsenceCancelled { .. }
        | EmployeeEvent::ReturnedEarly { .. } => {}
    }
}

fn key(client: ClientId, kind: &str, part: String, value: Option<String>, shared: bool) -> Option<ClientKey> {
    Some(ClientKey { client_id: client, kind: kind.to_owned(), part, value: value?, shared })
}

fn phone_key(client: ClientId, phone: &ClientPhone) -> Option<ClientKey> {
    let e164 = phone.number.get().and_then(|number| number.e164.clone());
    key(client, "phone", phone.id.to_string(), e164, phone.shared)
}

fn email_key(client: ClientId, email: &ClientEmail) -> Option<ClientKey> {
    let address = email.address.get().map(|address| address.as_str().to_lowercase());
    key(client, "email", email.id.to_string(), address, false)
}

fn inn_key(client: ClientId, requisites: &Requisites) -> Option<ClientKey> {
    let inn = requisites.inn.as_ref().and_then(Personal::get).map(ToString::to_string);
    key(client, "inn", requisites.id.to_string(), inn, false)
}

fn clients(id: ClientId, event: &ClientEvent, rows: &mut DirectoryRows) {
    match event {
        ClientEvent::Registered { phones, emails, requisites, external, .. } => {
            let external = external.as_ref().map(|e| format!("{}:{}", e.source, e.id));
            let keys = phones.iter().filter_map(|phone| phone_key(id, phone));
            let keys = keys.chain(emails.iter().filter_map(|email| email_key(id, email)));
            let keys = keys.chain(requisites.as_ref().and_then(|set| inn_key(id, set)));
            for key in keys.chain(key(id, "external_id", String::new(), external, false)) {
                rows.client_key.insert(key);
            }
        }
        ClientEvent::PhoneAdded { phone, accept_duplicates: _ } => {
            if let Some(key) = phone_key(id, phone) {
                rows.client_key.insert(key);
            }
        }
        ClientEvent::EmailAdded { email, accept_duplicates: _ } => {
            if let Some(key) = email_key(id, email) {
                rows.client_key.insert(key);
            }
        }
        ClientEvent::PhoneRemoved { phone_id, reason: _ } => {
            rows.client_key.remove(&(id, "phone".into(), phone_id.to_string()));
        }
        ClientEvent::EmailRemoved { email_id, reason: _ } => {
            rows.client_key.remove(&(id, "email".into(), email_id.to_string()));
        }
        ClientEvent::RequisitesSet { requisites, accept_duplicates: _ } => match inn_key(id, requisites) {
            Some(key) => rows.client_key.set(key),
            None => rows.client_key.remove(&(id, "inn".into(), requisites.id.to_string())),
        },
        ClientEvent::RequisitesRemoved { requisites_id, reason: _ } => {
            rows.client_key.remove(&(id, "inn".into(), requisites_id.to_string()));
        }
        // Names are looked up in the cards.
        ClientEvent::Corrected { .. }
        | ClientEvent::AddressAdded { .. }
        | ClientEvent::AddressRemoved { .. }
        | ClientEvent::StatusChanged { .. }
        | client_events!(tags, managers, relations, consents, duplicates, merging, archive) => {}
    }
}

#[cfg(test)]
mod tests;
