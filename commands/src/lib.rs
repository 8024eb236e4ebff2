//! Decisions: pure deciders and the one function that executes them.
