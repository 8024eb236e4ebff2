//! A value that went into a column comes out of it as it was. That PostgreSQL gives the texts back as they are read here, the
//! black-box tests see to.

use super::{Column, Json};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use letopis_events::clients::{AssignmentKind, ClientKind, ClientStatus};
use letopis_events::interactions::{Direction, InteractionKind, LinkHow, Origin, Precision, TelephonyStatus};
use letopis_events::{
    Actor, AddressId, AssignmentId, Attribute, Attributes, ClientId, Code, Country, Day, Email, EmailId,
    EmployeeId, EventId, Inn, InteractionId, Kpp, Language, Moment, Ogrn, PhoneId, Position, StreamId, Text,
    TimeZone, Version, Website,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use uuid::Uuid;

fn comes_back<T: Column + Debug>(value: &T) {
    assert_eq!(&T::read(value.write().as_deref()).unwrap(), value);
    let some = Some(value.clone());
    assert_eq!(Option::<T>::read(some.write().as_deref()).unwrap(), some);
    assert_eq!(Option::<T>::read(None).unwrap(), None);
    assert!(T::read(None).is_err(), "null is no {}", T::SQL);
}

/// A value that is told as a text.
fn told<T: Column + Debug + DeserializeOwned>(text: &str) {
    comes_back::<T>(&serde_json::from_value(json!(text)).unwrap());
}

fn named<T: Column + Debug + DeserializeOwned>(names: &[&str]) {
    for name in names {
        told::<T>(name);
    }
}

fn characters() -> impl Strategy<Value = char> {
    prop_oneof![any::<char>(), select(vec!['\t', '\n', '\r', '\\', '\'', '"', '{', '}', ',', 'N', '🦀'])]
        .prop_filter("no text holds it", |c| *c != '\0')
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(characters(), 1..200)
        .prop_map(|characters| characters.into_iter().collect())
        .prop_filter("no text is blank", |text: &String| !text.trim().is_empty())
}

fn code() -> impl Strategy<Value = Code> {
    let text = prop_oneof!["[a-z0-9_-]{1,64}", select(vec!["null", "t", "-", "_"]).prop_map(str::to_owned)];
    text.prop_map(|text| text.parse().unwrap())
}

/// Microseconds of the years 1900 to 2200.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    let [first, last] = ["1900-01-01T00:00:00Z", "2200-12-31T23:59:59.999999Z"]
        .map(|text| text.parse::<DateTime<Utc>>().unwrap().timestamp_micros());
    prop_oneof![first..=last, select(vec![first, last, 0, -1])]
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap())
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let number = prop_oneof![
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_filter_map("no number of JSON", serde_json::Number::from_f64),
    ];
    prop_oneof![
        text().prop_map(|text| Attribute::Text(text.parse().unwrap())),
        number.prop_map(|number: serde_json::Number| serde_json::from_value(number.into()).unwrap()),
        any::<bool>().prop_map(Attribute::Flag),
    ]
}

proptest! {
    #[test]
    fn texts(text in text()) {
        comes_back(&text);
        comes_back::<Text<200>>(&text.parse().unwrap());
        comes_back::<Json<Value>>(&Json(json!({"": text})));
    }

    #[test]
    fn codes_and_lists_of_them(codes in prop::collection::vec(code(), 0..10)) {
        codes.iter().for_each(comes_back);
        comes_back(&codes);
    }

    #[test]
    fn ids_and_lists_of_them(ids in prop::collection::vec(any::<u128>().prop_map(Uuid::from_u128), 0..10)) {
        for id in &ids {
            comes_back(id);
            comes_back(&ClientId(*id));
            comes_back(&EmployeeId(*id));
            comes_back(&InteractionId(*id));
            comes_back(&PhoneId(*id));
            comes_back(&EmailId(*id));
            comes_back(&AddressId(*id));
            comes_back(&AssignmentId(*id));
            comes_back(&StreamId(*id));
            comes_back(&EventId(*id));
            comes_back(&Actor::Employee(EmployeeId(*id)));
        }
        comes_back(&ids.iter().copied().map(ClientId).collect::<Vec<_>>());
        comes_back(&ids.iter().copied().map(EmployeeId).collect::<Vec<_>>());
    }

    #[test]
    fn numbers(number in any::<i64>(), small in any::<u32>(), flag in any::<bool>()) {
        comes_back(&number);
        comes_back(&small);
        comes_back(&flag);
        comes_back(&Position(number));
        comes_back(&Version(number));
    }

    #[test]
    fn times(moment in moment()) {
        comes_back(&moment);
        comes_back(&Moment::try_from(moment).unwrap());
        comes_back(&moment.date_naive());
        comes_back(&Day::try_from(moment.date_naive()).unwrap());
    }

    #[test]
    fn free_fields(attributes in prop::collection::btree_map(code(), attribute(), 0..10)) {
        comes_back::<Json<Attributes>>(&Json(attributes));
    }

    #[test]
    fn actors(name in code()) {
        let name = name.to_string();
        [Actor::Agent(name.clone()), Actor::Policy(name.clone()), Actor::Import(name)].iter().for_each(comes_back);
    }

    #[test]
    fn addresses(local in "[^@\\s\\p{Cc}]{1,16}", domain in "[a-zİΣ]{1,20}\\.[a-z]{2,9}") {
        told::<Email>(&format!("{local}@{domain}"));
        told::<Website>(&format!("https://{domain}/{local}"));
    }

    #[test]
    fn places(country in "[A-Z]{2}", language in "[a-z]{2,3}") {
        told::<Country>(&country);
        told::<Language>(&language);
    }
}

#[test]
fn names_and_numbers_of_the_state() {
    named::<TimeZone>(&["UTC", "Europe/Moscow", "America/Argentina/ComodRivadavia"]);
    named::<Inn>(&["7707083893", "500100732259"]);
    named::<Kpp>(&["770701001", "7707AZ001"]);
    named::<Ogrn>(&["1027700132195", "304500116000157"]);
    named::<ClientKind>(&["company", "sole_trader", "self_employed", "person", "public_body"]);
    named::<ClientStatus>(&["prospective", "active", "former"]);
    named::<AssignmentKind>(&["main", "personal", "co", "deputy"]);
    named::<InteractionKind>(&["call", "email", "meeting", "message", "visit", "note"]);
    named::<Direction>(&["in", "out"]);
    named::<Precision>(&["exact", "minute", "day"]);
    named::<TelephonyStatus>(&["answered", "no_answer", "busy", "failed", "cancelled", "voicemail"]);
    named::<Origin>(&["typed", "telephony", "mail", "import", "api"]);
    named::<LinkHow>(&["manual", "number"]);
}

#[test]
fn a_code_that_reads_null_is_no_null_in_a_list() {
    let codes: Vec<Code> = vec!["null".parse().unwrap(), "a".parse().unwrap()];
    assert_eq!(codes.write().as_deref(), Some(r#"{"null","a"}"#));
    // PostgreSQL quotes where it must.
    assert_eq!(Vec::<Code>::read(Some(r#"{"null",a}"#)).unwrap(), codes);
}

#[test]
fn days_of_leap_years_and_the_last_second() {
    for day in ["1904-02-29", "2000-02-29", "2200-12-31"] {
        comes_back(&day.parse::<NaiveDate>().unwrap());
    }
    let last = "2016-12-31T23:59:59.999999Z".parse::<DateTime<Utc>>().unwrap();
    comes_back(&(last + Duration::microseconds(1)));
}
