//! Who and what the made-up company deals with.

use super::sample::Dice;

/// Employees: last name, first name, patronymic.
pub const EMPLOYEES: [(&str, &str, &str); 12] = [
    ("Иванова", "Мария", "Сергеевна"),
    ("Петров", "Алексей", "Игоревич"),
    ("Сидорова", "Ольга", "Павловна"),
    ("Кузнецов", "Дмитрий", "Андреевич"),
    ("Смирнова", "Елена", "Викторовна"),
    ("Попов", "Сергей", "Николаевич"),
    ("Волкова", "Анна", "Дмитриевна"),
    ("Соколов", "Михаил", "Юрьевич"),
    ("Морозова", "Татьяна", "Олеговна"),
    ("Новиков", "Илья", "Максимович"),
    ("Фёдорова", "Ирина", "Алексеевна"),
    ("Егоров", "Павел", "Романович"),
];
/// Departments and what they are called.
pub const DEPARTMENTS: [(&str, &str); 2] = [("sales", "Отдел продаж"), ("support", "Служба поддержки")];
/// Regions.
pub const REGIONS: [&str; 6] = ["msk", "spb", "sverdlobl", "novosibobl", "tatarstan", "rostobl"];
/// Sizes.
pub const SIZES: [&str; 4] = ["micro", "small", "medium", "large"];
/// Lines of business.
pub const INDUSTRIES: [&str; 6] = ["retail", "construction", "food", "logistics", "software", "agriculture"];
/// How they found us.
pub const CHANNELS: [&str; 5] = ["site", "exhibition", "referral", "cold_call", "advertising"];
/// Results of talks.
pub const RESULTS: [&str; 5] = ["interested", "agreed", "refused", "thinking", "wrong_person"];
/// Tags.
pub const TAGS: [&str; 4] = ["vip", "b2b", "newsletter", "debtor"];
/// Subjects of letters.
pub const SUBJECTS: [&str; 5] =
    ["Коммерческое предложение", "Счёт на оплату", "Уточнение сроков", "Price list", "Delivery terms"];

const FIRST: [&str; 10] =
    ["Северный", "Восточный", "Новый", "Альфа", "Прима", "Гранд", "Вектор", "Русский", "Волжский", "Балтик"];
const SECOND: [&str; 10] =
    ["Дом", "Торг", "Строй", "Сервис", "Логистик", "Продукт", "Свет", "Лес", "Металл", "Стиль"];
const ENGLISH: [&str; 5] =
    ["Baltic Trade", "Northern Foods", "Aurora Systems", "Green Field", "Blue Harbour"];

/// What a client is and what it is called.
pub fn client(dice: &mut Dice, index: usize) -> (&'static str, String) {
    if dice.percent(10) {
        return ("company", format!("{} {} Ltd", dice.of(&ENGLISH), index + 1));
    }
    let name = format!("{} {}", dice.of(&FIRST), dice.of(&SECOND));
    match dice.below(10) {
        0 => ("sole_trader", format!("ИП {}", EMPLOYEES[index % EMPLOYEES.len()].0)),
        1 => ("public_body", format!("Управление «{name}»")),
        _ => ("company", format!("ООО «{name} {}»", index + 1)),
    }
}

/// A taxpayer's number of an organisation that nobody has, with its check digit.
pub fn inn(dice: &mut Dice) -> String {
    const WEIGHTS: [usize; 9] = [2, 4, 10, 3, 5, 9, 4, 6, 8];
    let mut digits: Vec<usize> = vec![9, 9];
    digits.extend((0..7).map(|_| dice.below(10)));
    let sum: usize = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    digits.push(sum % 11 % 10);
    digits.iter().map(ToString::to_string).collect()
}
