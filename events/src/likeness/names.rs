//! Names without what tells nothing: legal forms, quotes, punctuation, case, ё.

use std::collections::BTreeSet;

/// Legal forms and their words, and words that stand in every second name of a company.
const SILENT: &[&str] = &[
    "ооо",
    "оао",
    "зао",
    "пао",
    "нао",
    "ао",
    "ип",
    "чп",
    "тоо",
    "тд",
    "пк",
    "ск",
    "нко",
    "ано",
    "гуп",
    "муп",
    "фгуп",
    "фгбу",
    "гбу",
    "мбу",
    "общество",
    "с",
    "ограниченной",
    "ответственностью",
    "акционерное",
    "открытое",
    "закрытое",
    "публичное",
    "непубличное",
    "индивидуальный",
    "предприниматель",
    "торговый",
    "дом",
    "компания",
    "фирма",
    "группа",
    "llc",
    "ltd",
    "limited",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "company",
    "co",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "sa",
    "srl",
    "bv",
    "oy",
    "ab",
    "the",
    "and",
];

/// Names are alike from here on: one slip in seven letters.
const ALIKE: f64 = 0.85;

/// The shortest word that leads to others like it.
const LEADING: usize = 3;

/// Words of a text, in lower case, without punctuation.
pub(super) fn plain(text: &str) -> impl Iterator<Item = String> {
    let lower = text.to_lowercase().replace('ё', "е");
    let words: Vec<String> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}

/// The words that make a name, sorted; all of them where none would be left.
pub(super) fn words(name: &str) -> Vec<String> {
    let all: Vec<String> = plain(name).collect();
    let mut telling: Vec<String> =
        all.iter().filter(|word| !SILENT.contains(&word.as_str())).cloned().collect();
    telling.sort_unstable();
    telling
}

/// How alike two names are, where they are; names that differ in a number are of two clients.
pub(super) fn alike(one: &[String], other: &[String]) -> bool {
    let numbers = |words: &[String]| -> BTreeSet<String> {
        words.iter().filter(|word| word.contains(|c: char| c.is_numeric())).cloned().collect()
    };
    !one.is_empty()
        && !other.is_empty()
        && numbers(one) == numbers(other)
        && strsim::normalized_damerau_levenshtein(&one.join(" "), &other.join(" ")) >= ALIKE
}

/// What leads from a name to names like it: the consonants of its two longest words, those that sound alike as one.
pub(super) fn leads(words: &[String]) -> Vec<String> {
    let mut long: Vec<&String> = words
        .iter()
        .filter(|word| word.chars().count() >= LEADING && !word.contains(|c: char| c.is_numeric()))
        .collect();
    long.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    long.into_iter().take(2).map(|word| skeleton(word)).collect()
}

fn skeleton(word: &str) -> String {
    let sound = |c: char| match c {
        'а' | 'е' | 'и' | 'й' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я' | 'ь' | 'ъ' | 'a' | 'e' | 'i' | 'o'
        | 'u' | 'y' => None,
        'б' => Some('п'),
        'в' => Some('ф'),
        'г' => Some('к'),
        'д' => Some('т'),
        'ж' => Some('ш'),
        'з' => Some('с'),
        other => Some(other),
    };
    let mut bones: Vec<char> = word.chars().filter_map(sound).collect();
    bones.dedup();
    if bones.len() < 2 { word.to_owned() } else { bones.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_without_form_quotes_case_and_a_slip() {
        for (one, other) in [
            ("ООО «Ромашка»", "Ромашка, ООО"),
            ("Общество с ограниченной ответственностью \"РОМАШКА\"", "ЗАО Ромашка"),
            ("ООО «Ёлочка»", "елочка"),
            ("ООО «Ромашка»", "ООО «Рамашка»"),
            ("Baltic Trade Ltd", "BALTIC TRADE GmbH"),
            ("ИП Иванов Пётр", "Петр Иванов"),
            ("ООО «Вектор 12»", "Вектор-12"),
        ] {
            assert!(alike(&words(one), &words(other)), "{one} {other}");
        }
        for (one, other) in [
            ("ООО «Ромашка»", "ООО «Василёк»"),
            ("ООО «Вектор 12»", "ООО «Вектор 13»"),
            ("ООО «Новый Свет»", "ООО «Новый Лес»"),
            ("ООО «Альфа»", "ООО «Альта»"),
            ("ООО", "ООО"),
        ] {
            assert!(!alike(&words(one), &words(other)), "{one} {other}");
        }
    }

    #[test]
    fn what_sounds_alike_leads_to_each_other() {
        for (one, other) in [("Ромашка", "Рамажка"), ("Аллегро", "Алегро"), ("Торговый дом Весна", "Висна")]
        {
            assert_eq!(leads(&words(one)), leads(&words(other)), "{one} {other}");
        }
        assert_eq!(leads(&words("ООО «12»")), [""; 0]);
    }
}
