//! Interactions to be counted by whatever traits they and their clients have.

use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::clients::{ClientEvent, ClientStatus};
use letopis_events::interactions::{
    Direction, InteractionEvent, InteractionKind, Precision, TelephonyStatus,
};
use letopis_events::{BadEvent, ClientId, Code, DomainEvent, EmployeeId, InteractionId, Moment, Recorded};

table! {
    /// An interaction to be counted; a withdrawn one is gone.
    pub struct Call: "interaction" key (interaction_id: InteractionId) {
        /// What passed.
        kind: InteractionKind,
        /// Whose move it was.
        direction: Option<Direction>,
        /// The clients it is about.
        clients: Vec<ClientId>,
        /// Who of us did it.
        employee_id: Option<EmployeeId>,
        /// When.
        occurred_at: Moment,
        /// How exactly that is known.
        precision: Precision,
        /// How long.
        duration_seconds: Option<u32>,
        /// What the telephone network said.
        telephony_status: Option<TelephonyStatus>,
        /// What came of it.
        result: Option<Code>,
    }
}

table! {
    /// A client's traits that reports group by.
    pub struct Trait: "client" key (client_id: ClientId) {
        /// How far the relationship has come.
        status: ClientStatus,
        /// Line of business.
        industry: Option<Code>,
        /// Region.
        region: Option<Code>,
    }
}

row_set! {
    /// The tables of reports.
    pub struct ReportRows { interaction: Set<Call>, client: Set<Trait> }
}

/// The read model of reports.
#[derive(Debug)]
pub struct Reports;

impl Projection for Reports {
    const NAME: &'static str = "reports";
    type Rows = ReportRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut ReportRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => clients(ClientId::from(event.stream), client, rows),
            DomainEvent::Interactions(interaction) => {
                interactions(InteractionId::from(event.stream), interaction, rows);
            }
            DomainEvent::Employees(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn clients(client_id: ClientId, event: &ClientEvent, rows: &mut ReportRows) {
    match event {
        ClientEvent::Registered { status, industry, region, .. } => {
            let (status, industry, region) = (*status, industry.clone(), region.clone());
            rows.client.insert(Trait { client_id, status, industry, region });
        }
        ClientEvent::Corrected { industry, region, .. } => rows.client.edit(&(client_id,), |row| {
            industry.apply(&mut row.industry);
            region.apply(&mut row.region);
        }),
        ClientEvent::StatusChanged { status, reason: _ } => {
            rows.client.edit(&(client_id,), |row| row.status = *status);
        }
        ClientEvent::PhoneAdded { .. }
        | ClientEvent::PhoneRemoved { .. }
        | ClientEvent::EmailAdded { .. }
        | ClientEvent::EmailRemoved { .. }
        | ClientEvent::AddressAdded { .. }
        | ClientEvent::AddressRemoved { .. }
        | ClientEvent::RequisitesSet { .. }
        | ClientEvent::RequisitesRemoved { .. }
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
        | ClientEvent::Tagged { .. }
        | ClientEvent::Untagged { .. }
        | ClientEvent::ManagerAssigned { .. }
        | ClientEvent::ManagerReleased { .. }
        | ClientEvent::Archived { .. }
        | ClientEvent::Restored { .. } => {}
    }
}

fn interactions(id: InteractionId, event: &InteractionEvent, rows: &mut ReportRows) {
    match event {
        InteractionEvent::Recorded {
            kind,
            direction,
            client_id,
            employee_id,
            occurred_at,
            precision,
            duration_seconds,
            telephony_status,
            result,
            ..
        } => rows.interaction.insert(Call {
            interaction_id: id,
            kind: *kind,
            direction: *direction,
            clients: client_id.iter().copied().collect(),
            employee_id: *employee_id,
            occurred_at: *occurred_at,
            precision: *precision,
            duration_seconds: *duration_seconds,
            telephony_status: *telephony_status,
            result: result.clone(),
        }),
        InteractionEvent::Linked { client_id, how: _ } => rows.interaction.edit(&(id,), |row| {
            row.clients.push(*client_id);
            row.clients.sort_unstable();
            row.clients.dedup();
        }),
        InteractionEvent::Unlinked { client_id, reason: _ } => {
            rows.interaction.edit(&(id,), |row| row.clients.retain(|client| client != client_id));
        }
        InteractionEvent::ResultSet { result, result_text: _ } => {
            rows.interaction.edit(&(id,), |row| row.result = Some(result.clone()));
        }
        InteractionEvent::Corrected {
            kind,
            direction,
            employee_id,
            occurred_at,
            precision,
            duration_seconds,
            telephony_status,
            result,
            ..
        } => rows.interaction.edit(&(id,), |row| {
            row.kind = kind.unwrap_or(row.kind);
            direction.apply(&mut row.direction);
            employee_id.apply(&mut row.employee_id);
            row.occurred_at = occurred_at.unwrap_or(row.occurred_at);
            row.precision = precision.unwrap_or(row.precision);
            duration_seconds.apply(&mut row.duration_seconds);
            telephony_status.apply(&mut row.telephony_status);
            result.apply(&mut row.result);
        }),
        InteractionEvent::Withdrawn { reason: _ } => rows.interaction.remove(&(id,)),
    }
}
