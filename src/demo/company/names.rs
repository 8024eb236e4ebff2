//! What people, companies and places are called.

use super::beats::Audience;
use super::dice::Dice;
use serde_json::{Value, json};

/// Last names, of a man and of a woman.
const LAST: [(&str, &str); 40] = [
    ("Иванов", "Иванова"),
    ("Смирнов", "Смирнова"),
    ("Кузнецов", "Кузнецова"),
    ("Попов", "Попова"),
    ("Васильев", "Васильева"),
    ("Петров", "Петрова"),
    ("Соколов", "Соколова"),
    ("Михайлов", "Михайлова"),
    ("Новиков", "Новикова"),
    ("Фёдоров", "Фёдорова"),
    ("Морозов", "Морозова"),
    ("Волков", "Волкова"),
    ("Алексеев", "Алексеева"),
    ("Лебедев", "Лебедева"),
    ("Семёнов", "Семёнова"),
    ("Егоров", "Егорова"),
    ("Павлов", "Павлова"),
    ("Козлов", "Козлова"),
    ("Степанов", "Степанова"),
    ("Николаев", "Николаева"),
    ("Орлов", "Орлова"),
    ("Андреев", "Андреева"),
    ("Макаров", "Макарова"),
    ("Никитин", "Никитина"),
    ("Захаров", "Захарова"),
    ("Зайцев", "Зайцева"),
    ("Соловьёв", "Соловьёва"),
    ("Борисов", "Борисова"),
    ("Яковлев", "Яковлева"),
    ("Григорьев", "Григорьева"),
    ("Романов", "Романова"),
    ("Воробьёв", "Воробьёва"),
    ("Сергеев", "Сергеева"),
    ("Тимофеев", "Тимофеева"),
    ("Галиев", "Галиева"),
    ("Белов", "Белова"),
    ("Комаров", "Комарова"),
    ("Ковалёв", "Ковалёва"),
    ("Киселёв", "Киселёва"),
    ("Гусев", "Гусева"),
];
const MEN: [&str; 16] = [
    "Александр",
    "Дмитрий",
    "Сергей",
    "Андрей",
    "Алексей",
    "Максим",
    "Евгений",
    "Иван",
    "Михаил",
    "Николай",
    "Илья",
    "Роман",
    "Павел",
    "Артём",
    "Виктор",
    "Тимур",
];
const WOMEN: [&str; 16] = [
    "Анна",
    "Мария",
    "Елена",
    "Ольга",
    "Наталья",
    "Екатерина",
    "Татьяна",
    "Ирина",
    "Светлана",
    "Юлия",
    "Марина",
    "Людмила",
    "Дарья",
    "Виктория",
    "Алина",
    "Галина",
];
/// Patronymics, of a man and of a woman.
const PATRONYMICS: [(&str, &str); 14] = [
    ("Александрович", "Александровна"),
    ("Сергеевич", "Сергеевна"),
    ("Владимирович", "Владимировна"),
    ("Николаевич", "Николаевна"),
    ("Андреевич", "Андреевна"),
    ("Викторович", "Викторовна"),
    ("Алексеевич", "Алексеевна"),
    ("Иванович", "Ивановна"),
    ("Михайлович", "Михайловна"),
    ("Юрьевич", "Юрьевна"),
    ("Анатольевич", "Анатольевна"),
    ("Игоревич", "Игоревна"),
    ("Олегович", "Олеговна"),
    ("Рустамович", "Рустамовна"),
];

/// Rivers, regions and good omens that companies are named after.
const FIRST: [&str; 40] = [
    "Волга",
    "Урал",
    "Сибирь",
    "Балт",
    "Дон",
    "Кама",
    "Нева",
    "Ока",
    "Вятка",
    "Алтай",
    "Байкал",
    "Амур",
    "Кубань",
    "Тавр",
    "Терек",
    "Онего",
    "Ладога",
    "Сура",
    "Обь",
    "Енисей",
    "Альфа",
    "Вектор",
    "Гранд",
    "Прайм",
    "Орион",
    "Атлант",
    "Меридиан",
    "Фаворит",
    "Квант",
    "Спектр",
    "Олимп",
    "Сатурн",
    "Эталон",
    "Гефест",
    "Полюс",
    "Контур",
    "Импульс",
    "Горизонт",
    "Маяк",
    "Рубин",
];
/// What they do, and what such companies call themselves.
const TRADES: [(&str, [&str; 4]); 20] = [
    ("retail", ["Маркет", "Торг", "Универмаг", "Ритейл"]),
    ("wholesale", ["Опт", "Снаб", "Комплект", "Ресурс"]),
    ("manufacturing", ["Пром", "Фабрика", "Завод", "Пласт"]),
    ("machinery", ["Маш", "Станко", "Агрегат", "Привод"]),
    ("metallurgy", ["Металл", "Сталь", "Прокат", "Литьё"]),
    ("construction", ["Строй", "Монтаж", "Девелопмент", "Мост"]),
    ("building_materials", ["Бетон", "Кирпич", "Кровля", "Стекло"]),
    ("real_estate", ["Недвижимость", "Эстейт", "Аренда", "Дом"]),
    ("food", ["Продукт", "Хлеб", "Молоко", "Мясо"]),
    ("agriculture", ["Агро", "Зерно", "Птица", "Ферма"]),
    ("hospitality", ["Отель", "Ресторан", "Тур", "Кафе"]),
    ("logistics", ["Транс", "Логистик", "Карго", "Склад"]),
    ("automotive", ["Авто", "Шина", "Мотор", "Сервис"]),
    ("energy", ["Энерго", "Свет", "Тепло", "Сети"]),
    ("chemistry", ["Хим", "Лак", "Полимер", "Реагент"]),
    ("medicine", ["Мед", "Клиника", "Стоматология", "Диагностика"]),
    ("education", ["Учебный центр", "Школа", "Курс", "Знание"]),
    ("software", ["Софт", "Диджитал", "Системы", "Дата"]),
    ("telecom", ["Связь", "Телеком", "Линк", "Канал"]),
    ("media", ["Медиа", "Реклама", "Принт", "Студия"]),
];
const ENGLISH: [&str; 10] = [
    "Baltic",
    "Northern",
    "Aurora",
    "Harbour",
    "Caspian",
    "Summit",
    "Riverside",
    "Polar",
    "Silver",
    "Granite",
];
const ENGLISH_TRADES: [(&str, &str); 10] = [
    ("wholesale", "Trading"),
    ("food", "Foods"),
    ("software", "Systems"),
    ("logistics", "Freight"),
    ("machinery", "Machinery"),
    ("chemistry", "Chemicals"),
    ("agriculture", "Grain"),
    ("media", "Media"),
    ("medicine", "Medical"),
    ("telecom", "Networks"),
];
const BODIES: [(&str, &str); 4] = [
    ("medicine", "ГБУЗ «Городская больница №"),
    ("education", "МБОУ «Средняя школа №"),
    ("education", "МБДОУ «Детский сад №"),
    ("public_sector", "МФЦ «Мои документы №"),
];
const ENGLISH_FIRST: [&str; 10] =
    ["James", "Helen", "Peter", "Laura", "Martin", "Alice", "Thomas", "Grace", "Oliver", "Nora"];
const ENGLISH_LAST: [&str; 14] = [
    "Carter", "Hughes", "Bennett", "Walsh", "Murray", "Fletcher", "Lindgren", "Doyle", "Marsh", "Novak",
    "Keller", "Hansen", "Price", "Moreau",
];
/// What mobile numbers begin with.
const OPERATORS: [&str; 17] = [
    "903", "905", "909", "910", "915", "916", "917", "921", "925", "926", "929", "952", "960", "965", "977",
    "981", "985",
];
/// Where clients are: region, dialling code, digits of a tax office, town.
pub const PLACES: [(&str, &str, &str, &str); 10] = [
    ("msk", "495", "7701", "Москва"),
    ("mosobl", "498", "5024", "Красногорск"),
    ("spb", "812", "7805", "Санкт-Петербург"),
    ("sverdlobl", "343", "6670", "Екатеринбург"),
    ("novosibobl", "383", "5406", "Новосибирск"),
    ("tatarstan", "843", "1655", "Казань"),
    ("samobl", "846", "6315", "Самара"),
    ("rostobl", "863", "6163", "Ростов-на-Дону"),
    ("krdkray", "861", "2308", "Краснодар"),
    ("permkray", "342", "5902", "Пермь"),
];
const STREETS: [&str; 12] = [
    "Ленина",
    "Мира",
    "Советская",
    "Гагарина",
    "Заводская",
    "Садовая",
    "Кирова",
    "Пушкина",
    "Лесная",
    "Промышленная",
    "Набережная",
    "Октябрьская",
];

/// A person's name in its parts; the same number gives the same name, no two below 8,000 the same.
pub fn person(number: usize) -> Value {
    let woman = number.is_multiple_of(2);
    // Neighbours differ in all three parts; from the parts one finds the number again.
    let (family, street, town) = (number % 40, number / 40 % 16, number / 640);
    let first = (street + 5 * family + 3 * town) % 16;
    let (last, patronymic) = (LAST[family], PATRONYMICS[(town + 3 * family + first) % 14]);
    if woman {
        json!({"last": last.1, "first": WOMEN[first], "patronymic": patronymic.1})
    } else {
        json!({"last": last.0, "first": MEN[first], "patronymic": patronymic.0})
    }
}

/// The name of who trades alone under this number.
pub fn trader(number: usize) -> Value {
    person(4_001 + number)
}

/// A name of somebody who speaks English.
pub fn foreigner(number: usize) -> Value {
    json!({"last": ENGLISH_LAST[number % 14], "first": ENGLISH_FIRST[number / 14 % 10]})
}

/// What a mobile number begins with.
pub const fn operator(number: usize) -> &'static str {
    OPERATORS[number % OPERATORS.len()]
}

/// A name as one writes it in full.
pub fn full(name: &Value) -> String {
    let part = |part: &str| name[part].as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", part("last"), part("first"), part("patronymic"))
}

/// What a client is.
#[derive(Debug)]
pub struct Named {
    /// The kind of a client.
    pub kind: &'static str,
    /// What they are called.
    pub name: String,
    /// Line of business.
    pub industry: Option<&'static str>,
    /// Whether they speak English.
    pub english: bool,
}

/// A client's name; no two below 3,200 the same.
pub fn client(dice: &mut Dice, number: usize) -> Named {
    let named = |kind, name, industry| Named { kind, name, industry: Some(industry), english: false };
    match number % 20 {
        3 | 11 => {
            let (industry, _) = dice.of(&TRADES);
            named("sole_trader", format!("ИП {}", full(&trader(number))), industry)
        }
        7 => {
            let (industry, name) = BODIES[number / 20 % 4];
            named("public_body", format!("{name} {}»", 1 + number / 20), industry)
        }
        14 => Named { kind: "person", name: full(&person(6_001 + number)), industry: None, english: false },
        18 => {
            let (industry, trade) = ENGLISH_TRADES[number / 20 % 10];
            let name = format!("{} {trade} Ltd", ENGLISH[number / 200 % 10]);
            Named { kind: "company", name, industry: Some(industry), english: true }
        }
        _ => {
            // 1,237 and 3,200 share no divisor: each combination comes once.
            let combination = number * 1_237 % 3_200;
            let (industry, trades) = TRADES[combination / 160];
            let name = format!("{}-{}", FIRST[combination % 40], trades[combination / 40 % 4]);
            let form = if dice.percent(12) { "АО" } else { "ООО" };
            named("company", format!("{form} «{name}»"), industry)
        }
    }
}

/// An address in a town; who trades alone has a flat, a public body its own house.
pub fn address(dice: &mut Dice, town: &str, of: Audience) -> String {
    let (street, house, door) = (dice.of(&STREETS), 1 + dice.below(120), 1 + dice.below(400));
    match of {
        Audience::Company => format!("{town}, ул. {street}, д. {house}, офис {door}"),
        Audience::Alone => format!("{town}, ул. {street}, д. {house}, кв. {door}"),
        Audience::Public => format!("{town}, ул. {street}, д. {house}"),
    }
}

/// Registration data with their check digits. The numbers begin as those of a tax office that registers nobody, 99, so that nobody
/// real has them.
pub fn requisites(kind: &str, number: usize, office: &str) -> Option<Value> {
    let digits = |text: &str| text.bytes().map(|b| usize::from(b - b'0')).collect::<Vec<_>>();
    let check = |text: &str, weights: &[usize]| {
        let sum: usize = digits(text).iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
        sum % 11 % 10
    };
    match kind {
        "company" | "public_body" => {
            let inn = format!("99{:07}", 1_000_000 + number * 37);
            let inn = format!("{inn}{}", check(&inn, &[2, 4, 10, 3, 5, 9, 4, 6, 8]));
            let ogrn = format!("1{:02}99{:07}", 5 + number % 18, 1_000_000 + number * 91);
            let rest = ogrn.parse::<u64>().ok()? % 11 % 10;
            Some(json!({"inn": inn, "kpp": format!("{office}01001"), "ogrn": format!("{ogrn}{rest}")}))
        }
        "sole_trader" => {
            let inn = format!("99{:08}", 10_000_000 + number * 53);
            let inn = format!("{inn}{}", check(&inn, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]));
            let inn = format!("{inn}{}", check(&inn, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]));
            let ogrn = format!("3{:02}99{:09}", 5 + number % 18, 100_000_000 + number * 71);
            let rest = ogrn.parse::<u64>().ok()? % 13 % 10;
            Some(json!({"inn": inn, "ogrn": format!("{ogrn}{rest}")}))
        }
        _ => None,
    }
}

/// A number as people write and dial it: with eight or with seven, with brackets, in one piece.
pub fn written(dice: &mut Dice, code: &str, local: usize) -> String {
    let local = format!("{local:07}");
    let (a, b, c) = (&local[..3], &local[3..5], &local[5..]);
    match dice.below(7) {
        0 => format!("+7 {code} {a}-{b}-{c}"),
        1 => format!("8 ({code}) {a}-{b}-{c}"),
        2 => format!("8{code}{local}"),
        3 => format!("+7{code}{local}"),
        4 => format!("8-{code}-{a}-{b}-{c}"),
        5 => format!("7 {code} {a} {b} {c}"),
        _ => format!("({code}) {a} {b}{c}"),
    }
}

/// Latin letters for a name, for an address of e-mail.
pub fn latin(text: &str) -> String {
    const LETTERS: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u",
        "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
    ];
    let letter = |c: char| match c {
        'а'..='я' => LETTERS[c as usize - 'а' as usize].to_owned(),
        'ё' => "e".to_owned(),
        c if c.is_ascii_alphanumeric() => c.to_string(),
        _ => String::new(),
    };
    text.to_lowercase().chars().map(letter).collect()
}
