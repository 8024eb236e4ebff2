//! The events of a client by what they are about, as patterns: a fold that has nothing to do with a topic names the topic alone, and
//! an event that joins a topic asks something only of the folds that take the topic apart.

/// A pattern for all events of these topics: `client_events!(reach, tags)`.
#[macro_export]
macro_rules! client_events {
    ($($topic:ident),+) => { $($crate::client_event!($topic))|+ };
}

/// A pattern for all events of one topic.
#[doc(hidden)]
#[macro_export]
macro_rules! client_event {
    // What they are.
    (profile) => {
        $crate::clients::ClientEvent::Registered { .. } | $crate::clients::ClientEvent::Corrected { .. }
    };
    // Phones, e-mails and addresses.
    (reach) => {
        $crate::clients::ClientEvent::PhoneAdded { .. }
            | $crate::clients::ClientEvent::PhoneRemoved { .. }
            | $crate::clients::ClientEvent::EmailAdded { .. }
            | $crate::clients::ClientEvent::EmailRemoved { .. }
            | $crate::clients::ClientEvent::AddressAdded { .. }
            | $crate::clients::ClientEvent::AddressRemoved { .. }
    };
    // What they are registered as.
    (requisites) => {
        $crate::clients::ClientEvent::RequisitesSet { .. }
            | $crate::clients::ClientEvent::RequisitesRemoved { .. }
    };
    // Labels.
    (tags) => {
        $crate::clients::ClientEvent::Tagged { .. } | $crate::clients::ClientEvent::Untagged { .. }
    };
    // Who of us looks after them.
    (managers) => {
        $crate::clients::ClientEvent::ManagerAssigned { .. }
            | $crate::clients::ClientEvent::ManagerReleased { .. }
    };
    // What they are to other clients.
    (relations) => {
        $crate::clients::ClientEvent::Related { .. } | $crate::clients::ClientEvent::Unrelated { .. }
    };
    // What they allow us.
    (consents) => {
        $crate::clients::ClientEvent::ConsentGiven { .. }
            | $crate::clients::ClientEvent::ConsentWithdrawn { .. }
            | $crate::clients::ClientEvent::ChannelForbidden { .. }
            | $crate::clients::ClientEvent::ChannelAllowed { .. }
    };
    // Whom they look like.
    (duplicates) => {
        $crate::clients::ClientEvent::DuplicateSuspected { .. }
            | $crate::clients::ClientEvent::DuplicateDenied { .. }
    };
    // With whom they are one.
    (merging) => {
        $crate::clients::ClientEvent::MergedInto { .. } | $crate::clients::ClientEvent::Unmerged { .. }
    };
    // Whether they are kept at hand.
    (archive) => {
        $crate::clients::ClientEvent::Archived { .. } | $crate::clients::ClientEvent::Restored { .. }
    };
}
