//! Given / when / then: what a client consented to and forbade.

use crate::clients::Client;
use crate::given::Given;
use serde_json::{Value, json};

fn registered() -> Given<Client> {
    let mut given = Given::default();
    given.when("register", &json!({"kind": "person", "name": "Анна"})).unwrap();
    given
}

fn consent(channel: &str, at: Option<&str>) -> Value {
    let mut body = json!({"channel": channel, "purpose": "advertising", "source": "сайт", "wording": "Согласен получать рекламу"});
    if let Some(at) = at {
        body["given_at"] = json!(at);
    }
    body
}

fn withdrawal(channel: &str, at: Option<&str>) -> Value {
    let mut body = json!({"channel": channel, "purpose": "advertising"});
    if let Some(at) = at {
        body["withdrawn_at"] = json!(at);
    }
    body
}

#[test]
fn a_consent_is_given_and_withdrawn_once() {
    let mut given = registered();
    let told = given.when("give_consent", &consent("email", None)).unwrap();
    assert_eq!(told[0][1]["given_at"], "2026-03-02T10:00:00Z");
    assert_eq!(given.types("give_consent", &consent("email", None)), [""; 0]);
    // Another text is another consent.
    let mut other = consent("email", None);
    other["wording"] = json!("Согласен на обработку");
    assert_eq!(given.types("give_consent", &other), ["ConsentGiven"]);
    assert_eq!(given.types("withdraw_consent", &withdrawal("email", None)), ["ConsentWithdrawn"]);
    assert_eq!(given.types("withdraw_consent", &withdrawal("email", None)), [""; 0]);
    assert_eq!(given.types("withdraw_consent", &withdrawal("sms", None)), [""; 0]);
    let late = given.refused("give_consent", &consent("sms", Some("2026-03-02T10:00:01Z")));
    assert_eq!(late, ("in_future".into(), "/given_at".into()));
}

#[test]
fn any_stands_for_all_channels() {
    let mut given = registered();
    given.when("give_consent", &consent("any", Some("2026-01-01T00:00:00Z"))).unwrap();
    assert_eq!(given.types("give_consent", &consent("sms", None)), [""; 0]);
    assert_eq!(given.types("withdraw_consent", &withdrawal("sms", None)), ["ConsentWithdrawn"]);
    // All but one again.
    assert_eq!(given.types("give_consent", &consent("any", None)), ["ConsentGiven"]);
    assert_eq!(given.types("withdraw_consent", &withdrawal("any", None)), ["ConsentWithdrawn"]);
    assert_eq!(given.types("withdraw_consent", &withdrawal("post", None)), [""; 0]);
}

#[test]
fn what_was_done_last_holds_however_late_it_is_told() {
    let mut given = registered();
    given.when("give_consent", &consent("call", Some("2026-01-01T00:00:00Z"))).unwrap();
    given.when("withdraw_consent", &withdrawal("call", Some("2026-02-01T00:00:00Z"))).unwrap();
    // A paper of January comes to light: it is kept, and changes nothing.
    let mut paper = consent("call", Some("2026-01-15T00:00:00Z"));
    paper["source"] = json!("бумага");
    assert_eq!(given.types("give_consent", &paper), ["ConsentGiven"]);
    assert_eq!(given.types("give_consent", &paper), [""; 0]);
    assert_eq!(given.types("withdraw_consent", &withdrawal("call", None)), [""; 0]);
}

#[test]
fn a_channel_is_forbidden_and_allowed() {
    let mut given = registered();
    let call = json!({"channel": "call", "reason": "просил не звонить"});
    let any = json!({"channel": "any"});
    assert_eq!(given.types("allow", &any), [""; 0]);
    assert_eq!(given.types("forbid", &call), ["ChannelForbidden"]);
    assert_eq!(given.types("forbid", &call), [""; 0]);
    assert_eq!(given.types("forbid", &any), ["ChannelForbidden"]);
    assert_eq!(given.types("forbid", &json!({"channel": "post"})), [""; 0]);
    assert_eq!(given.types("allow", &call), ["ChannelAllowed"]);
    assert_eq!(given.types("allow", &any), ["ChannelAllowed"]);
    assert_eq!(given.types("allow", &call), [""; 0]);
}

#[test]
fn a_ban_tells_how_it_came_and_when() {
    let mut given = registered();
    let ban = |at: Option<&str>| {
        let mut body = json!({"channel": "call", "source": "звонок", "wording": "Больше не звоните"});
        if let Some(at) = at {
            body["forbidden_at"] = json!(at);
        }
        body
    };
    let told = given.when("forbid", &ban(None)).unwrap();
    assert_eq!(
        told[0][1],
        json!({"channel": "call", "source": "звонок", "wording": "Больше не звоните", "forbidden_at": "2026-03-02T10:00:00Z"})
    );
    // Who says no more than is known says nothing; other words are another ban.
    assert_eq!(given.types("forbid", &json!({"channel": "call"})), [""; 0]);
    let other = json!({"channel": "call", "wording": "Я же просил не звонить"});
    assert_eq!(given.types("forbid", &other), ["ChannelForbidden"]);
    let (ahead, late) = ("2026-03-02T10:00:01Z", |field: &str| ("in_future".into(), field.into()));
    assert_eq!(given.refused("forbid", &ban(Some(ahead))), late("/forbidden_at"));
    let allowed = json!({"channel": "call", "allowed_at": ahead});
    assert_eq!(given.refused("allow", &allowed), late("/allowed_at"));
}

#[test]
fn the_last_ban_or_its_end_holds_however_late_it_is_told() {
    let mut given = registered();
    let ban = |at: &str| json!({"channel": "any", "forbidden_at": at});
    let end = |at: &str| json!({"channel": "call", "allowed_at": at});
    given.when("forbid", &ban("2026-01-01T00:00:00Z")).unwrap();
    assert_eq!(given.types("allow", &end("2026-02-01T00:00:00Z")), ["ChannelAllowed"]);
    // A letter of January comes to light: it is kept, and calls stay allowed.
    assert_eq!(given.types("forbid", &ban("2026-01-15T00:00:00Z")), ["ChannelForbidden"]);
    assert_eq!(given.types("forbid", &ban("2026-01-15T00:00:00Z")), [""; 0]);
    assert_eq!(given.types("allow", &json!({"channel": "call"})), [""; 0]);
    assert_eq!(given.types("allow", &json!({"channel": "post"})), ["ChannelAllowed"]);
}
