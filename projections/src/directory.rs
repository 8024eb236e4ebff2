//! Who is who: employees by name, clients by every key they are looked up by.

use crate::client_cards::open;
use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::clients::{ClientEmail, ClientEvent, ClientPhone};
use letopis_events::employees::EmployeeEvent;
use letopis_events::{
    BadEvent, ClientId, Code, Day, DomainEvent, Email, EmployeeId, PersonName, Personal, Recorded,
    Requisites, Text,
};

table! {
    /// An employee.
    pub struct Employee: "employee" key (employee_id: EmployeeId) {
        /// The version of the employee's stream.
        version: i64,
        /// Last, first, patronymic; none when erased.
        name: Option<String>,
        /// Position held.
        title: Option<Text<200>>,
        /// Department.
        department: Option<Code>,
        /// Phone, E.164 or as told.
        phone: Option<String>,
        /// E-mail.
        email: Option<Email>,
        /// First day here; none: has always been here.
        hired_on: Option<Day>,
        /// First day away.
        dismissed_on: Option<Day>,
        /// Key in another system, `source:id`.
        external_id: Option<String>,
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

fn employees(recorded: &Recorded<DomainEvent>, event: &EmployeeEvent, rows: &mut DirectoryRows) {
    let id = EmployeeId::from(recorded.stream);
    match event {
        EmployeeEvent::Hired { name, position, department, phone, email, hired_on, external } => {
            rows.employee.insert(Employee {
                employee_id: id,
                version: recorded.version.0,
                name: name.get().map(PersonName::full),
                title: position.clone(),
                department: department.clone(),
                phone: open(phone.as_ref()).map(|p| p.e164.unwrap_or_else(|| p.raw.to_string())),
                email: open(email.as_ref()),
                hired_on: *hired_on,
                dismissed_on: None,
                external_id: external.as_ref().map(|e| format!("{}:{}", e.source, e.id)),
            });
        }
        EmployeeEvent::Corrected { name, position, department, phone, email, hired_on, reason: _ } => {
            rows.employee.edit(&(id,), |row| {
                row.version = recorded.version.0;
                if let Some(name) = name {
                    row.name = name.get().map(PersonName::full);
                }
                position.apply(&mut row.title);
                department.apply(&mut row.department);
                hired_on.apply(&mut row.hired_on);
                if !phone.is_keep() {
                    row.phone = open(phone.value()).map(|p| p.e164.unwrap_or_else(|| p.raw.to_string()));
                }
                if !email.is_keep() {
                    row.email = open(email.value());
                }
            });
        }
        EmployeeEvent::Dismissed { on, reason: _ } => rows.employee.edit(&(id,), |row| {
            row.version = recorded.version.0;
            row.dismissed_on = Some(*on);
        }),
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
        | ClientEvent::Related { .. }
        | ClientEvent::Unrelated { .. }
        | ClientEvent::ConsentGiven { .. }
        | ClientEvent::ConsentWithdrawn { .. }
        | ClientEvent::ChannelForbidden { .. }
        | ClientEvent::ChannelAllowed { .. }
        | ClientEvent::DuplicateSuspected { .. }
        | ClientEvent::DuplicateDenied { .. }
        | ClientEvent::MergedInto { .. }
        | ClientEvent::Unmerged { .. }
        | ClientEvent::StatusChanged { .. }
        | ClientEvent::Tagged { .. }
        | ClientEvent::Untagged { .. }
        | ClientEvent::ManagerAssigned { .. }
        | ClientEvent::ManagerReleased { .. }
        | ClientEvent::Archived { .. }
        | ClientEvent::Restored { .. } => {}
    }
}
