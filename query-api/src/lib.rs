//! Questions: the HTTP answers over the read models and the log. One file per read model, one list per file.

pub mod absences;
pub mod aliases;
pub mod answer;
pub mod asking;
pub mod assignments;
pub mod client_cards;
mod columns;
pub mod consents;
pub mod contacts;
pub mod departments;
pub mod dictionaries;
pub mod directory;
pub mod duplicates;
pub mod employees;
pub mod log;
pub mod openapi;
pub mod page;
pub mod params;
mod presence;
pub mod problem;
mod reach;
pub mod relations;
pub mod reports;
pub mod segment_analytics;
pub mod selection;
pub mod steps;
pub mod timeline;

use asking::{Asking, Question};

/// All questions there are.
pub fn questions() -> Vec<Question> {
    let lists = [
        directory::questions(),
        employees::questions(),
        absences::questions(),
        client_cards::questions(),
        relations::questions(),
        duplicates::questions(),
        contacts::questions(),
        timeline::questions(),
        assignments::questions(),
        segment_analytics::questions(),
        steps::questions(),
        reports::questions(),
        dictionaries::questions(),
        departments::questions(),
        log::questions(),
    ];
    lists.into_iter().flatten().collect()
}

/// Their routes.
pub fn router(asking: Asking) -> axum::Router {
    let add = |router: axum::Router<Asking>, question: Question| {
        router.route(&question.operation.path, question.route)
    };
    questions().into_iter().fold(axum::Router::new(), add).with_state(asking)
}

/// Every constant statement on the tables of the group `crm`, for the test that prepares them all.
#[doc(hidden)]
pub fn statements() -> Vec<&'static str> {
    let lists = [
        client_cards::STATEMENTS,
        relations::STATEMENTS,
        duplicates::STATEMENTS,
        contacts::STATEMENTS,
        timeline::STATEMENTS,
        timeline::interactions::STATEMENTS,
        assignments::STATEMENTS,
        employees::STATEMENTS,
        absences::STATEMENTS,
        steps::STATEMENTS,
        departments::STATEMENTS,
        dictionaries::STATEMENTS,
    ];
    lists.concat()
}
