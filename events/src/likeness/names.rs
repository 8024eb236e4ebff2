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

/// Words are alike from here on: one slip in seven letters.
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

/// The words that make a name.
pub(super) fn words(name: &str) -> Vec<String> {
    plain(name).filter(|word| !SILENT.contains(&word.as_str())).collect()
}

/// Whether two names are of the same words, in any order.
pub(super) fn same(one: &[String], other: &[String]) -> bool {
    let sorted = |words: &[String]| {
        let mut words = words.to_vec();
        words.sort_unstable();
        words
    };
    sorted(one) == sorted(other)
}

/// Whether two names are alike: word for word the same but for slips, in any order, or the same without spaces.
pub(super) fn alike(one: &[String], other: &[String]) -> bool {
    if one.is_empty() || other.is_empty() {
        return false;
    }
    if one.concat() == other.concat() {
        return true;
    }
    let mut theirs: Vec<&String> = other.iter().collect();
    let mut take = |word: &String, fits: fn(&str, &str) -> bool| {
        let place = theirs.iter().position(|other| fits(word, other));
        place.map(|place| theirs.swap_remove(place)).is_some()
    };
    let rest: Vec<&String> = one.iter().filter(|word| !take(word, |a, b| a == b)).collect();
    one.len() == other.len() && rest.into_iter().all(|word| take(word, slip))
}

/// Whether one word may be the other, mistyped; a number never is.
fn slip(one: &str, other: &str) -> bool {
    let number = |word: &str| word.contains(|c: char| c.is_numeric());
    !number(one) && !number(other) && strsim::normalized_damerau_levenshtein(one, other) >= ALIKE
}

/// What leads from a name to names like it: the consonants of the whole, however it is written apart, and of its two longest words;
/// those that sound alike as one.
pub(super) fn leads(words: &[String]) -> BTreeSet<String> {
    let whole = words.concat();
    let tells = |word: &&String| word.chars().count() >= LEADING;
    let mut long: Vec<&String> =
        words.iter().filter(tells).filter(|word| !word.contains(char::is_numeric)).collect();
    long.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let whole = Some(&whole).filter(tells).filter(|whole| whole.contains(char::is_alphabetic));
    whole.into_iter().chain(long.into_iter().take(2)).map(|word| skeleton(word)).collect()
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
            ("Рос Сервис", "РосСервис"),
        ] {
            assert!(alike(&words(one), &words(other)), "{one} {other}");
        }
        for (one, other) in [
            ("ООО «Ромашка»", "ООО «Василёк»"),
            ("ООО «Вектор 12»", "ООО «Вектор 13»"),
            ("ООО «Новый Свет»", "ООО «Новый Лес»"),
            ("ООО «Альфа»", "ООО «Альта»"),
            ("Управление «Волжский Торг»", "Управление «Волжский Строй»"),
            ("Иванова Мария", "Иванов Пётр"),
            ("Весна", "Весна Весна"),
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
        for (one, other) in
            [("Строй-Сервис", "Стройсервис"), ("Вектор 12", "Вектор12"), ("Новый Лес", "Лес, новый")]
        {
            assert!(!leads(&words(one)).is_disjoint(&leads(&words(other))), "{one} {other}");
        }
        assert_eq!(leads(&words("ООО «12»")), BTreeSet::new());
    }
}
