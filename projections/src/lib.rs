//! Read models: pure folds and the engine that stores their rows.
//!
//! A read model is one file: its tables (`table!`), their set (`row_set!`) and `impl Projection` with its one function `apply`.

pub mod absences;
pub mod aliases;
pub mod assignments;
pub mod client_cards;
pub mod consents;
pub mod contacts;
pub mod departments;
pub mod dictionaries;
pub mod directory;
pub mod duplicates;
pub mod engine;
pub mod relations;
pub mod reports;
pub mod segment_analytics;
pub mod steps;
pub mod timeline;

use engine::Group;

/// The spine: what the pages about clients ask.
pub fn crm() -> Group {
    Group::new("crm", 10)
        .with::<directory::Directory>()
        .with::<client_cards::ClientCards>()
        .with::<contacts::Contacts>()
        .with::<timeline::Timeline>()
        .with::<assignments::Assignments>()
        .with::<segment_analytics::SegmentAnalytics>()
        .with::<steps::Steps>()
        .with::<absences::Absences>()
        .with::<dictionaries::Dictionaries>()
        .with::<departments::Departments>()
        .with::<aliases::Aliases>()
        .with::<duplicates::Duplicates>()
        .with::<consents::Consents>()
        .with::<relations::Relations>()
}

/// What reports count.
pub fn reports() -> Group {
    Group::new("reports", 4)
        .with::<reports::Reports>()
        .with::<aliases::Aliases>()
        .with::<dictionaries::Dictionaries>()
}
