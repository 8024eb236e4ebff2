//! Known answers, and any hours in any zone against a slow clock.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn hours(zone: &str, shifts: serde_json::Value) -> WorkingHours {
    WorkingHours { weekly: serde_json::from_value(shifts).unwrap(), time_zone: zone.parse().unwrap() }
}

#[test]
fn an_office_week() {
    let office = WorkingHours::default();
    for (from, hours, to) in [
        // Monday at ten: before and after the pause.
        ("2026-03-02T10:00:00+03:00", 2, "2026-03-02T12:00:00+03:00"),
        ("2026-03-02T12:30:00+03:00", 1, "2026-03-02T14:30:00+03:00"),
        // The end of a shift is in time.
        ("2026-03-02T16:00:00+03:00", 2, "2026-03-02T18:00:00+03:00"),
        // Friday's evening and the weekend go on on Monday.
        ("2026-03-06T17:00:00+03:00", 4, "2026-03-09T12:00:00+03:00"),
        ("2026-03-07T12:00:00+03:00", 1, "2026-03-09T10:00:00+03:00"),
        ("2026-03-02T03:00:00+03:00", 40, "2026-03-06T18:00:00+03:00"),
    ] {
        assert_eq!(office.after(at(from), hours * 60), Some(at(to)), "{from} {hours}");
        assert_eq!(office.working_minutes(at(from), at(to)), i64::from(hours) * 60, "{from} {to}");
    }
    let (monday, sunday) = (at("2026-03-02T10:00:00+03:00"), at("2026-03-01T10:00:00+03:00"));
    assert_eq!(office.working_minutes(monday, sunday), 0);
    assert_eq!(office.after(at("2200-12-31T00:00:00Z"), 60_000), None);
}

#[test]
fn a_night_in_which_the_clocks_change() {
    let night = hours("Europe/Berlin", json!([{"day": "sun", "from": "00:00", "to": "08:00"}]));
    // 29 March 2026: two becomes three. 25 October 2026: three becomes two.
    for (midnight, end, length) in [
        ("2026-03-28T23:00:00Z", "2026-03-29T06:00:00Z", 7),
        ("2026-10-24T22:00:00Z", "2026-10-25T07:00:00Z", 9),
    ] {
        assert_eq!(night.working_minutes(at(midnight), at(end)), length * 60);
        assert_eq!(night.after(at(midnight), u32::try_from(length).unwrap() * 60), Some(at(end)));
    }
    // A pause in the hour that is left out is none.
    let paused =
        json!([{"day": "sun", "from": "00:00", "to": "08:00", "breaks": [{"from": "02:10", "to": "02:50"}]}]);
    let paused = hours("Europe/Berlin", paused);
    assert_eq!(paused.working_minutes(at("2026-03-28T23:00:00Z"), at("2026-03-29T06:00:00Z")), 7 * 60);
}

#[test]
fn what_is_no_week() {
    let shift = |from: &str, to: &str| json!({"day": "mon", "from": from, "to": to});
    for bad in [
        json!([]),
        json!([shift("09:00", "09:00")]),
        json!([shift("18:00", "09:00")]),
        json!([shift("09:00", "09:59")]),
        json!([shift("09:00", "24:01")]),
        json!([shift("9:00", "18:00")]),
        json!([shift("09:00", "13:00"), shift("12:00", "18:00")]),
        json!([{"day": "mon", "from": "09:00", "to": "18:00", "breaks": [{"from": "08:00", "to": "10:00"}]}]),
        json!([{"day": "mon", "from": "09:00", "to": "18:00", "breaks": [{"from": "13:00", "to": "13:00"}]}]),
        json!([{"day": "monday", "from": "09:00", "to": "18:00"}]),
    ] {
        assert!(serde_json::from_value::<Weekly>(bad.clone()).is_err(), "{bad}");
    }
    let week = json!([shift("14:00", "18:00"), shift("09:00", "13:00"), {"day": "sun", "from": "00:00", "to": "24:00"}]);
    let week: Weekly = serde_json::from_value(week).unwrap();
    let days: Vec<WeekDay> = week.shifts().iter().map(|shift| shift.day).collect();
    assert_eq!(days, [WeekDay::Mon, WeekDay::Mon, WeekDay::Sun]);
    assert_eq!(serde_json::to_value(&week).unwrap()[2]["to"], "24:00");
}

/// Minute by minute, by a clock that never goes back: while a local time comes again, it stands still.
struct SlowClock<'a> {
    hours: &'a WorkingHours,
    shown: chrono::NaiveDateTime,
}

impl SlowClock<'_> {
    /// Whether the minute that begins here is worked.
    fn works(&mut self, minute: DateTime<Utc>) -> bool {
        let local = minute.with_timezone(&self.hours.time_zone.zone()).naive_local();
        self.shown = self.shown.max(local);
        let day = WEEK[self.shown.weekday().num_days_from_monday() as usize];
        let time = self.shown.time().signed_duration_since(NaiveTime::MIN).num_minutes();
        let mut shifts = self.hours.weekly.0.iter().filter(|shift| shift.day == day);
        shifts
            .any(|shift| shift.stretches().any(|(from, to)| (i64::from(from)..i64::from(to)).contains(&time)))
    }
}

/// Some hours, in a zone a few days around a change of its clocks.
fn any_hours() -> impl Strategy<Value = (WorkingHours, Moment)> {
    let changes = [
        ("Europe/Moscow", "2010-10-30T23:00:00Z"),
        ("Europe/Moscow", "2011-03-26T23:00:00Z"),
        ("Europe/Moscow", "2014-10-25T22:00:00Z"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:00:00Z"),
        ("America/New_York", "2026-11-01T06:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
        ("Asia/Kolkata", "2026-02-15T02:00:00Z"),
    ];
    let shift = (0..7_usize, 0..1440_u16, 1..1440_u16, 0..600_u16, 0..120_u16).prop_map(
        |(day, from, length, pause, paused)| {
            let to = from.saturating_add(length).min(1440).max(from + 1);
            let begin = from.saturating_add(pause);
            let breaks = if paused > 0 && begin + paused <= to {
                vec![Pause { from: DayTime::at(begin), to: DayTime::at(begin + paused) }]
            } else {
                vec![]
            };
            Shift { day: WEEK[day], from: DayTime::at(from), to: DayTime::at(to), breaks }
        },
    );
    let weekly = prop::collection::vec(shift, 1..10).prop_filter_map("overlaps", |mut shifts| {
        shifts.sort_by_key(|shift| (shift.day, shift.from));
        shifts.dedup_by(|next, shift| shift.day == next.day && shift.to > next.from);
        Weekly::try_from(shifts).ok()
    });
    (weekly, prop::sample::select(changes.to_vec()), -5_000..2_000_i64).prop_map(
        |(weekly, (zone, change), minutes)| {
            let moment = at(change).utc() + TimeDelta::minutes(minutes);
            let hours = WorkingHours { weekly, time_zone: zone.parse().unwrap() };
            (hours, moment.try_into().unwrap())
        },
    )
}

proptest! {
    #[test]
    fn as_a_slow_clock_says((hours, from) in any_hours(), minutes in 1..4_000_u32, length in 0..20_000_i64) {
        let start = from.utc();
        let mut clock = SlowClock { hours: &hours, shown: chrono::NaiveDateTime::MIN };
        // The clock has run for a day before.
        for minute in -1_440..0 {
            clock.works(start + TimeDelta::minutes(minute));
        }
        let (mut worked, mut end, mut within) = (0, None, 0);
        for minute in 0.. {
            if minute >= length && end.is_some() {
                break;
            }
            if clock.works(start + TimeDelta::minutes(minute)) {
                worked += 1;
                within += i64::from(minute < length);
                if worked == minutes {
                    end = Some(start + TimeDelta::minutes(minute + 1));
                }
            }
        }
        let after = hours.after(from, minutes);
        prop_assert_eq!(after.map(Moment::utc), end);
        prop_assert_eq!(hours.working_minutes(from, after.unwrap()), i64::from(minutes));
        let to = Moment::try_from(start + TimeDelta::minutes(length)).unwrap();
        prop_assert_eq!(hours.working_minutes(from, to), within);
    }
}
