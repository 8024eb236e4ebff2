//! When the company works: Moscow's days and hours.

use super::dice::Dice;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};

/// Moscow's distance from UTC, hours.
const MOSCOW: i64 = 3;
/// Days off besides Saturday and Sunday: month and day.
const HOLIDAYS: [(u32, u32); 14] = [
    (1, 1),
    (1, 2),
    (1, 3),
    (1, 4),
    (1, 5),
    (1, 6),
    (1, 7),
    (1, 8),
    (2, 23),
    (3, 8),
    (5, 1),
    (5, 9),
    (6, 12),
    (11, 4),
];

/// Whether the company works on that day.
pub fn works(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !HOLIDAYS.contains(&(day.month(), day.day()))
}

/// That day or the next one that the company works.
pub fn working(mut day: NaiveDate) -> NaiveDate {
    while !works(day) {
        day = day + Days::new(1);
    }
    day
}

/// So many days later; what falls on a Saturday is done on Friday, on another day off on the next working day.
pub fn after(day: NaiveDate, days: i64) -> NaiveDate {
    let then = day + TimeDelta::days(days);
    let friday = then - TimeDelta::days(1);
    if then.weekday() == Weekday::Sat && friday > day && works(friday) { friday } else { working(then) }
}

/// Some moment of a working day between nine and six, outside lunch; talks thin out towards the evening.
pub fn moment(dice: &mut Dice, day: NaiveDate) -> DateTime<Utc> {
    let minute = match dice.below(10) {
        0..5 => dice.between(9 * 60 + 5, 12 * 60 + 55),
        5..9 => dice.between(14 * 60, 16 * 60 + 55),
        _ => dice.between(17 * 60, 17 * 60 + 50),
    };
    at(day, minute * 60 + dice.between(0, 59))
}

/// So many seconds after midnight in Moscow.
pub fn at(day: NaiveDate, seconds: i64) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN) - TimeDelta::hours(MOSCOW);
    Utc.from_utc_datetime(&(midnight + TimeDelta::seconds(seconds)))
}

/// The day it is in Moscow.
pub fn day(moment: DateTime<Utc>) -> NaiveDate {
    (moment + TimeDelta::hours(MOSCOW)).date_naive()
}
