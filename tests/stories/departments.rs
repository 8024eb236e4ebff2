//! A company's tree grows, changes and shrinks, and people work in it.

use crate::support::{Database, SEEDS, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_of_departments_with_people_in_them() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let founded = service.command("departments/found", &json!({})).await;
    assert_eq!((founded.status, founded.position()), (200, SEEDS), "every store begins with it");
    let tree = founded.id();
    let to = async |path: String, body: Value| service.command(&path, &body).await;
    let opened =
        to(format!("departments/{tree}/open"), json!({"code": "sales", "name": "Отдел продаж"})).await;
    for (code, name, parent) in [
        ("north", "Север", Some("sales")),
        ("south", "Юг", Some("sales")),
        ("support", "Служба поддержки", None),
    ] {
        assert_eq!(
            to(format!("departments/{tree}/open"), json!({"code": code, "name": name, "parent": parent}))
                .await
                .status,
            200
        );
    }
    assert_eq!(
        to(format!("departments/{tree}/rename"), json!({"code": "support", "name": "Забота"})).await.status,
        200
    );
    assert_eq!(
        to(
            format!("departments/{tree}/appoint_head"),
            json!({"code": "sales", "employee_id": service.actor})
        )
        .await
        .status,
        200
    );
    assert_eq!(
        to(format!("departments/{tree}/move"), json!({"code": "south", "parent": "north"})).await.status,
        200
    );

    let refused = to(format!("departments/{tree}/move"), json!({"code": "sales", "parent": "south"})).await;
    assert_eq!((refused.status, refused.code(), refused.paths()), (422, "invalid", vec!["/parent"]));
    let refused =
        to(format!("departments/{tree}/open"), json!({"code": "x", "name": "x", "parent": "norht"})).await;
    assert_eq!(
        (refused.status, refused.code(), refused.paths()),
        (422, "unknown_department", vec!["/parent"])
    );
    assert!(refused.text.contains("near it: north"), "{refused:?}");
    let refused = to(format!("departments/{tree}/close"), json!({"code": "north"})).await;
    assert_eq!((refused.status, refused.code()), (409, "departments_open_below"));
    assert_eq!(
        to(format!("departments/{tree}/close"), json!({"code": "south", "reason": "объединён"})).await.status,
        200
    );

    let hire = |last: &str, department: &str| json!({"name": {"last": last}, "department": department});
    let hired = service.command("employees/hire", &hire("Волков", "north")).await;
    assert_eq!(hired.status, 201);
    let refused = service.command("employees/hire", &hire("Зайцев", "south")).await;
    assert_eq!(
        (refused.status, refused.code(), refused.paths()),
        (422, "closed_department", vec!["/department"])
    );
    let correct = format!("employees/{}/correct", hired.id());
    let refused = service.command(&correct, &json!({"department": "sale"})).await;
    assert_eq!((refused.status, refused.code()), (422, "unknown_department"));

    // The tree as it is, in its order, with who works there today and below; and as it was.
    let ask = async |query: String| service.get(&format!("/api/departments?{query}")).await;
    let now = ask(format!("wait_for={}", hired.position())).await;
    let item = &now.body["item"];
    assert_eq!((&item["id"], &item["version"]), (&json!(tree), &json!(9)));
    assert_eq!(now.headers["etag"], "\"9\"");
    let brief = |row: &Value| {
        let fields = ["code", "name", "path", "open", "head", "employees", "employees_with_below"];
        fields.map(|field| row[field].clone())
    };
    let rows: Vec<_> = item["departments"].as_array().unwrap().iter().map(brief).collect();
    assert_eq!(
        rows,
        [
            [
                json!("support"),
                json!("Забота"),
                json!(["support"]),
                json!(true),
                json!(null),
                json!(0),
                json!(0)
            ],
            [
                json!("sales"),
                json!("Отдел продаж"),
                json!(["sales"]),
                json!(true),
                json!("Петрова"),
                json!(0),
                json!(1)
            ],
            [
                json!("north"),
                json!("Север"),
                json!(["sales", "north"]),
                json!(true),
                json!(null),
                json!(1),
                json!(1)
            ],
            [
                json!("south"),
                json!("Юг"),
                json!(["sales", "north", "south"]),
                json!(false),
                json!(null),
                json!(0),
                json!(0)
            ],
        ]
    );
    assert_eq!(item["departments"][1]["head_id"], json!(service.actor));
    let before = ask(format!("as_of={}", opened.position())).await.body["item"]["departments"].clone();
    assert_eq!(before.as_array().unwrap().len(), 1);
    assert_eq!((&before[0]["code"], &before[0]["employees_with_below"]), (&json!("sales"), &json!(0)));
    assert_eq!(ask("as_of=0".into()).await.status, 404);
    // Who leaves is not counted from that day on.
    let dismiss = format!("employees/{}/dismiss", hired.id());
    let done = service.command(&dismiss, &json!({"on": "2026-03-01"})).await;
    let now = ask(format!("wait_for={}", done.position())).await.body["item"]["departments"][2].clone();
    assert_eq!((&now["code"], &now["employees"]), (&json!("north"), &json!(0)));
}
