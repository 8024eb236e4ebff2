//! A company's tree grows, changes and shrinks, and people work in it.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_of_departments_with_people_in_them() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let tree = service.command("departments/found", &json!({})).await;
    assert_eq!((tree.status, tree.position()), (200, 9), "every store begins with it");
    let to = async |command: &str, body: Value| {
        service.command(&format!("departments/{}/{command}", tree.id()), &body).await
    };
    for (code, name, parent) in [
        ("sales", "Отдел продаж", None),
        ("north", "Север", Some("sales")),
        ("south", "Юг", Some("sales")),
        ("support", "Служба поддержки", None),
    ] {
        assert_eq!(to("open", json!({"code": code, "name": name, "parent": parent})).await.status, 200);
    }
    assert_eq!(to("rename", json!({"code": "support", "name": "Забота"})).await.status, 200);
    assert_eq!(to("appoint_head", json!({"code": "sales", "employee_id": service.actor})).await.status, 200);
    assert_eq!(to("move", json!({"code": "south", "parent": "north"})).await.status, 200);

    let refused = to("move", json!({"code": "sales", "parent": "south"})).await;
    assert_eq!((refused.status, refused.code(), refused.paths()), (422, "invalid", vec!["/parent"]));
    let refused = to("open", json!({"code": "x", "name": "x", "parent": "norht"})).await;
    assert_eq!(
        (refused.status, refused.code(), refused.paths()),
        (422, "unknown_department", vec!["/parent"])
    );
    assert!(refused.text.contains("near it: north"), "{refused:?}");
    let refused = to("close", json!({"code": "north"})).await;
    assert_eq!((refused.status, refused.code()), (409, "departments_open_below"));
    assert_eq!(to("close", json!({"code": "south", "reason": "объединён"})).await.status, 200);

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
}
