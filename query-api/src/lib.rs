//! Questions: the HTTP answers over the read models and the log.
