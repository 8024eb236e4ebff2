//! What a person's joining, leaving and moving comes to, given where they stand.

use super::{ContactError, Joining};
use letopis_events::contacts::{ContactEvent, Join, Stay, Stays};
use letopis_events::{ClientId, Day, Text};

/// The stay that begins or is corrected; `None`: it is so already.
pub(super) fn join(stays: &Stays, given: Joining, today: Day) -> Result<Option<Join>, ContactError> {
    let Joining { client_id, position, role, since } = given;
    let anew = |since| Join { client_id, position: None, role: None, since };
    let last = stays.at(client_id).rfind(|stay| !stay.is_void());
    let (mut join, earliest) = match last {
        None => (anew(since), None),
        Some(Stay { join, until: None }) => {
            (Join { since: since.or(join.since), ..join.clone() }, join.since)
        }
        Some(Stay { join: _, until: Some(until) }) => {
            (anew(Some(since.unwrap_or(today.max(*until)))), Some(*until))
        }
    };
    position.apply(&mut join.position);
    role.apply(&mut join.role);
    if let Some(earliest) = earliest
        && join.since.is_some_and(|since| since < earliest)
    {
        return Err(ContactError::StaysOverlap(earliest));
    }
    let so = last.is_some_and(|Stay { join: there, until }| {
        until.is_none() && there.position == join.position && there.role == join.role
    });
    Ok((!so).then_some(join))
}

/// The day a stay ends; `None`: it is so already.
pub(super) fn leave(
    stays: &Stays,
    client: ClientId,
    on: Option<Day>,
    today: Day,
) -> Result<Option<Day>, ContactError> {
    let last = stays.at(client).next_back().ok_or(ContactError::NotThere("/client_id".into()))?;
    if on.is_none() && last.until.is_some() {
        return Ok(None);
    }
    let on = on.unwrap_or(today);
    if last.join.since.is_some_and(|since| on < since) {
        return Err(ContactError::EndsBeforeStart);
    }
    Ok((last.until != Some(on)).then_some(on))
}

/// Leaves one client and joins another on the same day.
pub(super) fn change_over(
    stays: &Stays,
    from: ClientId,
    to: Joining,
    day: Day,
    reason: Option<Text<1000>>,
) -> Result<Vec<ContactEvent>, ContactError> {
    if from == to.client_id {
        return Err(ContactError::SameClient);
    }
    // Who left on that very day has moved already; who left on another is not there to be moved.
    let last = stays.at(from).next_back();
    last.filter(|stay| stay.until.is_none_or(|until| until == day))
        .ok_or(ContactError::NotThere("/from_client_id".into()))?;
    let left = leave(stays, from, Some(day), day)?;
    let left = left.map(|until| ContactEvent::Left { client_id: from, until, reason });
    let joined = join(stays, Joining { since: Some(day), ..to }, day)?.map(joined);
    Ok(left.into_iter().chain(joined).collect())
}

/// The event of a stay.
pub(super) fn joined(join: Join) -> ContactEvent {
    let Join { client_id, position, role, since } = join;
    ContactEvent::Joined { client_id, position, role, since }
}
