//! What of the binary stands for itself, so that it is measured and tested without the rest: the policies.

pub mod policies;
