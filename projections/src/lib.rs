//! Read models: pure folds and the engine that stores their rows.
//!
//! A read model is one file: its tables (`table!`), their set (`row_set!`) and `impl Projection` with its one function `apply`.

pub mod engine;
