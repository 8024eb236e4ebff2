//! `docs/API.md`: the commands of each module and the questions, as tables made from the API's document.

use serde_json::Value;
use std::fmt::Write;

/// So deep fields within fields are told; what lies deeper stands in the document alone.
const DEPTH: usize = 2;

const HEAD: &str = "# The API\n\n\
    Made from docs/openapi.json by `make generate`, which says all there is: types, limits, answers, an example of each. A served Letopis \
    shows it at `/docs`.\n\n\
    A command is `POST /api/commands/{module}[/{id}]/{command}` with the fields as its body; `?` = may be absent, \
    `[]` = a list. A question is `GET`; all take `as_of=` (a position or a moment) and `wait_for=` (a position) unless they are about the present alone.\n\n\
    Lists and tables are asked by any of their fields: `field=value`, `field=a,b` (any of these), `field=from..to` (from inclusive, to exclusive, \
    either may be absent), `field=null`, `field=any`; `sort=field` or `sort=-field`, `columns=a,b`, `limit=` (up to 500) and `cursor=` (`next` or `prev` \
    of an answer). With `Accept: text/csv` they are answered as CSV. `GET /api/{list}/fields` tells the fields and what they take.\n";

/// The page.
pub fn page(document: &Value) -> String {
    let mut commands = String::new();
    let mut questions = String::from("\n## Questions\n\n| path | meaning | parameters |\n|---|---|---|\n");
    let mut module = "";
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            let own = path.strip_prefix("/api/commands/").filter(|_| method == "post");
            let Some((of, command)) =
                own.and_then(|rest| Some((rest.split('/').next()?, rest.rsplit('/').next()?)))
            else {
                let (path, parameters) = (cell(path), cell(&parameters(&operation["parameters"])));
                let _ = writeln!(questions, "| {path} | {} | {parameters} |", cell(summary));
                continue;
            };
            if of != module {
                let _ = write!(commands, "\n## {of}\n\n| command | meaning | fields |\n|---|---|---|\n");
                module = of;
            }
            let id = if path.contains("{id}") { " (id)" } else { "" };
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let _ =
                writeln!(commands, "| {command}{id} | {} | {} |", cell(summary), cell(&fields(schema, 0)));
        }
    }
    format!("{HEAD}{commands}{questions}")
}

/// A text that stays in its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The fields of a body: `name?`, `name? (one, of, these)`, `name {fields}`, `[fields]`.
fn fields(schema: &Value, depth: usize) -> String {
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|list| list.iter().any(|r| r == name));
    let one = |(name, of): (&String, &Value)| {
        let mark = if required(name) { "" } else { "?" };
        format!("{name}{mark}{}", inner(of, depth + 1))
    };
    schema["properties"].as_object().into_iter().flatten().map(one).collect::<Vec<_>>().join(", ")
}

fn inner(schema: &Value, depth: usize) -> String {
    let kinds = &schema["type"];
    let list =
        kinds == "array" || kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "array"));
    if depth > DEPTH {
        return String::new();
    }
    if schema["properties"].is_object() {
        return format!(" {{{}}}", fields(schema, depth));
    }
    if schema["items"]["properties"].is_object() {
        return format!(" [{{{}}}]", fields(&schema["items"], depth));
    }
    let alternatives = ["oneOf", "anyOf"].iter().find_map(|key| schema[key].as_array());
    let named = |choice: &Value| match (&choice["const"], choice["properties"].as_object()) {
        (Value::String(name), _) => Some(name.clone()),
        (_, Some(only)) if only.len() == 1 => only.keys().next().map(|name| format!("{{{name}}}")),
        _ => None,
    };
    let choices: Vec<String> = match (letopis_events::listed(schema), alternatives) {
        (Some(listed), _) => listed.into_iter().map(str::to_owned).collect(),
        (None, Some(alternatives)) => alternatives.iter().filter_map(named).collect(),
        (None, None) => vec![],
    };
    match (choices.is_empty(), list) {
        (true, true) => " []".into(),
        (true, false) => String::new(),
        (false, _) => format!(" ({})", choices.join(", ")),
    }
}

/// The parameters a question has of its own.
fn parameters(list: &Value) -> String {
    let of_all = ["as_of", "wait_for", "limit", "cursor", "id"];
    let own = list.as_array().into_iter().flatten().filter_map(|parameter| {
        let name = parameter["name"].as_str().filter(|name| !of_all.contains(name))?;
        (parameter["in"] == "query").then(|| {
            let mark = if parameter["required"] == true { "" } else { "?" };
            format!("{name}{mark}{}", inner(&parameter["schema"], 1))
        })
    });
    own.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_page_is_made_from_the_document() {
        let committed = std::fs::read_to_string("docs/API.md").unwrap_or_default();
        assert!(committed == super::page(&crate::http::document()), "run `make generate`");
    }
}
