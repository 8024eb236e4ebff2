//! Events drawn from their own schema: each field takes its oddest and largest legal values in turn. A field that may be absent
//! is absent once, one that may be null is null once, and from then on everything is as full as it can be.

use letopis_events::modules;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// An event that is to stand in the log.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) category: &'static str,
    pub(super) kind: String,
    pub(super) stream: Uuid,
    pub(super) payload: Value,
}

/// More rounds than any field has values.
const MOST: usize = 40;

/// The events of one stream, from the first to the last.
pub(super) type Stream = Vec<Drawn>;

/// Rounds until each field has had each of its values; in each round one stream of every module.
pub(super) fn rounds() -> Vec<Vec<Stream>> {
    let modules = modules();
    let mut draw = Draw::default();
    let mut rounds = vec![];
    while rounds.is_empty() || !draw.behind().is_empty() {
        let mut round = vec![];
        for (category, _, schema) in &modules {
            draw.definitions = schema.get("$defs").cloned().unwrap_or_default();
            let mut events = vec![];
            for variant in schema.as_value()["oneOf"].as_array().unwrap() {
                let kind = variant["properties"]["type"]["const"].as_str().unwrap();
                let payload = draw.value(&format!("{category}.{kind}"), &variant["properties"]["data"]);
                let stream = draw.known(category.trim_end_matches('s'));
                events.push(Drawn { category, kind: kind.to_owned(), stream, payload });
            }
            round.push(events);
        }
        rounds.push(round);
        draw.round += 1;
        assert!(rounds.len() < MOST, "these never had all their values: {:?}", draw.behind());
    }
    rounds
}

#[derive(Default)]
struct Draw {
    round: u128,
    fresh: u128,
    definitions: Value,
    /// For each path how often it was drawn, and how many values it has.
    turns: HashMap<String, (usize, usize)>,
}

impl Draw {
    /// The paths that have not had all their values yet.
    fn behind(&self) -> Vec<&String> {
        self.turns.iter().filter(|(_, (taken, of))| taken < of).map(|(path, _)| path).collect()
    }

    /// Which of so many values comes next here.
    fn turn(&mut self, path: &str, of: usize) -> usize {
        let (taken, known) = self.turns.entry(path.to_owned()).or_insert((0, of));
        *known = of;
        *taken += 1;
        *taken - 1
    }

    fn value(&mut self, path: &str, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            let definition = self.definitions[name.rsplit('/').next().unwrap()].clone();
            return self.value(path, &definition);
        }
        // Shifts are in order and make an hour at least.
        if path.ends_with(".weekly") {
            return self.one_of(path, &weeks());
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(forms) = schema["oneOf"].as_array().filter(|forms| forms[0]["const"].is_null()) {
            let form = self.turn(&format!("{path}|"), forms.len()) % forms.len();
            return self.value(&format!("{path}|{form}"), &forms[form]);
        }
        if let Some(names) = schema["oneOf"].as_array() {
            return self.one_of(path, &names.iter().map(|name| name["const"].clone()).collect::<Vec<_>>());
        }
        if let Some(forms) = schema["anyOf"].as_array() {
            let turn = self.turn(&format!("{path}|"), forms.len());
            let plain = forms.iter().all(|form| form["properties"].is_null() && form["type"] != "null");
            // The fullest form stands first and is taken from its turn on.
            let form = if plain { turn % forms.len() } else { forms.len().saturating_sub(turn + 1) };
            return self.value(&format!("{path}|{form}"), &forms[form]);
        }
        if let Some(types) = schema["type"].as_array() {
            if self.turn(&format!("{path}?"), types.len()) == 0 {
                return Value::Null;
            }
            let mut there = schema.clone();
            there["type"] = types[0].clone();
            return self.value(path, &there);
        }
        match schema["type"].as_str() {
            Some("object") if schema["properties"].is_object() => self.object(path, schema),
            Some("object") if schema["additionalProperties"].is_null() => json!({}),
            Some("object") => self.fields(path, &schema["additionalProperties"]),
            Some("array") => {
                let length = [0, 1, 10][self.turn(&format!("{path}[]"), 3).min(2)];
                let list: Vec<Value> = (0..length).map(|_| self.value(path, &schema["items"])).collect();
                json!(list)
            }
            Some("string") => self.text(path, schema),
            Some("integer") if schema["format"] == "int32" => {
                self.one_of(path, &[0, i32::MIN, i32::MAX].map(Value::from))
            }
            Some("integer") if schema["maximum"].is_u64() => {
                self.one_of(path, &[schema["minimum"].clone(), schema["maximum"].clone()])
            }
            Some("integer") => self.one_of(path, &[0, 1, u32::MAX].map(Value::from)),
            Some("number") => self.one_of(path, &numbers()),
            Some("boolean") => self.one_of(path, &[false, true].map(Value::from)),
            Some("null") => Value::Null,
            other => panic!("{path}: nobody knows how to draw {other:?} ({schema})"),
        }
    }

    fn object(&mut self, path: &str, schema: &Value) -> Value {
        let mut object = Map::new();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in schema["properties"].as_object().unwrap() {
            let path = format!("{path}.{name}");
            if required.contains(&json!(name)) || self.turn(&format!("{path}-"), 2) > 0 {
                object.insert(name.clone(), self.value(&path, property));
            }
        }
        Value::Object(object)
    }

    /// Free fields by code.
    fn fields(&mut self, path: &str, value: &Value) -> Value {
        let size = [0, 1, 10][self.turn(&format!("{path}{{}}"), 3).min(2)];
        let mut fields = Map::new();
        while fields.len() < size {
            let code = if fields.len() < codes().len() {
                codes()[fields.len()].clone()
            } else {
                format!("c{}", fields.len())
            };
            fields.insert(code, self.value(&format!("{path}.*"), value));
        }
        Value::Object(fields)
    }

    fn one_of(&mut self, path: &str, values: &[Value]) -> Value {
        values[self.turn(path, values.len()) % values.len()].clone()
    }

    fn text(&mut self, path: &str, schema: &Value) -> Value {
        let name = path.rsplit('.').next().unwrap();
        let longest = usize::try_from(schema["maxLength"].as_u64().unwrap_or(64)).unwrap();
        let values = match schema["format"].as_str() {
            Some("uuid") => return json!(self.id(path, name)),
            Some("text") => texts(longest),
            Some("code") => codes(),
            Some("moment") => moments(),
            Some("day") => told(&["1900-01-01", "1999-12-31", "2000-02-29", "2200-12-31"]),
            Some("day-time") => told(&["00:00", "24:00"]),
            Some("color") => told(&["#000000", "#ffffff"]),
            Some("country") => told(&["AA", "RU", "ZZ"]),
            Some("language") => told(&["aa", "zzz"]),
            Some("time-zone") => told(&["UTC", "America/Argentina/ComodRivadavia", "Etc/GMT+12"]),
            Some("inn") => told(&["7707083893", "500100732259"]),
            Some("kpp") => told(&["770701001", "0000ZZ999"]),
            Some("ogrn") => told(&["1027700132195", "304500116000157"]),
            Some("bik") => told(&["044525225", "999999999"]),
            // Accounts that begin with zero have no key, so they fit any bank.
            Some("account") => told(&["00000000000000000000", "09999999999999999999"]),
            Some("email") => emails(),
            Some("website") => websites(longest),
            None if name == "e164" => vec!["+70000000000".to_owned(), format!("+9{:014}", self.round)],
            None if name == "sealed" => told(&["x"]),
            other => panic!("{path}: nobody knows how to draw {other:?}"),
        };
        let values: Vec<Value> = values.into_iter().map(Value::from).collect();
        self.one_of(path, &values)
    }

    /// The id of this round's thing of a name.
    fn known(&self, name: &str) -> Uuid {
        Uuid::new_v5(&Uuid::from_u128(self.round), name.as_bytes())
    }

    /// `<thing>_id` names this round's, `of` a client; every other id is new, but the first of its list: that one is removed later.
    fn id(&mut self, path: &str, name: &str) -> Uuid {
        match name.strip_suffix("_id") {
            // Every other round parts and links the client of the round before.
            Some("client") if self.round % 2 == 1 && !path.contains("Recorded") => {
                Uuid::new_v5(&Uuid::from_u128(self.round - 1), b"client")
            }
            Some(thing) => self.known(thing),
            // Nobody is merged into itself.
            None if name == "into" => Uuid::new_v5(&Uuid::from_u128(self.round + 1), b"client"),
            None if name == "of" => self.known("client"),
            None if name == "closes_step" => self.known("step"),
            None if name == "client_ids" => self.known("client"),
            None if name == "contact_ids" => self.known("contact"),
            None if ["assignee", "deputies", "hand_over_to"].contains(&name) => self.known("employee"),
            None => {
                let lists = ["phone", "email", "address", "requisites"];
                let list = lists.into_iter().find(|list| path.contains(&format!(".{list}"))).unwrap();
                let module = path.split('.').next().unwrap();
                let first = self.turn(&format!("{} {module} {list}", self.round), 0) == 0;
                self.fresh += 1;
                if first { self.known(list) } else { Uuid::from_u128(self.fresh) }
            }
        }
    }
}

fn weeks() -> Vec<Value> {
    let shift = |day: &str| {
        let pauses: Vec<Value> = (0..10)
            .map(|pause| json!({"from": format!("1{pause}:00"), "to": format!("1{pause}:30")}))
            .collect();
        json!({"day": day, "from": "00:00", "to": "24:00", "breaks": pauses})
    };
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    vec![json!([{"day": "sun", "from": "23:00", "to": "24:00"}]), json!(days.map(shift))]
}

fn told(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// So many characters of these, again and again.
fn long(characters: &str, length: usize) -> String {
    characters.chars().cycle().take(length).collect()
}

pub(super) fn texts(longest: usize) -> Vec<String> {
    let mut texts = told(&["x", " x ", "\\N", "\\.", "null", "{}", "\u{feff}"]);
    for characters in
        ["🦀", "\u{1}", "\t\n\r\\'\"{},;\u{b}\u{c}", "İΣßﬀ", "\u{202e}\u{200d}\u{301}", "\u{10ffff}\u{fffd}"]
    {
        texts.push(long(characters, longest));
    }
    texts.retain(|text| text.chars().count() <= longest);
    texts
}

pub(super) fn codes() -> Vec<String> {
    vec!["null".to_owned(), "t".to_owned(), "-".to_owned(), "_0".to_owned(), "z".repeat(64)]
}

pub(super) fn moments() -> Vec<String> {
    told(&[
        "1900-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "2016-12-31T23:59:60Z",
        "2026-03-29T02:30:00.5+14:00",
        "2200-12-31T23:59:59.999999Z",
    ])
}

pub(super) fn emails() -> Vec<String> {
    let local = long("'\"\\{},;", 64);
    vec!["a@b.c".to_owned(), format!("{local}@{}.org", "д".repeat(92)), format!("İ@{}.org", "İ".repeat(80))]
}

pub(super) fn websites(longest: usize) -> Vec<String> {
    vec!["http://x".to_owned(), format!("https://{}", long("🦀'\"\\{}", longest - 8))]
}

pub(super) fn numbers() -> Vec<Value> {
    let floats = [0.1, -0.0, 1e15, 1e16, 1e19, 31.245_270_191_439_438, f64::MAX, f64::MIN_POSITIVE, 5e-324];
    let mut numbers = vec![json!(0), json!(-1), json!(i64::MIN), json!(u64::MAX)];
    numbers.extend(floats.map(Value::from));
    numbers
}
