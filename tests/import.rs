//! Files of other systems come in once, whatever happens on the way, and give the known answers.

use crate::support::{Database, Service, fresh, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use tokio::process::Command;

fn import(database: &Database, file: &Path, mapping: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_letopis"));
    command.args(["import", "interactions"]).arg(file).args(["--mapping", mapping, "--json"]);
    command.env("LETOPIS_LOG_URL", &database.service).env("LETOPIS_LOG", "warn").kill_on_drop(true);
    command
}

/// Reads and checks, and needs no log.
fn dry(file: &Path, mapping: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_letopis"));
    command.args(["import", "interactions"]).arg(file).arg("--mapping").arg(mapping);
    command.args(["--dry-run", "--json"]).env_remove("LETOPIS_LOG_URL").kill_on_drop(true);
    command
}

async fn summary(mut command: Command) -> Value {
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// The items of an answer that shows everything; the groups come to the log's head each in its own time.
async fn items(service: &Service, path: &str) -> Value {
    let head = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
    // A large file takes the read models longer than one question waits.
    let answer = until("the read models are current", || async {
        let clients = service.get(&format!("/api/clients?limit=1&wait_for={head}")).await;
        let answer = service.get(&format!("{path}&wait_for={head}")).await;
        (clients.status == 200 && answer.status == 200).then_some(answer)
    })
    .await;
    answer.body["items"].clone()
}

async fn report(service: &Service, query: &str) -> Value {
    items(service, &format!("/api/reports/interactions?{query}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_with_bad_rows() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let file = Path::new("tests/data/calls.csv");
    let rejects = std::env::temp_dir().join(format!("letopis-rejects-{}.csv", fresh().simple()));
    // A dry run knows no log: the row that differs looks well.
    let looked = summary(dry(file, Path::new("tests/data/calls.toml"))).await;
    assert_eq!(
        looked,
        json!({"rows": 65, "recorded": 61, "repeated": 0, "differing": 0, "rejected": 4, "clients": 12, "employees": 4})
    );
    let mut first = import(&database, file, "tests/data/calls.toml");
    first.arg("--rejects").arg(&rejects);
    let first = summary(first).await;
    assert_eq!(
        first,
        json!({"rows": 65, "recorded": 60, "repeated": 0, "differing": 1, "rejected": 4, "clients": 12, "employees": 4})
    );
    let text = std::fs::read_to_string(&rejects).unwrap();
    std::fs::remove_file(&rejects).unwrap();
    assert_eq!(text.lines().count(), 6, "{text}");
    for reason in ["завтра", "много", "3 columns instead of 9", "client_id", "something else is recorded"]
    {
        assert!(text.contains(reason), "{reason} is not in {text}");
    }
    let second = summary(import(&database, file, "tests/data/calls.toml")).await;
    assert_eq!((&second["recorded"], &second["repeated"]), (&json!(0), &json!(60)));

    let calls = report(&service, "kind=call").await;
    assert_eq!((&calls[0]["count"], &calls[0]["duration_total"]), (&json!(40), &json!(2400)));
    let found = items(&service, "/api/clients?external_id=old_crm:К1").await[0].clone();
    assert_eq!(found["name"], "ООО «Ёлка»");
    // Nobody is asked whether it looks like another one; that is kept.
    let entered = format!("/api/events?client={}&type=Registered", found["id"].as_str().unwrap());
    let entered = service.get(&entered).await.body["items"].clone();
    let payload = entered[0]["payload"].as_str().unwrap().to_owned();
    assert!(payload.ends_with(r#""accept_duplicates":{"reason":"import"}}"#), "{payload}");
    let line =
        items(&service, &format!("/api/clients/{}/timeline?q=ТВЕРЬ", found["id"].as_str().unwrap())).await;
    assert_eq!(line.as_array().unwrap().len(), 5, "{line}");
    let city = format!("/api/interactions?client_ids={}&columns=attributes", found["id"].as_str().unwrap());
    assert_eq!(items(&service, &city).await[0]["attributes"], json!({"gorod": "Тверь"}));
    // Moscow is three hours ahead.
    assert!(line[0]["at"].as_str().unwrap().ends_with("08:05:00Z"), "{line}");
}

/// What the program says on stderr of a file and a mapping it does not take.
async fn refusal(file: &[u8], mapping: &str) -> String {
    let folder = std::env::temp_dir().join(format!("letopis-import-{}", fresh().simple()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("calls.csv"), file).unwrap();
    std::fs::write(folder.join("calls.toml"), mapping).unwrap();
    let output = dry(&folder.join("calls.csv"), &folder.join("calls.toml")).output().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn a_wrong_mapping_names_the_key_and_the_columns_there_are() {
    let mapping = std::fs::read_to_string("examples/import/loan-interactions.toml").unwrap();
    let columns = "case;activity;started_at;finished_at;duration_s;employee;amount_requested";
    let file = columns.replace(';', ",") + "\n";
    for (right, wrong, key, column) in [
        (r#"id = ["case", "#, r#"id = ["cas", "#, "id", "cas"),
        (r#""Заявка {case}""#, r#""Заявка {csae}""#, "client.name", "csae"),
        (r#""Сотрудник {employee}""#, r#""{case} {who}""#, "employee.name", "who"),
        (r#"column = "finished_at""#, r#"column = "finished""#, "set.column", "finished"),
    ] {
        assert!(mapping.contains(right), "{right}");
        let text = refusal(file.as_bytes(), &mapping.replace(right, wrong)).await;
        let told = format!("mapping: {key}: the file has no column {column:?}, only ");
        assert!(text.contains(&told) && text.contains(&columns.replace(';', ", ")), "{text}");
    }
}

/// A small file and a mapping of its own.
fn written(folder: &Path, rows: &str, result: &str) -> (std::path::PathBuf, String) {
    let (file, mapping) = (folder.join("calls.csv"), folder.join("calls.toml"));
    std::fs::write(&file, format!("row;day;said\n{rows}")).unwrap();
    let rule = |field: &str, how: &str| format!("[[set]]\nfield = \"{field}\"\n{how}\n");
    let set = [
        rule("kind", "value = \"call\""),
        rule("occurred_at", "column = \"day\""),
        rule("result", result),
        rule("next_step.action", "value = \"thank\""),
        rule("next_step.due_on", "column = \"day\""),
    ];
    let head = "source = \"shop\"\nid = [\"row\"]\n[file]\ndelimiter = \";\"\n[client]\nkey = \"row\"\nname = \"{row}\"\n";
    std::fs::write(&mapping, format!("{head}{}", set.concat())).unwrap();
    (file, mapping.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_come_in_with_the_mapping_and_not_with_the_data() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let rows = "1;2026-03-01;agreed\n2;2026-03-01;agred\n3;2026-03-02;ja\n";
    let folder = std::env::temp_dir().join(format!("letopis-import-{}", fresh().simple()));
    std::fs::create_dir(&folder).unwrap();
    let rejects = folder.join("rejects.csv");
    let (file, mapping) = written(&folder, rows, "column = \"said\"");
    let mut first = import(&database, &file, &mapping);
    first.arg("--rejects").arg(&rejects);
    let first = summary(first).await;
    assert_eq!((&first["recorded"], &first["rejected"]), (&json!(1), &json!(2)));
    let text = std::fs::read_to_string(&rejects).unwrap();
    assert!(text.contains("/result: there is no code agred in results; near it: agreed"), "{text}");

    // Both come in as soon as the mapping says what they are; twice adds nothing.
    let (file, mapping) = written(
        &folder,
        rows,
        "column = \"said\"\nmap = { agreed = \"agreed\", agred = \"agreed\", ja = \"yes\" }",
    );
    for recorded in [2, 0] {
        let done = summary(import(&database, &file, &mapping)).await;
        assert_eq!((&done["recorded"], &done["rejected"]), (&json!(recorded), &json!(0)));
    }
    let added = service.get("/api/events?type=EntryAdded").await.body["items"].clone();
    let told = |event: &Value| {
        let payload: Value = serde_json::from_str(event["payload"].as_str().unwrap()).unwrap();
        (event["actor"].clone(), payload["entry"]["code"].clone())
    };
    let told: Vec<_> = added.as_array().unwrap().iter().map(told).collect();
    // Those of one dictionary stand in order, the dictionaries in any.
    assert_eq!(told.len(), 2, "{added}");
    for code in ["yes", "thank"] {
        assert!(told.contains(&(json!("import:shop"), json!(code))), "{added}");
    }

    let (file, mapping) = written(&folder, rows, "value = \"Да!\"");
    let output = import(&database, &file, &mapping).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("mapping: set: result: \"Да!\" must be a code"), "{text}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// All that is told of the clients and their history, apart from places in the log and times of recording.
async fn told(file: &Path) -> Vec<String> {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    summary(import(&database, file, "tests/data/calls.toml")).await;
    let clients =
        items(&service, "/api/clients?limit=500&sort=external_id").await.as_array().unwrap().clone();
    let mut told = vec![];
    for client in &clients {
        let id = client["id"].as_str().unwrap();
        let card = service.get(&format!("/api/clients/{id}")).await.body["item"].clone();
        told.extend([&card["name"], &card["interactions"], &card["last_result"]].map(Value::to_string));
        let line = items(&service, &format!("/api/clients/{id}/timeline?limit=500")).await;
        let entries = line.as_array().unwrap().iter().filter(|entry| entry["event"] == "Recorded");
        told.extend(entries.map(|entry| {
            let mut interaction = entry["interaction"].clone();
            assert!(interaction["subject"].is_string(), "{entry}");
            for place in ["position", "recorded_at"] {
                interaction.as_object_mut().unwrap().remove(place);
            }
            json!([entry["at"], entry["kind"], interaction]).to_string()
        }));
    }
    for query in ["group_by=employee,month", "group_by=client,result", "group_by=kind"] {
        told.push(report(&service, query).await.to_string());
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_rows_and_how_they_are_packed_make_no_difference() {
    let text = std::fs::read("tests/data/calls.csv").unwrap();
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    // A row told twice in two ways keeps its order: what came first holds.
    lines[1..61].reverse();
    let folder = std::env::temp_dir().join(format!("letopis-order-{}", fresh().simple()));
    std::fs::create_dir(&folder).unwrap();
    let packed = folder.join("calls.csv.gz");
    let mut gzip =
        flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &lines.concat()).unwrap();
    gzip.finish().unwrap();
    let (first, second) = (told(Path::new("tests/data/calls.csv")).await, told(&packed).await);
    std::fs::remove_dir_all(folder).unwrap();
    assert!(first.len() > 60);
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_row_in_another_encoding_is_rejected_with_what_can_be_read_of_it() {
    let folder = std::env::temp_dir().join(format!("letopis-encoding-{}", fresh().simple()));
    std::fs::create_dir(&folder).unwrap();
    let (file, mapping, rejects) = (folder.join("f.csv"), folder.join("m.toml"), folder.join("r.csv"));
    let rows = [&b"id,who,day\n1,Anna,2026-03-01\n2,"[..], b"\xcf\xb8\xf2\xf0", b",2026-03-02\n"].concat();
    std::fs::write(&file, rows).unwrap();
    let text = r#"
        source = "s"
        id = ["id"]
        client = { key = "who", name = "{who}" }
        set = [{ field = "kind", value = "note" }, { field = "occurred_at", column = "day" }]
    "#;
    std::fs::write(&mapping, text).unwrap();
    let mut command = dry(&file, &mapping);
    command.arg("--rejects").arg(&rejects);
    let summary = summary(command).await;
    let rejected = std::fs::read_to_string(&rejects).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!((&summary["recorded"], &summary["rejected"]), (&json!(1), &json!(1)));
    assert!(rejected.ends_with(",2026-03-02,is not written in UTF-8\n"), "{rejected}");
    assert!(rejected.lines().nth(1).unwrap().starts_with("2,"), "{rejected}");
}

#[tokio::test]
async fn the_first_reasons_are_told_where_no_file_takes_them() {
    let (file, mapping) = (Path::new("tests/data/calls.csv"), Path::new("tests/data/calls.toml"));
    let output = dry(file, mapping).output().await.unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let told: Vec<&str> = text.lines().filter(|line| line.starts_with("row ")).collect();
    assert_eq!(told.len(), 3, "{text}");
    for (line, (row, reason)) in told.iter().zip([(61, "завтра"), (62, "много"), (63, "3 columns")])
    {
        assert!(line.starts_with(&format!("row {row}: ")) && line.contains(reason), "{text}");
    }
    assert!(text.contains("--rejects FILE"), "{text}");
    let rejects = std::env::temp_dir().join(format!("letopis-rejects-{}.csv", fresh().simple()));
    let mut command = dry(file, mapping);
    command.arg("--rejects").arg(&rejects);
    let output = command.output().await.unwrap();
    std::fs::remove_file(rejects).unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("row ") && !text.contains("--rejects"), "{text}");
}

#[tokio::test]
async fn a_wrong_encoding_names_those_there_are() {
    let mapping = std::fs::read_to_string("tests/data/calls.toml").unwrap();
    let file = std::fs::read("tests/data/calls.csv").unwrap();
    for (encoding, told) in [
        ("utf-8", "the first line is not written in utf-8; there are utf-8 and cp1251"),
        ("koi8-r", "\"koi8-r\" is neither utf-8 nor cp1251"),
    ] {
        let text = refusal(&file, &mapping.replace("cp1251", encoding)).await;
        assert!(text.contains(&format!("mapping: file.encoding: {told}")), "{text}");
    }
}

#[tokio::test]
async fn the_example_of_the_operations_page_comes_in() {
    let page = std::fs::read_to_string("docs/OPERATIONS.md").unwrap();
    let block = |of: &str| page.split(&format!("```{of}\n")).nth(1).unwrap().split("```").next().unwrap();
    let folder = std::env::temp_dir().join(format!("letopis-import-{}", fresh().simple()));
    std::fs::create_dir(&folder).unwrap();
    let (file, mapping) = (folder.join("calls.csv"), folder.join("calls.toml"));
    std::fs::write(&file, block("csv")).unwrap();
    std::fs::write(&mapping, block("toml")).unwrap();
    let done = summary(dry(&file, &mapping)).await;
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!(
        done,
        json!({"rows": 2, "recorded": 2, "repeated": 0, "differing": 0, "rejected": 0, "clients": 2, "employees": 1})
    );
}

#[tokio::test]
async fn a_value_that_no_rule_knows_rejects_its_row() {
    let folder = std::env::temp_dir().join(format!("letopis-import-{}", fresh().simple()));
    std::fs::create_dir(&folder).unwrap();
    let rows = "1;2026-03-01;ja\n2;2026-03-01;vielleicht\n3;2026-03-01;\n";
    let map = "column = \"said\"\nmap = { ja = \"yes\", nein = \"no\" }";
    let (file, mapping) = written(&folder, rows, map);
    let rejects = folder.join("rejects.csv");
    let mut command = dry(&file, Path::new(&mapping));
    command.arg("--rejects").arg(&rejects);
    let done = summary(command).await;
    assert_eq!((&done["recorded"], &done["rejected"]), (&json!(2), &json!(1)));
    let text = std::fs::read_to_string(&rejects).unwrap();
    assert!(text.contains(r#"result: the map does not know ""vielleicht"", only ja, nein"#), "{text}");

    // A further rule says what all others become.
    let (file, mapping) =
        written(&folder, rows, &format!("{map}\n[[set]]\nfield = \"result\"\nvalue = \"no\""));
    let done = summary(dry(&file, Path::new(&mapping))).await;
    assert_eq!((&done["recorded"], &done["rejected"]), (&json!(3), &json!(0)));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_made_is_told_as_it_is_and_not_counted() {
    let database = Database::new(StoreKind::Production).await;
    let _service = Service::start(&database).await;
    let folder = std::env::temp_dir().join(format!("letopis-import-{}", fresh().simple()));
    std::fs::create_dir(&folder).unwrap();
    let (file, mapping) = (folder.join("calls.csv"), folder.join("calls.toml"));
    let rejects = folder.join("rejects.csv");
    // The second client has a name in one of two rows, the third in none.
    std::fs::write(
        &file,
        "row,who,name,day\n1,1,Anna,2026-03-01\n2,2,,2026-03-01\n3,2,Boris,2026-03-01\n4,3,,2026-03-01\n",
    )
    .unwrap();
    let head = "source = \"shop\"\nid = [\"row\"]\n[client]\nkey = \"who\"\nname = \"{name}\"\n";
    let set =
        "[[set]]\nfield = \"kind\"\nvalue = \"call\"\n[[set]]\nfield = \"occurred_at\"\ncolumn = \"day\"\n";
    let kinds = "clients/register: /kind: must be one of company, sole_trader,";
    let name = "clients/register: /name: must not be empty";
    for (kind, recorded, clients, reason) in [("firma", 0, 0, kinds), ("person", 3, 2, name)] {
        std::fs::write(&mapping, format!("{head}kind = {kind:?}\n{set}")).unwrap();
        for mut command in [dry(&file, &mapping), import(&database, &file, mapping.to_str().unwrap())] {
            command.arg("--rejects").arg(&rejects);
            let done = summary(command).await;
            let told = (&done["recorded"], &done["clients"], &done["rejected"]);
            assert_eq!(told, (&json!(recorded), &json!(clients), &json!(4 - recorded)), "{done}");
            let text = std::fs::read_to_string(&rejects).unwrap();
            assert!(text.contains(reason) && !text.contains("client_id"), "{text}");
        }
    }
    // Nobody is made twice.
    let again = summary(import(&database, &file, mapping.to_str().unwrap())).await;
    assert_eq!((&again["repeated"], &again["clients"]), (&json!(3), &json!(2)));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_run_again_it_ends_in_the_same_state() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let file = std::env::temp_dir().join(format!("letopis-import-{}.csv", fresh().simple()));
    let mut text = String::from("row;day;duration;y\n");
    for row in 1..=12_000 {
        writeln!(text, "{row};2026-03-{:02};{};yes", row % 28 + 1, row % 600).unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let mapping = "examples/import/bank-calls.toml";
    let mut killed = import(&database, &file, mapping).spawn().unwrap();
    until("some rows are in", || async {
        let head = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
        (head > 6_000).then_some(())
    })
    .await;
    killed.kill().await.unwrap();
    let again = summary(import(&database, &file, mapping)).await;
    std::fs::remove_file(&file).unwrap();
    let sum = again["recorded"].as_i64().unwrap() + again["repeated"].as_i64().unwrap();
    assert_eq!((sum, &again["rejected"], &again["differing"]), (12_000, &json!(0), &json!(0)));
    let calls = report(&service, "kind=call&result=yes").await;
    assert_eq!((&calls[0]["count"], &calls[0]["clients"]), (&json!(12_000), &json!(12_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loan_file_gives_its_known_answers() {
    let file = Path::new("../shared/data/loan-interactions.csv.gz");
    if !file.exists() {
        println!("skipped: ../shared is not here");
        return;
    }
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let done = summary(import(&database, file, "examples/import/loan-interactions.toml")).await;
    assert_eq!(
        done,
        json!({
            "rows": 164_506, "recorded": 164_506, "repeated": 0, "differing": 0, "rejected": 0,
            "clients": 13_087, "employees": 67,
        })
    );
    let calls = report(&service, "kind=call&direction=out").await[0].clone();
    let figures = ["count", "duration_total", "duration_median"].map(|name| calls[name].clone());
    assert_eq!(figures, [json!(34_383), json!(21_202_362), json!(106)]);
    let with_duration = calls["duration_total"].as_f64().unwrap() / calls["duration_mean"].as_f64().unwrap();
    assert!((with_duration - 33_801.0).abs() < 0.5, "{with_duration}");
    assert_eq!(report(&service, "kind=note").await[0]["count"], 164_506 - 34_383);
    // 112 is the bank's own system.
    assert_eq!(items(&service, "/api/employees?external_id=loans:112").await, json!([]));
    let by_nobody = report(&service, "group_by=employee").await;
    let by_nobody = by_nobody.as_array().unwrap().iter().find(|row| row["employee"].is_null());
    assert_eq!(by_nobody.unwrap()["count"], 44_171);
    let callers = report(&service, "kind=call&group_by=employee").await;
    let busiest = callers.as_array().unwrap().iter().filter(|row| !row["employee"].is_null());
    let busiest = busiest.max_by_key(|row| row["count"].as_i64()).unwrap();
    assert_eq!(busiest["count"], 1_698);
    let employee = items(&service, "/api/employees?external_id=loans:11181").await[0]["id"].clone();
    assert_eq!(busiest["employee"], employee);
    let client = items(&service, "/api/clients?external_id=loans:185548").await[0]["id"].clone();
    let path = format!("/api/clients/{}/timeline?limit=500&author=import:loans", client.as_str().unwrap());
    let entries = items(&service, &path).await.as_array().unwrap().clone();
    assert_eq!(entries.iter().filter(|entry| entry["event"] == "Recorded").count(), 96);
    let notes = entries.iter().filter(|entry| entry["kind"] == "note");
    let subjects: Vec<&str> = notes.map(|entry| entry["interaction"]["subject"].as_str().unwrap()).collect();
    assert!(subjects.contains(&"A_SUBMITTED") && !subjects.iter().any(|of| of.starts_with("W_Nabellen")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bank_file_gives_its_known_answers() {
    let file = Path::new("../shared/data/bank-calls.csv.gz");
    if !file.exists() {
        println!("skipped: ../shared is not here");
        return;
    }
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let done = summary(import(&database, file, "examples/import/bank-calls.toml")).await;
    assert_eq!((&done["recorded"], &done["clients"]), (&json!(41_188), &json!(41_188)));
    let all = report(&service, "kind=call").await[0].clone();
    assert_eq!((&all["count"], &all["duration_total"]), (&json!(41_188), &json!(10_638_243)));
    assert_eq!(report(&service, "result=yes").await[0]["count"], 4_640);
    let zone = "group_by=month&time_zone=Pacific/Auckland";
    let months = report(&service, zone).await;
    assert_eq!((&months[0]["month"], &months[0]["count"]), (&json!("2008-05"), &json!(7_763)));
}
