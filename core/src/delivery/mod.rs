//! Card codes on their way to the customer: by e-mail, by SMS, or into the shop's own pages.

mod cards;
mod message;
mod template;
mod texts;

pub use message::MessageTemplates;
