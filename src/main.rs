//! Letopis: composition only.
fn main() {}
