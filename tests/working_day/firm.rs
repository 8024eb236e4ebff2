//! The firm as it stands before the week: thirty people in eight departments, their hours, and seventeen clients.

use super::{Firm, moscow};
use crate::support::{Database, Service, servers};
use letopis_events::departments::COMPANY;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Code, name, the one above, head, and the numbers of those who work there.
type Department = (&'static str, &'static str, Option<&'static str>, &'static str, [i64; 2]);

/// Last name, first name, patronymic, position, department.
const PEOPLE: [[&str; 5]; 30] = [
    ["Орлова", "Елена", "Викторовна", "генеральный директор", "board"],
    ["Журавлёв", "Михаил", "Петрович", "финансовый директор", "board"],
    ["Климова", "Ирина", "Андреевна", "начальник отдела продаж", "sales"],
    ["Белов", "Артём", "Сергеевич", "помощник отдела продаж", "sales"],
    ["Соколов", "Андрей", "Николаевич", "руководитель группы", "center"],
    ["Морозова", "Анна", "Игоревна", "менеджер", "center"],
    ["Лебедев", "Павел", "Олегович", "менеджер", "center"],
    ["Козлова", "Дарья", "Максимовна", "менеджер", "center"],
    ["Новиков", "Илья", "Романович", "менеджер", "center"],
    ["Егорова", "Светлана", "Юрьевна", "менеджер", "center"],
    ["Фёдоров", "Виктор", "Алексеевич", "руководитель группы", "regions"],
    ["Зайцева", "Юлия", "Павловна", "менеджер", "regions"],
    ["Макаров", "Денис", "Евгеньевич", "менеджер", "regions"],
    ["Ершова", "Наталья", "Борисовна", "менеджер", "regions"],
    ["Тихонов", "Роман", "Ильич", "менеджер", "regions"],
    ["Васильева", "Марина", "Львовна", "начальник службы", "support"],
    ["Гончаров", "Олег", "Иванович", "инженер", "support"],
    ["Данилова", "Вера", "Степановна", "инженер", "support"],
    ["Комаров", "Глеб", "Андреевич", "инженер", "support"],
    ["Поляков", "Никита", "Денисович", "стажёр", "support"],
    ["Семёнов", "Борис", "Фёдорович", "начальник склада", "stock"],
    ["Рябов", "Егор", "Антонович", "кладовщик", "stock"],
    ["Крылов", "Тимур", "Рашидович", "водитель", "stock"],
    ["Фомина", "Лариса", "Петровна", "диспетчер", "stock"],
    ["Блинова", "Галина", "Тимофеевна", "главный бухгалтер", "accounts"],
    ["Шестакова", "Инна", "Олеговна", "бухгалтер", "accounts"],
    ["Абрамова", "Зоя", "Кирилловна", "бухгалтер", "accounts"],
    ["Власова", "Ксения", "Игоревна", "руководитель маркетинга", "marketing"],
    ["Медведев", "Степан", "Артурович", "дизайнер", "marketing"],
    ["Филиппова", "Алина", "Дмитриевна", "маркетолог", "marketing"],
];
/// Code, name, the department above, head, how many work there and below: in the order they were opened.
const DEPARTMENTS: [Department; 8] = [
    ("board", "Дирекция", None, "Орлова", [2, 2]),
    ("sales", "Отдел продаж", None, "Климова", [2, 13]),
    ("center", "Группа «Центр»", Some("sales"), "Соколов", [6, 6]),
    ("regions", "Группа «Регионы»", Some("sales"), "Фёдоров", [5, 5]),
    ("support", "Служба поддержки", None, "Васильева", [5, 5]),
    ("stock", "Склад и доставка", None, "Семёнов", [4, 4]),
    ("accounts", "Бухгалтерия", None, "Блинова", [3, 3]),
    ("marketing", "Маркетинг", None, "Власова", [3, 3]),
];
/// Name, kind, region, phone, whether others use it too, main manager.
const CLIENTS: [(&str, &str, &str, &str, bool, &str); 17] = [
    ("ООО «Заря»", "company", "msk", "+7 495 210-11-01", false, "Морозова"),
    ("АО «Полимер»", "company", "mosobl", BUSINESS_CENTRE, true, "Морозова"),
    ("ООО «Фабрика уюта»", "company", "msk", BUSINESS_CENTRE, true, "Морозова"),
    ("ООО «Невский берег»", "company", "spb", "+7 812 300-40-50", false, "Морозова"),
    ("ООО «Альтаир»", "company", "msk", "+7 495 210-11-05", false, "Морозова"),
    ("ИП Гусев", "sole_trader", "mosobl", "+7 903 210-11-06", false, "Морозова"),
    ("ООО «Медтехника»", "company", "msk", "+7 495 210-11-07", false, "Лебедев"),
    ("АО «Городской сад»", "company", "msk", "+7 495 210-11-08", false, "Лебедев"),
    ("ООО «Лесной двор»", "company", "msk", "+7 495 210-11-09", false, "Козлова"),
    ("ООО «Кедр»", "company", "mosobl", "+7 495 210-11-10", false, "Козлова"),
    ("ООО «Стройсервис»", "company", "msk", "+7 495 210-11-11", false, "Новиков"),
    ("ООО «Весна»", "company", "msk", "+7 495 210-11-12", false, "Соколов"),
    ("ООО «Уралстрой»", "company", "chelobl", "+7 351 210-11-13", false, "Макаров"),
    ("АО «Сибирский хлеб»", "company", "altkray", "+7 385 210-11-14", false, "Макаров"),
    ("ООО «Байкал Транс»", "company", "irkobl", "+7 395 210-11-15", false, "Макаров"),
    ("АО «Северный порт»", "company", "arhobl", "+7 818 210-11-16", false, "Макаров"),
    ("ООО «Самоцветы»", "company", "chelobl", "+7 343 210-11-17", false, "Зайцева"),
];
/// The switchboard of a house in which two of the clients rent rooms.
pub(super) const BUSINESS_CENTRE: &str = "+7 495 700-10-00";
/// Promised before the week: to whom, what, by when, by whom.
const PROMISES: [(&str, &str, &str, &str); 8] = [
    ("АО «Городской сад»", "call", "2026-03-16", "Лебедев"),
    ("ООО «Медтехника»", "send_documents", "2026-03-18", "Лебедев"),
    ("ООО «Самоцветы»", "call", "2026-03-18", "Зайцева"),
    ("ООО «Кедр»", "send_contract", "2026-03-23", "Козлова"),
    ("ООО «Уралстрой»", "send_invoice", "2026-03-19", "Макаров"),
    ("АО «Сибирский хлеб»", "check_delivery", "2026-03-23", "Макаров"),
    ("ООО «Байкал Транс»", "visit", "2026-03-24", "Макаров"),
    ("ООО «Весна»", "congratulate", "2026-03-20", "Соколов"),
];

/// The whole name of somebody, as it is answered.
pub(super) fn full(last: &str) -> String {
    let [last, first, patronymic, ..] = PEOPLE.iter().find(|person| person[0] == last).unwrap();
    format!("{last} {first} {patronymic}")
}

/// Clients with their main managers, in the order in which they were assigned.
pub(super) fn managed() -> impl Iterator<Item = (&'static str, &'static str)> {
    CLIENTS.iter().map(|client| (client.0, client.5))
}

impl Firm {
    /// Opens the firm two weeks before.
    pub(super) async fn open(database: &Database) -> Self {
        let service = Service::without_people(database, Some(&servers().nats), &[]).await;
        let mut firm = Self { service, people: BTreeMap::new(), clients: BTreeMap::new() };
        let tree = |command: &str, body: Value| json!({"module": "departments", "id": COMPANY, "command": command, "body": body});
        let open = DEPARTMENTS.map(|(code, name, parent, ..)| {
            tree("open", json!({"code": code, "name": name, "parent": parent}))
        });
        firm.plants("01 09:00", &open).await;
        let hire = PEOPLE.map(|[last, first, patronymic, position, department]| {
            let name = json!({"last": last, "first": first, "patronymic": patronymic});
            let body = json!({"name": name, "position": position, "department": department, "hired_on": "2024-09-02"});
            json!({"module": "employees", "command": "hire", "body": body})
        });
        let hired = firm.plants("01 10:00", &hire).await;
        firm.people = PEOPLE.iter().map(|person| person[0]).zip(hired).collect();
        let appoint = DEPARTMENTS.map(|(code, _, _, head, _)| {
            tree("appoint_head", json!({"code": code, "employee_id": firm.person(head)}))
        });
        firm.plants("01 11:00", &appoint).await;
        let hours = PEOPLE.map(|[last, ..]| {
            let zone = if last == "Зайцева" { "Asia/Yekaterinburg" } else { "Europe/Moscow" };
            let days = ["mon", "tue", "wed", "thu", "fri"];
            let shift = days.map(|day| json!({"day": day, "from": "09:00", "to": "18:00", "breaks": [{"from": "13:00", "to": "14:00"}]}));
            let body = json!({"weekly": shift, "time_zone": zone, "valid_from": "2026-03-02"});
            json!({"module": "employees", "id": firm.person(last), "command": "set_hours", "body": body})
        });
        firm.plants("01 12:00", &hours).await;
        let register = CLIENTS.map(|(name, kind, region, number, shared, _)| {
            let phones = json!([{"number": number, "shared": shared}]);
            let body = json!({"kind": kind, "name": name, "region": region, "phones": phones});
            json!({"module": "clients", "command": "register", "body": body})
        });
        let registered = firm.plants("02 09:00", &register).await;
        firm.clients = CLIENTS.iter().map(|client| client.0).zip(registered).collect();
        // One after the other: who takes over from somebody gets the clients in this order.
        for (number, (client, manager)) in managed().enumerate() {
            let body = json!({"employee_id": firm.person(manager), "kind": "main", "reason": "закреплён"});
            let at = format!("02 10:{number:02}");
            firm.tries(&at, "Климова", &format!("clients/{}/assign", firm.client(client)), body).await.id();
        }
        let plan = PROMISES.map(|(client, action, due, assignee)| {
            let body = json!({"client_id": firm.client(client), "action": action, "due": {"on": due}, "assignee": firm.person(assignee)});
            json!({"module": "steps", "command": "plan", "body": body})
        });
        firm.plants("02 11:00", &plan).await;
        let away = json!({
            "from": "2026-03-16", "until": "2026-03-23", "deputies": [firm.person("Козлова"), firm.person("Новиков")],
            "kind": "vacation",
        });
        let path = format!("employees/{}/plan_absence", firm.person("Лебедев"));
        firm.does("02 12:00", "Климова", &path, away).await;
        firm
    }

    /// Sends commands at once; answers the things' ids, in their order.
    async fn plants(&self, at: &str, lines: &[Value]) -> Vec<String> {
        let timed = |line: &Value| {
            let mut line = line.clone();
            line["at"] = json!(moscow(at));
            line
        };
        let lines: Vec<Value> = lines.iter().map(timed).collect();
        let answer = self.service.send(self.service.post("/api/commands").json(&lines)).await;
        let verdicts = answer.body.as_array().unwrap_or_else(|| panic!("{answer:?}"));
        let id = |verdict: &Value| verdict["receipt"]["id"].as_str().map(ToOwned::to_owned);
        verdicts.iter().map(|verdict| id(verdict).unwrap_or_else(|| panic!("{verdict}"))).collect()
    }
}

/// The tree with its heads and how many work in each part, by code.
pub(super) fn tree() -> Value {
    let mut rows: Vec<Value> = DEPARTMENTS
        .iter()
        .map(|(code, name, parent, head, [there, below])| {
            json!([code, name, parent, full(head), there, below])
        })
        .collect();
    rows.sort_by_key(Value::to_string);
    rows.into()
}
