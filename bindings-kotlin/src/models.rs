//! The engine's models at this border: its tables, expanded once more.

#![allow(missing_docs, reason = "the tables document what they declare; the macros add no more")]

use oneclickdz as core;

use crate::border::{Cross, Decimal, Dzd, Enter, SecretText, Timestamp};
use crate::failure::Failure;

/// Kotlin's unsigned numbers cannot be called from Java: the tables' counts are signed here.
#[allow(non_camel_case_types, reason = "it stands in for the primitive that the tables name")]
type u32 = i32;

macro_rules! enums { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }
)*) => { $(
    $(#[$meta])*
    #[derive(Clone, Copy, uniffi::Enum)]
    pub enum $name { $( $(#[$variant_meta])* $variant, )* }

    impl Cross<$name> for core::$name {
        fn cross(self) -> $name {
            match self { $( Self::$variant => $name::$variant, )* }
        }
    }

    impl Enter<core::$name> for $name {
        fn enter(self, _: &str, _: &str) -> Result<core::$name, Failure> {
            Ok(match self { $( Self::$variant => core::$name::$variant, )* })
        }
    }
)* } }
core::boundary_enums!(enums);

macro_rules! records { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
)*) => { $( record! { $name $(#[$meta])* { $( $(#[$field_meta])* $field: $type, )* } } )* } }

macro_rules! record {
    // `Order` and `Delivery` are what people hold in Kotlin, and can wait for.
    (Order $($rest:tt)*) => { record! { @ [#[uniffi(name = "OrderSnapshot")]] Order $($rest)* } };
    (Delivery $($rest:tt)*) => { record! { @ [#[uniffi(name = "DeliverySnapshot")]] Delivery $($rest)* } };
    (@ [$($attribute:tt)*] $name:ident $(#[$meta:meta])* {
        $( $(#[$field_meta:meta])* $field:ident: $type:ty, )*
    }) => {
        $(#[$meta])*
        #[derive(uniffi::Record)]
        $($attribute)*
        pub struct $name { $( $(#[$field_meta])* pub $field: $type, )* }

        impl Cross<$name> for core::$name {
            fn cross(self) -> $name {
                let core::$name { $($field),* } = self;
                $name { $( $field: $field.cross(), )* }
            }
        }
    };
    ($name:ident $($rest:tt)*) => { record! { @ [] $name $($rest)* } };
}
core::boundary_records!(records);

/// What a request of the engine is made of.
pub(crate) trait Request {
    /// The engine's own request.
    type Engines;

    /// The engine's own request, where it can hold every value.
    fn engines(self, operation: &str) -> Result<Self::Engines, Failure>;
}

macro_rules! requests { ($(
    $(#[$meta:meta])* $name:ident {
        required { $( $(#[$required_meta:meta])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[$optional_meta:meta])* $optional:ident: $optional_type:ty, )* }
    }
)*) => { $(
    $(#[$meta])*
    #[derive(Clone, uniffi::Record)]
    pub struct $name {
        $( $(#[$required_meta])* pub $required: $required_type, )*
        $( $(#[$optional_meta])* #[uniffi(default = None)] pub $optional: Option<$optional_type>, )*
    }

    impl Request for $name {
        type Engines = core::$name;

        fn engines(self, operation: &str) -> Result<core::$name, Failure> {
            Ok(core::$name {
                $( $required: self.$required.enter(operation, plain_name(stringify!($required)))?, )*
                $( $optional: self.$optional.enter(operation, plain_name(stringify!($optional)))?, )*
            })
        }
    }
)* } }
core::boundary_requests!(requests);

/// `ref` is a word of Rust's own and comes as `r#ref`.
fn plain_name(field: &str) -> &str {
    field.trim_start_matches("r#")
}
