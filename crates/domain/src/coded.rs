//! Closed enums with a stable number for stores and a stable word for people.

/// Writes the enum with `code`, `from_code`, `word`, `from_word` and `ALL`. Numbers and words are
/// kept for ever: rows and scripts hold them.
macro_rules! coded {
    ($(#[$doc:meta])* pub enum $name:ident {
        $($(#[$vdoc:meta])* $variant:ident = $code:literal $word:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number that stores keep.
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The word that operators read and write.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use coded;

#[cfg(test)]
mod tests;
