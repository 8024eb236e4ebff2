//! When somebody works: intervals of the week by the clocks of a zone; and what moment lies so many working minutes ahead.
//!
//! Minutes are counted as they pass: a shift in which the clocks change is longer or shorter by that much. A local time that comes
//! twice means the first of the two, one that is left out means the moment of the change; so neighbouring intervals always meet.

use crate::{BadValue, Day, DayTime, Moment, TimeZone};
use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The most shifts of a week.
const SHIFTS: usize = 28;
/// The most pauses of a shift.
const PAUSES: usize = 10;
/// The fewest minutes of a week: with less, a few hours of work would lie years ahead.
const FEWEST: u16 = 60;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum WeekDay {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

const WEEK: [WeekDay; 7] =
    [WeekDay::Mon, WeekDay::Tue, WeekDay::Wed, WeekDay::Thu, WeekDay::Fri, WeekDay::Sat, WeekDay::Sun];

/// A pause within a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Pause {
    /// From when.
    pub from: DayTime,
    /// Until when.
    pub to: DayTime,
}

/// One stretch of work on a day of the week; over midnight it is two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Shift {
    /// On which day.
    pub day: WeekDay,
    /// From when.
    pub from: DayTime,
    /// Until when.
    pub to: DayTime,
    /// Pauses within it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Pause>,
}

impl Shift {
    /// The shift without its pauses, in minutes since midnight.
    fn stretches(&self) -> impl Iterator<Item = (u16, u16)> {
        let starts = std::iter::once(self.from).chain(self.breaks.iter().map(|pause| pause.to));
        let ends = self.breaks.iter().map(|pause| pause.from).chain(std::iter::once(self.to));
        starts.zip(ends).map(|(from, to)| (from.minutes(), to.minutes()))
    }

    /// Whether its pauses stand within it and in order.
    fn sound(&self) -> bool {
        let mut edges = vec![self.from];
        edges.extend(self.breaks.iter().flat_map(|pause| [pause.from, pause.to]));
        edges.push(self.to);
        let pauses = self.breaks.iter().all(|pause| pause.from < pause.to);
        self.breaks.len() <= PAUSES && pauses && self.from < self.to && edges.is_sorted()
    }
}

/// The shifts of a week, in order; at least an hour in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Shift>")]
pub struct Weekly(Vec<Shift>);

impl Weekly {
    /// The shifts.
    pub fn shifts(&self) -> &[Shift] {
        &self.0
    }
}

impl TryFrom<Vec<Shift>> for Weekly {
    type Error = BadValue;
    fn try_from(mut shifts: Vec<Shift>) -> Result<Self, BadValue> {
        if shifts.len() > SHIFTS || !shifts.iter().all(Shift::sound) {
            return Err(BadValue(
                "must be at most 28 shifts, each ending after it begins, with pauses in order and within it",
            ));
        }
        shifts.sort_by_key(|shift| (shift.day, shift.from));
        let meet = |pair: &[Shift]| pair[0].day == pair[1].day && pair[0].to > pair[1].from;
        if shifts.windows(2).any(meet) {
            return Err(BadValue("must be shifts that do not overlap"));
        }
        let minutes = shifts.iter().flat_map(Shift::stretches).map(|(from, to)| to - from).sum::<u16>();
        if minutes < FEWEST {
            return Err(BadValue("must be at least an hour a week"));
        }
        Ok(Self(shifts))
    }
}

impl JsonSchema for Weekly {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Weekly".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Vec::<Shift>::json_schema(generator);
        schema.insert("maxItems".into(), SHIFTS.into());
        schema
    }
}

/// When somebody works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkingHours {
    /// The shifts of a week.
    pub weekly: Weekly,
    /// By the clocks of this zone.
    pub time_zone: TimeZone,
}

/// Monday to Friday from nine to six with an hour's pause at one, by the company's clocks.
impl Default for WorkingHours {
    fn default() -> Self {
        let [from, to] = [9 * 60, 18 * 60].map(DayTime::at);
        let pause = Pause { from: DayTime::at(13 * 60), to: DayTime::at(14 * 60) };
        let shift = |day: &WeekDay| Shift { day: *day, from, to, breaks: vec![pause] };
        Self { weekly: Weekly(WEEK[..5].iter().map(shift).collect()), time_zone: TimeZone::default() }
    }
}

impl WorkingHours {
    /// The moment by which so many working minutes have passed since this one; `None` where it lies past all moments.
    pub fn after(&self, moment: Moment, minutes: u32) -> Option<Moment> {
        let mut left = TimeDelta::minutes(minutes.into());
        for (from, to) in self.stretches(moment) {
            if left <= to - from {
                return Moment::try_from(from + left).ok();
            }
            left -= to - from;
        }
        None
    }

    /// The moment at which that day begins by its clocks; `None` where it lies before all moments.
    pub fn midnight(&self, day: Day) -> Option<Moment> {
        Moment::try_from(first(self.time_zone.zone(), day.date(), 0)).ok()
    }

    /// The full working minutes between two moments; 0 where the second lies before the first.
    pub fn working_minutes(&self, from: Moment, to: Moment) -> i64 {
        let before = self.stretches(from).take_while(|(start, _)| *start < to.utc());
        before.map(|(start, end)| end.min(to.utc()) - start).sum::<TimeDelta>().num_minutes()
    }

    /// The stretches of work from this moment on, up to the end of all moments: none is empty, none overlaps the one before.
    fn stretches(&self, moment: Moment) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let (zone, start) = (self.time_zone.zone(), moment.utc());
        let yesterday = start.with_timezone(&zone).date_naive() - Days::new(1);
        let days = yesterday.iter_days().take_while(|date| Day::try_from(*date).is_ok());
        days.flat_map(move |date| {
            let day = WEEK[date.weekday().num_days_from_monday() as usize];
            let shifts = self.weekly.0.iter().filter(move |shift| shift.day == day);
            shifts.flat_map(Shift::stretches).filter_map(move |(from, to)| {
                let [from, to] = [from, to].map(|minute| first(zone, date, minute));
                let from = from.max(start);
                (from < to).then_some((from, to))
            })
        })
    }
}

/// The first moment at which the clocks of the zone show this minute of the day, or have gone past it.
fn first(zone: Tz, date: NaiveDate, minute: u16) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into());
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
        MappedLocalTime::None => {
            // The clocks leave this time out: between these two, for no zone is further from UTC, they change. Zones
            // change at full seconds.
            let mut before = local.and_utc() - TimeDelta::hours(16);
            let mut after = local.and_utc() + TimeDelta::hours(16);
            while after - before > TimeDelta::seconds(1) {
                let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
                if middle.with_timezone(&zone).naive_local() < local {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            after
        }
    }
}

#[cfg(test)]
mod tests;
