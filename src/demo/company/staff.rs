//! Who works in the company: departments, hours, absences, and who leaves and hands over to whom.

use super::calendar;
use super::dice::Dice;
use super::names;
use super::order::{Order, id};
use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// Departments: code, name, the one above, how many work there, as what.
const DEPARTMENTS: [(&str, &str, Option<&str>, usize, &str); 9] = [
    ("management", "Дирекция", None, 2, "директор"),
    ("sales", "Отдел продаж", Some("management"), 1, "руководитель отдела продаж"),
    ("sales_msk", "Продажи, Москва", Some("sales"), 10, "менеджер по продажам"),
    ("sales_regions", "Продажи, регионы", Some("sales"), 8, "менеджер по продажам"),
    ("key_accounts", "Ключевые клиенты", Some("sales"), 4, "менеджер ключевых клиентов"),
    ("telemarketing", "Телемаркетинг", Some("sales"), 6, "оператор"),
    ("support", "Служба поддержки", None, 4, "специалист поддержки"),
    ("purchasing", "Закупки", None, 3, "менеджер по закупкам"),
    ("accounting", "Бухгалтерия", None, 2, "бухгалтер"),
];
/// Departments whose people look after clients.
const SELLING: [&str; 3] = ["sales_msk", "sales_regions", "key_accounts"];

/// Somebody who works here.
#[derive(Debug)]
pub struct Employee {
    /// Their id.
    pub id: Uuid,
    /// Where they work.
    pub department: &'static str,
    /// First day away for good.
    pub left: Option<NaiveDate>,
    absences: Vec<Absence>,
}

/// Somebody is away for a while, and somebody else sees their day.
#[derive(Clone, Debug, Serialize)]
pub struct Absence {
    /// Who.
    pub employee_id: Uuid,
    /// First day away.
    pub from: NaiveDate,
    /// First day back.
    pub until: NaiveDate,
    /// Who stands in.
    pub deputy: Uuid,
    #[serde(skip)]
    standing_in: usize,
}

/// All who work here.
#[derive(Debug)]
pub struct Staff {
    people: Vec<Employee>,
    /// Who of the clients' managers leaves, and who takes over all of theirs; none: they are given out anew by hand.
    pub leavers: Vec<(usize, Option<usize>)>,
}

impl Staff {
    /// Hires everybody by `first`, plans absences, and says who leaves when.
    pub fn new(dice: &mut Dice, first: NaiveDate, until: NaiveDate, orders: &mut Vec<Order>) -> Self {
        let opening = calendar::at(first, 8 * 3_600);
        let tree = letopis_events::departments::COMPANY.0;
        let mut people: Vec<Employee> = vec![];
        for (code, name, parent, size, position) in DEPARTMENTS {
            let body = json!({"code": code, "name": name, "parent": parent});
            orders.push(Order::of_the_firm(opening, "departments", Some(tree), "open", body));
            for place in 0..size {
                let number = people.len() + 1;
                let name = names::person(number * 3);
                let mail = names::latin(name["last"].as_str().unwrap_or_default());
                let hired = first - TimeDelta::days(dice.between(30, 2_500));
                let body = json!({
                    "name": name, "position": position, "department": code, "hired_on": hired,
                    "email": format!("{mail}{number}@letopis.example"), "extension": format!("{}", 100 + number),
                    "external": {"source": "sample", "id": number.to_string()},
                });
                let employee =
                    Employee { id: id("employees", number), department: code, left: None, absences: vec![] };
                orders.push(Order::of_the_firm(opening, "employees", None, "hire", body));
                let hours = json!({"weekly": week(code), "time_zone": "Europe/Moscow", "valid_from": first});
                orders.push(Order::of_the_firm(opening, "employees", Some(employee.id), "set_hours", hours));
                if place == 0 {
                    let head = json!({"code": code, "employee_id": employee.id});
                    orders.push(Order::of_the_firm(opening, "departments", Some(tree), "appoint_head", head));
                }
                people.push(employee);
            }
        }
        let mut staff = Self { people, leavers: vec![] };
        staff.part(first, until, orders);
        for who in 0..staff.people.len() {
            staff.rest(dice, who, first, until, orders);
        }
        staff
    }

    /// One manager leaves and names who takes over; another leaves and the clients are given out by hand.
    fn part(&mut self, first: NaiveDate, until: NaiveDate, orders: &mut Vec<Order>) {
        let days = (until - first).num_days();
        let msk = self.of("sales_msk");
        let regions = self.of("sales_regions");
        for (who, takes_over, share) in [(msk[3], Some(msk[4]), 45), (regions[2], None, 70)] {
            let last = calendar::after(first, days * share / 100);
            let leaves = calendar::after(last, 1);
            self.people[who].left = Some(leaves);
            self.leavers.push((who, takes_over));
            let successors: Vec<Uuid> = takes_over.iter().map(|taker| self.people[*taker].id).collect();
            let body = json!({
                "on": leaves, "reason": "По собственному желанию", "hand_over_to": successors,
                "handover_note": "Все договорённости записаны в карточках, позвонить каждому в первую неделю.",
            });
            let at = calendar::at(last, 17 * 3_600 + 3_000);
            orders.push(Order::of(self.head(), at, "employees", Some(self.people[who].id), "dismiss", body));
        }
    }

    /// Two weeks of holidays a year and now and then some days; a colleague of the department stands in.
    fn rest(
        &mut self,
        dice: &mut Dice,
        who: usize,
        first: NaiveDate,
        until: NaiveDate,
        orders: &mut Vec<Order>,
    ) {
        let colleagues = self.of(self.people[who].department);
        let place = colleagues.iter().position(|colleague| *colleague == who).unwrap_or(0);
        let deputy = colleagues[(place + 1) % colleagues.len()];
        if deputy == who {
            return;
        }
        // One after the other through the department, so that a deputy is not away too.
        let mut begin =
            first + TimeDelta::days(30 + 17 * i64::try_from(place).unwrap_or(0) + dice.between(0, 2));
        let mut long = true;
        while begin < until - TimeDelta::days(20) {
            let from = calendar::working(begin);
            let back = calendar::after(from, if long { 13 } else { dice.between(2, 4) });
            let gone = |left: Option<NaiveDate>| left.is_some_and(|left| left <= back);
            if !gone(self.people[who].left) && !gone(self.people[deputy].left) {
                let absence = Absence {
                    employee_id: self.people[who].id,
                    from,
                    until: back,
                    deputy: self.people[deputy].id,
                    standing_in: deputy,
                };
                let body = json!({"from": from, "until": back, "deputies": [absence.deputy]});
                let told = if long { TimeDelta::days(14) } else { TimeDelta::zero() };
                let at = calendar::at((from - told).max(first), 8 * 3_600 + 1_800);
                orders.push(Order::of(
                    self.head(),
                    at,
                    "employees",
                    Some(absence.employee_id),
                    "plan_absence",
                    body,
                ));
                self.people[who].absences.push(absence);
            }
            begin += TimeDelta::days(if long { 182 } else { 183 });
            long = !long;
        }
    }

    /// Those of a department.
    fn of(&self, department: &str) -> Vec<usize> {
        (0..self.people.len()).filter(|who| self.people[*who].department == department).collect()
    }

    /// The id of an employee.
    pub fn id(&self, who: usize) -> Uuid {
        self.people[who].id
    }

    /// The head of sales.
    pub fn head(&self) -> Uuid {
        self.people[2].id
    }

    /// Everybody's absences.
    pub fn absences(&self) -> impl Iterator<Item = &Absence> {
        self.people.iter().flat_map(|employee| &employee.absences)
    }

    /// On which day somebody is away for good.
    pub fn left(&self, who: usize) -> Option<NaiveDate> {
        self.people[who].left
    }

    /// Who sells to a client of this size in this region, and is there for good on that day.
    pub fn manager(&self, dice: &mut Dice, region: &str, large: bool, day: NaiveDate) -> usize {
        let department = match region {
            _ if large => SELLING[2],
            "msk" | "mosobl" => SELLING[0],
            _ => SELLING[1],
        };
        let here: Vec<usize> = self
            .of(department)
            .into_iter()
            .filter(|who| self.people[*who].left.is_none_or(|left| left > day + TimeDelta::days(1)))
            .collect();
        *dice.of(&here)
    }

    /// One of those who call strangers.
    pub fn operator(&self, dice: &mut Dice, day: NaiveDate) -> usize {
        let operators = self.of("telemarketing");
        self.acting(*dice.of(&operators), day)
    }

    /// One of those who help.
    pub fn helper(&self, dice: &mut Dice, day: NaiveDate) -> usize {
        let helpers = self.of("support");
        self.acting(*dice.of(&helpers), day)
    }

    /// Who does somebody's work on that day: they themselves, or their deputy while they are away.
    pub fn acting(&self, who: usize, day: NaiveDate) -> usize {
        let away =
            self.people[who].absences.iter().find(|absence| absence.from <= day && day < absence.until);
        away.map_or(who, |absence| absence.standing_in)
    }
}

/// Mornings and afternoons of a week; those who help work on Saturdays too.
fn week(department: &str) -> serde_json::Value {
    let shift = |day: &str| json!({"day": day, "from": "09:00", "to": "18:00", "breaks": [{"from": "13:00", "to": "14:00"}]});
    let mut week: Vec<_> = ["mon", "tue", "wed", "thu", "fri"].map(shift).into();
    if department == "support" {
        week.push(json!({"day": "sat", "from": "10:00", "to": "15:00"}));
    }
    json!(week)
}
