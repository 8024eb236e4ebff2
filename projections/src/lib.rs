//! Read models: pure folds and the engine that stores their rows.
